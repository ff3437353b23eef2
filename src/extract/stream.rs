//! Pages that are sent in pieces: each piece stands hidden near the end, and a script would put it where an empty `template` of its
//! number keeps its place. This is how React streams a page.

use ego_tree::NodeId;
use rustc_hash::FxHashMap;
use scraper::{Html, Node};

use super::outline::attribute;

/// More pieces are no page's.
const MAX_PIECES: usize = 2000;

/// Parses a page and puts its pieces in their places.
pub(super) fn parse(text: &str) -> Html {
    let mut html = Html::parse_document(text);
    if memchr::memmem::find(text.as_bytes(), b"id=\"S:").is_some() {
        settle(&mut html);
    }
    html
}

fn settle(html: &mut Html) {
    let places: FxHashMap<String, NodeId> = numbered(html, "template", &["B:", "P:"]).collect();
    let pieces: Vec<(String, NodeId)> = numbered(html, "div", &["S:"]).take(MAX_PIECES).collect();
    for (number, piece) in pieces {
        let place = places.get(&number).and_then(|place| html.tree.get(*place));
        let Some(place) = place.filter(|place| place.ancestors().all(|around| around.id() != piece)).map(|place| place.id()) else {
            continue;
        };
        if let Some(mut piece) = html.tree.get_mut(piece)
            && let Node::Element(element) = piece.value()
        {
            element.attrs.retain(|(name, _)| &*name.local != "hidden");
        }
        if let Some(mut place) = html.tree.get_mut(place) {
            place.insert_id_before(piece);
        }
    }
}

/// The elements called `name` whose id is one of `kinds` and a number, by that number.
fn numbered(html: &Html, name: &str, kinds: &[&str]) -> impl Iterator<Item = (String, NodeId)> {
    html.tree.nodes().filter_map(move |node| {
        let element = node.value().as_element().filter(|element| element.name() == name)?;
        let id = attribute(element, "id")?;
        let number = kinds.iter().find_map(|kind| id.strip_prefix(kind))?;
        node.parent().map(|_| (number.to_owned(), node.id()))
    })
}
