//! What the feed's entry tells of the page that it led to: with words of its text, which part of the page is the
//! article.

use super::outline::{Content, Outline, Tag};
use super::title::letters;
use super::weigh::Weights;
use crate::model::Entry;

/// Shorter texts, in bytes, may be teasers, which stand elsewhere too.
const MIN_TEXT: usize = 600;
/// So many letters are found in one place only.
const WORDS: usize = 40;

/// What is known of the article.
#[derive(Clone, Copy, Debug)]
pub(super) struct Witness {
    /// A node that it holds.
    pub(super) place: usize,
    /// How long it is, in characters without white space.
    pub(super) characters: usize,
}

/// The node that holds the first words of the longest paragraph of the entry's text.
pub(super) fn of(outline: &Outline<'_>, weights: &Weights, entry: &Entry) -> Option<Witness> {
    let content = entry.content.as_deref()?;
    let runs = || content.split('<').map(|run| run.split_once('>').map_or(run, |(_, text)| text));
    let longest = letters(runs().max_by_key(|run| run.len())?);
    let words: String = longest.chars().take(WORDS).collect();
    if runs().map(str::len).sum::<usize>() < MIN_TEXT || longest.len() < WORDS {
        return None;
    }
    let mut nodes = outline.nodes.iter().enumerate();
    let found = nodes.find(|(index, node)| match node.content {
        Content::Text(part) => {
            part.len() > WORDS && !weights.is_dropped(*index) && is_shown(outline, node.parent) && letters(part).contains(&words)
        }
        Content::Element(_) => false,
    });
    let characters = runs().flat_map(str::chars).filter(|character| !character.is_whitespace()).count();
    found.map(|(place, _)| Witness { place, characters })
}

fn is_shown(outline: &Outline<'_>, parent: usize) -> bool {
    outline.get(parent).is_some_and(|parent| !matches!(parent.tag, Tag::Script | Tag::Title))
}
