//! Words as lemmas: all that a word can be a form of, in the grammar of its language.
//!
//! | language | by |
//! |---|---|
//! | ru | the dictionary of OpenCorpora (`rumorph`; the data is CC BY-SA 4.0) |
//! | kk | endings of nouns and verbs taken off, in Cyrillic or Latin letters ([`super::kazakh`]) |
//! | en | inflection taken off ([`super::english`]) |
//! | ky, uz | endings of nouns taken off ([`super::turkic`]) |
//! | uk, be | endings told by tables of them ([`super::slavic`]) |
//! | tr, de | the Snowball stemmers |
//! | others | the word itself |

use std::fmt;

use rumorph::{Dictionary, Source};
use rustc_hash::FxHashSet;
use snowball_stemmers_rs::{Algorithm, Stemmer};

use super::letters::{is_latin, lowercase};
use super::slips::corrections;
use super::{english, kazakh, slavic, turkic};

/// An analysis that is less likely than this is a slip of the dictionary rather than a reading.
const LEAST_LIKELY: f64 = 0.02;

/// Of so many words of the dictionary it is said that they may be meant.
const NEAREST: usize = 3;
/// For a longer word nothing is proposed.
const LONGEST_CORRECTED: usize = 24;
const RUSSIAN_LETTERS: &str = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъ";
const KAZAKH_LETTERS: &str = "аенылрітдсқмпкшуобғйзгжөңәүұихвфюяэцчщһьъ";

/// The grammars, loaded once.
pub struct Lemmas {
    /// None when the bundled dictionary cannot be read; words then stand for themselves.
    russian: Option<Dictionary>,
    turkish: Stemmer,
    german: Stemmer,
}

impl Default for Lemmas {
    fn default() -> Self {
        Self {
            russian: Dictionary::bundled().ok(),
            turkish: Stemmer::create(Algorithm::Turkish),
            german: Stemmer::create(Algorithm::German),
        }
    }
}

impl Lemmas {
    /// All lemmas of `word`, which is in its right [`super::spelling`] but any letter case. `language` is a primary subtag.
    #[must_use]
    pub fn of(&self, language: &str, word: &str) -> Vec<String> {
        let lower = lowercase(word);
        match language {
            "ru" => self.russian(&lower),
            "kk" => kazakh_stems(&lower),
            "en" => english::lemmas(&lower),
            "ky" => turkic::stems(&turkic::KYRGYZ, &lower),
            "uz" => turkic::stems(&turkic::UZBEK, &lower),
            "uk" => slavic::lemmas(&slavic::UKRAINIAN, &lower),
            "be" => slavic::lemmas(&slavic::BELARUSIAN, &lower),
            "tr" => vec![self.turkish.stem(&lower).into_owned()],
            "de" => vec![self.german.stem(&lower).into_owned()],
            _ => vec![lower],
        }
    }

    /// The lemmas meant by whoever wrote `word` in a rule: itself if it is one, else those that it is a form of.
    #[must_use]
    pub fn meant(&self, language: &str, word: &str) -> Vec<String> {
        let lower = lowercase(word);
        match language {
            "ru" => {
                let lemmas = self.russian(&lower);
                if lemmas.contains(&lower) { vec![lower] } else { lemmas }
            }
            // A Kazakh word in a rule is its own licence: `жетім` is no form of `жеті`.
            "kk" => in_cyrillic(&lower),
            "en" => english::meant(&lower),
            "uk" => slavic::meant(&slavic::UKRAINIAN, &lower),
            "be" => slavic::meant(&slavic::BELARUSIAN, &lower),
            "ky" | "uz" => vec![lower],
            _ => self.of(language, word),
        }
    }

    /// Whether the dictionary of the language has the word in some form; none where there is no dictionary.
    #[must_use]
    pub fn knows(&self, language: &str, word: &str) -> Option<bool> {
        let lower = lowercase(word);
        if language == "kk" {
            return Some(in_cyrillic(&lower).iter().any(|word| kazakh::knows(word)));
        }
        let dictionary = self.russian.as_ref().filter(|_| language == "ru")?;
        Some(dictionary.analyze(&lower).iter().any(|analysis| analysis.source == Source::Dictionary))
    }

    /// Words of the dictionary that one slip of the pen makes `word` of: a few, the likelier first.
    #[must_use]
    pub fn nearest(&self, language: &str, word: &str) -> Vec<String> {
        let lower = lowercase(word);
        let (alphabet, is_word): (_, &dyn Fn(&str) -> bool) = match (language, &self.russian) {
            ("kk", _) => (KAZAKH_LETTERS, &|word| kazakh::has(word)),
            ("ru", Some(dictionary)) => (RUSSIAN_LETTERS, &|word| {
                let is_lemma = |lemma: &str| lowercase(lemma).replace('ё', "е") == word;
                dictionary.analyze(word).iter().any(|analysis| analysis.source == Source::Dictionary && is_lemma(&analysis.lemma))
            }),
            _ => return Vec::new(),
        };
        let short = lower.chars().nth(LONGEST_CORRECTED).is_none();
        let mut found: Vec<String> = Vec::new();
        for correction in corrections(&lower, alphabet).filter(|_| short) {
            if found.len() < NEAREST && !found.contains(&correction) && is_word(&correction) {
                found.push(correction);
            }
        }
        found
    }

    /// What the word is clearly the plural of, where that can be told without a dictionary.
    #[must_use]
    pub fn singular(&self, language: &str, word: &str) -> Option<String> {
        let kazakh = (language == "kk").then(|| in_cyrillic(&lowercase(word)));
        kazakh?.iter().find_map(|word| kazakh::singular(word))
    }

    /// What the word can be in the script that the language's rules are written in, when it is in another.
    #[must_use]
    pub fn transliterated(&self, language: &str, word: &str) -> Vec<String> {
        let lower = lowercase(word);
        if language == "kk" && lower.chars().any(is_latin) { in_cyrillic(&lower) } else { Vec::new() }
    }

    /// Whether the parts of a compound may be read on their own.
    #[must_use]
    pub fn has_free_parts(&self, language: &str, compound: &str) -> bool {
        language != "kk" || !in_cyrillic(&lowercase(compound)).iter().any(|word| kazakh::is_paired(word))
    }

    fn russian(&self, word: &str) -> Vec<String> {
        let Some(dictionary) = &self.russian else { return vec![word.to_owned()] };
        let mut lemmas = Vec::new();
        for analysis in dictionary.analyze(word) {
            let lemma = lowercase(&analysis.lemma).replace('ё', "е");
            if (analysis.prob >= LEAST_LIKELY || analysis.source == Source::Dictionary) && !lemmas.contains(&lemma) {
                lemmas.push(lemma);
            }
        }
        if lemmas.is_empty() {
            lemmas.push(word.to_owned());
        }
        lemmas
    }
}

impl fmt::Debug for Lemmas {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Lemmas").finish_non_exhaustive()
    }
}

/// A Kazakh word in Latin letters as all that it can be in Cyrillic; `c`-words such as `YouTube` come out odd, but the same each time.
fn in_cyrillic(word: &str) -> Vec<String> {
    if word.chars().any(is_latin) { kazakh::to_cyrillic(word) } else { vec![word.to_owned()] }
}

fn kazakh_stems(word: &str) -> Vec<String> {
    if !word.chars().any(is_latin) {
        return kazakh::stems(word);
    }
    let mut stems: Vec<String> = kazakh::to_cyrillic(word).iter().flat_map(|word| kazakh::stems(word)).collect();
    let mut seen = FxHashSet::default();
    stems.retain(|stem| seen.insert(stem.clone()));
    stems
}
