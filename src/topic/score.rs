//! From places to a score: weight × field × hits, against a threshold that grows with the article's length.

use super::evaluate::{Found, find, is_possible};
use super::expression::Effect;
use super::reading::{Reading, Span};
use super::{CompiledRule, CompiledTopic};
use crate::model::{Evidence, Field, Match};

/// What a hit in each part counts, and how many hits of one rule count there. Saying it five times in the body is enough.
const TITLE: (f64, usize) = (3.0, 1);
const LEAD: (f64, usize) = (2.0, 2);
const BODY: (f64, usize) = (1.0, 3);
/// An article of this many words or fewer needs the threshold itself; each doubling adds [`LENGTH_SCALE`] of it.
const SCALE_FROM: u32 = 150;
const LENGTH_SCALE: f64 = 0.5;
/// What a longer article says only after its lead is rarely its subject: then the first doubling adds all of the threshold again.
const BURIED: f64 = 1.0;
/// Evidence that is kept with a match.
const MAX_EVIDENCE: usize = 40;

/// The match, if the score of the topic's rules reaches what an article of that length needs.
pub(super) fn judge<'a>(topic: &CompiledTopic, rules: impl Iterator<Item = &'a CompiledRule>, reading: &Reading<'_>) -> Option<Match> {
    let (mut score, mut decided, mut prominent, mut counted) = (0.0, false, false, Vec::new());
    for rule in rules.filter(|rule| is_possible(&rule.expression, reading)) {
        let found = find(&rule.expression, reading);
        if !found.holds {
            continue;
        }
        let weight = match rule.effect {
            Effect::Excludes => return None,
            Effect::Decides => {
                decided = true;
                topic.threshold
            }
            Effect::Weighs(weight) => {
                score += weight * worth(&found.hits);
                weight
            }
        };
        prominent |= weight > 0.0 && found.hits.iter().any(|span| span.in_lead || span.field == Field::Title);
        counted.push((rule, weight, found));
    }
    if !decided && score <= 0.0 {
        return None;
    }
    let needed = needed(topic.threshold, reading.length, prominent);
    if decided {
        score = f64::max(score, needed);
    }
    (score >= needed).then(|| {
        let mut evidence: Vec<Evidence> =
            counted.iter().flat_map(|(rule, weight, found)| evidence_of(rule, *weight, found, reading)).collect();
        evidence.sort_by_key(|evidence| (evidence.field, evidence.start, evidence.end));
        evidence.truncate(MAX_EVIDENCE);
        Match { topic: topic.id.clone(), score: (score * 100.0).round() / 100.0, evidence }
    })
}

/// Hits weighed by the part of the article that they are in.
fn worth(hits: &[Span]) -> f64 {
    let count = |wanted: fn(&Span) -> bool, (worth, most): (f64, usize)| {
        let hits = u32::try_from(hits.iter().filter(|span| wanted(span)).count().min(most)).unwrap_or(0);
        worth * f64::from(hits)
    };
    count(|span| span.field == Field::Title, TITLE)
        + count(|span| span.in_lead, LEAD)
        + count(|span| span.field == Field::Body && !span.in_lead, BODY)
}

/// What an article of so many words must score.
fn needed(threshold: f64, words: u32, prominent: bool) -> f64 {
    let doublings = (f64::from(words) / f64::from(SCALE_FROM)).log2().max(0.0);
    let buried = if prominent { 0.0 } else { doublings.min(BURIED) };
    threshold * (1.0 + LENGTH_SCALE * doublings) * (1.0 + buried)
}

fn evidence_of(rule: &CompiledRule, weight: f64, found: &Found, reading: &Reading<'_>) -> Vec<Evidence> {
    let text_of = |span: &Span| match span.field {
        Field::Title => reading.subject.title.get(span.start..span.end),
        Field::Body => reading.subject.body.get(span.start..span.end),
    };
    let evidence = |span: &Span| Evidence {
        field: span.field,
        start: span.start,
        end: span.end,
        text: text_of(span).unwrap_or_default().to_owned(),
        term: rule.text.to_string(),
        weight,
    };
    found.hits.iter().chain(&found.also).take(MAX_EVIDENCE).map(evidence).collect()
}
