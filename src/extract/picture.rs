//! Pictures of the article: their real address where a page loads them late, and none of its pixels and icons.

use url::Url;

use super::body::{Block, Kind, web_link};
use super::hint::Hint;
use super::outline::{Node, Outline, Tag};
use super::render::escape_attribute;

/// Smaller pictures are icons, avatars and counters.
const MIN_SIDE: u32 = 60;
/// Smaller ones do not stand for the article.
const MIN_LEAD: u32 = 200;
/// Sources of a picture that are looked at.
const MAX_SOURCES: usize = 20;

/// Where pages that load pictures late keep their addresses, and where all others do.
const ADDRESSES: [&str; 9] =
    ["data-src", "data-original", "data-lazy-src", "data-lazy", "data-hi-res-src", "data-full-url", "data-image", "data-url", "src"];
const SETS: [&str; 3] = ["data-srcset", "data-lazy-srcset", "srcset"];

/// What the addresses of pictures have in them that stand for others, or for nothing.
const STAND_INS: [&str; 15] = [
    ".svg",
    "pixel",
    "spacer",
    "blank.",
    "1x1",
    "/counter",
    "loader",
    "placeholder",
    "/lazy.",
    "lazyload",
    "no-image",
    "no_image",
    "noimage",
    "no-photo",
    "nophoto",
];
/// Who counts readers by pictures, and sites that draw signs of the text.
const COUNTERS: [&str; 9] = [
    "mc.yandex.ru/",
    "counter.yadro.ru/",
    "top-fwz1.mail.ru/",
    "counter.rambler.ru/",
    "facebook.com/tr",
    "google-analytics.com/",
    "doubleclick.net/",
    "scorecardresearch.com/",
    "s.w.org/images/core/emoji",
];

/// The figure that an image of the page becomes.
pub(super) fn figure(outline: &Outline<'_>, index: usize, base: &Url) -> Option<Block> {
    let node = outline.get(index)?;
    let address = shown(outline, index, base)?;
    let description: String = node.attribute("alt").unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    let html = format!("<img alt=\"{}\" src=\"{}\">", escape_attribute(&description), escape_attribute(address.as_str()));
    Some(Block { kind: Kind::Figure, quote: None, text: String::new(), html, linked: 0, hint: Hint::None })
}

/// The first large picture of the article's elements.
pub(super) fn lead(outline: &Outline<'_>, roots: &[usize], base: &Url) -> Option<Url> {
    let mut images = roots.iter().flat_map(|root| outline.subtree(*root)).filter(|(_, node)| node.tag == Tag::Image);
    images.find_map(|(index, node)| shown(outline, index, base).filter(|_| sides(node).all(|side| side >= MIN_LEAD)))
}

/// The picture that an image shows; none when that is an icon.
fn shown(outline: &Outline<'_>, index: usize, base: &Url) -> Option<Url> {
    let node = outline.get(index)?;
    if sides(node).any(|side| side < MIN_SIDE) {
        return None;
    }
    address(node, base).or_else(|| sources(outline, index).find_map(|source| of_set(source, base)))
}

/// As far as they are known, in pixels.
fn sides(node: &Node<'_>) -> impl Iterator<Item = u32> {
    ["width", "height"].into_iter().filter_map(|name| node.attribute(name)?.trim_end_matches("px").parse().ok())
}

fn address(node: &Node<'_>, base: &Url) -> Option<Url> {
    let single = ADDRESSES.iter().filter_map(|name| node.attribute(name)).find_map(|value| picture(base, value));
    single.or_else(|| of_set(node, base))
}

fn of_set(node: &Node<'_>, base: &Url) -> Option<Url> {
    SETS.iter().filter_map(|name| node.attribute(name)).find_map(|set| largest(base, set))
}

/// What a `picture` offers beside its image: the `source`s that stand before it.
fn sources<'a>(outline: &'a Outline<'a>, image: usize) -> impl Iterator<Item = &'a Node<'a>> {
    let siblings = (0..image).rev().take(MAX_SOURCES).filter_map(|index| outline.get(index));
    let is_source = |node: &&Node<'_>| node.element().is_none_or(|element| element.name() == "source");
    siblings.take_while(is_source).filter(|node| node.element().is_some())
}

/// The address of a picture that shows something.
pub(super) fn picture(base: &Url, value: &str) -> Option<Url> {
    let url = web_link(base, value)?;
    let path = url.path().to_ascii_lowercase();
    let counts = COUNTERS.iter().any(|counter| url.as_str().contains(counter));
    (!counts && !STAND_INS.iter().any(|part| path.contains(part))).then_some(url)
}

/// The widest picture of a `srcset` (HTML, section 4.8.4.2.2: an address may hold commas, but not end with one).
fn largest(base: &Url, set: &str) -> Option<Url> {
    let mut widest: Option<(Url, f64)> = None;
    let mut rest = set;
    for _ in 0..MAX_SOURCES {
        rest = rest.trim_start_matches(|character: char| character.is_whitespace() || character == ',');
        let (address, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let alone = address.trim_end_matches(',');
        let (size, after) = if alone.len() < address.len() { ("", after) } else { after.split_once(',').unwrap_or((after, "")) };
        rest = after;
        let size = size.trim().trim_end_matches(['w', 'x']).parse::<f64>().unwrap_or(0.0);
        if let Some(url) = picture(base, alone).filter(|_| !alone.is_empty() && widest.as_ref().is_none_or(|(_, most)| size > *most)) {
            widest = Some((url, size));
        }
    }
    widest.map(|(url, _)| url)
}
