//! Where on a page a time that nothing states may be the article's: from its headline to its end, and beside it; never in the side
//! column, in the header or footer of the site, or beside another article's headline.

use std::iter;
use std::ops::Range;

use crate::extract::hint::Hint;
use crate::extract::outline::{Node, Outline, Tag};
use crate::extract::title::letters;
use crate::extract::weigh::Weights;

/// What is known of the place of the article on its page.
pub(super) struct Place<'a> {
    pub(super) outline: &'a Outline<'a>,
    pub(super) weights: &'a Weights,
    /// From the headline to the end of the last paragraph.
    article: Range<usize>,
    /// The element that holds both, and what little stands around it.
    home: Range<usize>,
}

/// Less prose, in characters, is no paragraph.
const PARAGRAPH: usize = 80;
/// Longer elements beside the article, in characters, are about something else.
const BESIDE: usize = 200;
/// So many characters around the element that holds the article are about it, in so many elements around.
const AROUND: usize = 100;
const LEVELS: usize = 3;
/// What is deeper in elements that are called something else is something else.
const DEPTH: usize = 8;
/// So many elements around one are looked at, and so many inside one: a page may nest as many as it likes.
const OUTWARD: usize = 40;
const INWARD: usize = 60;
/// Shorter links, in characters, name authors and sections: in an element that says little else, in one beside the article, and in one
/// whose name says that it is about something else.
const HEADLINE: usize = 30;
const SHORT_HEADLINE: usize = 18;
const ANY: usize = 8;

impl<'a> Place<'a> {
    /// `near` is where the article stands, from just above its headline to just below its end; `title` is that of the page.
    pub(super) fn of(outline: &'a Outline<'a>, weights: &'a Weights, near: &Range<usize>, title: &str) -> Self {
        let paragraphs = paragraphs(outline, weights, near);
        let first = paragraphs.first().copied().unwrap_or(near.start);
        let start = headline(outline, weights, near.start..first + 1, title);
        let last = paragraphs.last().copied().unwrap_or(start).max(start);
        let article = start..outline.get(last).map_or(start, |node| node.end);
        let home = home(outline, weights, &article);
        Self { outline, weights, article, home }
    }

    pub(super) fn get(&self, index: usize) -> Option<&Node<'a>> {
        self.outline.get(index)
    }

    pub(super) fn nodes(&self) -> Range<usize> {
        0..self.outline.nodes.len()
    }

    /// Whether a line that says nothing of itself may be about the article.
    pub(super) fn is_own_line(&self, index: usize) -> bool {
        let is_small = |outermost| self.weights.whole(outermost).characters <= BESIDE;
        self.is_own(index) && self.apart(index).last().is_none_or(is_small)
    }

    /// Whether an element that says of itself that it shows a time may be about the article.
    pub(super) fn is_own(&self, index: usize) -> bool {
        let is_beside = || self.apart(index).all(|around| !self.is_of_site(around) && !self.leads_elsewhere(around, index, SHORT_HEADLINE));
        self.home.contains(&index) && !self.is_elsewhere(index) && !self.is_of_teaser(index) && is_beside()
    }

    /// Whether an element holds the beginning or the end of the article.
    pub(super) fn holds_article(&self, index: usize) -> bool {
        let holds = |place| self.get(index).is_some_and(|node| (index..node.end).contains(&place));
        holds(self.article.start) || holds(self.article.end.saturating_sub(1))
    }

    /// The elements around one, itself first, that stand above the headline or below the last paragraph.
    fn apart(&self, index: usize) -> impl Iterator<Item = usize> {
        let is_apart = |around: usize| self.get(around).is_some_and(|node| node.end <= self.article.start || around >= self.article.end);
        iter::once(index).chain(self.outline.ancestors(index)).take(OUTWARD).take_while(move |around| is_apart(*around))
    }

    /// Whether an element is in what stands around the article. Not so what stands above its end and leads nowhere: it may be about the
    /// article, whatever its name.
    fn is_elsewhere(&self, index: usize) -> bool {
        let around = || iter::once(index).chain(self.outline.ancestors(index)).take_while(|around| self.weights.is_elsewhere(*around));
        let only_named = |around: usize| {
            self.get(around).is_some_and(|node| {
                let is_named = !matches!(node.hint, Hint::Comments | Hint::Hidden);
                is_named && !matches!(node.tag, Tag::Aside | Tag::Navigation | Tag::Header | Tag::Footer)
            })
        };
        let leads_nowhere = |around: usize| only_named(around) && !self.leads_elsewhere(around, index, ANY);
        let is_line = || index < self.article.end && around().nth(DEPTH).is_none() && around().all(leads_nowhere);
        self.weights.is_elsewhere(index) && !is_line()
    }

    /// Whether an element is a header or footer, and not that of the article.
    fn is_of_site(&self, index: usize) -> bool {
        self.get(index).is_some_and(|node| {
            let of_article = self.get(node.parent).is_some_and(|parent| matches!(parent.tag, Tag::Article | Tag::Main));
            matches!(node.tag, Tag::Header | Tag::Footer) && !of_article
        })
    }

    /// Whether a short element has a link of `shortest` characters or more, other than one of the date at `index` and those that name
    /// authors and tags.
    fn leads_elsewhere(&self, element: usize, index: usize, shortest: usize) -> bool {
        let names = |around: usize| self.get(around).is_some_and(|node| matches!(node.hint, Hint::Author | Hint::Furniture));
        let leads = |(link, node): (usize, &Node<'_>)| {
            let of_date = (link..node.end).contains(&index);
            let mut around = iter::once(link).chain(self.outline.ancestors(link)).take_while(|around| *around >= element);
            node.tag == Tag::Link && !of_date && self.outline.text(link, 200).chars().count() >= shortest && !around.any(names)
        };
        self.weights.whole(element).characters <= BESIDE && self.outline.subtree(element).take(INWARD).any(leads)
    }

    /// Whether an element stands in a heading or beside a linked headline: it is about another article.
    fn is_of_teaser(&self, index: usize) -> bool {
        let is_headline = |link: usize| {
            let of_date = self.get(link).is_some_and(|node| (link..node.end).contains(&index));
            !of_date && self.outline.text(link, 200).chars().count() >= HEADLINE
        };
        self.outline.ancestors(index).take(2).any(|around| {
            let is_heading = self
                .get(around)
                .is_some_and(|node| matches!(node.tag, Tag::Heading(2..)) && !(around..node.end).contains(&self.article.start));
            let inside = self.outline.subtree(around).take(INWARD);
            let mut links = inside.filter(|(_, node)| node.tag == Tag::Link).map(|(link, _)| link);
            let weight = self.weights.whole(around);
            is_heading || (weight.runs <= 3 && weight.is_linked(50) && links.any(is_headline))
        })
    }
}

/// Where the headline stands: the heading that the page's title repeats, or else the last one above the first paragraph, or else where
/// the article stands.
fn headline(outline: &Outline<'_>, weights: &Weights, above: Range<usize>, title: &str) -> usize {
    let title = letters(title);
    let is_level =
        |index: usize, of_level: fn(Tag) -> bool| outline.get(index).is_some_and(|node| of_level(node.tag)) && !weights.is_elsewhere(index);
    let repeated = |of_level: fn(Tag) -> bool| {
        let headings = (0..above.end).filter(|index| is_level(*index, of_level));
        let headings = headings.map(|index| (index, letters(&outline.text(index, 400))));
        let repeated = headings.filter(|(_, letters)| letters.len() >= SHORT_HEADLINE && title.contains(letters.as_str()));
        repeated.max_by_key(|(_, letters)| letters.len()).map(|(index, _)| index)
    };
    let first: fn(Tag) -> bool = |tag| tag == Tag::Heading(1);
    let last = || above.clone().rev().find(|index| is_level(*index, first));
    repeated(first).or_else(|| repeated(|tag| matches!(tag, Tag::Heading(_)))).or_else(last).unwrap_or(above.start)
}

/// The innermost elements with paragraphs of the article.
fn paragraphs(outline: &Outline<'_>, weights: &Weights, near: &Range<usize>) -> Vec<usize> {
    let mut own: Vec<usize> = near.clone().map(|index| weights.clean(index).prose).collect();
    for index in near.clone() {
        let parent = outline.get(index).map_or(0, |node| node.parent);
        if let Some(of_parent) = parent.checked_sub(near.start).and_then(|place| own.get_mut(place)) {
            *of_parent = of_parent.saturating_sub(weights.clean(index).prose);
        }
    }
    near.clone().zip(own).filter(|(_, prose)| *prose >= PARAGRAPH).map(|(index, _)| index).collect()
}

/// The smallest element that holds the article, with the lines right above it and those elements around it that say little more and
/// lead nowhere. Above the headline also what is in the page's `main` element or in the `article`.
fn home(outline: &Outline<'_>, weights: &Weights, article: &Range<usize>) -> Range<usize> {
    let holds = |index: usize| outline.get(index).is_some_and(|node| index <= article.start && article.end <= node.end);
    let mut home = iter::once(article.start).chain(outline.ancestors(article.start)).find(|index| holds(*index)).unwrap_or(0);
    let (mut start, mut outer, mut ends) = (home, home, false);
    for around in outline.ancestors(home).take(LEVELS) {
        if outline.get(around).and_then(Node::element).is_none_or(|element| matches!(element.name(), "html" | "body")) {
            break;
        }
        start = start.min(lines_above(outline, weights, around, outer));
        let (whole, inside) = (weights.whole(around), weights.whole(outer));
        ends = ends || whole.characters > inside.characters + AROUND || whole.linked > inside.linked;
        (home, outer) = (if ends { home } else { around }, around);
    }
    let is_main = |index: &usize| outline.get(*index).is_some_and(|node| matches!(node.tag, Tag::Main | Tag::Article));
    let main = outline.ancestors(home).find(is_main).unwrap_or(start);
    start.min(main).min(home)..outline.get(home).map_or(0, |node| node.end)
}

/// Where the short lines begin that stand right above an element in the one around it.
fn lines_above(outline: &Outline<'_>, weights: &Weights, around: usize, element: usize) -> usize {
    let next = |index: &usize| outline.get(*index).map(|node| node.end);
    let siblings: Vec<usize> = iter::successors(Some(around + 1), next).take_while(|index| *index < element).collect();
    let is_line = |index: &usize| weights.whole(*index).characters <= AROUND && !weights.is_elsewhere(*index);
    siblings.into_iter().rev().take_while(is_line).last().unwrap_or(element)
}
