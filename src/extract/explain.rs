//! Why the article was looked for where it was: the elements that could have held it, so that a person can write a site's rule.

use std::fmt;

use serde::Serialize;

use super::outline::Outline;
use super::select;
use super::weigh::Weights;

/// An element that could hold the article.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Candidate {
    /// The element and its nearest ancestors, as a CSS selector names them.
    pub path: String,
    /// From 0; the best wins.
    pub score: f64,
    /// Characters without white space, of them in links, and of them in sentences.
    pub characters: usize,
    pub linked: usize,
    pub prose: usize,
    /// It is part of the answer.
    pub chosen: bool,
}

/// How many candidates are worth reading.
const SHOWN: usize = 12;

pub(super) fn candidates(outline: &Outline<'_>, weights: &Weights, roots: &[usize]) -> Vec<Candidate> {
    let mut candidates: Vec<select::Candidate> = select::candidates(outline, weights).collect();
    candidates.sort_by(|one, other| other.score.total_cmp(&one.score));
    candidates.truncate(SHOWN);
    let shown = candidates.into_iter().map(|candidate| {
        let weight = weights.clean(candidate.index);
        Candidate {
            path: path(outline, candidate.index),
            score: candidate.score,
            characters: weight.characters,
            linked: weight.linked,
            prose: weight.prose,
            chosen: roots.contains(&candidate.index),
        }
    });
    shown.collect()
}

fn path(outline: &Outline<'_>, index: usize) -> String {
    let mut names: Vec<String> =
        std::iter::once(index).chain(outline.ancestors(index)).take(4).filter_map(|index| name(outline, index)).collect();
    names.reverse();
    names.join(" > ")
}

/// `div#main.article-body` of an element.
fn name(outline: &Outline<'_>, index: usize) -> Option<String> {
    let element = outline.get(index)?.element()?;
    let id = element.id().map(|id| format!("#{id}")).unwrap_or_default();
    let classes: Vec<&str> = element.classes().take(3).collect();
    let dot = if classes.is_empty() { "" } else { "." };
    Some(format!("{}{id}{dot}{}", element.name(), classes.join(".")))
}

impl fmt::Display for Candidate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, score, characters, linked, prose, chosen } = self;
        let mark = if *chosen { '*' } else { ' ' };
        write!(formatter, "{mark} {score:.3} {characters:>6} characters, {linked} in links, {prose} in sentences: {path}")
    }
}
