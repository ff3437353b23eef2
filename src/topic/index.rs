//! Which rules a text can fulfil at all. Each rule is filed under the words of which it needs one, and guarded by others of which
//! it needs one too, so that most rules are passed over without being looked at.

use super::CompiledRule;
use super::evaluate::Compiled;
use super::expression::Expression;
use super::reading::Reading;
use super::vocabulary::TermId;

/// How many words can guard a rule.
const GUARDS: usize = 4;

#[derive(Debug)]
pub(super) struct Index {
    /// For each numbered word, the rules that are filed under it.
    filed: Vec<Vec<Filed>>,
    /// Rules that need no word in particular (`feed:unicef`).
    unfiled: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Filed {
    rule: u32,
    /// One of these must be there as well; [`TermId::MAX`] stands for none. All of them none: unguarded.
    guards: [TermId; GUARDS],
}

impl Index {
    pub(super) fn new(rules: &[CompiledRule], terms: usize) -> Self {
        let mut uses = vec![0_u32; terms];
        for rule in rules {
            for term in needs(&rule.expression).iter().flatten() {
                uses.get_mut(*term as usize).into_iter().for_each(|uses| *uses += 1);
            }
        }
        let mut index = Self { filed: vec![Vec::new(); terms], unfiled: Vec::new() };
        for (number, rule) in (0_u32..).zip(rules) {
            index.file(number, needs(&rule.expression), &uses);
        }
        index
    }

    /// The rules whose words the text has, each once, in order.
    pub(super) fn candidates(&self, reading: &Reading<'_>) -> Vec<u32> {
        let mut candidates = self.unfiled.clone();
        for term in reading.terms() {
            let filed = self.filed.get(term as usize).into_iter().flatten();
            candidates.extend(filed.filter(|filed| filed.is_possible(reading)).map(|filed| filed.rule));
        }
        candidates.sort_unstable();
        candidates.dedup();
        candidates
    }

    /// Under the set of words that the fewest rules ask for, guarded by the next one.
    fn file(&mut self, rule: u32, mut needs: Vec<Vec<TermId>>, uses: &[u32]) {
        let cost = |terms: &Vec<TermId>| terms.iter().map(|&term| uses.get(term as usize).map_or(0, |&uses| u64::from(uses))).sum::<u64>();
        needs.sort_by_key(cost);
        let mut needs = needs.into_iter();
        let Some(mut terms) = needs.next() else {
            self.unfiled.push(rule);
            return;
        };
        terms.sort_unstable();
        terms.dedup();
        let mut guards = [TermId::MAX; GUARDS];
        if let Some(others) = needs.find(|others| others.len() <= GUARDS) {
            guards.iter_mut().zip(others).for_each(|(guard, other)| *guard = other);
        }
        for term in terms {
            self.filed.get_mut(term as usize).into_iter().for_each(|filed| filed.push(Filed { rule, guards }));
        }
    }
}

impl Filed {
    fn is_possible(&self, reading: &Reading<'_>) -> bool {
        self.guards.iter().all(|&guard| guard == TermId::MAX) || self.guards.iter().any(|&guard| reading.has(guard))
    }
}

/// Sets of words; without one of each the expression cannot hold. Empty when it can hold without any.
fn needs(expression: &Compiled) -> Vec<Vec<TermId>> {
    match expression {
        Expression::Word(terms) => vec![terms.clone()],
        Expression::Phrase(words) => words.clone(),
        Expression::Near { left, right, .. } | Expression::Sentence(left, right) => [needs(left), needs(right)].concat(),
        Expression::And(items) => items.iter().flat_map(needs).collect(),
        // One set that covers each alternative by its smallest.
        Expression::Or(items) => {
            let smallest = |item: &Compiled| needs(item).into_iter().min_by_key(Vec::len);
            items.iter().map(smallest).collect::<Option<Vec<_>>>().map(|sets| sets.concat()).into_iter().collect()
        }
        Expression::Unless { wanted: item, .. } | Expression::Within(_, item) | Expression::AtLeast(_, item) => needs(item),
        Expression::Not(_) | Expression::Filter(_) => Vec::new(),
    }
}
