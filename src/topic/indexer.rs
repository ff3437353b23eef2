//! The words of articles and of searches as keys, so that an index can tell which articles are worth reading.
//!
//! Law: an article that answers a query has what the query needs ([`Query::need`](super::Query::need)).

use rustc_hash::FxHashMap;

use super::Subject;
use super::common::LEMMAS;
use super::expression::{Effect, Expression, Rule, Term};
use super::reading::languages;
use super::vocabulary::{every_language, is_acronym, reader_language};
use crate::model::Language;
use crate::text::{Lemmas, lowercase, spelling, words};

/// A lemma in its language, as a number. Different lemmas may have the same.
pub type WordKey = u32;

/// What an article must have to be worth reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing that the index knows.
    Any,
    /// One of these.
    Word(Vec<WordKey>),
    All(Vec<Need>),
    Either(Vec<Need>),
}

/// Reads the words of articles; those that were met before are not analysed again.
#[derive(Debug, Default)]
pub struct Indexer {
    lemmas: Lemmas,
    known: FxHashMap<(&'static str, Box<str>), Vec<WordKey>>,
}

impl Indexer {
    /// The keys of all that the article's words can be, each once.
    pub fn words(&mut self, subject: &Subject<'_>) -> Vec<WordKey> {
        let (title, body) = languages(subject);
        let mut keys = Vec::new();
        for (text, language) in [(subject.title, reader_language(title.as_ref())), (subject.body, reader_language(body.as_ref()))] {
            for word in words(text) {
                let lemmas = &self.lemmas;
                let known = self.known.entry((language, word.text.into())).or_insert_with(|| {
                    let word = spelling(word.text);
                    let forms = lemmas.of(language, &word).into_iter().chain([lowercase(&word)]);
                    forms.map(|lemma| key(language, &lemma)).collect()
                });
                keys.extend(known.iter());
            }
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

impl Need {
    /// What an article needs for one of the rules to speak for it.
    pub(super) fn of(rules: &[Rule]) -> Self {
        let speaks = |rule: &&Rule| match rule.effect {
            Effect::Decides => true,
            Effect::Weighs(weight) => weight > 0.0,
            Effect::Excludes => false,
        };
        either(rules.iter().filter(speaks).map(|rule| need(&rule.expression, rule.language.as_ref(), &LEMMAS)).collect())
    }
}

fn need(expression: &Expression<Term>, language: Option<&Language>, lemmas: &Lemmas) -> Need {
    let of = |expression: &Expression<Term>| need(expression, language, lemmas);
    match expression {
        Expression::Word(term) => word(term, language, lemmas),
        Expression::Phrase(terms) => Need::All(terms.iter().map(|term| word(term, language, lemmas)).collect()),
        Expression::Near { left, right, .. } | Expression::Sentence(left, right) => Need::All(vec![of(left), of(right)]),
        Expression::And(items) => Need::All(items.iter().map(of).collect()),
        Expression::Or(items) => either(items.iter().map(of).collect()),
        Expression::Unless { wanted: item, .. } | Expression::Within(_, item) => of(item),
        Expression::AtLeast(times, item) if *times > 0 => of(item),
        Expression::AtLeast(..) | Expression::Not(_) | Expression::Filter(_) => Need::Any,
    }
}

fn either(needs: Vec<Need>) -> Need {
    if needs.contains(&Need::Any) { Need::Any } else { Need::Either(needs) }
}

fn word(term: &Term, language: Option<&Language>, lemmas: &Lemmas) -> Need {
    let Term::AllForms(word) = term else { return Need::Any };
    let word = spelling(word);
    let languages = language.map_or_else(every_language, |language| vec![reader_language(Some(language))]);
    let of = |language: &str| if is_acronym(&word) { vec![lowercase(&word)] } else { lemmas.meant(language, &word) };
    Need::Word(languages.into_iter().flat_map(|language| of(language).into_iter().map(move |lemma| key(language, &lemma))).collect())
}

/// FNV-1a.
fn key(language: &str, lemma: &str) -> WordKey {
    let bytes = language.bytes().chain([b':']).chain(lemma.bytes());
    bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
