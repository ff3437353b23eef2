//! Which rules a text can fulfil at all. Each alternative of a rule is filed under the words of which it needs one, and guarded by
//! others of which it needs one too, as near as it says; so most rules are passed over without being looked at.

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

/// How many numbers memory brings at once.
const LINE: usize = 16;

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

    /// What its rule can add with hits at so many places.
    fn hope(self, places: Tally) -> Hope {
        Hope::of(self.rule.hope, self.is_counted.then_some(places))
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

/// A rule that was found under a word of the text.
struct Found<'a> {
    candidate: Candidate,
    /// The word and what begins with the entry; none for a rule that needs no word.
    under: Option<(&'a Present, &'a [u32])>,
}

impl Found<'_> {
    /// Looks where the words stand: whether one of the guards is where the rule asks for it, and what the rule can add then.
    fn stands(&mut self, reading: &Reading<'_>) -> bool {
        let Some((word, (entry, guards, _))) = self.under.and_then(|(word, shelf)| Some((word, first(shelf)?))) else { return true };
        let Some(reach) = entry.reach.filter(|_| !guards.is_empty()) else { return true };
        let places = guards.iter().map(|&guard| reading.meetings(word, guard, reach)).fold(Tally::default(), Tally::plus);
        self.candidate.hope = entry.hope(word.tally.pairs(places));
        places != Tally::default()
    }
}

/// What the rules of each topic may add up to.
struct Hopes<'a> {
    of: Vec<Hope>,
    least: &'a [f32],
    scale: Scale,
}

impl Hopes<'_> {
    fn add(&mut self, found: &[Found<'_>]) {
        for Found { candidate, .. } in found {
            self.of.get_mut(candidate.topic as usize).into_iter().for_each(|hope| hope.add(candidate.hope));
        }
    }

    fn forget(&mut self, found: &[Found<'_>]) {
        for Found { candidate, .. } in found {
            self.of.get_mut(candidate.topic as usize).into_iter().for_each(|hope| *hope = Hope::default());
        }
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
        let mut needs: Vec<(u32, Needs)> =
            (0..).zip(rules).flat_map(|(number, rule)| needs(&rule.expression).into_iter().map(move |needs| (number, needs))).collect();
        let mut uses = vec![0_u64; terms];
        for term in needs.iter().flat_map(|(_, needs)| &needs.sets).flatten() {
            uses.get_mut(*term as usize).into_iter().for_each(|uses| *uses += 1);
        }
        let mut index = Self { least: topics.iter().map(score::least).collect(), ..Self::default() };
        let mut shelves: Vec<Vec<u32>> = vec![Vec::new(); terms];
        for (rule, needs) in &mut needs {
            let Some(rule) = filed_as(rules, *rule) else { continue };
            needs.sets.sort_by_cached_key(|terms| terms.iter().filter_map(|&term| uses.get(term as usize)).sum::<u64>());
            let Some(words) = needs.sets.first() else {
                index.unfiled.push(rule);
                continue;
            };
            let guards = needs.sets.get(1).map_or(&[][..], |terms| terms.as_slice());
            let entry = Entry { rule, guards: length(guards), reach: needs.reach, is_counted: needs.is_counted }.to_numbers();
            for &word in words {
                shelves.get_mut(word as usize).into_iter().for_each(|shelf| shelf.extend(entry.iter().chain(guards)));
            }
        }
        for shelf in shelves {
            index.entries.extend(shelf);
            index.ends.push(length(&index.entries));
        }
        index
    }

    /// The rules whose words the text has, each once, in order: those of the topics that can be reached.
    pub(super) fn candidates(&self, reading: &Reading<'_>) -> Vec<Candidate> {
        let mut hopes = Hopes { of: vec![Hope::default(); self.least.len()], least: &self.least, scale: reading.scale };
        let mut found = self.found(reading);
        hopes.add(&found);
        found.retain(|found| hopes.can_reach(&found.candidate));
        // Where the words stand is looked at for the few that are left, and with those that do meet hoped anew.
        hopes.forget(&found);
        found.retain_mut(|found| found.stands(reading));
        hopes.add(&found);
        let mut found: Vec<Candidate> = found.into_iter().map(|found| found.candidate).filter(|found| hopes.can_reach(found)).collect();
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

    /// The rules that are filed under a word of the text, where a guard may be within reach of it.
    fn found<'a>(&'a self, reading: &'a Reading<'_>) -> Vec<Found<'a>> {
        let candidate = |Filed { rule, topic, .. }, hope| Candidate { rule, topic, hope };
        let unfiled = self.unfiled.iter().map(|&filed| Found { candidate: candidate(filed, Hope::of(filed.hope, None)), under: None });
        let mut found: Vec<Found<'_>> = unfiled.collect();
        let shelves: Vec<&[u32]> = reading.words().iter().map(|word| self.shelf(word.term)).collect();
        // Memory answers many questions in the time of one, if no answer is waited for before the next question.
        ask_for(shelves.iter().flat_map(|shelf| shelf.iter().step_by(LINE).chain(shelf.last()).copied()));
        for (word, mut shelf) in reading.words().iter().zip(shelves) {
            while let Some((entry, guards, after)) = first(shelf) {
                let beginning = std::mem::replace(&mut shelf, after);
                // Most rules go here: each guard is looked for, so that there is one question in the end and not one each.
                if !guards.is_empty() && !guards.iter().fold(false, |any, &guard| any | reading.has(guard)) {
                    continue;
                }
                let met = guards.iter().filter_map(|&guard| reading.may_meet(word, guard, entry.reach)).reduce(Tally::plus);
                if guards.is_empty() || met.is_some() {
                    let places = met.filter(|_| entry.reach.is_some()).map_or(word.tally, |met| word.tally.pairs(met));
                    found.push(Found { candidate: candidate(entry.rule, entry.hope(places)), under: Some((word, beginning)) });
                }
            }
        }
        found
    }

    /// What is filed under a word.
    fn shelf(&self, term: TermId) -> &[u32] {
        let term = term as usize;
        let end = |term: Option<usize>| term.and_then(|term| self.ends.get(term)).map_or(0, |end| *end as usize);
        self.entries.get(end(term.checked_sub(1))..end(Some(term))).unwrap_or_default()
    }
}

/// The first rule of a shelf, its guards, and what comes after it.
fn first(shelf: &[u32]) -> Option<(Entry, &[TermId], &[u32])> {
    let (numbers, after) = shelf.split_first_chunk()?;
    let entry = Entry::of_numbers(*numbers);
    let (guards, after) = after.split_at_checked(entry.guards as usize)?;
    Some((entry, guards, after))
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

/// What each alternative needs: of its hits, each is one of an alternative.
fn needs(expression: &Compiled) -> Vec<Needs> {
    match expression {
        Expression::Or(items) => items.iter().flat_map(needs).collect(),
        Expression::Unless { wanted: item, .. } | Expression::Within(_, item) | Expression::AtLeast(_, item) => needs(item),
        Expression::Word(_)
        | Expression::Phrase(_)
        | Expression::Near { .. }
        | Expression::Sentence(..)
        | Expression::And(_)
        | Expression::Not(_)
        | Expression::Filter(_) => {
            let mut sets = sets(expression);
            for terms in &mut sets {
                terms.sort_unstable();
                terms.dedup();
            }
            vec![Needs { sets, reach: reach(expression), is_counted: is_counted(expression) }]
        }
    }
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
