//! How well topics do on what the desk marked: by their rules, and with what would be learned from the marks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::explain::explainer;
use super::learned::background;
use super::test::Candidate;
use super::{Desk, Question, Refusal};
use crate::model::{Mark, TopicId};
use crate::store::Store;
use crate::topic::{Background, Explainer, Learned, Lesson, MIN_LESSONS, Subject, Topic, Weight};

/// Each part of the marks is judged by a model that was taught by the other parts.
const PARTS: usize = 5;
/// By how much F1 must be better for what was learned to be adopted.
const HELPS: f64 = 0.01;
/// How many of the learned words are shown.
const SHOWN: usize = 20;

/// Asks how the topic does by the rules in `topics`: its own and those of the topics that it builds on.
///
/// Where the topic is to learn, what was learned is adopted if it helps, and forgotten if not.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Eval {
    pub topics: Vec<Topic>,
    pub topic: TopicId,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Evaluation {
    pub topic: TopicId,
    pub all: Count,
    /// By the language that an article was read in; `unknown` where there is none.
    pub languages: BTreeMap<String, Count>,
    /// Marked as on the topic and not found, and the other way round.
    pub missed: Vec<Candidate>,
    pub wrong: Vec<Candidate>,
    /// None with too few marks.
    pub learning: Option<Learning>,
}

/// Decisions, right and wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    pub found: u32,
    pub missed: u32,
    pub wrong: u32,
    pub rejected: u32,
}

/// What learning would change, cross-validated: no article is judged by a model that it taught.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Learning {
    /// The topic is to learn from its marks.
    pub enabled: bool,
    pub adopted: bool,
    pub rules_alone: Count,
    pub with_lessons: Count,
    pub words: usize,
    /// Those that weigh most.
    pub weights: Vec<Weight>,
}

impl Question for Eval {
    const NAME: &'static str = "eval";
    type Answer = Evaluation;

    fn answer(&self, desk: &Desk) -> Result<Evaluation, Refusal> {
        let store = desk.store()?;
        let marks = store.marks(&self.topic)?;
        // The rules by themselves: an article that taught the model would be judged by itself.
        let explainer = explainer(desk, &self.with(None), &self.topic)?;
        let mut evaluation = Evaluation::new(self.topic.clone());
        let judged: Vec<bool> = marks.iter().map(|mark| evaluation.judge(&explainer, mark)).collect();
        evaluation.learning = self.learning(desk, store, &marks, &judged)?;
        Ok(evaluation)
    }
}

impl Eval {
    fn learning(&self, desk: &Desk, store: &Store, marks: &[Mark], judged: &[bool]) -> Result<Option<Learning>, Refusal> {
        let enabled = self.topics.iter().any(|topic| topic.id == self.topic && topic.learned.is_some());
        let yes = marks.iter().filter(|mark| mark.on_topic).count();
        if yes < MIN_LESSONS || marks.len() - yes < MIN_LESSONS {
            return Ok(None);
        }
        let background = background(desk)?;
        let (mut rules_alone, mut with_lessons) = (Count::default(), Count::default());
        let mut parts = [0, 0];
        let part: Vec<usize> = marks.iter().map(|mark| next_part(&mut parts, mark.on_topic)).collect();
        for number in 0..PARTS {
            let (apart, teaching): (Vec<_>, Vec<_>) = marks.iter().zip(judged).zip(&part).partition(|(_, part)| **part == number);
            let learned = learn(teaching.into_iter().map(|((mark, _), _)| mark), &background);
            let Some(explainer) = Explainer::new(&self.with(Some(&learned)), &self.topic) else { return Ok(None) };
            for ((mark, by_rules), _) in apart {
                rules_alone.add(mark.on_topic, *by_rules);
                with_lessons.add(mark.on_topic, explainer.weigh(&Subject::of(&mark.article)).on_topic);
            }
        }
        let learned = learn(marks.iter(), &background);
        let adopted = enabled && with_lessons.f1() >= rules_alone.f1() + HELPS;
        store.keep_learned(&self.topic, Some(&learned).filter(|_| adopted))?;
        let (words, weights) = (learned.weights.len(), learned.weights.into_iter().take(SHOWN).collect());
        Ok(Some(Learning { enabled, adopted, rules_alone, with_lessons, words, weights }))
    }

    /// The topics, of which the one in question has learned that and nothing else.
    fn with(&self, learned: Option<&Learned>) -> Vec<Topic> {
        let mut topics = self.topics.clone();
        topics.iter_mut().filter(|topic| topic.id == self.topic).for_each(|topic| topic.learned = learned.cloned());
        topics
    }
}

/// The parts in turn, each with its share of both kinds.
fn next_part(parts: &mut [usize; 2], on_topic: bool) -> usize {
    let [yes, no] = parts;
    let part = if on_topic { yes } else { no };
    *part = (*part + 1) % PARTS;
    *part
}

fn learn<'a>(marks: impl Iterator<Item = &'a Mark>, background: &Background) -> Learned {
    let lessons: Vec<Lesson<'_>> = marks.map(|mark| Lesson { subject: Subject::of(&mark.article), on_topic: mark.on_topic }).collect();
    Learned::from(&lessons, background)
}

impl Evaluation {
    fn new(topic: TopicId) -> Self {
        let (languages, all) = (BTreeMap::new(), Count::default());
        Self { topic, all, languages, missed: Vec::new(), wrong: Vec::new(), learning: None }
    }

    /// Judges a marked article and returns whether the rules find it to be on the topic.
    fn judge(&mut self, explainer: &Explainer, mark: &Mark) -> bool {
        let explanation = explainer.weigh(&Subject::of(&mark.article));
        let language = explanation.language.as_ref().map_or("unknown", |language| language.primary()).to_owned();
        self.all.add(mark.on_topic, explanation.on_topic);
        self.languages.entry(language).or_default().add(mark.on_topic, explanation.on_topic);
        match (mark.on_topic, explanation.on_topic) {
            (true, false) => self.missed.push(Candidate::new(mark.article.clone(), &explanation)),
            (false, true) => self.wrong.push(Candidate::new(mark.article.clone(), &explanation)),
            (true, true) | (false, false) => {}
        }
        explanation.on_topic
    }
}

impl Count {
    fn add(&mut self, on_topic: bool, found: bool) {
        let count = match (on_topic, found) {
            (true, true) => &mut self.found,
            (true, false) => &mut self.missed,
            (false, true) => &mut self.wrong,
            (false, false) => &mut self.rejected,
        };
        *count += 1;
    }

    #[must_use]
    pub fn marks(&self) -> u32 {
        self.found + self.missed + self.wrong + self.rejected
    }

    /// Of what was found, how much was right; none when nothing was found.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        share(self.found, self.found + self.wrong)
    }

    /// Of what is on the topic, how much was found.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        share(self.found, self.found + self.missed)
    }

    #[must_use]
    pub fn f1(&self) -> f64 {
        share(2 * self.found, 2 * self.found + self.missed + self.wrong).unwrap_or(0.0)
    }
}

fn share(part: u32, whole: u32) -> Option<f64> {
    (whole > 0).then(|| f64::from(part) / f64::from(whole))
}
