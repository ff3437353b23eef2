//! One of the pages that a suggestion is made from: where on it stands what was found.

use std::collections::HashMap;

use rustc_hash::FxHashSet;
use scraper::{Html, Selector};

use super::name::{self, Name};
use crate::extract::outline::{Node, Outline, Tag};
use crate::extract::title::letters;
use crate::extract::weigh::Weights;
use crate::extract::{Page, rule, select};
use crate::model::{Article, RuleName};

/// The longest text of an element that can be a byline or a time, in bytes.
const MAX_LINE: usize = 400;

pub(super) struct Sample<'a> {
    /// Its place in what was given.
    pub(super) index: usize,
    pub(super) page: Page<'a>,
    pub(super) article: Article,
    html: &'a Html,
    outline: Outline<'a>,
    weights: Weights,
    /// The elements that hold the article.
    roots: Vec<usize>,
}

impl<'a> Sample<'a> {
    pub(super) fn of(index: usize, page: Page<'a>, html: &'a Html, article: Article) -> Self {
        let outline = Outline::of(html);
        let weights = Weights::of(&outline, |_| false);
        let roots = select::roots(&outline, &weights, None);
        Self { index, page, article, html, outline, weights, roots }
    }

    /// The elements that say what was found, the innermost of each place.
    pub(super) fn saying(&self, rule: RuleName) -> Vec<usize> {
        let says = |index: usize, node: &Node<'_>| {
            !matches!(node.tag, Tag::Text | Tag::Title | Tag::Script | Tag::Meta) && node.end > index + 1 && self.says(rule, index)
        };
        let nodes = self.outline.nodes.iter().enumerate();
        let found: Vec<usize> = nodes.filter(|(index, node)| says(*index, node)).map(|(index, _)| index).collect();
        let holds_next = |pair: &[usize]| matches!(pair, [one, next] if self.outline.get(*one).is_some_and(|node| node.end > *next));
        let inner = found.iter().enumerate().filter(|(at, _)| !found.get(*at..*at + 2).is_some_and(holds_next));
        inner.map(|(_, index)| *index).collect()
    }

    fn says(&self, rule: RuleName, index: usize) -> bool {
        let line = || self.outline.text(index, MAX_LINE);
        match rule {
            RuleName::Title => line() == self.article.title,
            RuleName::Date => {
                let minute = |time: crate::model::Timestamp| time.timestamp() / 60;
                let Some(published) = self.article.published.map(minute) else { return false };
                self.weights.whole(index).characters < 120
                    && rule::date(&self.page, &self.outline, index).is_some_and(|time| minute(time) == published)
            }
            RuleName::Author => !self.article.authors.is_empty() && line() == self.article.authors.join(", "),
            RuleName::Body | RuleName::Remove | RuleName::NextPage => false,
        }
    }

    pub(super) fn names(&self, index: usize) -> Vec<Name> {
        name::names(&self.outline, index)
    }

    /// Names of the elements that hold the article, and of those around and in them that hold the same text.
    pub(super) fn names_of_body(&self) -> Vec<Name> {
        let of_root = |root: usize| {
            let same = move |index: &usize| self.characters(*index) == self.characters(root);
            let inside = self.outline.subtree(root).map(|(index, _)| index).filter(same);
            self.outline.ancestors(root).take_while(same).chain(inside)
        };
        self.roots.iter().flat_map(|root| of_root(*root)).flat_map(|index| self.names(index)).collect()
    }

    fn characters(&self, index: usize) -> usize {
        self.weights.clean(index).characters
    }

    /// The outermost elements that a selector points at.
    pub(super) fn selected(&self, selector: &Selector) -> Vec<usize> {
        rule::outermost(&self.outline, rule::indexes(self.html, &self.outline, selector))
    }

    /// Whether an element shows text inside the body.
    pub(super) fn shows_in_body(&self, index: usize) -> bool {
        self.is_inside(index, &self.roots) && !self.weights.is_dropped(index) && self.weights.whole(index).characters > 0
    }

    pub(super) fn is_inside(&self, index: usize, outer: &[usize]) -> bool {
        outer.iter().any(|root| self.outline.get(*root).is_some_and(|node| (*root..node.end).contains(&index)))
    }

    /// Whether all elements that hold the article are among `places`, or around or in one of them.
    pub(super) fn is_whole(&self, places: &[usize]) -> bool {
        self.roots.iter().all(|root| self.covers(*root, places))
    }

    fn covers(&self, root: usize, places: &[usize]) -> bool {
        self.is_inside(root, places) || places.iter().any(|place| self.is_inside(*place, &[root]))
    }

    /// The characters of the article that `places` hold and `covered` does not. None when they hold anything else.
    pub(super) fn gain(&self, covered: &[usize], places: &[usize]) -> usize {
        let mut gain = 0;
        for place in places.iter().copied() {
            let around: usize = self.roots.iter().filter(|root| self.is_inside(**root, &[place])).map(|root| self.characters(*root)).sum();
            let inside = self.roots.iter().any(|root| self.is_inside(place, &[*root]) && self.characters(*root) == self.characters(place));
            if around != self.characters(place) && !inside {
                return 0;
            }
            let fresh = self.roots.iter().any(|root| self.covers(*root, &[place]) && !self.covers(*root, covered));
            gain += if fresh { self.characters(place) } else { 0 };
        }
        gain
    }
}

/// The elements inside the body of each page whose text another page's body has too; not what is left out anyway.
pub(super) fn repeated(samples: &[Sample<'_>]) -> Vec<FxHashSet<usize>> {
    let said: Vec<Vec<(usize, String)>> = samples.iter().map(elements).collect();
    let mut pages: HashMap<&str, FxHashSet<usize>> = HashMap::new();
    for (page, elements) in said.iter().enumerate() {
        for (_, text) in elements {
            pages.entry(text).or_default().insert(page);
        }
    }
    let is_repeated = |text: &str| pages.get(text).is_some_and(|pages| pages.len() > 1);
    said.iter().map(|elements| elements.iter().filter(|(_, text)| is_repeated(text)).map(|(index, _)| *index).collect()).collect()
}

/// The elements strictly inside the body that show text, with what they say.
fn elements(sample: &Sample<'_>) -> Vec<(usize, String)> {
    let inside = sample.roots.iter().flat_map(|root| sample.outline.subtree(*root).skip(1));
    let shown = inside.filter(|(index, node)| node.element().is_some() && !sample.weights.is_dropped(*index));
    let said = shown.map(|(index, _)| (index, letters(&sample.outline.text(index, 2000))));
    said.filter(|(_, text)| !text.is_empty()).collect()
}
