//! A text split into words, with their places in it. Positions count words; a new paragraph, like a new field, is a wide gap.

use super::letters::{is_apostrophe, is_invisible, is_mark, lowercase};

/// How far apart the words on both sides of a paragraph's end are: nothing is near across it.
const PARAGRAPH_GAP: u32 = 100;

/// A word, a part of a compound, or a whole compound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word<'a> {
    /// As it stands in the text.
    pub text: &'a str,
    /// Byte offset into the text.
    pub start: usize,
    /// The position of its first and last part, counted in words.
    pub first: u32,
    pub last: u32,
    /// Counted from 0 within the text.
    pub sentence: u32,
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Plain,
    /// `детей-сирот`, followed by its parts.
    Compound,
    Part,
}

impl Word<'_> {
    #[must_use]
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// The words of `text` in their order, a compound before its parts.
#[must_use]
pub fn words(text: &str) -> Vec<Word<'_>> {
    let mut splitter = Splitter { text, words: Vec::with_capacity(text.len() / 8), position: 0, sentence: 0 };
    let mut rest = 0;
    while let Some((start, end)) = next_word(text, rest) {
        splitter.between(rest, start);
        splitter.push(start, end);
        rest = end;
    }
    splitter.words
}

/// The words as they stand in the text, compounds whole, and where each begins.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = 0;
    std::iter::from_fn(move || {
        let (start, end) = next_word(text, rest)?;
        rest = end;
        Some((start, text.get(start..end)?))
    })
}

struct Splitter<'a> {
    text: &'a str,
    words: Vec<Word<'a>>,
    position: u32,
    sentence: u32,
}

impl Splitter<'_> {
    /// Looks at what stands between two words.
    fn between(&mut self, from: usize, to: usize) {
        let Some(between) = self.text.get(from..to) else { return };
        if between.contains('\n') {
            self.sentence += 1;
            self.position = self.position.saturating_add(PARAGRAPH_GAP);
        } else if self.ends_sentence(between, to) {
            self.sentence += 1;
        }
    }

    /// A full stop ends a sentence when a space and a capital or digit follow, and what precedes is no initial or abbreviation.
    fn ends_sentence(&self, between: &str, to: usize) -> bool {
        let Some(stop) = between.find(['.', '!', '?', '…']) else { return false };
        if !between.get(stop..).is_some_and(|after| after.contains(char::is_whitespace)) {
            return false;
        }
        let Some(next) = self.text.get(to..).and_then(|rest| rest.chars().next()) else { return false };
        if !(next.is_uppercase() || next.is_numeric()) || between.get(..stop).is_some_and(|before| before.ends_with('№')) {
            return false;
        }
        let before = self.words.last().map_or("", |word| word.text);
        !(between.starts_with('.') && is_abbreviation(before, next.is_numeric()))
    }

    fn push(&mut self, start: usize, end: usize) {
        let Some(text) = self.text.get(start..end) else { return };
        let parts = text.split(is_hyphen).filter(|part| !part.is_empty()).count();
        let (first, sentence) = (self.position, self.sentence);
        if parts < 2 {
            self.words.push(Word { text, start, first, last: first, sentence, kind: Kind::Plain });
            self.position = self.position.saturating_add(1);
            return;
        }
        let last = first.saturating_add(u32::try_from(parts - 1).unwrap_or(u32::MAX));
        self.words.push(Word { text, start, first, last, sentence, kind: Kind::Compound });
        let mut offset = start;
        for part in text.split_inclusive(is_hyphen) {
            let bare = part.trim_end_matches(is_hyphen);
            if !bare.is_empty() {
                let position = self.position;
                self.words.push(Word { text: bare, start: offset, first: position, last: position, sentence, kind: Kind::Part });
                self.position = self.position.saturating_add(1);
            }
            offset += part.len();
        }
    }
}

/// Whether a word with a full stop goes on: an initial, or what is written short before a name or a number.
fn is_abbreviation(word: &str, before_number: bool) -> bool {
    // `No. 5`; but `no` ends a sentence.
    if word.chars().nth(1).is_none() || before_number && matches!(word, "No" | "Nos") {
        return true;
    }
    let lower = lowercase(word);
    ABBREVIATIONS.contains(&lower.as_str()) || before_number && BEFORE_NUMBERS.contains(&lower.as_str())
}

#[rustfmt::skip]
const ABBREVIATIONS: [&str; 66] = [
    "гг", "ул", "им", "тыс", "млн", "млрд", "руб", "тг", "обл", "ст", "стр", "см", "проф", "акад", "доц", "пос", "просп", "пер", "мкр",
    "св", "ген", "полк", "зам", "напр", "респ", "көш", "даң", "ауд", "мың", "янв", "фев", "февр", "апр", "авг", "сен", "сент", "окт",
    "ноя", "нояб", "дек", "mr", "mrs", "ms", "dr", "st", "sen", "rep", "gov", "prof", "gen", "col", "lt", "maj", "sgt", "capt", "rev",
    "hon", "jan", "feb", "apr", "aug", "sept", "oct", "nov", "dec", "vs",
];
const BEFORE_NUMBERS: [&str; 16] =
    ["art", "para", "pp", "vol", "fig", "sec", "ch", "approx", "mar", "jun", "jul", "sep", "ок", "рис", "вып", "кв"];

pub(super) fn is_hyphen(letter: char) -> bool {
    matches!(letter, '-' | '‐' | '‑')
}

/// A letter or digit. Cyrillic is asked for first because the general answer is slow for it.
fn is_letter(letter: char) -> bool {
    matches!(letter, '\u{48a}'..='\u{52f}' | '\u{400}'..='\u{481}') || letter.is_alphanumeric()
}

/// The byte offsets of the first word at or after `from`: letters and digits, with what may stand between two of them.
fn next_word(text: &str, from: usize) -> Option<(usize, usize)> {
    let rest = text.get(from..)?;
    let start = from + rest.find(is_letter)?;
    let mut end = start;
    let mut letters = text.get(start..)?.char_indices().peekable();
    while let Some((offset, letter)) = letters.next() {
        if is_letter(letter) || is_mark(letter) {
            end = start + offset + letter.len_utf8();
        } else if is_hyphen(letter) || is_apostrophe(letter) {
            if !letters.peek().is_some_and(|&(_, next)| is_letter(next)) {
                break;
            }
        } else if !is_invisible(letter) {
            break;
        }
    }
    Some((start, end))
}
