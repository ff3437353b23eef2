//! What a site's own rules say of one page, and which of them say nothing.

use rustc_hash::FxHashSet;
use scraper::node::Element;
use scraper::{Html, Selector};
use url::Url;

use super::body::web_link;
use super::metadata::plain;
use super::next::Next;
use super::outline::{Node, Outline};
use super::{Page, SiteRules, date};
use crate::model::{Origin, RuleName, Timestamp};

/// What the rules found. Indexes are those of the outline.
pub(super) struct Ruled {
    /// The outermost elements that hold the body, in document order; never empty.
    pub(super) body: Option<Vec<usize>>,
    title: Option<String>,
    date: Option<Timestamp>,
    author: Option<String>,
    pub(super) removed: FxHashSet<usize>,
    pub(super) next_page: Option<Next>,
}

impl Ruled {
    pub(super) fn of(page: &Page<'_>, html: &Html, outline: &Outline<'_>, rules: &SiteRules, base: &Url) -> Self {
        let found = |rule: &Option<Selector>| rule.as_ref().map(|rule| indexes(html, outline, rule)).unwrap_or_default();
        let text = |rule: &Option<Selector>| text(outline, found(rule).into_iter().next()?);
        let next = found(&rules.next_page).into_iter().find_map(|index| link_in(outline, index, base));
        Self {
            body: Some(outermost(outline, found(&rules.body))).filter(|body| !body.is_empty()),
            title: text(&rules.title),
            date: found(&rules.date).into_iter().find_map(|index| date(page, outline, index)),
            author: text(&rules.author),
            removed: found(&rules.remove).into_iter().collect(),
            next_page: next.map(Next::Ruled),
        }
    }

    pub(super) fn title(&self) -> Option<(String, Origin)> {
        self.title.clone().map(|title| (title, Origin::SiteRule))
    }

    pub(super) fn date(&self) -> Option<(Timestamp, Origin)> {
        self.date.map(|date| (date, Origin::SiteRule))
    }

    pub(super) fn authors(&self) -> Option<(Vec<String>, Origin)> {
        self.author.clone().map(|author| (vec![author], Origin::SiteRule))
    }

    pub(super) fn origin_of_body(&self) -> Origin {
        if self.body.is_some() { Origin::SiteRule } else { Origin::Content }
    }

    /// The rules that say nothing of the page: nothing is where they point, or it cannot be read.
    pub(super) fn unmatched(&self, rules: &SiteRules) -> Vec<RuleName> {
        let says_something = |name| match name {
            RuleName::Body => self.body.is_some(),
            RuleName::Title => self.title.is_some(),
            RuleName::Date => self.date.is_some(),
            RuleName::Author => self.author.is_some(),
            RuleName::Remove => !self.removed.is_empty(),
            RuleName::NextPage => self.next_page.is_some(),
        };
        rules.given().filter(|name| !says_something(*name)).collect()
    }
}

impl SiteRules {
    /// The names of the rules that there are.
    pub fn given(&self) -> impl Iterator<Item = RuleName> {
        let Self { body, title, date, author, remove, next_page } = self;
        let rules = [
            (RuleName::Body, body),
            (RuleName::Title, title),
            (RuleName::Date, date),
            (RuleName::Author, author),
            (RuleName::Remove, remove),
            (RuleName::NextPage, next_page),
        ];
        rules.into_iter().filter(|(_, rule)| rule.is_some()).map(|(name, _)| name)
    }
}

/// The elements that `selector` points at, in document order.
pub(super) fn indexes(html: &Html, outline: &Outline<'_>, selector: &Selector) -> Vec<usize> {
    let found: FxHashSet<*const Element> = html.select(selector).map(|element| std::ptr::from_ref(element.value())).collect();
    let is_found = |element: &Element| found.contains(&std::ptr::from_ref(element));
    outline.nodes.iter().enumerate().filter(|(_, node)| node.element().is_some_and(is_found)).map(|(index, _)| index).collect()
}

/// What an element shows, or what a `meta` says.
fn text(outline: &Outline<'_>, index: usize) -> Option<String> {
    let shown = Some(outline.text(index, 400)).filter(|text| !text.is_empty());
    shown.or_else(|| outline.get(index)?.attribute("content").map(plain))
}

/// The time that an element states for machines, or else shows.
pub(super) fn date(page: &Page<'_>, outline: &Outline<'_>, index: usize) -> Option<Timestamp> {
    let node = outline.get(index)?;
    let stated = ["datetime", "content"].into_iter().filter_map(|name| node.attribute(name)).find_map(|text| date::in_text(page, text));
    stated.or_else(|| date::in_text(page, &text(outline, index)?))
}

/// Without those that are inside another.
pub(super) fn outermost(outline: &Outline<'_>, mut found: Vec<usize>) -> Vec<usize> {
    let mut end = 0;
    found.retain(|index| {
        let outermost = *index >= end;
        end = outline.get(*index).filter(|_| outermost).map_or(end, |node| node.end);
        outermost
    });
    found
}

/// Where an element, or the first link in it, leads.
fn link_in(outline: &Outline<'_>, index: usize, base: &Url) -> Option<Url> {
    outline.subtree(index).find_map(|(_, node): (_, &Node<'_>)| web_link(base, node.attribute("href")?))
}
