//! Which elements hold the article: the one whose text would fit the page's prose best, and what was set apart from it (a lead
//! before it, its continuation after it).

use super::hint::Hint;
use super::outline::{Node, Outline, Tag};
use super::weigh::{Weights, is_stop};
use super::witness::Witness;

/// An element that could hold the article, and how well it fits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Candidate {
    pub(super) index: usize,
    pub(super) score: f64,
}

/// The elements that together hold the article, in document order, none inside another. `witness` is what the feed tells of it.
pub(super) fn roots(outline: &Outline<'_>, weights: &Weights, witness: Option<Witness>) -> Vec<usize> {
    let Some(best) = best(outline, weights, witness) else { return Vec::new() };
    let mut roots = leads(outline, weights, best.index);
    roots.push(best.index);
    roots.extend(continuations(outline, weights, best.index));
    roots
}

/// Every element that could hold the article with its score, were the page's prose the article.
pub(super) fn candidates(outline: &Outline<'_>, weights: &Weights) -> impl Iterator<Item = Candidate> {
    scored(outline, weights, weights.clean(0).prose)
}

/// The elements with the F1 that is expected of their text, were the article `total` characters long.
fn scored(outline: &Outline<'_>, weights: &Weights, total: usize) -> impl Iterator<Item = Candidate> {
    outline.nodes.iter().enumerate().filter_map(move |(index, node)| {
        let weight = weights.clean(index);
        if node.tag.is_inline() || weight.prose == 0 || weights.is_dropped(index) {
            return None;
        }
        // Facts in tables and lists are half-believed.
        let other = weight.characters.saturating_sub(weight.prose + weight.linked);
        let fit = ratio(8 * weight.prose.min(total), 4 * (weight.prose + weight.linked) + 3 * other + 2 * total);
        Some(Candidate { index, score: fit * trust(node) })
    })
}

fn best(outline: &Outline<'_>, weights: &Weights, witness: Option<Witness>) -> Option<Candidate> {
    let holds = |index: usize, place| outline.get(index).is_some_and(|node| (index..node.end).contains(&place));
    let better = |one: &Candidate, other: &Candidate| one.score.total_cmp(&other.score);
    match witness {
        Some(Witness { place, characters }) => {
            scored(outline, weights, characters).filter(|candidate| holds(candidate.index, place)).max_by(better)
        }
        None => candidates(outline, weights).max_by(better),
    }
}

/// What the page itself says of an element counts as evidence, not as proof.
fn trust(node: &Node<'_>) -> f64 {
    let hinted = match node.hint {
        Hint::Body => 1.25,
        Hint::None | Hint::Lead => 1.0,
        Hint::Author | Hint::Date | Hint::Caption | Hint::Furniture => 0.8,
        Hint::Noise | Hint::Comments | Hint::Hidden => 0.6,
    };
    match node.tag {
        // The whole page holds everything that is around the article too.
        Tag::Block if node.element().is_some_and(|element| matches!(element.name(), "html" | "body")) => hinted * 0.85,
        Tag::Article => hinted * 1.15,
        Tag::Main => hinted * 1.05,
        Tag::Paragraph | Tag::Item | Tag::Heading(_) | Tag::List | Tag::Quote => hinted * 0.65,
        _ => hinted,
    }
}

/// Prose between the headline and the body.
fn leads(outline: &Outline<'_>, weights: &Weights, body: usize) -> Vec<usize> {
    let above = |is_headline: fn(Tag) -> bool| outline.nodes.iter().take(body).rposition(|node| is_headline(node.tag));
    // Without a heading of the first level, the one just above the body, in the element around it.
    let around = outline.ancestors(body).nth(2).unwrap_or(body);
    let nearest = || above(|tag| matches!(tag, Tag::Heading(_))).filter(|heading| *heading > around);
    let Some(headline) = above(|tag| tag == Tag::Heading(1)).or_else(nearest) else { return Vec::new() };
    let start = outline.get(headline).map_or(body, |node| node.end);
    let says_so = |index: usize, node: &Node<'_>| {
        node.hint == Hint::Lead || (matches!(node.tag, Tag::Heading(_)) && outline.text(index, 600).ends_with(is_stop))
    };
    parts(outline, weights, start, body, says_so)
}

/// Prose after the body, beside it, that is marked up like it.
fn continuations(outline: &Outline<'_>, weights: &Weights, body: usize) -> Vec<usize> {
    let Some(node) = outline.get(body) else { return Vec::new() };
    let end = outline.get(node.parent).map_or(node.end, |parent| parent.end);
    let (hint, class) = (node.hint, node.attribute("class"));
    parts(outline, weights, node.end, end, |_, _| false)
        .into_iter()
        .filter(|index| outline.get(*index).is_some_and(|part| part.hint == hint && part.attribute("class") == class))
        .collect()
}

/// The largest elements from `start` to `end` that are prose, or that `named` wants.
fn parts(outline: &Outline<'_>, weights: &Weights, start: usize, end: usize, named: impl Fn(usize, &Node<'_>) -> bool) -> Vec<usize> {
    let mut parts = Vec::new();
    let mut index = start;
    while index < end {
        let Some(node) = outline.get(index) else { break };
        let weight = weights.clean(index);
        let whole = node.end <= end && !node.tag.is_inline() && !weights.is_dropped(index);
        let named = named(index, node);
        let fits = if named { weight.characters >= 40 && weight.is_prose(25) } else { weight.characters >= 60 && weight.is_prose(70) };
        let apart = matches!(node.tag, Tag::Figure | Tag::Caption) || (matches!(node.tag, Tag::Heading(_)) && !named);
        if whole && fits && !weight.is_linked(30) && node.hint != Hint::Caption && !apart {
            parts.push(index);
            index = node.end;
        } else if weights.is_dropped(index) || node.hint == Hint::Caption || node.tag == Tag::Figure {
            index = node.end;
        } else {
            index += 1;
        }
    }
    parts
}

pub(super) fn ratio(part: usize, whole: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    if whole == 0 { 0.0 } else { number(part) / number(whole) }
}
