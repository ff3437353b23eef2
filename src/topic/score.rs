//! From places to a score: weight × field × hits, against a threshold that grows with the article's length.

use super::evaluate::{Found, find};
use super::expression::Effect;
use super::learn;
use super::reading::{Reading, Span, Tally};
use super::{CompiledModel, CompiledRule, CompiledTopic};
use crate::model::{Evidence, Field, Match};

/// What a hit in each part counts, and how many hits of one rule count there. Saying it five times in the body is enough.
const TITLE: (f64, u32) = (3.0, 1);
const LEAD: (f64, u32) = (2.0, 2);
const BODY: (f64, u32) = (1.0, 3);
/// What the hits of one rule can be worth in all.
const MOST: f64 = 10.0;
/// An article of this many words or fewer needs the threshold itself; each doubling adds [`LENGTH_SCALE`] of it.
const SCALE_FROM: u32 = 150;
const LENGTH_SCALE: f64 = 0.5;
/// What a longer article says only after its lead is rarely its subject: then the first doubling adds all of the threshold again.
const BURIED: f64 = 1.0;
/// What evidence names as its term that no rule asks for.
pub(super) const LEARNED: &str = "learned from marks";
/// Evidence that is kept with a match.
const MAX_EVIDENCE: usize = 40;
/// How far a sum may be off.
const ROUNDING: f64 = 1e-4;

/// What the rules that hold add up to.
#[derive(Debug, Default)]
pub(super) struct Total {
    pub(super) score: f64,
    decided: bool,
    /// Something that speaks for the article is in its title or lead.
    pub(super) prominent: bool,
}

impl Total {
    /// Adds what a rule found, and returns the weight that the evidence shows.
    pub(super) fn add(&mut self, effect: Effect, threshold: f64, found: &Found) -> f64 {
        let weight = match effect {
            Effect::Excludes => 0.0,
            Effect::Decides => {
                self.decided = true;
                threshold
            }
            Effect::Weighs(weight) => {
                self.score += weight * worth(&found.hits);
                weight
            }
        };
        self.prominent |= weight > 0.0 && found.hits.iter().any(|span| span.in_lead || span.field == Field::Title);
        weight
    }

    /// Whether the rules that are not looked at yet can add what is missing.
    fn can_reach(&self, least: f32, rest: &[(&CompiledRule, Hope)], scale: Scale) -> bool {
        let mut hope = Hope { score: in_small(self.score), prominent: self.prominent };
        for (_, more) in rest {
            hope.add(*more);
        }
        self.decided || hope.reaches(least, scale)
    }

    /// Whether anything speaks for the article.
    pub(super) fn speaks(&self) -> bool {
        self.decided || self.score > 0.0
    }

    /// What the desk's marks add; none where the topic does not learn from them, or needs no more points.
    pub(super) fn lesson(&self, topic: &CompiledTopic, needed: f64, reading: &Reading<'_>) -> Option<Lesson> {
        topic.learned.as_ref().filter(|_| self.speaks() && !self.decided).map(|model| Lesson::of(model, needed, reading))
    }

    /// The score and what the article needs.
    pub(super) fn against(&self, threshold: f64, scale: Scale) -> (f64, f64) {
        let needed = scale.needed(threshold, self.prominent);
        (if self.decided { f64::max(self.score, needed) } else { self.score }, needed)
    }
}

/// The most that the hits of a topic's rules can add to its score, known before they are looked for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Hope {
    score: f32,
    /// Some may be in the title or lead.
    prominent: bool,
}

impl Hope {
    /// Of a rule of which each place may be a hit; without a tally, they may be anywhere.
    pub(super) fn of(weight: f32, tally: Option<Tally>) -> Self {
        let most = tally.map_or(MOST, most);
        // Nothing is not to be multiplied with infinity.
        if weight > 0.0 && most > 0.0 {
            Self { score: weight * in_small(most), prominent: tally.is_none_or(|tally| tally.title + tally.lead > 0) }
        } else {
            Self::default()
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.score += other.score;
        self.prominent |= other.prominent;
    }

    /// Whether the article can be on a topic, of which `least` is what it must score where the scale is 1.
    pub(super) fn reaches(self, least: f32, scale: Scale) -> bool {
        f64::from(self.score) >= scale.needed(f64::from(least), self.prominent) * (1.0 - ROUNDING)
    }
}

/// What the rules must bring, the rest may be taught.
pub(super) fn least(topic: &CompiledTopic) -> f32 {
    in_small(topic.threshold * if topic.learned.is_some() { 1.0 - learn::MOST } else { 1.0 })
}

/// What a hit can add at most.
pub(super) fn hope(effect: Effect) -> f32 {
    match effect {
        Effect::Decides => f32::INFINITY,
        Effect::Weighs(weight) => in_small(weight.max(0.0)),
        Effect::Excludes => 0.0,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "points are between 0.01 and some thousands, and the rounding is allowed for")]
fn in_small(points: f64) -> f32 {
    points as f32
}

/// The most that so many hits are worth. What is tallied as lead may turn out to be beyond it.
fn most(tally: Tally) -> f64 {
    let in_lead = tally.lead.min(LEAD.1);
    let in_body = tally.body + tally.lead - in_lead;
    worth_in(TITLE, tally.title) + worth_in(LEAD, in_lead) + worth_in(BODY, in_body)
}

/// The match, if the score of the topic's rules reaches what an article of that length needs. Each rule comes with what it can add.
pub(super) fn judge(topic: &CompiledTopic, rules: &[(&CompiledRule, Hope)], reading: &Reading<'_>) -> Option<Match> {
    let (mut total, mut counted, least) = (Total::default(), Vec::new(), least(topic));
    for (number, (rule, _)) in rules.iter().enumerate() {
        if !total.can_reach(least, rules.get(number..).unwrap_or_default(), reading.scale) {
            return None;
        }
        let found = find(&rule.expression, reading);
        if !found.holds {
            continue;
        }
        if rule.effect == Effect::Excludes {
            return None;
        }
        counted.push((rule, total.add(rule.effect, topic.threshold, &found), found));
    }
    if !total.speaks() {
        return None;
    }
    let (score, needed) = total.against(topic.threshold, reading.scale);
    let lesson = total.lesson(topic, needed, reading).unwrap_or_default();
    let score = score + lesson.points;
    (score >= needed).then(|| {
        let mut evidence: Vec<Evidence> =
            counted.iter().flat_map(|(rule, weight, found)| evidence_of(&rule.text, *weight, found, reading)).collect();
        evidence.extend(lesson.evidence);
        evidence.sort_by_key(|evidence| (evidence.field, evidence.start, evidence.end));
        evidence.truncate(MAX_EVIDENCE);
        Match { topic: topic.id.clone(), score: rounded(score), evidence }
    })
}

/// What the desk's marks add.
#[derive(Debug, Default)]
pub(super) struct Lesson {
    pub(super) points: f64,
    pub(super) evidence: Vec<Evidence>,
}

impl Lesson {
    /// To an article that needs that many points.
    pub(super) fn of(model: &CompiledModel, needed: f64, reading: &Reading<'_>) -> Self {
        let (share, reasons) = model.share(reading);
        let evidence = reasons.into_iter().flat_map(|(span, weight)| {
            let found = Found { holds: true, hits: vec![span], also: Vec::new() };
            evidence_of(LEARNED, rounded(weight), &found, reading)
        });
        Self { points: share * needed, evidence: evidence.collect() }
    }
}

pub(super) fn rounded(score: f64) -> f64 {
    (score * 100.0).round() / 100.0
}

/// Hits weighed by the part of the article that they are in.
fn worth(hits: &[Span]) -> f64 {
    let count = |wanted: fn(&Span) -> bool, part| {
        let hits = hits.iter().filter(|span| wanted(span)).count();
        worth_in(part, u32::try_from(hits).unwrap_or(u32::MAX))
    };
    count(|span| span.field == Field::Title, TITLE)
        + count(|span| span.in_lead, LEAD)
        + count(|span| span.field == Field::Body && !span.in_lead, BODY)
}

fn worth_in((worth, most): (f64, u32), hits: u32) -> f64 {
    worth * f64::from(hits.min(most))
}

/// How many times its topic's threshold an article must score.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scale {
    /// With something in the title or lead that speaks for it.
    prominent: f64,
    buried: f64,
}

impl Scale {
    /// For an article of so many words.
    pub(super) fn of(words: u32) -> Self {
        let doublings = (f64::from(words) / f64::from(SCALE_FROM)).log2().max(0.0);
        let prominent = 1.0 + LENGTH_SCALE * doublings;
        Self { prominent, buried: prominent * (1.0 + doublings.min(BURIED)) }
    }

    fn needed(self, threshold: f64, prominent: bool) -> f64 {
        threshold * if prominent { self.prominent } else { self.buried }
    }
}

/// `rule` is what the evidence names as its term.
pub(super) fn evidence_of(rule: &str, weight: f64, found: &Found, reading: &Reading<'_>) -> Vec<Evidence> {
    let text_of = |span: &Span| match span.field {
        Field::Title => reading.subject.title.get(span.start..span.end),
        Field::Body => reading.subject.body.get(span.start..span.end),
    };
    let evidence = |span: &Span| Evidence {
        field: span.field,
        start: span.start,
        end: span.end,
        text: text_of(span).unwrap_or_default().to_owned(),
        term: rule.to_owned(),
        weight,
    };
    found.hits.iter().chain(&found.also).take(MAX_EVIDENCE).map(evidence).collect()
}
