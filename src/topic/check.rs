//! Rules that cannot be meant: those that would match nearly everything, or nothing.

use super::expression::{Effect, Expression, Filter, Part, Rule, Term};

/// Why the rule is refused.
pub(super) fn refusal(rule: &Rule) -> Option<String> {
    let expression = &rule.expression;
    if let Some(reason) = nothing(expression) {
        return Some(format!("`{expression}` would match nothing: {reason}"));
    }
    if is_satisfiable_by_anything(expression) {
        let what = match rule.effect {
            Effect::Excludes => "would exclude nearly everything",
            Effect::Decides | Effect::Weighs(_) => "would match nearly everything",
        };
        return Some(format!("`{expression}` {what}: add a word that only articles on the topic have"));
    }
    None
}

/// Whether articles that have nothing to do with each other would all fulfil the expression.
fn is_satisfiable_by_anything(expression: &Expression<Term>) -> bool {
    let common = is_satisfiable_by_anything;
    match expression {
        Expression::Word(term) => is_common(term),
        Expression::Phrase(terms) => terms.iter().all(is_common),
        Expression::Near { left, right, .. } | Expression::Sentence(left, right) => common(left) && common(right),
        Expression::And(items) => items.iter().all(common),
        Expression::Or(items) => items.iter().any(common),
        Expression::Not(_) | Expression::Filter(Filter::Language(_) | Filter::Published(_)) => true,
        Expression::Unless { wanted, .. } => common(wanted),
        Expression::Within(_, item) | Expression::AtLeast(_, item) => common(item),
        Expression::Filter(Filter::Feed(_) | Filter::Author(_) | Filter::Tag(_) | Filter::Topic(_)) => false,
    }
}

fn is_common(term: &Term) -> bool {
    match term {
        Term::AllForms(word) => word.chars().nth(1).is_none() || COMMON.contains(&word.to_lowercase().as_str()),
        Term::Exact(_) => false,
        Term::Prefix(word) => word.chars().nth(2).is_none(),
    }
}

/// The words that most articles of a language have.
#[rustfmt::skip]
const COMMON: [&str; 66] = [
    "и", "в", "на", "не", "что", "с", "по", "к", "за", "из", "от", "для", "о", "об", "у", "а", "но", "как", "это", "он", "она", "они",
    "мы", "быть", "the", "a", "an", "of", "to", "and", "in", "on", "is", "are", "was", "be", "for", "with", "that", "it", "as", "at",
    "by", "from", "have", "has", "he", "she", "they", "we", "not", "or", "this", "және", "мен", "бен", "пен", "деп", "бұл", "үшін",
    "туралы", "бойынша", "де", "да", "бар", "еді",
];

/// Why no article can fulfil the expression.
fn nothing(expression: &Expression<Term>) -> Option<String> {
    match expression {
        Expression::Word(_) | Expression::Phrase(_) | Expression::Filter(_) => None,
        Expression::Near { left, right, .. } | Expression::Sentence(left, right) => {
            let unplaced = [left, right].into_iter().find(|side| !has_place(side));
            unplaced.map(|side| format!("`{side}` has no place in the text")).or_else(|| nothing(left)).or_else(|| nothing(right))
        }
        Expression::And(items) => contradiction(items).or_else(|| items.iter().find_map(nothing)),
        Expression::Or(items) => items.iter().find_map(nothing),
        Expression::Unless { wanted, unwanted, .. } => {
            let same = (wanted == unwanted).then(|| "it takes back what it asks for".to_owned());
            same.or_else(|| nothing(wanted)).or_else(|| nothing(unwanted))
        }
        Expression::Within(part, item) => other_part(*part, item).or_else(|| nothing(item)),
        Expression::AtLeast(_, item) if !has_place(item) => Some(format!("`{item}` has no place in the text to be counted")),
        Expression::Not(item) | Expression::AtLeast(_, item) => nothing(item),
    }
}

fn contradiction(items: &[Expression<Term>]) -> Option<String> {
    items.iter().find_map(|item| match item {
        Expression::Not(unwanted) if items.contains(unwanted) => Some(format!("it asks both for `{unwanted}` and for its absence")),
        _ => None,
    })
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
