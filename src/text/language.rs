//! The language of a text, by naive Bayes over pieces of one to three letters and whole words of up to seven.
//!
//! `profiles.txt` holds how common each piece is in each language: a header with the languages, then a line per piece with a
//! digit (base 36, quarter nats) for each; `_` is the end of a word. It was counted on the Universal Declaration of Human Rights in
//! all of them, the sample sentences of the crates `lingua-*-language-model` (Apache-2.0), those that the language detector of
//! `fitrat` learns from (MIT; Uzbek news and Tatoeba, CC BY 2.0 FR), half of the translated messages of Chrome's developer tools
//! (BSD-3-Clause), half of those of Firefox and Thunderbird (MPL-2.0), `KazNERD` (CC BY 4.0; for Latin Kazakh converted into the
//! spellings of 2018 and 2021), the messages of Wagtail (BSD-3-Clause) and django-allauth (MIT), and lists of common words of our own.
//! Only the counts are kept.
//!
//! Each word's say is limited, so that a name never outvotes the sentence that it stands in; that of a name or an English word, which
//! any language borrows as it is, the most. In a Cyrillic text words in Latin letters are passed over: they are names, if not code.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::letters::{is_cyrillic, is_plain_cyrillic, lowercase_letter, spelling};
use super::words::{is_hyphen, tokens};
use crate::model::Language;

/// The language of a text, and how sure that is.
#[derive(Clone, Debug, PartialEq)]
pub struct Detection {
    /// None: unknown.
    pub language: Option<Language>,
    /// 0 to 1.
    pub confidence: f64,
}

/// How many languages the profiles cover. The first [`KNOWN`] can be the answer; the others are there to be told apart from.
const LANGUAGES: usize = 32;
const KNOWN: usize = 11;
/// The first of them are what most articles are in: where little is said, they have the lead.
const USUAL: usize = 3;
/// English among them.
const ENGLISH: usize = 2;
const LEAD: i32 = 2 * NAT;
/// What is said for and against a language is counted in quarter nats.
const NAT: i32 = 4;
/// A word says at most this much against a language.
const WORD_LIMIT: i32 = 30 * NAT;
/// The same for a word that may be borrowed.
const BORROWED_LIMIT: i32 = 10 * NAT;
/// For a capital at the beginning, which may be a name's.
const FIRST_LIMIT: i32 = 15 * NAT;
/// And for a name.
const NAME_LIMIT: i32 = 5 * NAT;
/// A text that has one Cyrillic word in so many is Cyrillic.
const CYRILLIC_SHARE: usize = 5;
/// What a language that we do not answer with must be better by.
const FOREIGN_HANDICAP: i32 = 16 * NAT;
/// The same in Cyrillic, where what Russian shares with Bulgarian is much.
const CYRILLIC_HANDICAP: i32 = 20 * NAT;
/// How much of a text is read: bytes, then words, and of a word so many letters.
const SAMPLE_BYTES: usize = 2_000;
const SAMPLE_WORDS: usize = 80;
const WORD_LETTERS: usize = 100;
/// The pieces that most samples have at most.
const SAMPLE_PIECES: usize = 32 * SAMPLE_WORDS;
/// A word of so many letters is a piece of its own, as far as it is known.
const SHORT_WORD: RangeInclusive<usize> = 2..=7;
/// Of the pieces of a text in a language, one in so many is in the language's profile.
const FAMILIAR_SHARE: usize = 2;
/// Below this the best is a guess.
const LEAST_CONFIDENCE: f64 = 0.1;

/// Detects the language of a title or body.
pub fn detect(text: &str) -> Detection {
    let unknown = Detection { language: None, confidence: 0.0 };
    let mut scores = [0_i32; LANGUAGES];
    scores.iter_mut().take(USUAL).for_each(|score| *score = LEAD);
    let (mut letters, mut pieces) = (Vec::with_capacity(WORD_LETTERS + 2), Vec::with_capacity(SAMPLE_PIECES));
    let mut words = Vec::with_capacity(SAMPLE_WORDS);
    words.extend(sample(text));
    let is_capitalised = |index: usize| words.get(index).is_some_and(|word| word.starts_with(char::is_uppercase));
    let cyrillic = words.iter().filter(|word| is_in_cyrillic(word)).count();
    let of_cyrillic = cyrillic > 0 && cyrillic * CYRILLIC_SHARE >= words.len();
    // As English headlines often are.
    let in_title_case = !of_cyrillic && (0..words.len()).filter(|&index| is_capitalised(index)).count() * 4 >= words.len() * 3;
    for (index, word) in words.iter().enumerate().filter(|(_, word)| is_in_cyrillic(word) == of_cyrillic) {
        PROFILES.spell(word, &mut letters);
        let before = pieces.len();
        PROFILES.pieces(&letters, &mut pieces);
        let said = PROFILES.said(pieces.get(before..).unwrap_or_default());
        let most = said.iter().copied().max().unwrap_or(0);
        // The first word is a name as well when the next one is.
        let is_name = is_capitalised(index) && (index > 0 || is_capitalised(1));
        let is_english = said.iter().position(|&said| said == most) == Some(ENGLISH);
        let limit = match (is_name, is_english) {
            (true, _) if !in_title_case => NAME_LIMIT,
            (true, _) | (false, true) => BORROWED_LIMIT,
            (false, false) if is_capitalised(index) => FIRST_LIMIT,
            (false, false) => WORD_LIMIT,
        };
        for (score, said) in scores.iter_mut().zip(said) {
            *score -= (i32::from(most) - i32::from(said)).min(limit);
        }
    }
    let handicap = if of_cyrillic { CYRILLIC_HANDICAP } else { FOREIGN_HANDICAP };
    scores.iter_mut().skip(KNOWN).for_each(|score| *score -= handicap);
    let Some((best, margin)) = best_of(&scores) else { return unknown };
    let familiar = pieces.iter().filter(|&&piece| PROFILES.level(piece, best) > 0).count();
    let confidence = 1.0 - (-f64::from(margin) / f64::from(4 * NAT)).exp();
    match PROFILES.names.get(best) {
        Some(language) if best < KNOWN && familiar * FAMILIAR_SHARE >= pieces.len() && confidence >= LEAST_CONFIDENCE => {
            Detection { language: Some(language.clone()), confidence }
        }
        _ => unknown,
    }
}

/// The first words of a text, parts of compounds each for itself, without initials (`т.е.`) and those that have digits.
fn sample(text: &str) -> impl Iterator<Item = &str> {
    let text = text.get(..text.floor_char_boundary(SAMPLE_BYTES)).unwrap_or(text);
    let is_initial = move |start: usize, word: &str| {
        word.chars().nth(1).is_none() && text.get(start + word.len()..).is_some_and(|rest| rest.starts_with('.'))
    };
    let words = tokens(text).filter(move |(start, word)| !is_initial(*start, word)).flat_map(|(_, word)| word.split(is_hyphen));
    let has_digits = |word: &str| word.chars().any(|letter| !is_plain_cyrillic(letter) && letter.is_numeric());
    words.filter(move |word| !word.is_empty() && !has_digits(word)).take(SAMPLE_WORDS)
}

fn is_in_cyrillic(word: &str) -> bool {
    word.chars().filter(|&letter| is_cyrillic(letter)).count() * 2 >= word.chars().count()
}

/// The languages that [`detect`] can answer with.
#[must_use]
pub fn known_languages() -> &'static [Language] {
    PROFILES.names.get(..KNOWN).unwrap_or(&[])
}

/// How common each piece is in each language. Letters and pieces are numbered; piece 0 is any that no language has.
struct Profiles {
    names: Vec<Language>,
    letters: FxHashMap<char, u8>,
    /// The same for the letters below [`COMMON_LETTERS`].
    common_letters: Vec<u8>,
    pieces: FxHashMap<u64, u16>,
    /// The same for pieces of one and two letters, by the letters' numbers.
    short_pieces: Vec<u16>,
    levels: Vec<[u8; LANGUAGES]>,
}

const COMMON_LETTERS: usize = 0x530;
/// One more than the numbers of two letters together.
const SHORT_PIECES: usize = 1 << 16;
/// The number of letters that are in no piece.
const FOREIGN_LETTER: u8 = u8::MAX;

static PROFILES: LazyLock<Profiles> = LazyLock::new(|| {
    let mut lines = include_str!("profiles.txt").lines();
    let names = lines.next().unwrap_or_default().split(' ').filter_map(|tag| Language::new(tag).ok()).collect();
    let mut profiles = Profiles {
        names,
        letters: FxHashMap::default(),
        common_letters: vec![FOREIGN_LETTER; COMMON_LETTERS],
        pieces: FxHashMap::default(),
        short_pieces: vec![0; SHORT_PIECES],
        levels: vec![[0; LANGUAGES]],
    };
    lines.for_each(|line| profiles.add(line));
    profiles
});

impl Profiles {
    /// Adds a line of the file.
    fn add(&mut self, line: &str) {
        let Some((piece, digits)) = line.split_once(' ') else { return };
        let mut levels = [0; LANGUAGES];
        for (level, digit) in levels.iter_mut().zip(digits.chars()) {
            *level = digit.to_digit(36).and_then(|level| u8::try_from(level).ok()).unwrap_or(0);
        }
        let packed = piece.chars().map(|letter| self.number(letter)).fold(0, append);
        let number = u16::try_from(self.levels.len()).unwrap_or(0);
        match usize::try_from(packed).ok().and_then(|packed| self.short_pieces.get_mut(packed)) {
            Some(short) => *short = number,
            None => _ = self.pieces.insert(packed, number),
        }
        self.levels.push(levels);
    }

    fn number(&mut self, letter: char) -> u8 {
        let next = u8::try_from(self.letters.len() + 1).unwrap_or(FOREIGN_LETTER);
        let number = *self.letters.entry(letter).or_insert(next);
        self.common_letters.get_mut(letter as usize).into_iter().for_each(|common| *common = number);
        number
    }

    /// Puts the numbers of a word's letters into `letters`, those of `_` at both ends.
    fn spell(&self, word: &str, letters: &mut Vec<u8>) {
        let number = |letter: char| match self.common_letters.get(letter as usize) {
            Some(number) => *number,
            None => self.letters.get(&letter).copied().unwrap_or(FOREIGN_LETTER),
        };
        letters.clear();
        letters.push(number('_'));
        letters.extend(spelling(word).chars().map(lowercase_letter).take(WORD_LETTERS).map(number));
        letters.push(number('_'));
    }

    /// Adds the numbers of a word's pieces: its letters, and with both ends the pairs and triples of them and the short word.
    fn pieces(&self, letters: &[u8], pieces: &mut Vec<u16>) {
        let piece = |letters: &[u8]| self.piece(letters.iter().copied().fold(0, append));
        pieces.extend(letters.get(1..letters.len() - 1).unwrap_or_default().chunks(1).map(piece));
        pieces.extend(letters.windows(2).map(piece));
        pieces.extend(letters.windows(3).map(piece));
        let short = SHORT_WORD.contains(&(letters.len() - 2)).then(|| piece(letters));
        pieces.extend(short.filter(|&piece| piece > 0));
    }

    /// The number of a piece by its letters' numbers; 0 for one that no language has.
    fn piece(&self, letters: u64) -> u16 {
        let short = usize::try_from(letters).ok().and_then(|letters| self.short_pieces.get(letters));
        short.or_else(|| self.pieces.get(&letters)).copied().unwrap_or(0)
    }

    /// What the pieces of a word say for each language.
    fn said(&self, pieces: &[u16]) -> [u16; LANGUAGES] {
        let mut said = [0; LANGUAGES];
        for levels in pieces.iter().filter_map(|&piece| self.levels.get(usize::from(piece))) {
            for (said, level) in said.iter_mut().zip(levels) {
                *said += u16::from(*level);
            }
        }
        said
    }

    fn level(&self, piece: u16, language: usize) -> u8 {
        self.levels.get(usize::from(piece)).and_then(|levels| levels.get(language)).copied().unwrap_or(0)
    }
}

/// Of nine letters – a word of seven between its ends – the first, the end of a word, falls out, and no two pieces become one.
fn append(packed: u64, letter: u8) -> u64 {
    packed << 8 | u64::from(letter)
}

/// The best score's index, and how far behind the next one is. None when nothing was said.
fn best_of(scores: &[i32; LANGUAGES]) -> Option<(usize, i32)> {
    let scores = || scores.iter().copied().enumerate();
    let (best, highest) = scores().max_by_key(|(_, score)| *score)?;
    let next = scores().filter(|&(index, _)| index != best).map(|(_, score)| score).max()?;
    (highest > next).then_some((best, highest - next))
}
