//! The law of a body's HTML, for property tests and fuzz targets: whatever the page was, it is small, safe and well-formed.

use ego_tree::NodeRef;
use scraper::{Html, Node};
use url::Url;

const BLOCKS: [&str; 10] = ["p", "h2", "h3", "h4", "ul", "ol", "blockquote", "pre", "table", "figure"];
const INSIDE: [&str; 11] = ["li", "tbody", "tr", "td", "figcaption", "img", "a", "em", "strong", "sub", "sup"];

/// Panics when `html` holds anything but the allowed elements, attributes and addresses, or does not parse to itself.
#[track_caller]
pub(crate) fn assert_safe(html: &str) {
    let parsed = Html::parse_fragment(html);
    let root = parsed.root_element();
    for block in root.children() {
        assert!(is_one_of(block, &BLOCKS), "{:?} is no block of {html}", block.value());
    }
    for node in root.descendants().skip(1) {
        assert!(
            matches!(node.value(), Node::Text(_)) || is_one_of(node, &BLOCKS) || is_one_of(node, &INSIDE),
            "{:?} in {html}",
            node.value()
        );
        for (element, name, value) in attributes(node) {
            let address = matches!((element, name), ("a", "href") | ("img", "src"));
            assert!(address || (element, name) == ("img", "alt"), "the attribute {name} of {element} in {html}");
            assert!(!address || is_web_address(value), "the address {value} in {html}");
        }
    }
    assert_eq!(root.inner_html(), html, "parsed and written again");
}

fn is_one_of(node: NodeRef<'_, Node>, names: &[&str]) -> bool {
    node.value().as_element().is_some_and(|element| names.contains(&element.name()))
}

fn attributes(node: NodeRef<'_, Node>) -> impl Iterator<Item = (&str, &str, &str)> {
    node.value().as_element().into_iter().flat_map(|element| element.attrs().map(|(name, value)| (element.name(), name, value)))
}

/// Absolute, of the web, and written as a browser would write it.
fn is_web_address(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.as_str() == text)
}
