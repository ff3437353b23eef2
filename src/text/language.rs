//! The language of a text, by naive Bayes over pieces of one to three letters.
//!
//! `profiles.txt` holds how common each piece is in each language: a header with the languages, then a line per piece with a
//! digit (base 36, quarter nats) for each. It was counted on the Universal Declaration of Human Rights in all of them, the
//! sample sentences of the crates `lingua-*-language-model` (Apache-2.0), `KazNERD` (CC BY 4.0; for Latin Kazakh converted into
//! the spellings of 2018 and 2021), for Russian, Ukrainian, Belarusian and Kyrgyz the translated messages of Wagtail (BSD-3-Clause)
//! and django-allauth (MIT), and lists of common words of our own. Only the counts are kept.
//!
//! Each word's say is limited, so that a name never outvotes the sentence that it stands in.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::letters::{lowercase, spelling};
use super::words::{Kind, words};
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
const LANGUAGES: usize = 21;
const KNOWN: usize = 11;
/// A word says at most this much, in nats, against a language.
const WORD_LIMIT: f32 = 20.0;
/// What a language that we do not answer with must be better by.
const FOREIGN_HANDICAP: f32 = 12.0;
/// How much of a text is read: bytes, then words.
const SAMPLE_BYTES: usize = 2_000;
const SAMPLE_WORDS: usize = 80;
/// Of the pieces of a text in a language, at least this share is in the language's profile.
const FAMILIAR_SHARE: f32 = 0.5;
/// Below this the best is a guess.
const LEAST_CONFIDENCE: f64 = 0.1;

/// Detects the language of a title or body.
pub fn detect(text: &str) -> Detection {
    let unknown = Detection { language: None, confidence: 0.0 };
    let mut scores = [0.0_f32; LANGUAGES];
    let (mut pieces_seen, mut familiar) = (0_f32, [0_f32; LANGUAGES]);
    let sample = text.get(..text.floor_char_boundary(SAMPLE_BYTES)).unwrap_or(text);
    let lexical = |text: &str| !text.chars().any(char::is_numeric);
    for word in words(sample).iter().filter(|word| word.kind != Kind::Compound && lexical(word.text)).take(SAMPLE_WORDS) {
        let mut said = [0.0_f32; LANGUAGES];
        for piece in pieces(&lowercase(&spelling(word.text))) {
            pieces_seen += 1.0;
            let Some(levels) = PROFILES.levels.get(&piece) else { continue };
            for ((said, familiar), level) in said.iter_mut().zip(&mut familiar).zip(levels) {
                *said += level;
                *familiar += f32::from(*level > 0.0);
            }
        }
        let most = said.iter().copied().fold(0.0, f32::max);
        for (score, said) in scores.iter_mut().zip(said) {
            *score += (said - most).max(-WORD_LIMIT);
        }
    }
    scores.iter_mut().skip(KNOWN).for_each(|score| *score -= FOREIGN_HANDICAP);
    let Some((best, margin)) = best_of(&scores) else { return unknown };
    let share = familiar.get(best).map_or(0.0, |familiar| familiar / pieces_seen);
    let confidence = f64::from(1.0 - (-margin / 4.0).exp());
    match PROFILES.names.get(best) {
        Some(language) if best < KNOWN && share >= FAMILIAR_SHARE && confidence >= LEAST_CONFIDENCE => {
            Detection { language: Some(language.clone()), confidence }
        }
        _ => unknown,
    }
}

/// The languages that [`detect`] can answer with.
#[must_use]
pub fn known_languages() -> &'static [Language] {
    PROFILES.names.get(..KNOWN).unwrap_or(&[])
}

struct Profiles {
    names: Vec<Language>,
    levels: FxHashMap<u64, [f32; LANGUAGES]>,
}

static PROFILES: LazyLock<Profiles> = LazyLock::new(|| {
    let mut lines = include_str!("profiles.txt").lines();
    let header = lines.next().unwrap_or_default();
    let names = header.split(' ').filter_map(|tag| Language::new(tag).ok()).collect();
    Profiles { names, levels: lines.filter_map(profile_line).collect() }
});

fn profile_line(line: &str) -> Option<(u64, [f32; LANGUAGES])> {
    let (piece, digits) = line.split_once(' ')?;
    let mut levels = [0.0; LANGUAGES];
    for (level, digit) in levels.iter_mut().zip(digits.chars()) {
        *level = f32::from(u8::try_from(digit.to_digit(36)?).ok()?) / 4.0;
    }
    Some((piece.chars().fold(0, append), levels))
}

/// The pieces of a word, each packed into a number: its letters, and with `_` at both ends the pairs and triples of them.
fn pieces(word: &str) -> Vec<u64> {
    let padded: Vec<char> = std::iter::once('_').chain(word.chars()).chain(std::iter::once('_')).collect();
    let pack = |piece: &[char]| piece.iter().copied().fold(0, append);
    let letters = word.chars().map(u64::from);
    letters.chain(padded.windows(2).map(pack)).chain(padded.windows(3).map(pack)).collect()
}

fn append(packed: u64, letter: char) -> u64 {
    packed << 21 | u64::from(letter)
}

/// The best score's index, and how far behind the next one is. None when nothing was said.
fn best_of(scores: &[f32; LANGUAGES]) -> Option<(usize, f32)> {
    let (best, highest) = scores.iter().copied().enumerate().max_by(|(_, one), (_, other)| one.total_cmp(other))?;
    let next = scores.iter().copied().enumerate().filter(|&(index, _)| index != best).map(|(_, score)| score).fold(f32::MIN, f32::max);
    (highest > next).then_some((best, highest - next))
}
