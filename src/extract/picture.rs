//! Pictures of the article: their real address where a page loads them late, and none of its pixels and icons.

use url::Url;

use super::body::{Block, Kind, web_link};
use super::hint::Hint;
use super::outline::Node;
use super::render::escape_attribute;

/// Smaller pictures are icons, avatars and counters.
const MIN_SIDE: u32 = 60;

/// The figure that an image of the page becomes.
pub(super) fn figure(node: &Node<'_>, base: &Url) -> Option<Block> {
    let small =
        |name| node.attribute(name).and_then(|size| size.trim_end_matches("px").parse::<u32>().ok()).is_some_and(|side| side < MIN_SIDE);
    if small("width") || small("height") {
        return None;
    }
    let address = address(node, base)?;
    let description: String = node.attribute("alt").unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    let html = format!("<img alt=\"{}\" src=\"{}\">", escape_attribute(&description), escape_attribute(address.as_str()));
    Some(Block { kind: Kind::Figure, quote: None, text: String::new(), html, linked: 0, hint: Hint::None })
}

fn address(node: &Node<'_>, base: &Url) -> Option<Url> {
    let lazy = ["data-src", "data-original", "data-lazy-src", "data-url", "src"];
    let single = lazy.iter().filter_map(|name| node.attribute(name)).find_map(|value| picture(base, value));
    single.or_else(|| ["data-srcset", "srcset"].iter().filter_map(|name| node.attribute(name)).find_map(|set| largest(base, set)))
}

fn picture(base: &Url, value: &str) -> Option<Url> {
    let url = web_link(base, value)?;
    let path = url.path().to_ascii_lowercase();
    let icon = [".svg", "pixel", "spacer", "blank.", "1x1", "/counter", "loader", "placeholder"].iter().any(|part| path.contains(part));
    (!icon).then_some(url)
}

/// The widest picture of a `srcset`.
fn largest(base: &Url, set: &str) -> Option<Url> {
    set.split(", ")
        .filter_map(|candidate| {
            let mut parts = candidate.split_whitespace();
            let url = picture(base, parts.next()?.trim_end_matches(','))?;
            let width = parts.next().and_then(|size| size.trim_end_matches(['w', 'x', ',']).parse::<f64>().ok()).unwrap_or(0.0);
            Some((url, width))
        })
        .max_by(|(_, one), (_, other)| one.total_cmp(other))
        .map(|(url, _)| url)
}
