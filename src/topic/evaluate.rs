//! Whether an expression holds for a reading, and where.

use super::Subject;
use super::expression::{Expression, Filter, Part, Reach, Term};
use super::reading::{Reading, Span};
use super::vocabulary::{TermId, Terms};
use crate::model::Field;
use crate::text::lowercase;

/// An expression over the rules' numbered words: any one of a leaf's numbers will do.
pub(super) type Compiled = Expression<Terms>;

/// Numbers the words of an expression. Of alternatives, those that are single words become one leaf.
pub(super) fn compile(expression: &Expression<Term>, number: &mut impl FnMut(&Term) -> Terms) -> Compiled {
    expression.map(number).simplified()
}

#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) holds: bool,
    /// Places that count, in order.
    pub(super) hits: Vec<Span>,
    /// Places that were needed, but are not counted: of `a AND b`, the one that is there more often.
    pub(super) also: Vec<Span>,
}

impl Found {
    fn at(hits: Vec<Span>) -> Self {
        Self { holds: !hits.is_empty(), hits, also: Vec::new() }
    }
}

pub(super) fn find(expression: &Compiled, reading: &Reading<'_>) -> Found {
    match expression {
        Expression::Word(terms) => Found::at(word(terms, reading)),
        Expression::Phrase(words) => Found::at(phrase(words, reading)),
        Expression::Near { words, in_order, left, right } => {
            pair(left, right, reading, |left, right| is_near(left, right, *words, *in_order))
        }
        Expression::Sentence(left, right) => pair(left, right, reading, |left, right| left.sentence == right.sentence),
        Expression::And(items) => all(items.iter().map(|item| find(item, reading)).collect()),
        Expression::Or(items) => any(items.iter().map(|item| find(item, reading))),
        Expression::Not(item) => Found { holds: !find(item, reading).holds, ..Found::default() },
        Expression::Unless { wanted, reach, unwanted } => unless(find(wanted, reading), *reach, &find(unwanted, reading)),
        Expression::Within(part, item) => {
            let mut found = find(item, reading);
            found.hits.retain(|span| is_in(*part, span));
            Found { holds: !found.hits.is_empty(), ..found }
        }
        Expression::AtLeast(times, item) => {
            let found = find(item, reading);
            if found.hits.len() >= *times as usize { found } else { Found::default() }
        }
        Expression::Filter(filter) => Found { holds: passes(filter, reading), ..Found::default() },
    }
}

fn word(terms: &[TermId], reading: &Reading<'_>) -> Vec<Span> {
    let mut present = terms.iter().map(|&term| reading.places(term)).filter(|places| !places.is_empty());
    let mut spans = present.next().unwrap_or_default().to_vec();
    let alone = spans.len();
    present.for_each(|places| spans.extend_from_slice(places));
    if spans.len() == alone { spans } else { in_order(spans) }
}

fn in_order(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    spans.dedup();
    spans
}

fn phrase(words: &[Terms], reading: &Reading<'_>) -> Vec<Span> {
    let Some((first, rest)) = words.split_first() else { return Vec::new() };
    let mut spans = word(first, reading);
    for terms in rest {
        let next = word(terms, reading);
        spans = spans.iter().filter_map(|span| follower(span, &next).map(|next| together(span, next))).collect();
    }
    spans
}

fn follower<'a>(span: &Span, next: &'a [Span]) -> Option<&'a Span> {
    let at = next.partition_point(|next| next.first <= span.last);
    next.get(at).filter(|next| next.first == span.last + 1)
}

/// Each place of `left` with the nearest of `right` that fits. A place that overlaps the one before is the same.
fn pair(left: &Compiled, right: &Compiled, reading: &Reading<'_>, fits: impl Fn(&Span, &Span) -> bool) -> Found {
    let left = find(left, reading).hits;
    let right = if left.is_empty() { Vec::new() } else { find(right, reading).hits };
    let mut hits: Vec<Span> = Vec::new();
    for one in &left {
        let after = right.partition_point(|other| other.first <= one.last);
        let before = right.get(..after).unwrap_or_default().iter().rev().find(|other| other.last < one.first);
        let nearest = [right.get(after), before].into_iter().flatten().filter(|other| fits(one, other));
        let Some(other) = nearest.min_by_key(|other| distance(one, other)) else { continue };
        let span = together(one, other);
        if hits.last().is_none_or(|last| last.last < span.first) {
            hits.push(span);
        }
    }
    Found::at(hits)
}

pub(super) fn is_near(left: &Span, right: &Span, words: u32, in_order: bool) -> bool {
    left.sentence == right.sentence && distance(left, right) <= words && (!in_order || right.first > left.last)
}

/// In words: 1 for neighbours, 0 for places that overlap.
pub(super) fn distance(one: &Span, other: &Span) -> u32 {
    if one.last < other.first { other.first - one.last } else { one.first.saturating_sub(other.last) }
}

fn together(one: &Span, other: &Span) -> Span {
    let (early, late) = if one.first <= other.first { (one, other) } else { (other, one) };
    Span { end: early.end.max(late.end), last: early.last.max(late.last), in_lead: early.in_lead, ..*early }
}

/// The rarest item's places count.
fn all(found: Vec<Found>) -> Found {
    if !found.iter().all(|found| found.holds) {
        return Found::default();
    }
    let (mut placed, unplaced): (Vec<Found>, Vec<Found>) = found.into_iter().partition(|found| !found.hits.is_empty());
    drop(unplaced);
    placed.sort_by_key(|found| found.hits.len());
    let mut placed = placed.into_iter();
    let rarest = placed.next().unwrap_or_default();
    let also = placed.filter_map(|found| found.hits.first().copied()).chain(rarest.also).collect();
    Found { holds: true, hits: rarest.hits, also }
}

fn any(found: impl Iterator<Item = Found>) -> Found {
    let mut any = Found::default();
    for found in found.filter(|found| found.holds) {
        any.holds = true;
        any.hits.extend(found.hits);
        any.also.extend(found.also);
    }
    any.hits = in_order(any.hits);
    any
}

fn unless(mut wanted: Found, reach: Reach, unwanted: &Found) -> Found {
    wanted.hits.retain(|span| {
        // Those next to it in order are the nearest.
        let after = unwanted.hits.partition_point(|other| other.first < span.first);
        let nearest = unwanted.hits.iter().skip(after.saturating_sub(2)).take(4);
        !nearest.into_iter().any(|other| match reach {
            Reach::Words(words) => distance(span, other) <= words,
            Reach::Sentence => span.sentence == other.sentence,
        })
    });
    Found { holds: !wanted.hits.is_empty(), ..wanted }
}

fn is_in(part: Part, span: &Span) -> bool {
    match part {
        Part::Title => span.field == Field::Title,
        Part::Lead => span.in_lead,
        Part::Body => span.field == Field::Body,
    }
}

fn passes(filter: &Filter, reading: &Reading<'_>) -> bool {
    let Subject { feed, authors, tags, published, .. } = reading.subject;
    let same = |one: &str, other: &str| lowercase(one) == lowercase(other);
    match filter {
        Filter::Feed(id) => feed.is_some_and(|feed| feed.as_str() == id),
        Filter::Language(wanted) => {
            let exact = reading.language.as_ref() == Some(wanted);
            exact || reading.language.as_ref().is_some_and(|language| language.primary() == wanted.as_str())
        }
        Filter::Author(name) => authors.iter().any(|author| lowercase(author).contains(&lowercase(name))),
        Filter::Topic(id) => reading.matched.contains(id),
        Filter::Published(days) => published.is_some_and(|time| days.contain(time.date_naive())),
        Filter::Tag(wanted) => tags.iter().any(|tag| same(tag, wanted)),
    }
}
