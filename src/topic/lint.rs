//! Rules that are right, and probably not what was meant: a word that no dictionary has, a form where the word itself was meant, a
//! rule or an alternative that another one makes needless.

use std::collections::BTreeSet;

use super::RuleError;
use super::expression::{Effect, Expression, Rule, Term};
use super::head::head;
use super::parse;
use super::token::{Kind, Token, tokens};
use super::vocabulary::{every_language, is_acronym, reader_language};
use crate::model::Language;
use crate::text::{Lemmas, lowercase, spelling};

/// Remarks on rules, in their order. Lines that are mistakes are passed over.
#[must_use]
pub fn lint(text: &str, lemmas: &Lemmas) -> Vec<RuleError> {
    let mut remarks = Vec::new();
    let mut before: Vec<Line> = Vec::new();
    for (number, line) in (1..).zip(parse::lines(text)) {
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let (Ok(rule), Ok((_, _, length))) = (parse::rule(line, number), head(line, number)) else { continue };
        let rest: String = line.chars().skip(length).collect();
        let tokens = tokens(&rest, number, length + 1, &mut Vec::new());
        let remark = |(column, message): (usize, String)| RuleError::new(number, column, message);
        remarks.extend(words(&tokens, rule.language.as_ref(), lemmas).into_iter().map(remark));
        let column = tokens.first().map_or(1, |token| token.column);
        for (item, message) in needless_alternatives(&rule, lemmas) {
            remarks.push(remark((column_of(&item, &tokens).unwrap_or(column), message)));
        }
        before.push(Line { number, column, rule });
    }
    remarks.extend(shadowed(&before, lemmas));
    remarks.sort_by_key(|remark| (remark.line, remark.column));
    remarks
}

struct Line {
    number: usize,
    column: usize,
    rule: Rule,
}

/// What is odd about single words. In a phrase a form is natural (`"дом ребенка"`): there only unknown words are remarked on.
fn words(tokens: &[Token], language: Option<&Language>, lemmas: &Lemmas) -> Vec<(usize, String)> {
    let language = reader_language(language);
    let mut remarks = Vec::new();
    let mut of_filter = false;
    for Token { kind, column } in tokens {
        let odd: Vec<String> = match kind {
            Kind::Word(word) if !of_filter => {
                unknown(word, language, lemmas).or_else(|| form(word, language, lemmas)).into_iter().collect()
            }
            Kind::Quoted(phrase) if !of_filter => phrase.split_whitespace().filter_map(|word| unknown(word, language, lemmas)).collect(),
            _ => Vec::new(),
        };
        remarks.extend(odd.into_iter().map(|message| (*column, message)));
        of_filter = matches!(kind, Kind::Prefix(prefix) if !matches!(prefix.as_str(), "title" | "lead" | "body"));
    }
    remarks
}

/// A word that the language's dictionary does not have.
fn unknown(word: &str, language: &str, lemmas: &Lemmas) -> Option<String> {
    let plain = plain(word)?;
    let known = plain.split('-').all(|part| lemmas.knows(language, part).unwrap_or(true)) || lemmas.knows(language, &plain)?;
    let hint = "if it is right nevertheless, `=` before it finds it as it is, `*` after its beginning its forms";
    (!known).then(|| match lemmas.nearest(language, &plain).join("` or `") {
        nearest if nearest.is_empty() => format!("`{word}` is not in the dictionary ({language}): {hint}"),
        nearest => format!("`{word}` is not in the dictionary ({language}): is `{nearest}` meant? Or {hint}"),
    })
}

/// A form, where the word in the form of a dictionary would say what is meant.
fn form(word: &str, language: &str, lemmas: &Lemmas) -> Option<String> {
    let plain = plain(word)?;
    if let Some(singular) = lemmas.singular(language, &plain) {
        return Some(format!(
            "`{word}` is the plural of `{singular}`: write that, all its forms are found; or `=` before what is meant as it is"
        ));
    }
    if !lemmas.knows(language, &plain)? {
        return None;
    }
    let meant = lemmas.meant(language, &plain);
    if meant.contains(&lowercase(&plain)) {
        return None;
    }
    Some(format!("`{word}` is a form of `{}`: write that, all its forms are found", meant.join("` or of `")))
}

/// The word as a dictionary is asked for it; none for what is exact, a prefix, an acronym, or in another script.
fn plain(word: &str) -> Option<String> {
    let word = spelling(word.trim_matches(|letter: char| matches!(letter, ',' | ';' | '.' | '!' | '?')));
    let foreign = word.contains(['=', '*']) || is_acronym(&word) || !word.chars().all(|letter| letter.is_alphabetic() || letter == '-');
    // A capital within a name that a dictionary need not have.
    let name = word.chars().next().is_some_and(char::is_uppercase);
    (!foreign && !name && !word.chars().any(|letter| letter.is_ascii_alphabetic())).then(|| word.into_owned())
}

/// Where a word or a phrase stands.
fn column_of(item: &str, tokens: &[Token]) -> Option<usize> {
    let is_item = |token: &&Token| match &token.kind {
        Kind::Word(word) => word == item,
        Kind::Quoted(phrase) => item.trim_matches('"') == phrase,
        _ => false,
    };
    tokens.iter().rev().find(is_item).map(|token| token.column)
}

/// Alternatives of one list that find nothing beside another: `child | children`.
fn needless_alternatives(rule: &Rule, lemmas: &Lemmas) -> Vec<(String, String)> {
    let mut remarks = Vec::new();
    each(&rule.expression, &mut |expression| {
        let Expression::Or(items) = expression else { return };
        for (index, item) in items.iter().enumerate() {
            let covers = |(place, other): (usize, &Expression<Term>)| {
                let other_way = implies(other, item, rule.language.as_ref(), lemmas);
                place != index && implies(item, other, rule.language.as_ref(), lemmas) && (!other_way || place < index)
            };
            if let Some((_, other)) = items.iter().enumerate().find(|(place, other)| covers((*place, other))) {
                remarks.push((item.to_string(), format!("`{item}` finds nothing that `{other}` beside it does not find: leave it out")));
            }
        }
    });
    remarks
}

/// Calls `visit` with the expression and all that it is made of.
fn each(expression: &Expression<Term>, visit: &mut impl FnMut(&Expression<Term>)) {
    visit(expression);
    match expression {
        Expression::Word(_) | Expression::Phrase(_) | Expression::Filter(_) => {}
        Expression::Near { left: one, right: other, .. }
        | Expression::Sentence(one, other)
        | Expression::Unless { wanted: one, unwanted: other, .. } => {
            each(one, visit);
            each(other, visit);
        }
        Expression::And(items) | Expression::Or(items) => items.iter().for_each(|item| each(item, visit)),
        Expression::Not(item) | Expression::Within(_, item) | Expression::AtLeast(_, item) => each(item, visit),
    }
}

/// Rules that change nothing, because of another one: written twice, or about articles that another rule decides on or excludes.
fn shadowed(lines: &[Line], lemmas: &Lemmas) -> Vec<RuleError> {
    let remark = |line: &Line| {
        let Line { rule, .. } = line;
        let by = lines.iter().find(|other| {
            let covers =
                || covers_language(&other.rule, rule) && implies(&rule.expression, &other.rule.expression, rule.language.as_ref(), lemmas);
            match (rule.effect, other.rule.effect) {
                _ if other.number == line.number => false,
                // The same twice is remarked on at the second.
                (one, two) if one == two && rule.language == other.rule.language && rule.expression == other.rule.expression => {
                    other.number < line.number
                }
                (Effect::Decides | Effect::Weighs(_), Effect::Excludes) | (Effect::Weighs(_), Effect::Decides) => covers(),
                (Effect::Decides, Effect::Decides) | (Effect::Excludes, Effect::Excludes) => {
                    let either = || implies(&other.rule.expression, &rule.expression, other.rule.language.as_ref(), lemmas);
                    covers() && (other.number < line.number || !either())
                }
                (_, Effect::Weighs(_)) | (Effect::Excludes, Effect::Decides) => false,
            }
        })?;
        let message = if rule.expression == by.rule.expression && rule.effect == by.rule.effect {
            format!("`{}` stands here already: its points count twice", by.rule)
        } else {
            format!("this rule changes nothing: `{}` has the last word on whatever it finds", by.rule)
        };
        Some(RuleError::new(line.number, line.column, message))
    };
    lines.iter().filter_map(remark).collect()
}

fn covers_language(wide: &Rule, narrow: &Rule) -> bool {
    wide.language.is_none() || wide.language == narrow.language
}

/// Whether wherever `one` holds `other` does, as far as their shape tells.
pub(super) fn implies(one: &Expression<Term>, other: &Expression<Term>, language: Option<&Language>, lemmas: &Lemmas) -> bool {
    let recur = |one: &Expression<Term>, other: &Expression<Term>| implies(one, other, language, lemmas);
    if one == other {
        return true;
    }
    match (one, other) {
        (Expression::Or(items), _) => items.iter().all(|item| recur(item, other)),
        (_, Expression::Or(items)) => items.iter().any(|item| recur(one, item)),
        (_, Expression::And(items)) => items.iter().all(|item| recur(one, item)),
        (Expression::Word(one), Expression::Word(other)) => is_form(one, other, language, lemmas),
        (Expression::Phrase(words), Expression::Word(_)) => words.iter().any(|word| recur(&Expression::Word(word.clone()), other)),
        (Expression::And(items), _) => items.iter().any(|item| recur(item, other)),
        (
            Expression::Near { words, in_order, left, right },
            Expression::Near { words: other_words, in_order: other_order, left: other_left, right: other_right },
        ) => words <= other_words && (*in_order || !other_order) && recur(left, other_left) && recur(right, other_right),
        (Expression::Near { left, right, .. }, Expression::Sentence(other_left, other_right)) => {
            recur(left, other_left) && recur(right, other_right) || recur(left, other_right) && recur(right, other_left)
        }
        (Expression::Near { left, right, .. } | Expression::Sentence(left, right), Expression::Word(_)) => {
            recur(left, other) || recur(right, other)
        }
        (Expression::Within(part, item), Expression::Within(other_part, other_item)) if part == other_part => recur(item, other_item),
        (Expression::Unless { wanted: item, .. } | Expression::Within(_, item) | Expression::AtLeast(_, item), _) => recur(item, other),
        _ => false,
    }
}

/// Whether all that the first word finds the second one finds too.
fn is_form(one: &Term, other: &Term, language: Option<&Language>, lemmas: &Lemmas) -> bool {
    match (one, other) {
        (Term::AllForms(one), Term::AllForms(other)) => {
            is_acronym(&spelling(one)) == is_acronym(&spelling(other))
                && languages(language).into_iter().all(|language| {
                    let meant = |word: &str| lemmas.meant(language, &spelling(word)).into_iter().collect::<BTreeSet<_>>();
                    meant(one).is_subset(&meant(other))
                })
        }
        (Term::Exact(one), Term::AllForms(other)) => spelling(one) == spelling(other),
        (Term::Exact(one) | Term::Prefix(one), Term::Prefix(other)) => lowercase(&spelling(one)).starts_with(&lowercase(&spelling(other))),
        (Term::Exact(_) | Term::AllForms(_) | Term::Prefix(_), _) => false,
    }
}

fn languages(language: Option<&Language>) -> Vec<&'static str> {
    language.map_or_else(every_language, |language| vec![reader_language(Some(language))])
}
