//! Words with which pages speak about themselves rather than their subject, in the languages of the agencies: lists in lower case,
//! one phrase a line, that a line of the page is compared with from its first letter. A phrase is whole words; one that ends in `*` is the
//! beginning of others.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use rustc_hash::FxHashMap;

use super::weigh::is_stop;
use crate::text::lowercase_letter;

/// The phrases of a list by their first character.
type Phrases = LazyLock<FxHashMap<char, Vec<&'static str>>>;

/// Short lines that begin so are no part of any article.
static FURNITURE: Phrases = LazyLock::new(|| phrases(include_str!("phrase/furniture.txt")));

/// Labels and buttons. The words begin sentences of articles too, and a sentence is none.
static LABELS: Phrases = LazyLock::new(|| phrases(include_str!("phrase/labels.txt")));

/// How readers are counted, after a number.
const COUNTED: [&str; 8] = ["просмотр", "прочтен", "қаралым", "қаралды", "комментари", "views", "comments", "shares"];

/// Lines that begin so are pointers when they carry a link.
static POINTERS: Phrases = LazyLock::new(|| phrases(include_str!("phrase/pointers.txt")));

/// After such a line readers' comments follow, or the author's portrait.
static CLOSINGS: Phrases = LazyLock::new(|| phrases(include_str!("phrase/closings.txt")));

/// After such a line other articles follow.
static ENDS: Phrases = LazyLock::new(|| phrases(include_str!("phrase/ends.txt")));

/// Notices to readers, wherever in a short paragraph these words stand.
static NOTICES: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(lines(include_str!("phrase/notices.txt"))).ok());

/// What readers are invited to where an article has ended, wherever in the paragraph these words stand, as whole words.
static INVITATIONS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(lines(include_str!("phrase/invitations.txt"))).ok());

/// Paragraphs of any length that begin so state on which terms the site may be used.
static TERMS: Phrases = LazyLock::new(|| phrases(include_str!("phrase/terms.txt")));

/// How notices of any length begin that ask for consent to an embedded post.
const CONSENT: [&str; 6] = [
    "um eingebettete inhalte",
    "um diesen inhalt anzu",
    "an dieser stelle finden sie externe",
    "an dieser stelle befindet sich",
    "to view this content",
    "pour afficher ce contenu",
];

/// Whether a line of `length` characters speaks about the page or points elsewhere.
pub(super) fn is_furniture(text: &str, length: usize, linked: bool) -> bool {
    let start = beginning(text);
    let short = length <= 400;
    begins(&start, &TERMS)
        || CONSENT.iter().any(|phrase| start.starts_with(phrase))
        || (short && (length < 140 || linked) && begins(&start, &FURNITURE))
        || (length < 140 && begins(&start, &LABELS) && !is_sentence(text))
        || (short && linked && begins(&start, &POINTERS))
        || (short && is_notice(text))
        || (length < 140 && (is_counter(&start) || is_hashtags(text)))
}

/// Whether a line says something: some words, and a full stop.
fn is_sentence(text: &str) -> bool {
    let end = text.trim_end_matches(|character: char| character.is_whitespace() || matches!(character, '»' | '”' | '“' | '"' | ')'));
    end.ends_with(is_stop) && text.split_whitespace().nth(3).is_some()
}

/// `1 234 просмотра`.
fn is_counter(start: &str) -> bool {
    let rest = start.trim_start_matches(|character: char| character.is_ascii_digit() || character.is_whitespace());
    let words = rest.split_whitespace().count();
    rest.len() < start.len() && words == 1 && COUNTED.iter().any(|counted| rest.starts_with(counted))
}

/// `#школа #город`.
fn is_hashtags(text: &str) -> bool {
    !text.trim().is_empty() && text.split_whitespace().all(|word| word.starts_with('#'))
}

fn is_notice(text: &str) -> bool {
    let mut lower = String::with_capacity(text.len());
    lower.extend(text.chars().map(lowercase_letter));
    NOTICES.as_ref().is_some_and(|notices| notices.is_match(&lower))
}

/// Whether a paragraph at the end of an article invites to something else: to write, to buy, to follow. What somebody is quoted with is
/// the article's.
pub(super) fn is_invitation(text: &str) -> bool {
    let text = text.to_lowercase();
    let is_letter = |character: Option<char>| character.is_some_and(char::is_alphabetic);
    let is_whole = |start: usize, end: usize| {
        let (before, after) = (text.get(..start).unwrap_or_default(), text.get(end..).unwrap_or_default());
        !is_letter(before.chars().next_back()) && !is_letter(after.chars().next())
    };
    let is_said =
        || INVITATIONS.as_ref().is_some_and(|phrases| phrases.find_overlapping_iter(&text).any(|at| is_whole(at.start(), at.end())));
    !text.contains(['«', '“', '„', '"']) && is_said()
}

/// Whether other articles follow a line.
pub(super) fn begins_end(text: &str) -> bool {
    is_end(text, &ENDS)
}

/// Whether readers' comments follow a line, or the author's portrait.
pub(super) fn begins_closing(text: &str) -> bool {
    is_end(text, &CLOSINGS)
}

fn is_end(text: &str, list: &'static Phrases) -> bool {
    let (start, length) = (beginning(text), text.chars().count());
    // A single word is such a line only by itself: "Comments (3)", but not "Comments of experts".
    let is_alone = |phrase: &str| phrase.contains(' ') || !start.get(phrase.len()..).unwrap_or_default().contains(char::is_alphabetic);
    beginnings(&start, list).any(|phrase| length <= phrase.chars().count() + 14 && is_alone(phrase))
}

/// Whether a paragraph is the first of the site's terms.
pub(super) fn begins_terms(text: &str) -> bool {
    begins(&beginning(text), &TERMS)
}

fn begins(start: &str, list: &'static Phrases) -> bool {
    beginnings(start, list).next().is_some()
}

/// The phrases of a list that a line begins with.
fn beginnings<'a>(start: &'a str, list: &'static Phrases) -> impl Iterator<Item = &'static str> + 'a {
    let phrases = start.chars().next().and_then(|first| list.get(&first));
    phrases.into_iter().flatten().filter_map(move |phrase| begins_so(start, phrase))
}

/// The phrase without its mark, if the line begins with it.
fn begins_so(start: &str, phrase: &'static str) -> Option<&'static str> {
    let stem = phrase.trim_end_matches('*');
    let rest = start.strip_prefix(stem)?;
    let is_whole = !stem.ends_with(char::is_alphabetic) || !rest.starts_with(char::is_alphabetic);
    (is_whole || stem.len() < phrase.len()).then_some(stem)
}

fn phrases(list: &'static str) -> FxHashMap<char, Vec<&'static str>> {
    let mut phrases: FxHashMap<char, Vec<&str>> = FxHashMap::default();
    for line in lines(list) {
        line.chars().next().into_iter().for_each(|first| phrases.entry(first).or_default().push(line));
    }
    phrases
}

/// The lines of a list without its headings, which begin with `#`.
fn lines(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.lines().filter(|line| !line.starts_with('#'))
}

/// The first letters of a line, lower case, without what decorates it.
fn beginning(text: &str) -> String {
    let text = text.trim_start_matches(|character: char| {
        !character.is_alphanumeric() && !matches!(character, '©' | '→' | '»' | '>' | '►' | '▶' | '▸')
    });
    let mut start = String::with_capacity(48 * 2);
    start.extend(text.chars().take(48).map(lowercase_letter));
    start
}
