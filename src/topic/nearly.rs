//! What a rule that does not hold lacks: the words that are not there, or not where it asks for them.

use serde::{Deserialize, Serialize};

use super::CompiledRule;
use super::evaluate::{self, Compiled, Found, find};
use super::expression::{Effect, Expression, Reach, Rule, Term};
use super::reading::{Reading, Span};
use super::score;
use super::vocabulary::{Terms, Vocabulary};
use crate::model::{Evidence, Language};

/// A rule of which something is in the article, but not all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Nearly {
    pub rule: String,
    /// What one hit would add outside title and lead; for a rule that decides alone, the threshold.
    pub weight: f64,
    /// What is missing, for people.
    pub lacks: Vec<String>,
    /// What of it is there.
    pub has: Vec<Evidence>,
}

/// A rule whose words are known both as written and as numbered.
#[derive(Debug)]
pub(super) struct Traced {
    pub(super) written: String,
    language: Option<Language>,
    expression: Named,
}

/// A word as written, with its numbers.
type Named = Expression<(Term, Terms)>;

impl Traced {
    /// The rule's words are in the vocabulary already.
    pub(super) fn new(rule: &Rule, vocabulary: &mut Vocabulary) -> Self {
        let expression = rule.expression.map(&mut |term| (term.clone(), vocabulary.intern(rule.language.as_ref(), term)));
        Self { written: rule.to_string(), language: rule.language.clone(), expression }
    }

    /// None when the rule would not speak for the article, is for another language, or has nothing to do with the text.
    pub(super) fn nearly(&self, rule: &CompiledRule, threshold: f64, reading: &Reading<'_>) -> Option<Nearly> {
        let weight = match rule.effect {
            Effect::Weighs(weight) if weight > 0.0 => weight,
            Effect::Decides => threshold,
            Effect::Weighs(_) | Effect::Excludes => return None,
        };
        let primary = |language: &Option<Language>| language.as_ref().map(|language| language.primary().to_owned());
        if self.language.is_some() && primary(&self.language) != primary(&reading.language) {
            return None;
        }
        let mut places = places(&self.expression, reading);
        places.sort_unstable();
        places.dedup();
        let found = Found { holds: false, hits: places, also: Vec::new() };
        let has = score::evidence_of(&rule.text, weight, &found, reading);
        (!has.is_empty()).then(|| Nearly { rule: self.written.clone(), weight, lacks: lacks(&self.expression, reading), has })
    }
}

/// Why the expression does not hold, in the order of its parts; empty when it does.
fn lacks(expression: &Named, reading: &Reading<'_>) -> Vec<String> {
    if found(expression, reading).holds {
        return Vec::new();
    }
    let written = expression.map(&mut |(term, _)| term.clone());
    match expression {
        Expression::Word(_) => vec![format!("`{written}` is not there")],
        Expression::Phrase(words) => {
            let absent = words.iter().filter(|(_, ids)| !ids.iter().any(|&id| reading.has(id)));
            let absent: Vec<String> = absent.map(|(term, _)| format!("`{term}` is not there")).collect();
            if absent.is_empty() { vec![format!("the words of `{written}` do not follow each other")] } else { absent }
        }
        Expression::Near { left, right, words, .. } => both(left, right, reading).unwrap_or_else(|| {
            vec![format!("`{}` and `{}` are {}; {words} is the most", text(left), text(right), apart(left, right, reading))]
        }),
        Expression::Sentence(left, right) => {
            both(left, right, reading).unwrap_or_else(|| vec![format!("`{}` and `{}` are in different sentences", text(left), text(right))])
        }
        Expression::And(items) => items.iter().flat_map(|item| lacks(item, reading)).collect(),
        Expression::Or(items) => {
            let begun = items.iter().filter(|item| !places(item, reading).is_empty()).map(|item| lacks(item, reading));
            begun.min_by_key(Vec::len).unwrap_or_else(|| vec![format!("none of `{written}` is there")])
        }
        Expression::Not(item) => vec![format!("`{}` is there", text(item))],
        Expression::Unless { wanted, reach, unwanted } => {
            let of_wanted = lacks(wanted, reading);
            let where_ = match reach {
                Reach::Words(words) => format!("within {words} words of it"),
                Reach::Sentence => "in the same sentence".to_owned(),
            };
            if of_wanted.is_empty() { vec![format!("`{}` is {where_}", text(unwanted))] } else { of_wanted }
        }
        Expression::Within(part, item) => {
            let of_item = lacks(item, reading);
            if of_item.is_empty() { vec![format!("`{}` is there, but not in `{part}:`", text(item))] } else { of_item }
        }
        Expression::AtLeast(times, item) => {
            let hits = found(item, reading).hits.len();
            if hits == 0 { lacks(item, reading) } else { vec![format!("`{}` is in {hits} of {times} places", text(item))] }
        }
        Expression::Filter(_) => vec![format!("`{written}` does not hold")],
    }
}

/// What two sides lack; none when each is there.
fn both(left: &Named, right: &Named, reading: &Reading<'_>) -> Option<Vec<String>> {
    let lacking = [lacks(left, reading), lacks(right, reading)].concat();
    (!lacking.is_empty()).then_some(lacking)
}

/// How far the nearest places of both are from each other, in words.
fn apart(left: &Named, right: &Named, reading: &Reading<'_>) -> String {
    let (left, right) = (found(left, reading).hits, found(right, reading).hits);
    let pairs = left.iter().flat_map(|one| right.iter().map(move |other| (one, other)));
    let in_one_sentence = pairs.filter(|(one, other)| one.sentence == other.sentence);
    match in_one_sentence.map(|(one, other)| evaluate::distance(one, other)).min() {
        Some(words) => format!("{words} words apart at least"),
        None => "in different sentences".to_owned(),
    }
}

/// Where words of the expression stand that speak for it: the first place of each.
fn places(expression: &Named, reading: &Reading<'_>) -> Vec<Span> {
    let first = |(_, ids): &(Term, Terms)| ids.iter().filter_map(|&id| reading.first_place(id)).min();
    match expression {
        Expression::Word(leaf) => first(leaf).into_iter().collect(),
        Expression::Phrase(words) => words.iter().filter_map(first).collect(),
        Expression::Near { left, right, .. } | Expression::Sentence(left, right) => {
            [places(left, reading), places(right, reading)].concat()
        }
        Expression::And(items) | Expression::Or(items) => items.iter().flat_map(|item| places(item, reading)).collect(),
        Expression::Unless { wanted: item, .. } | Expression::Within(_, item) | Expression::AtLeast(_, item) => places(item, reading),
        Expression::Not(_) | Expression::Filter(_) => Vec::new(),
    }
}

fn found(expression: &Named, reading: &Reading<'_>) -> Found {
    let compiled: Compiled = expression.map(&mut |(_, ids)| ids.clone()).simplified();
    find(&compiled, reading)
}

fn text(expression: &Named) -> String {
    expression.map(&mut |(term, _)| term.clone()).to_string()
}
