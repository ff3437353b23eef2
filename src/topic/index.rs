//! Which rules a text can fulfil at all. Each rule is filed under the words of which it needs one, and guarded by others of which
//! it needs one too, in the same sentence where it says so; so most rules are passed over without being looked at.

use std::hint::black_box;

use smallvec::SmallVec;

use super::evaluate::Compiled;
use super::expression::{Expression, Reach};
use super::reading::{Present, Reading, Tally};
use super::score::{self, Hope, Scale};
use super::vocabulary::{TermId, Terms};
use super::{CompiledRule, CompiledTopic};

/// What is asked of a text's words lies all over the index: each look is one that memory has to be waited for. So there is one look for
/// a word, and one for all that is filed under it.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// For each numbered word where its entries end in `entries`; they begin where those of the word before it end.
    ends: Vec<u32>,
    /// Each entry is followed by its guards.
    entries: Vec<u32>,
    /// Rules that need no word in particular (`feed:unicef`).
    unfiled: Vec<Filed>,
    /// What the rules of each topic must bring.
    least: Vec<f32>,
}

/// A rule under one of its words.
#[derive(Clone, Copy, Debug)]
struct Entry {
    rule: Filed,
    /// How many guards it has. Without any it is unguarded.
    guards: u32,
    /// How near to the word a guard must be; none: anywhere.
    reach: Option<Reach>,
    /// Each of its hits has a place of the word.
    is_counted: bool,
}

/// How a reach is written among an entry's numbers: none as 0, a sentence as this, less for so many words and one.
const SENTENCE: u32 = 127;

impl Entry {
    fn to_numbers(self) -> [u32; 4] {
        let reach = match self.reach {
            None => 0,
            // Whoever is so near is in the same sentence.
            Some(Reach::Words(words)) => words.saturating_add(1).min(SENTENCE),
            Some(Reach::Sentence) => SENTENCE,
        };
        let Filed { rule, topic, hope } = self.rule;
        [rule, topic, hope.to_bits(), self.guards << 8 | reach << 1 | u32::from(self.is_counted)]
    }

    fn of_numbers([rule, topic, hope, more]: [u32; 4]) -> Self {
        let reach = match more >> 1 & 127 {
            0 => None,
            SENTENCE => Some(Reach::Sentence),
            words => Some(Reach::Words(words - 1)),
        };
        let rule = Filed { rule, topic, hope: f32::from_bits(hope) };
        Self { rule, guards: more >> 8, reach, is_counted: more & 1 == 1 }
    }
}

/// What is asked of a rule before it is looked at.
#[derive(Clone, Copy, Debug)]
struct Filed {
    rule: u32,
    topic: u32,
    hope: f32,
}

/// A rule that the text may fulfil, and what it can add then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) rule: u32,
    pub(super) topic: u32,
    pub(super) hope: Hope,
}

/// The word under which a rule was found.
struct Under<'a> {
    word: &'a Present,
    guards: &'a [TermId],
    reach: Option<Reach>,
}

impl Under<'_> {
    /// Whether a guard is where the rule asks for it.
    fn stands(&self, reading: &Reading<'_>) -> bool {
        self.reach.is_none_or(|reach| self.guards.is_empty() || self.guards.iter().any(|&guard| reading.meet(self.word, guard, reach)))
    }
}

/// What the rules of each topic may add up to.
struct Hopes<'a> {
    of: Vec<Hope>,
    least: &'a [f32],
    scale: Scale,
}

impl Hopes<'_> {
    fn add(&mut self, candidate: &Candidate) {
        self.of.get_mut(candidate.topic as usize).into_iter().for_each(|hope| hope.add(candidate.hope));
    }

    fn forget(&mut self, candidate: &Candidate) {
        self.of.get_mut(candidate.topic as usize).into_iter().for_each(|hope| *hope = Hope::default());
    }

    fn can_reach(&self, candidate: &Candidate) -> bool {
        let topic = candidate.topic as usize;
        self.of.get(topic).zip(self.least.get(topic)).is_some_and(|(hope, least)| hope.reaches(*least, self.scale))
    }
}

/// Without one word of each set an expression cannot hold.
struct Needs {
    sets: Vec<Terms>,
    /// How near to each other; none: anywhere.
    reach: Option<Reach>,
    /// Each hit has a place of one word of each set, and no other hit has that place.
    is_counted: bool,
}

impl Index {
    pub(super) fn new(topics: &[CompiledTopic], rules: &[CompiledRule], terms: usize) -> Self {
        let mut needs: Vec<Needs> = rules.iter().map(|rule| needs(&rule.expression)).collect();
        let mut uses = vec![0_u64; terms];
        for term in needs.iter().flat_map(|needs| &needs.sets).flatten() {
            uses.get_mut(*term as usize).into_iter().for_each(|uses| *uses += 1);
        }
        let mut index = Self { least: topics.iter().map(score::least).collect(), ..Self::default() };
        let mut filed: Vec<Vec<u32>> = vec![Vec::new(); terms];
        for (rule, needs) in (0_u32..).zip(&mut needs) {
            needs.sets.sort_by_cached_key(|terms| terms.iter().filter_map(|&term| uses.get(term as usize)).sum::<u64>());
            match needs.sets.first() {
                Some(terms) => terms.iter().for_each(|&term| filed.get_mut(term as usize).into_iter().for_each(|filed| filed.push(rule))),
                None => index.unfiled.extend(filed_as(rules, rule)),
            }
        }
        for numbers in filed {
            for number in numbers {
                let (Some(rule), Some(needs)) = (filed_as(rules, number), needs.get(number as usize)) else { continue };
                let guards = needs.sets.get(1).map_or(&[][..], |terms| terms.as_slice());
                let entry = Entry { rule, guards: length(guards), reach: needs.reach, is_counted: needs.is_counted };
                index.entries.extend(entry.to_numbers().iter().chain(guards));
            }
            index.ends.push(length(&index.entries));
        }
        index
    }

    /// The rules whose words the text has, each once, in order: those of the topics that can be reached.
    pub(super) fn candidates(&self, reading: &Reading<'_>) -> Vec<Candidate> {
        let mut hopes = Hopes { of: vec![Hope::default(); self.least.len()], least: &self.least, scale: reading.scale };
        let mut found: Vec<(Candidate, Option<Under<'_>>)> = Vec::new();
        let mut take = |Filed { rule, topic, hope }: Filed, tally, under| {
            let candidate = Candidate { rule, topic, hope: Hope::of(hope, tally) };
            hopes.add(&candidate);
            found.push((candidate, under));
        };
        self.unfiled.iter().for_each(|&filed| take(filed, None, None));
        let shelves: Vec<&[u32]> = reading.words().iter().map(|word| self.shelf(word.term)).collect();
        // Memory answers many questions in the time of one, if no answer is waited for before the next question.
        ask_for(shelves.iter().filter_map(|shelf| shelf.first().copied()));
        for (word, shelf) in reading.words().iter().zip(shelves) {
            for (entry, guards) in filed(shelf) {
                // Most rules go here: each guard is looked for, so that there is one question in the end and not one each.
                let is_guarded = !guards.is_empty();
                if is_guarded && !guards.iter().fold(false, |any, &guard| any | reading.has(guard)) {
                    continue;
                }
                let met = guards.iter().filter_map(|&guard| reading.may_meet(word, guard, entry.reach)).reduce(Tally::plus);
                if !is_guarded || met.is_some() {
                    let pairs = met.filter(|_| entry.reach.is_some()).map_or(word.tally, |met| word.tally.pairs(met));
                    take(entry.rule, entry.is_counted.then_some(pairs), Some(Under { word, guards, reach: entry.reach }));
                }
            }
        }
        found.retain(|(candidate, _)| hopes.can_reach(candidate));
        // Where the words stand is looked at for the few that are left, and with those that do meet hoped anew.
        for (candidate, _) in &found {
            hopes.forget(candidate);
        }
        found.retain(|(_, under)| under.as_ref().is_none_or(|under| under.stands(reading)));
        for (candidate, _) in &found {
            hopes.add(candidate);
        }
        let mut found: Vec<Candidate> = found.into_iter().map(|(candidate, _)| candidate).filter(|found| hopes.can_reach(found)).collect();
        found.sort_unstable_by_key(|candidate| candidate.rule);
        found.dedup_by(|next, one| {
            let same = next.rule == one.rule;
            if same {
                one.hope.add(next.hope);
            }
            same
        });
        found
    }

    /// What is filed under a word.
    fn shelf(&self, term: TermId) -> &[u32] {
        let term = term as usize;
        let end = |term: Option<usize>| term.and_then(|term| self.ends.get(term)).map_or(0, |end| *end as usize);
        self.entries.get(end(term.checked_sub(1))..end(Some(term))).unwrap_or_default()
    }
}

/// The rules of a shelf, with their guards.
fn filed(mut shelf: &[u32]) -> impl Iterator<Item = (Entry, &[TermId])> {
    std::iter::from_fn(move || {
        let (numbers, after) = shelf.split_first_chunk()?;
        let entry = Entry::of_numbers(*numbers);
        let (guards, after) = after.split_at_checked(entry.guards as usize)?;
        shelf = after;
        Some((entry, guards))
    })
}

/// Has memory bring near what is read soon.
pub(super) fn ask_for(numbers: impl Iterator<Item = u32>) {
    black_box(numbers.fold(0, |all, number| all ^ number));
}

fn filed_as(rules: &[CompiledRule], number: u32) -> Option<Filed> {
    rules.get(number as usize).map(|rule| Filed { rule: number, topic: rule.topic, hope: score::hope(rule.effect) })
}

fn length<T>(items: &[T]) -> u32 {
    u32::try_from(items.len()).unwrap_or(u32::MAX)
}

fn needs(expression: &Compiled) -> Needs {
    let mut sets = sets(expression);
    for terms in &mut sets {
        terms.sort_unstable();
        terms.dedup();
    }
    Needs { sets, reach: reach(expression), is_counted: is_counted(expression) }
}

/// Empty when the expression can hold without any word.
fn sets(expression: &Compiled) -> Vec<Terms> {
    match expression {
        Expression::Word(terms) => vec![terms.clone()],
        Expression::Phrase(words) => words.clone(),
        Expression::Near { left, right, .. } | Expression::Sentence(left, right) => [sets(left), sets(right)].concat(),
        Expression::And(items) => items.iter().flat_map(sets).collect(),
        // One set that covers each alternative by its smallest.
        Expression::Or(items) => {
            let smallest = |item: &Compiled| sets(item).into_iter().min_by_key(SmallVec::len);
            items.iter().map(smallest).collect::<Option<Vec<_>>>().map(|sets| sets.into_iter().flatten().collect()).into_iter().collect()
        }
        Expression::Unless { wanted: item, .. } | Expression::Within(_, item) | Expression::AtLeast(_, item) => sets(item),
        Expression::Not(_) | Expression::Filter(_) => Vec::new(),
    }
}

/// How near to each other all words stand that the expression needs. A phrase may go on in the next sentence.
fn reach(expression: &Compiled) -> Option<Reach> {
    let is_word = |side: &Compiled| matches!(side, Expression::Word(_));
    match expression {
        Expression::Near { words, left, right, .. } if is_word(left) && is_word(right) => Some(Reach::Words(*words)),
        Expression::Word(_) => Some(Reach::Sentence),
        Expression::Near { left, right, .. } | Expression::Sentence(left, right) => reach(left).and(reach(right)).map(|_| Reach::Sentence),
        Expression::Unless { wanted: item, .. } | Expression::Within(_, item) | Expression::AtLeast(_, item) => reach(item),
        Expression::Phrase(_) | Expression::And(_) | Expression::Or(_) | Expression::Not(_) | Expression::Filter(_) => None,
    }
}

/// Whether each hit has a place of one word of each set to itself. Of `a AND b` the rarer one's places count, which may be elsewhere.
fn is_counted(expression: &Compiled) -> bool {
    match expression {
        Expression::Word(_) | Expression::Phrase(_) => true,
        Expression::Near { left, right, .. } | Expression::Sentence(left, right) => is_counted(left) && is_counted(right),
        Expression::Or(items) => items.iter().all(is_counted),
        Expression::Unless { wanted: item, .. } | Expression::Within(_, item) | Expression::AtLeast(_, item) => is_counted(item),
        Expression::And(_) | Expression::Not(_) | Expression::Filter(_) => false,
    }
}
