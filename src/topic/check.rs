//! Rules that cannot be meant: those that would match nearly everything, or nothing.

use super::common::{LEMMAS, USUAL, is_common};
use super::expression::{Effect, Expression, Filter, Part, Rule, Term};
use super::lint::implies;
use crate::model::Language;
use crate::text::spelling;

/// Why the rule is refused.
pub(super) fn refusal(rule: &Rule) -> Option<String> {
    let (expression, language) = (&rule.expression, rule.language.as_ref());
    if let Some(reason) = nothing(expression, language) {
        return Some(format!("`{expression}` would match nothing: {reason}"));
    }
    if is_satisfiable_by_anything(expression, language) {
        let what = match rule.effect {
            Effect::Excludes => "would exclude nearly everything",
            Effect::Decides | Effect::Weighs(_) => "would match nearly everything",
        };
        return Some(format!("`{expression}` {what}: add a word that only articles on the topic have"));
    }
    None
}

/// Whether articles that have nothing to do with each other would all fulfil the expression.
fn is_satisfiable_by_anything(expression: &Expression<Term>, language: Option<&Language>) -> bool {
    let common = |item: &Expression<Term>| is_satisfiable_by_anything(item, language);
    match expression {
        Expression::Word(term) => is_common(term, language),
        Expression::Phrase(terms) => terms.iter().all(|term| is_common(term, language)),
        Expression::Near { left, right, .. } | Expression::Sentence(left, right) => common(left) && common(right),
        Expression::And(items) => items.iter().all(common),
        Expression::Or(items) => items.iter().any(common),
        Expression::Not(_) | Expression::Filter(Filter::Language(_) | Filter::Published(_)) => true,
        Expression::Unless { wanted, .. } => common(wanted),
        Expression::Within(_, item) | Expression::AtLeast(_, item) => common(item),
        Expression::Filter(Filter::Feed(_) | Filter::Author(_) | Filter::Tag(_) | Filter::Topic(_)) => false,
    }
}

/// Why no article can fulfil the expression, in a rule for articles in `language`.
fn nothing(expression: &Expression<Term>, language: Option<&Language>) -> Option<String> {
    let nothing = |item: &Expression<Term>| nothing(item, language);
    match expression {
        // Of what is denied: whatever is not there is what is asked for.
        Expression::Word(_) | Expression::Phrase(_) | Expression::Not(_) => None,
        Expression::Filter(filter) => other_language(filter, language),
        Expression::Near { left, right, .. } | Expression::Sentence(left, right) => {
            let unplaced = [left, right].into_iter().find(|side| !has_place(side));
            unplaced.map(|side| format!("`{side}` has no place in the text")).or_else(|| nothing(left)).or_else(|| nothing(right))
        }
        Expression::And(items) => {
            let mut all = Vec::new();
            flatten(items, &mut all);
            contradiction(&all, language).or_else(|| all.into_iter().find_map(nothing))
        }
        Expression::Or(items) => items.iter().find_map(nothing),
        Expression::Unless { wanted, unwanted, .. } => {
            // The places of `a AND b` are those of one of them.
            let is_taken_back = if needs_several(wanted) { wanted == unwanted } else { is_included(wanted, unwanted, language) };
            let same = is_taken_back.then(|| format!("`{unwanted}` takes back all that `{wanted}` finds"));
            same.or_else(|| nothing(wanted)).or_else(|| nothing(unwanted))
        }
        Expression::Within(part, item) => other_part(*part, item).or_else(|| nothing(item)),
        Expression::AtLeast(_, item) if !has_place(item) => Some(format!("`{item}` has no place in the text to be counted")),
        Expression::AtLeast(_, item) => nothing(item),
    }
}

/// So many demands are held against each other by the grammar; more, as nobody makes them, letter by letter.
const MAX_COMPARED: usize = 50;

fn contradiction(all: &[&Expression<Term>], language: Option<&Language>) -> Option<String> {
    let by_grammar = all.len() <= MAX_COMPARED;
    let meets = |wanted: &Expression<Term>, unwanted: &Expression<Term>| match wanted {
        Expression::Not(_) => false,
        Expression::Filter(_) => wanted == unwanted,
        _ if by_grammar => is_included(wanted, unwanted, language),
        _ => wanted == unwanted,
    };
    let filters: Vec<&Filter> =
        all.iter().filter_map(|item| if let Expression::Filter(filter) = item { Some(filter) } else { None }).collect();
    let denied = |unwanted: &Expression<Term>| match unwanted {
        Expression::Filter(Filter::Language(unwanted)) if language == Some(unwanted) => {
            Some(format!("the rule is for `{unwanted}`, and it asks for the absence of that"))
        }
        _ => {
            let wanted = all.iter().find(|wanted| meets(wanted, unwanted))?;
            Some(format!("it asks both for `{wanted}` and for the absence of `{unwanted}`"))
        }
    };
    let by_absence = all.iter().find_map(|item| if let Expression::Not(unwanted) = item { denied(unwanted) } else { None });
    by_absence.or_else(|| {
        filters.iter().enumerate().find_map(|(index, one)| filters.iter().skip(index + 1).find_map(|other| at_odds(one, other)))
    })
}

/// What an article must all fulfil, out of its parentheses.
fn flatten<'a>(items: &'a [Expression<Term>], all: &mut Vec<&'a Expression<Term>>) {
    for item in items {
        if let Expression::And(items) = item { flatten(items, all) } else { all.push(item) }
    }
}

/// Two demands on an article that none fulfils.
fn at_odds(one: &Filter, other: &Filter) -> Option<String> {
    let different = match (one, other) {
        (Filter::Language(one), Filter::Language(other)) => one.primary() != other.primary(),
        (Filter::Feed(one), Filter::Feed(other)) => one != other,
        (Filter::Published(one), Filter::Published(other)) => !one.meets(*other),
        _ => false,
    };
    different.then(|| format!("no article fulfils both `{}` and `{}`", filter(one), filter(other)))
}

fn other_language(asked: &Filter, language: Option<&Language>) -> Option<String> {
    let Filter::Language(wanted) = asked else { return None };
    let of_rule = language.filter(|language| language.primary() != wanted.primary())?;
    Some(format!("the rule is for `{of_rule}`, and `{}` asks for another language", filter(asked)))
}

fn filter(filter: &Filter) -> Expression<Term> {
    Expression::Filter(filter.clone())
}

/// Whether wherever `one` is found `other` is found too, by the grammar of the language; in a rule for any language, by that of each of
/// the usual ones that has all these words.
fn is_included(one: &Expression<Term>, other: &Expression<Term>, language: Option<&Language>) -> bool {
    if one == other {
        return true;
    }
    if language.is_some() {
        return implies(one, other, language, &LEMMAS);
    }
    let mut words = Vec::new();
    for expression in [one, other] {
        expression.map(&mut |term| {
            if let Term::AllForms(word) = term {
                words.push(spelling(word).into_owned());
            }
        });
    }
    let has_all = |tag: &&str| words.iter().all(|word| LEMMAS.knows(tag, word).unwrap_or(word.is_ascii()));
    let mut languages = USUAL.into_iter().filter(has_all).filter_map(|tag| Language::new(tag).ok()).peekable();
    languages.peek().is_some() && languages.all(|language| implies(one, other, Some(&language), &LEMMAS))
}

/// Whether it holds by words that may stand far from each other, of which one has the places.
fn needs_several(expression: &Expression<Term>) -> bool {
    match expression {
        Expression::And(_) => true,
        Expression::Or(items) => items.iter().any(needs_several),
        Expression::Unless { wanted: item, .. } | Expression::Within(_, item) | Expression::AtLeast(_, item) => needs_several(item),
        Expression::Word(_)
        | Expression::Phrase(_)
        | Expression::Near { .. }
        | Expression::Sentence(..)
        | Expression::Not(_)
        | Expression::Filter(_) => false,
    }
}

/// `title:(… body:word)`: in two parts at once.
fn other_part(outer: Part, item: &Expression<Term>) -> Option<String> {
    match item {
        Expression::Within(inner, _) if (outer == Part::Title) != (*inner == Part::Title) => {
            Some(format!("what is in `{inner}:` is not in `{outer}:`"))
        }
        _ => None,
    }
}

/// Whether the expression stands somewhere in the text, rather than only being true or false of it.
fn has_place(expression: &Expression<Term>) -> bool {
    match expression {
        Expression::Not(_) | Expression::Filter(_) => false,
        Expression::And(items) => items.iter().any(has_place),
        Expression::Or(items) => items.iter().all(has_place),
        Expression::Unless { wanted, .. } => has_place(wanted),
        Expression::Within(_, item) => has_place(item),
        Expression::Word(_) | Expression::Phrase(_) | Expression::Near { .. } | Expression::Sentence(..) | Expression::AtLeast(..) => true,
    }
}
