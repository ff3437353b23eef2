//! What changed between two readings of one article, and whether it matters: other words in the title or the body do; white space,
//! counters, and pointers to other articles do not.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use similar::{Algorithm, DiffTag, capture_diff_slices};

use super::fold::{folded, is_alphanumeric};
use crate::extract;
use crate::model::{Article, FeedId, Identity, Version};

/// The words of a line that can be a counter.
const COUNTER: usize = 6;
/// Beginnings of the words that stand beside counters, in lower case.
const COUNTED: [&str; 30] = [
    "просмотр",
    "прочт",
    "прочит",
    "коммент",
    "отзыв",
    "лайк",
    "репост",
    "подел",
    "минут",
    "час",
    "назад",
    "мин",
    "оқыл",
    "қарал",
    "көріл",
    "пікір",
    "бұрын",
    "сағат",
    "бөліс",
    "view",
    "read",
    "comment",
    "like",
    "share",
    "repost",
    "minute",
    "min",
    "hour",
    "ago",
    "day",
];
/// The lines that can follow a pointer to other articles.
const POINTED: usize = 8;
/// The words of both texts that are compared one by one: what differs beyond that is said to be replaced as a whole.
const COMPARED: usize = 6_000;
/// The fewest words by which an article is recognised.
const MIN_WORDS: usize = 12;
/// The letters by which inflected words are the same.
const BEGINNING: usize = 5;

/// Whether the words of an article were changed.
#[must_use]
pub fn is_correction(before: &Article, after: &Article) -> bool {
    let words = |article: &Article| (split(&article.title), body_words(&article.text));
    words(before) != words(after)
}

/// By what an article's words are recognised when a feed brings them again; none when they are too few.
#[must_use]
pub fn identity(feed: &FeedId, title: &str, text: &str) -> Option<Identity> {
    let mut words = split(title);
    words.push_str(&body_words(text));
    let words = words.trim_end();
    (words.split(' ').count() >= MIN_WORDS).then(|| Identity::words(feed, words.as_bytes()))
}

/// Whether two readings can be of one article: their titles share half of the words, or their texts do.
#[must_use]
pub fn resembles(one: &Article, other: &Article) -> bool {
    agree(&one.title, &other.title) || shares_half(&one.text, &other.text)
}

/// Whether two titles share half of the words of the shorter one, or one of them says nothing.
#[must_use]
pub fn agree(one: &str, other: &str) -> bool {
    split(one).is_empty() || split(other).is_empty() || shares_half(one, other)
}

fn shares_half(one: &str, other: &str) -> bool {
    let beginnings = |text: &str| each(&split(text)).map(|word| word.chars().take(BEGINNING).collect()).collect::<BTreeSet<String>>();
    let (one, other) = (beginnings(one), beginnings(other));
    let fewer = one.len().min(other.len());
    fewer > 0 && one.intersection(&other).count() * 2 >= fewer
}

/// A run of words that stayed, went or came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    Same(String),
    Removed(String),
    Added(String),
}

/// What a correction did to the title and the text, word by word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diff {
    pub title: Vec<Piece>,
    pub text: Vec<Piece>,
}

/// The words that a correction took out and put in.
#[must_use]
pub fn diff(before: &Version, after: &Version) -> Diff {
    Diff { title: pieces(&before.title, &after.title), text: pieces(&before.text, &after.text) }
}

fn pieces(before: &str, after: &str) -> Vec<Piece> {
    // A word keeps the white space after it, so that the pieces put together are the text.
    let before: Vec<&str> = before.split_inclusive(char::is_whitespace).collect();
    let after: Vec<&str> = after.split_inclusive(char::is_whitespace).collect();
    let start = before.iter().zip(&after).take_while(|(one, other)| one.trim_end() == other.trim_end()).count();
    let rest = before.len().min(after.len()) - start;
    let end = before.iter().rev().zip(after.iter().rev()).take(rest).take_while(|(one, other)| one.trim_end() == other.trim_end()).count();
    let (old, new) = (part(&before, start, before.len() - end), part(&after, start, after.len() - end));
    let mut pieces = Vec::new();
    push(&mut pieces, Piece::Same, part(&after, 0, start));
    if old.len() + new.len() > COMPARED {
        push(&mut pieces, Piece::Removed, old);
        push(&mut pieces, Piece::Added, new);
    } else {
        compare(old, new, &mut pieces);
    }
    push(&mut pieces, Piece::Same, part(&after, after.len() - end, after.len()));
    pieces
}

fn compare(old: &[&str], new: &[&str], pieces: &mut Vec<Piece>) {
    let trimmed = |words: &[&str]| words.iter().map(|word| word.trim_end().to_owned()).collect::<Vec<String>>();
    for operation in capture_diff_slices(Algorithm::Myers, &trimmed(old), &trimmed(new)) {
        let (tag, removed, added) = operation.as_tag_tuple();
        let (removed, added) = (part(old, removed.start, removed.end), part(new, added.start, added.end));
        match tag {
            DiffTag::Equal => push(pieces, Piece::Same, added),
            DiffTag::Delete | DiffTag::Insert | DiffTag::Replace => {
                push(pieces, Piece::Removed, removed);
                push(pieces, Piece::Added, added);
            }
        }
    }
}

fn part<'a, 'b>(words: &'a [&'b str], start: usize, end: usize) -> &'a [&'b str] {
    words.get(start..end).unwrap_or_default()
}

fn push(pieces: &mut Vec<Piece>, kind: fn(String) -> Piece, words: &[&str]) {
    if !words.is_empty() {
        pieces.push(kind(words.concat()));
    }
}

/// The words of a body without those of lines that are no part of what it tells, as [`split`] gives them.
fn body_words(text: &str) -> String {
    let mut pointed = 0_usize;
    let mut words = String::with_capacity(text.len());
    for line in text.lines() {
        let own = split(line);
        if extract::begins_end(line) {
            pointed = POINTED;
        } else if pointed > 0 && !ends_sentence(line) {
            pointed -= 1;
        } else if !extract::is_furniture(line) && !is_counter(&own) {
            pointed = 0;
            words.push_str(&own);
        }
    }
    words
}

/// Whether a line is told rather than a headline.
fn ends_sentence(line: &str) -> bool {
    line.trim_end().ends_with(['.', '!', '…', ':', ';', '»', '"', '”'])
}

/// Whether a line counts readers, comments or the time since it was published: a few words around a figure.
fn is_counter(words: &str) -> bool {
    let figure = |word: &str| word.chars().all(char::is_numeric);
    let counted = |word: &str| COUNTED.iter().any(|counted| word.starts_with(counted));
    each(words).nth(COUNTER).is_none() && each(words).any(figure) && each(words).all(|word| figure(word) || counted(word))
}

/// The words and figures of a text, in lower case and one form of the letters, each with a space after it.
fn split(text: &str) -> String {
    let mut words = String::with_capacity(text.len() + 1);
    for word in folded(text).split(|letter: char| !is_alphanumeric(letter)).filter(|word| !word.is_empty()) {
        words.push_str(word);
        words.push(' ');
    }
    words
}

/// Each of the words that [`split`] found.
fn each(words: &str) -> impl Iterator<Item = &str> {
    words.split_terminator(' ')
}
