//! Words that separate what the desk wants in a topic from what it does not: weighted log-odds with an informative Dirichlet prior
//! (Monroe, Colaresi and Quinn, "Fightin' Words", 2008), on lemmas, for each language.
//!
//! A word counts once in an article, since one long article is not several. The prior is how common the word is in all that is
//! stored, so that what is said everywhere needs much to be suggested.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use super::reading::languages;
use super::vocabulary::{is_acronym, reader_language};
use super::{Effect, Rules, Subject, Topic};
use crate::text::{Kind, Lemmas, lowercase, spelling, words};

/// A difference that chance makes less often than one time in twenty.
const SIGNIFICANT: f64 = 1.96;
/// How many marked articles a word must be in.
const MIN_ARTICLES: u32 = 2;
/// How many words are suggested for a language and a side.
const MAX_SUGGESTIONS: usize = 12;

/// The lemma of a word in a language, which is a primary subtag.
pub(super) type Key = (&'static str, String);

/// How many of the stored articles have each word.
#[derive(Debug, Default)]
pub struct Background {
    lemmas: Lemmas,
    articles: u32,
    counts: FxHashMap<Key, u32>,
}

/// A word that could be a rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suggestion {
    /// As a line of rules.
    pub rule: String,
    /// How sure it is that the sides differ, in standard deviations; below zero it speaks against the topic.
    pub z: f64,
    /// In how many articles of each side, and of all that are stored.
    pub yes: u32,
    pub no: u32,
    pub stored: u32,
}

impl Background {
    pub fn add(&mut self, subject: &Subject<'_>) {
        self.articles += 1;
        let found: FxHashSet<Key> = read(&self.lemmas, subject).into_iter().flat_map(|(_, keys)| keys).collect();
        for key in found {
            *self.counts.entry(key).or_insert(0) += 1;
        }
    }

    #[must_use]
    pub fn articles(&self) -> u32 {
        self.articles
    }

    fn count(&self, key: &Key) -> u32 {
        self.counts.get(key).copied().unwrap_or(0)
    }

    /// The words of an article, each as the most common of the lemmas that it can have, and as it stands there.
    pub(super) fn words(&self, subject: &Subject<'_>) -> BTreeMap<Key, String> {
        let common = |keys: Vec<Key>| keys.into_iter().max_by_key(|key| (self.count(key), std::cmp::Reverse(key.1.len())));
        read(&self.lemmas, subject).into_iter().filter_map(|(word, keys)| Some((common(keys)?, word))).collect()
    }
}

/// How many articles of each side have a word.
#[derive(Debug, Default)]
struct Sides {
    yes: u32,
    no: u32,
    /// The forms that it was met in.
    forms: BTreeMap<String, u32>,
}

/// Rules that would separate the articles that are on the topic from those that are not, surest first. Words that the topic's rules
/// have already are left out.
#[must_use]
pub fn suggest(topic: &Topic, yes: &[Subject<'_>], no: &[Subject<'_>], background: &Background) -> Vec<Suggestion> {
    let sides = sides(yes, no, background);
    let known = known(&topic.rules, &background.lemmas);
    let mut suggestions = Vec::new();
    for (key, z) in differences(&sides, background) {
        let Some(side) = sides.get(&key).filter(|_| !known.contains(&key)) else { continue };
        let lemma = if key.0 == "en" { common_form(side).unwrap_or_else(|| key.1.clone()) } else { key.1.clone() };
        let weight = z.abs().round().clamp(1.0, (topic.threshold / 2.0).max(1.0)).copysign(z);
        let rule = format!("{} {weight}: {lemma}", if key.0.is_empty() { "any" } else { key.0 });
        if Rules::parse(&format!("{rule}\nany 1: topicwire")).is_ok() {
            let (yes, no, stored) = (side.yes, side.no, background.count(&key));
            suggestions.push(Suggestion { rule, z: (z * 100.0).round() / 100.0, yes, no, stored });
        }
    }
    suggestions.sort_by(|one, other| other.z.abs().total_cmp(&one.z.abs()).then_with(|| one.rule.cmp(&other.rule)));
    let mut taken: BTreeMap<(String, bool), usize> = BTreeMap::new();
    suggestions.retain(|suggestion| {
        let language = suggestion.rule.split(' ').next().unwrap_or_default().to_owned();
        let taken = taken.entry((language, suggestion.z > 0.0)).or_insert(0);
        *taken += 1;
        *taken <= MAX_SUGGESTIONS
    });
    suggestions
}

/// The words that differ more than by chance, with their z-scores.
fn differences(sides: &BTreeMap<Key, Sides>, background: &Background) -> Vec<(Key, f64)> {
    let mut totals: BTreeMap<&str, (f64, f64, f64)> = BTreeMap::new();
    for (key, side) in sides {
        let (yes, no, stored) = totals.entry(key.0).or_insert((0.0, 0.0, 0.0));
        (*yes, *no) = (*yes + f64::from(side.yes), *no + f64::from(side.no));
        *stored += f64::from(background.count(key)) + 1.0;
    }
    let z = |(key, side): (&Key, &Sides)| {
        let (all_yes, all_no, stored) = *totals.get(key.0)?;
        // In all, the prior weighs as much as the marked articles.
        let prior_of_all = all_yes + all_no;
        let prior = prior_of_all * (f64::from(background.count(key)) + 1.0) / stored;
        let odds = |count: u32, all: f64| {
            let count = f64::from(count) + prior;
            (count / (all + prior_of_all - count).max(f64::EPSILON)).ln()
        };
        let variance = 1.0 / (f64::from(side.yes) + prior) + 1.0 / (f64::from(side.no) + prior);
        let z = (odds(side.yes, all_yes) - odds(side.no, all_no)) / variance.sqrt();
        let often = if z > 0.0 { side.yes } else { side.no } >= MIN_ARTICLES;
        (often && z.abs() >= SIGNIFICANT).then(|| (key.clone(), z))
    };
    sides.iter().filter_map(z).collect()
}

fn sides(yes: &[Subject<'_>], no: &[Subject<'_>], background: &Background) -> BTreeMap<Key, Sides> {
    let mut sides: BTreeMap<Key, Sides> = BTreeMap::new();
    for (subjects, is_yes) in [(yes, true), (no, false)] {
        for (key, form) in subjects.iter().flat_map(|subject| background.words(subject)) {
            let side = sides.entry(key).or_default();
            side.yes += u32::from(is_yes);
            side.no += u32::from(!is_yes);
            *side.forms.entry(form).or_insert(0) += 1;
        }
    }
    sides
}

/// The form that a word has most often, the shortest of several.
fn common_form(side: &Sides) -> Option<String> {
    side.forms.iter().max_by_key(|(form, count)| (**count, std::cmp::Reverse(form.len()))).map(|(form, _)| form.clone())
}

/// The words that stand alone in a rule that is weighed, or are alternatives there.
fn known(rules: &Rules, lemmas: &Lemmas) -> FxHashSet<Key> {
    let mut known = FxHashSet::default();
    for rule in rules.0.iter().filter(|rule| rule.effect != Effect::Excludes) {
        for word in rule.expression.alternatives() {
            for language in rule.language.as_ref().map_or_else(super::vocabulary::every_language, |one| vec![reader_language(Some(one))]) {
                known.extend(lemmas.meant(language, &spelling(word)).into_iter().map(|lemma| (language, lemma)));
            }
        }
    }
    known
}

/// The words of an article, small and as they stand there, with all their lemmas. Numbers and very short words say nothing.
fn read(lemmas: &Lemmas, subject: &Subject<'_>) -> Vec<(String, Vec<Key>)> {
    let (title, body) = languages(subject);
    let mut read = Vec::new();
    for (text, language) in [(subject.title, reader_language(title.as_ref())), (subject.body, reader_language(body.as_ref()))] {
        let mut seen = FxHashSet::default();
        for word in words(text).into_iter().filter(|word| word.kind != Kind::Part && seen.insert(word.text)) {
            let word = spelling(word.text);
            let lower = lowercase(&word);
            if lower.chars().nth(2).is_some() && lower.chars().all(|letter| letter.is_alphabetic() || letter == '-') {
                let of_word = if is_acronym(&word) { vec![lower.clone()] } else { lemmas.of(language, &word) };
                read.push((lower, of_word.into_iter().map(|lemma| (language, lemma)).collect()));
            }
        }
    }
    read
}
