//! Why an article is on a topic or is not: rule by rule, against what it needs; and which rules nearly held (`nearly`).
//!
//! Says the same as [`Matcher::matches`], slower and at length.

use serde::{Deserialize, Serialize};

use super::evaluate::find;
use super::expression::Effect;
use super::nearly::{Nearly, Traced};
use super::reading::{Reading, Span};
use super::score::{self, Total};
use super::{CompiledRule, CompiledTopic, Matcher, Subject, Topic};
use crate::model::{Evidence, Field, Language, TopicId};

/// How many rules are named that nearly held.
const MAX_NEARLY: usize = 5;

/// One topic, ready to explain itself.
#[derive(Debug)]
pub struct Explainer {
    matcher: Matcher,
    topic: TopicId,
    /// The rules of the topic, each with its words by name.
    traced: Vec<Traced>,
}

/// An article against a topic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    pub topic: TopicId,
    pub on_topic: bool,
    /// What the rules add up to, rounded to two decimals, and what an article of this length needs.
    pub score: f64,
    pub needed: f64,
    /// Nothing that speaks for the article is in its title or lead, for which a longer one needs more.
    pub buried: bool,
    /// As the article was read.
    pub language: Option<Language>,
    pub words: u32,
    /// The rules that hold, as they stand in the topic.
    pub rules: Vec<Contribution>,
    /// What the desk's marks add, where the topic learns from them and a rule speaks for the article.
    #[serde(default)]
    pub learned: Option<Lessons>,
    /// For an article that is not on the topic: what came closest, closest first.
    pub nearly: Vec<Nearly>,
}

/// What the desk's marks add or take, and the words that make it so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lessons {
    pub points: f64,
    pub evidence: Vec<Evidence>,
}

/// A rule that holds, and what it adds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contribution {
    pub rule: String,
    pub effect: Effect,
    /// None for a rule that decides alone.
    pub points: Option<f64>,
    /// Places in the title, in the lead and further down; not all of them count.
    pub title: usize,
    pub lead: usize,
    pub body: usize,
    pub evidence: Vec<Evidence>,
}

impl Explainer {
    /// `topics` are the one to explain and all that it builds on; others are left alone. None when it is not among them.
    #[must_use]
    pub fn new(topics: &[Topic], topic: &TopicId) -> Option<Self> {
        let explained = topics.iter().find(|candidate| candidate.id == *topic)?;
        let mut matcher = Matcher::new(topics);
        let traced = explained.rules.0.iter().map(|rule| Traced::new(rule, &mut matcher.vocabulary)).collect();
        Some(Self { matcher, topic: topic.clone(), traced })
    }

    /// The whole account.
    #[must_use]
    pub fn explain(&self, subject: &Subject<'_>) -> Explanation {
        self.account(subject, true)
    }

    /// The account without what came closest, which takes longer than all else.
    #[must_use]
    pub fn weigh(&self, subject: &Subject<'_>) -> Explanation {
        self.account(subject, false)
    }

    fn account(&self, subject: &Subject<'_>, nearly: bool) -> Explanation {
        let mut reading = Reading::new(subject, &self.matcher.vocabulary);
        if self.matcher.topics.len() > 1 {
            reading.matched = self.matcher.matches(subject).into_iter().map(|found| found.topic).collect();
        }
        let Some((number, topic)) = (0_u32..).zip(&self.matcher.topics).find(|(_, topic)| topic.id == self.topic) else {
            return Explanation::empty(&self.topic, &reading);
        };
        let rules: Vec<&CompiledRule> = self.matcher.rules.iter().filter(|rule| rule.topic == number).collect();
        let mut explanation = self.contributions(topic, &rules, &reading);
        if nearly && !explanation.on_topic {
            explanation.nearly = self.nearly(topic, &rules, &reading);
        }
        explanation
    }

    fn contributions(&self, topic: &CompiledTopic, rules: &[&CompiledRule], reading: &Reading<'_>) -> Explanation {
        let (mut total, mut excluded, mut contributions) = (Total::default(), false, Vec::new());
        for (rule, traced) in rules.iter().zip(&self.traced) {
            let found = find(&rule.expression, reading);
            if !found.holds {
                continue;
            }
            excluded |= rule.effect == Effect::Excludes;
            let before = total.score;
            let weight = total.add(rule.effect, topic.threshold, &found);
            let count = |wanted: fn(&Span) -> bool| found.hits.iter().filter(|span| wanted(span)).count();
            contributions.push(Contribution {
                rule: traced.written.clone(),
                effect: rule.effect,
                points: matches!(rule.effect, Effect::Weighs(_)).then(|| score::rounded(total.score - before)),
                title: count(|span| span.field == Field::Title),
                lead: count(|span| span.in_lead),
                body: count(|span| span.field == Field::Body && !span.in_lead),
                evidence: score::evidence_of(&rule.text, weight, &found, reading),
            });
        }
        let (score, needed) = total.against(topic.threshold, reading.scale);
        let lesson = total.lesson(topic, needed, reading);
        let score = score + lesson.as_ref().map_or(0.0, |lesson| lesson.points);
        Explanation {
            on_topic: !excluded && total.speaks() && score >= needed,
            learned: lesson.map(|lesson| Lessons { points: score::rounded(lesson.points), evidence: lesson.evidence }),
            score: score::rounded(score),
            needed: score::rounded(needed),
            buried: !total.prominent,
            rules: contributions,
            ..Explanation::empty(&topic.id, reading)
        }
    }

    /// What came closest: the least that is lacking first, then the greatest weight.
    fn nearly(&self, topic: &CompiledTopic, rules: &[&CompiledRule], reading: &Reading<'_>) -> Vec<Nearly> {
        let traced = rules.iter().zip(&self.traced).filter(|(rule, _)| !find(&rule.expression, reading).holds);
        let mut nearly: Vec<Nearly> = traced.filter_map(|(rule, traced)| traced.nearly(rule, topic.threshold, reading)).collect();
        nearly.sort_by(|one, other| one.lacks.len().cmp(&other.lacks.len()).then(other.weight.total_cmp(&one.weight)));
        nearly.truncate(MAX_NEARLY);
        nearly
    }
}

impl Explanation {
    fn empty(topic: &TopicId, reading: &Reading<'_>) -> Self {
        Self {
            topic: topic.clone(),
            on_topic: false,
            score: 0.0,
            needed: 0.0,
            buried: false,
            language: reading.language.clone(),
            words: reading.length,
            rules: Vec::new(),
            learned: None,
            nearly: Vec::new(),
        }
    }

    /// The places that counted, in the order of the text.
    #[must_use]
    pub fn evidence(&self) -> Vec<&Evidence> {
        let mut evidence: Vec<&Evidence> = self.rules.iter().flat_map(|rule| &rule.evidence).collect();
        evidence.extend(self.learned.iter().flat_map(|learned| &learned.evidence));
        evidence.sort_by_key(|evidence| (evidence.field, evidence.start, evidence.end));
        evidence
    }

    /// The score as a share of what is needed: 1 and more is on the topic, unless a rule excludes it.
    #[must_use]
    pub fn share(&self) -> f64 {
        if self.needed > 0.0 { self.score / self.needed } else { 0.0 }
    }
}
