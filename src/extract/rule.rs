//! What a site's own rules point at, as indexes of the outline.

use rustc_hash::FxHashSet;
use scraper::node::Element;
use scraper::{Html, Selector};

use super::outline::Outline;

/// Whether a node is one that `selector` points at.
pub(super) fn matcher(html: &Html, outline: &Outline<'_>, selector: Option<&Selector>) -> impl Fn(usize) -> bool {
    let found: FxHashSet<usize> = selector.map(|selector| indexes(html, outline, selector)).unwrap_or_default().into_iter().collect();
    move |index| found.contains(&index)
}

/// The outermost elements that `selector` points at, in document order. None when there are none.
pub(super) fn elements(html: &Html, outline: &Outline<'_>, selector: Option<&Selector>) -> Option<Vec<usize>> {
    let mut end = 0;
    let mut found = indexes(html, outline, selector?);
    found.retain(|index| {
        let outermost = *index >= end;
        end = outline.get(*index).filter(|_| outermost).map_or(end, |node| node.end);
        outermost
    });
    Some(found).filter(|found| !found.is_empty())
}

/// The text of the first element that `selector` points at.
pub(super) fn text(html: &Html, outline: &Outline<'_>, selector: Option<&Selector>) -> Option<String> {
    let index = indexes(html, outline, selector?).into_iter().next()?;
    Some(outline.text(index, 400)).filter(|text| !text.is_empty())
}

fn indexes(html: &Html, outline: &Outline<'_>, selector: &Selector) -> Vec<usize> {
    let found: FxHashSet<*const Element> = html.select(selector).map(|element| std::ptr::from_ref(element.value())).collect();
    let is_found = |element: &Element| found.contains(&std::ptr::from_ref(element));
    outline.nodes.iter().enumerate().filter(|(_, node)| node.element().is_some_and(is_found)).map(|(index, _)| index).collect()
}
