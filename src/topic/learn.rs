//! A small linear model over lemmas, taught by the desk's marks: logistic regression with an L2 penalty. It never decides alone:
//! it tips the score of an article that a rule speaks for by at most [`MOST`] of what the article needs.
//!
//! Training is deterministic (a fixed number of steps over all lessons), and what was learnt is a list of words with weights.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Subject;
use super::reading::{Reading, Span};
use super::suggest::{Background, Key};
use super::vocabulary::{TermId, Vocabulary, reader_language};
use crate::model::Language;

/// How many marks of each kind are needed before anything is learnt from them.
pub const MIN_LESSONS: usize = 8;
/// The largest share of the needed score that the model adds or takes.
pub(super) const MOST: f64 = 0.5;
/// Words that a model has: those that tell most.
const MAX_WORDS: usize = 300;
/// Lessons that a word must be in.
const MIN_COUNT: u32 = 2;
/// The weight of the penalty, and how many steps are taken against it.
const PENALTY: f64 = 0.05;
const STEPS: usize = 400;
/// How many words are shown as the reason.
const REASONS: usize = 3;

/// What marks taught.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Learned {
    pub lessons: usize,
    pub bias: f64,
    /// The greatest first.
    pub weights: Vec<Weight>,
}

/// A word that speaks for the topic, or against it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Weight {
    /// None: of texts whose language is not known.
    pub language: Option<Language>,
    pub lemma: String,
    pub weight: f64,
}

/// A marked article, and whether it is on the topic.
#[derive(Clone, Copy, Debug)]
pub struct Lesson<'a> {
    pub subject: Subject<'a>,
    pub on_topic: bool,
}

impl Learned {
    #[must_use]
    pub fn from(lessons: &[Lesson<'_>], background: &Background) -> Self {
        let read: Vec<Vec<Key>> = lessons.iter().map(|lesson| background.words(&lesson.subject).into_keys().collect()).collect();
        let words = telling_words(&read, lessons);
        let examples: Vec<Example> = read.iter().zip(lessons).map(|(read, lesson)| Example::new(read, lesson.on_topic, &words)).collect();
        let (bias, weights) = train(&examples, words.len());
        let weight = |((language, lemma), weight): (Key, f64)| Weight { language: Language::new(language).ok(), lemma, weight };
        let mut weights: Vec<Weight> = words.into_keys().zip(weights).map(weight).collect();
        weights.sort_by(|one, other| other.weight.abs().total_cmp(&one.weight.abs()).then_with(|| one.lemma.cmp(&other.lemma)));
        Self { lessons: lessons.len(), bias, weights }
    }
}

/// The words whose share of the lessons differs most between those on the topic and those not, numbered.
fn telling_words(read: &[Vec<Key>], lessons: &[Lesson<'_>]) -> BTreeMap<Key, usize> {
    let mut counts: BTreeMap<&Key, [u32; 2]> = BTreeMap::new();
    let mut all = [0_u32; 2];
    for (words, lesson) in read.iter().zip(lessons) {
        let side = usize::from(lesson.on_topic);
        all.get_mut(side).into_iter().for_each(|all| *all += 1);
        for word in words {
            counts.entry(word).or_default().get_mut(side).into_iter().for_each(|count| *count += 1);
        }
    }
    let [all_no, all_yes] = all.map(|all| f64::from(all.max(1)));
    // The statistic of the test whether two shares are the same.
    let difference = |[no, yes]: [u32; 2]| {
        let whole = f64::from(no + yes) / (all_no + all_yes);
        (f64::from(yes) / all_yes - f64::from(no) / all_no).abs() / (whole * (1.0 - whole)).max(f64::EPSILON).sqrt()
    };
    let often = counts.into_iter().filter(|(_, [no, yes])| no + yes >= MIN_COUNT);
    let mut words: Vec<(&Key, f64)> = often.map(|(key, count)| (key, difference(count))).collect();
    words.sort_by(|one, other| other.1.total_cmp(&one.1).then_with(|| one.0.cmp(other.0)));
    words.truncate(MAX_WORDS);
    let mut keys: Vec<Key> = words.into_iter().map(|(key, _)| key.clone()).collect();
    keys.sort();
    keys.into_iter().zip(0..).collect()
}

/// The words of a lesson by number; each counts so that all together have length 1.
struct Example {
    words: Vec<usize>,
    value: f64,
    on_topic: bool,
}

impl Example {
    fn new(read: &[Key], on_topic: bool, numbers: &BTreeMap<Key, usize>) -> Self {
        let words: Vec<usize> = read.iter().filter_map(|key| numbers.get(key).copied()).collect();
        Self { value: value(words.len()), words, on_topic }
    }
}

fn value(words: usize) -> f64 {
    f64::from(u32::try_from(words.max(1)).unwrap_or(u32::MAX)).sqrt().recip()
}

/// Gradient descent with Nesterov's momentum, which for this many words and lessons takes milliseconds.
fn train(examples: &[Example], words: usize) -> (f64, Vec<f64>) {
    let (mut bias, mut weights) = (0.0, vec![0.0; words]);
    let (mut ahead_bias, mut ahead) = (bias, weights.clone());
    let count = f64::from(u32::try_from(examples.len()).unwrap_or(u32::MAX));
    // The loss bends by a quarter at most, and a lesson with its bias has length 2.
    let step = 1.0 / (0.5 + PENALTY);
    for number in 0..STEPS {
        let (slope_bias, mut slope) = slope(examples, ahead_bias, &ahead);
        slope.iter_mut().zip(&ahead).for_each(|(slope, weight)| *slope = *slope / count + PENALTY / count.sqrt() * weight);
        let number = f64::from(u32::try_from(number).unwrap_or(u32::MAX));
        let momentum = number / (number + 3.0);
        let next_bias = ahead_bias - step * slope_bias / count;
        ahead_bias = next_bias + momentum * (next_bias - bias);
        bias = next_bias;
        for ((weight, ahead), slope) in weights.iter_mut().zip(&mut ahead).zip(slope) {
            let next = *ahead - step * slope;
            *ahead = next + momentum * (next - *weight);
            *weight = next;
        }
    }
    (bias, weights)
}

/// The slope of the loss, summed over the examples.
fn slope(examples: &[Example], bias: f64, weights: &[f64]) -> (f64, Vec<f64>) {
    let (mut slope_bias, mut slope) = (0.0, vec![0.0; weights.len()]);
    for example in examples {
        let sum: f64 = example.words.iter().filter_map(|&word| weights.get(word)).sum();
        let error = probability(bias + example.value * sum) - f64::from(u8::from(example.on_topic));
        slope_bias += error;
        for &word in &example.words {
            slope.get_mut(word).into_iter().for_each(|slope| *slope += error * example.value);
        }
    }
    (slope_bias, slope)
}

fn probability(odds: f64) -> f64 {
    1.0 / (1.0 + (-odds).exp())
}

/// A model over the numbered words of rules.
#[derive(Debug)]
pub(super) struct CompiledModel {
    bias: f64,
    weights: Vec<(TermId, f64)>,
}

impl CompiledModel {
    /// None when nothing was learnt yet.
    pub(super) fn new(learned: &Learned, vocabulary: &mut Vocabulary) -> Option<Self> {
        let mut number = |weight: &Weight| vocabulary.lemma(reader_language(weight.language.as_ref()), &weight.lemma);
        let weights: Vec<(TermId, f64)> = learned.weights.iter().map(|weight| (number(weight), weight.weight)).collect();
        (!weights.is_empty()).then_some(Self { bias: learned.bias, weights })
    }

    /// What it adds to an article, as a share of what that needs: from -[`MOST`] to [`MOST`]; nothing for one without a word it
    /// knows. And the words that made it so, each with its part in the odds.
    pub(super) fn share(&self, reading: &Reading<'_>) -> (f64, Vec<(Span, f64)>) {
        let mut present: Vec<&(TermId, f64)> = self.weights.iter().filter(|(term, _)| reading.has(*term)).collect();
        if present.is_empty() {
            return (0.0, Vec::new());
        }
        let value = value(present.len());
        let odds = self.bias + value * present.iter().map(|(_, weight)| weight).sum::<f64>();
        present.retain(|(_, weight)| weight.signum() == odds.signum());
        present.sort_by(|one, other| other.1.abs().total_cmp(&one.1.abs()));
        let reasons = present.into_iter().take(REASONS);
        let reasons = reasons.filter_map(|(term, weight)| Some((reading.first_place(*term)?, weight * value))).collect();
        (MOST * (2.0 * probability(odds) - 1.0), reasons)
    }
}
