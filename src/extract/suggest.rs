//! Proposes the rules of a site from several of its pages: the selectors that point, on all of them, at what was found on each
//! without rules. What repeats from page to page inside the body is proposed for removal: no single page can show that.

mod name;
mod place;

use scraper::Html;

use self::name::{Name, Rank};
use self::place::Sample;
use super::{Failure, Page, SiteRules, extract, guard, stream};
use crate::model::{Article, RuleName};

/// The most selectors in one rule.
const MAX_SELECTORS: usize = 6;
/// The most selectors that are tried for one rule.
const MAX_NAMES: usize = 300;

/// What several pages of a site suggest.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestions {
    pub rules: Vec<Suggestion>,
    /// The pages without an article, by their place in what was given.
    pub skipped: Vec<(usize, Failure)>,
}

/// A rule to write into `feeds.toml`.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    pub rule: RuleName,
    /// Any of these: more than one where the body has several parts.
    pub selectors: Vec<String>,
    /// The pages on which they point at the same as what was found, of those on which something was.
    pub held: usize,
    pub pages: usize,
    pub changes: Vec<Change>,
}

/// What a rule would change on a page, the first in the order given being 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub page: usize,
    pub before: String,
    pub after: String,
}

/// Proposes rules for the site that all of `pages` are of.
#[must_use]
pub fn suggest(pages: &[Page<'_>]) -> Suggestions {
    let parsed: Vec<Html> = pages.iter().map(|page| stream::parse(&guard::bounded(super::decoded(page)))).collect();
    let (mut samples, mut skipped) = (Vec::new(), Vec::new());
    for (index, (page, html)) in pages.iter().zip(&parsed).enumerate() {
        match extract(page, &SiteRules::default()) {
            Ok(article) => samples.push(Sample::of(index, *page, html, article)),
            Err(failure) => skipped.push((index, failure)),
        }
    }
    let told = [RuleName::Title, RuleName::Date, RuleName::Author].map(|rule| one_place(rule, &samples));
    let rules = [body(&samples)].into_iter().chain(told).chain([removed(&samples)]).flatten();
    Suggestions { rules: rules.collect(), skipped }
}

/// A selector, and the outermost elements that it points at on each page.
struct Pointer {
    name: Name,
    places: Vec<Vec<usize>>,
}

/// The names that read best, each once, and where they point.
fn pointers(names: impl Iterator<Item = Name>, samples: &[Sample<'_>]) -> Vec<Pointer> {
    let mut names: Vec<Name> = names.collect();
    names.sort_by(|one, other| (one.rank, one.text.len(), &one.text).cmp(&(other.rank, other.text.len(), &other.text)));
    names.dedup();
    names.truncate(MAX_NAMES);
    let pointer = |name: Name| {
        let selector = super::selector(&name.text).ok()?;
        Some(Pointer { places: samples.iter().map(|sample| sample.selected(&selector)).collect(), name })
    };
    names.into_iter().filter_map(pointer).collect()
}

/// The pointer of the highest value above zero; of several, the one that reads best.
fn best<V: Ord + Default>(pointers: &[Pointer], value: impl Fn(&Pointer) -> V) -> Option<(V, &Pointer)> {
    let valued = pointers.iter().map(|pointer| (value(pointer), pointer)).filter(|(value, _)| *value > V::default());
    valued.reduce(|best, next| if next.0 > best.0 { next } else { best })
}

/// The selector whose first element says what was found, on most pages.
fn one_place(rule: RuleName, samples: &[Sample<'_>]) -> Option<Suggestion> {
    let saying: Vec<Vec<usize>> = samples.iter().map(|sample| sample.saying(rule)).collect();
    let shown = saying.iter().filter(|places| !places.is_empty()).count();
    let names = samples.iter().zip(&saying).flat_map(|(sample, places)| places.iter().flat_map(|place| sample.names(*place)));
    let pointers = pointers(names, samples);
    let held = |pointer: &Pointer| {
        let right = |(selected, saying): &(&Vec<usize>, &Vec<usize>)| selected.first().is_some_and(|first| saying.contains(first));
        pointer.places.iter().zip(&saying).filter(right).count()
    };
    let (held, pointer) = best(&pointers, held).filter(|(held, _)| *held * 2 > shown)?;
    Some(suggestion(rule, &[pointer], held, shown, samples))
}

/// The selectors that together point at the body's parts: the one that holds on most pages and has most of the text first.
fn body(samples: &[Sample<'_>]) -> Option<Suggestion> {
    let pointers = pointers(samples.iter().flat_map(Sample::names_of_body), samples);
    let mut chosen: Vec<&Pointer> = Vec::new();
    let mut covered: Vec<Vec<usize>> = vec![Vec::new(); samples.len()];
    while chosen.len() < MAX_SELECTORS {
        let gain = |pointer: &Pointer| {
            let pages = samples.iter().zip(&covered).zip(&pointer.places);
            let gains: Vec<usize> =
                pages.map(|((sample, covered), places)| sample.gain(covered, places)).filter(|gain| *gain > 0).collect();
            // Two names are better to read than a path that happens to hold both.
            (gains.len(), pointer.name.rank < Rank::Inside, gains.iter().sum::<usize>())
        };
        let Some((_, pointer)) = best(&pointers, gain).filter(|((pages, ..), _)| *pages * 2 > samples.len()) else { break };
        covered.iter_mut().zip(&pointer.places).for_each(|(covered, places)| covered.extend(places));
        chosen.push(pointer);
    }
    let held = samples.iter().zip(&covered).filter(|(sample, covered)| sample.is_whole(covered)).count();
    (!chosen.is_empty()).then(|| suggestion(RuleName::Body, &chosen, held, samples.len(), samples))
}

/// Selectors of what stands inside the body and says the same on several pages.
fn removed(samples: &[Sample<'_>]) -> Option<Suggestion> {
    let repeated = place::repeated(samples);
    let names = samples.iter().zip(&repeated).flat_map(|(sample, places)| places.iter().flat_map(|place| sample.names(*place)));
    let mut pointers = pointers(names, samples);
    for (pointer, sample) in pointers.iter_mut().flat_map(|pointer| pointer.places.iter_mut().zip(samples)) {
        pointer.retain(|index| sample.shows_in_body(*index));
    }
    pointers.retain(|pointer| {
        pointer.places.iter().zip(&repeated).all(|(places, repeated)| places.iter().all(|place| repeated.contains(place)))
    });
    let mut chosen: Vec<&Pointer> = Vec::new();
    let mut covered: Vec<Vec<usize>> = vec![Vec::new(); samples.len()];
    while chosen.len() < MAX_SELECTORS {
        let fresh = |pointer: &Pointer| {
            let pages = samples.iter().zip(&covered).zip(&pointer.places);
            pages.filter(|((sample, covered), places)| places.iter().any(|place| !sample.is_inside(*place, covered))).count()
        };
        let Some((_, pointer)) = best(&pointers, fresh).filter(|(pages, _)| *pages > 1) else { break };
        covered.iter_mut().zip(&pointer.places).for_each(|(covered, places)| covered.extend(places));
        chosen.push(pointer);
    }
    let held = covered.iter().filter(|places| !places.is_empty()).count();
    let suggestion = (!chosen.is_empty()).then(|| suggestion(RuleName::Remove, &chosen, held, samples.len(), samples));
    suggestion.filter(|suggestion| !suggestion.changes.is_empty())
}

fn suggestion(rule: RuleName, pointers: &[&Pointer], held: usize, pages: usize, samples: &[Sample<'_>]) -> Suggestion {
    let selectors: Vec<String> = pointers.iter().map(|pointer| pointer.name.text.clone()).collect();
    let selector = super::selector(&selectors.join(", ")).ok();
    let mut rules = SiteRules::default();
    match rule {
        RuleName::Body => rules.body = selector,
        RuleName::Title => rules.title = selector,
        RuleName::Date => rules.date = selector,
        RuleName::Author => rules.author = selector,
        RuleName::Remove => rules.remove = selector,
        RuleName::NextPage => rules.next_page = selector,
    }
    let changes = samples.iter().filter_map(|sample| {
        let (before, after) = (shown(rule, &sample.article), extract(&sample.page, &rules).map(|article| shown(rule, &article)));
        let after = after.unwrap_or_else(|failure| failure.to_string());
        (before != after).then_some(Change { page: sample.index, before, after })
    });
    Suggestion { rule, selectors, held, pages, changes: changes.collect() }
}

/// What a rule is about, of an article.
fn shown(rule: RuleName, article: &Article) -> String {
    match rule {
        RuleName::Title => article.title.clone(),
        RuleName::Date => article.published.map(|time| time.to_rfc3339()).unwrap_or_default(),
        RuleName::Author => article.authors.join(", "),
        RuleName::Body | RuleName::Remove | RuleName::NextPage => article.text.clone(),
    }
}
