//! The head of a rule: the language that it is for, and what it means when it is found.

use super::RuleError;
use super::expression::Effect;
use crate::model::Language;
use crate::text::known_languages;

/// What may stand before a colon inside a rule.
pub(super) const PREFIXES: &str = "`title:`, `lead:`, `body:`, `feed:`, `lang:`, `author:`, `tag:`, `date:` or `topic:`";

/// What stands before the rule's own colon: `ru 10:`, `any NOT:`, `-5:`; and how many characters that is.
pub(super) fn head(line: &str, number: usize) -> Result<(Option<Language>, Effect, usize), RuleError> {
    let none = (None, Effect::Decides, 0);
    let Some((before, _)) = line.split_once(':') else { return Ok(none) };
    let words: Vec<&str> = before.split_whitespace().collect();
    let length = before.chars().count() + 1;
    let (first, second) = match words.as_slice() {
        [first] => (*first, None),
        [first, second] => (*first, Some(*second)),
        _ => return Ok(none),
    };
    if is_prefix(first) || before.contains(['(', '"', '|', '«', '“']) || second.is_some_and(is_prefix) {
        return Ok(none);
    }
    let column = line.chars().take_while(|letter| letter.is_whitespace()).count() + 1;
    let wrong = |message: String| RuleError::new(number, column, message);
    if let (Some(effect), None) = (effect(first), second) {
        return effect.map(|effect| (None, effect, length)).map_err(wrong);
    }
    let language = language(first).map_err(wrong)?;
    let effect = second.map_or(Some(Ok(Effect::Decides)), effect);
    match effect {
        Some(effect) => effect.map(|effect| (language, effect, length)).map_err(wrong),
        None => Err(wrong(format!("`{}` is not a weight: a rule begins like `ru 10:` or `ru NOT:`", second.unwrap_or_default()))),
    }
}

/// None when `word` is meant as neither a weight nor `NOT`.
fn effect(word: &str) -> Option<Result<Effect, String>> {
    if word == "NOT" {
        return Some(Ok(Effect::Excludes));
    }
    let weight: f64 = word.replace(',', ".").parse().ok()?;
    let usable = weight.abs() >= 0.01 && weight.abs() <= 1000.0;
    Some(if usable {
        Ok(Effect::Weighs(weight))
    } else {
        Err(format!("the weight `{word}` is not between 0.01 and 1000, or -0.01 and -1000"))
    })
}

fn language(word: &str) -> Result<Option<Language>, String> {
    if word == "any" {
        return Ok(None);
    }
    let known = || known_languages().iter().map(Language::primary).filter(|tag| tag.len() == 2);
    match Language::new(word) {
        Ok(language) if known().any(|tag| tag == language.as_str()) => Ok(Some(language)),
        _ => {
            let mut tags: Vec<&str> = known().collect();
            tags.sort_unstable();
            tags.dedup();
            Err(format!("`{word}:` is neither a language ({}, any) nor {PREFIXES}", tags.join(", ")))
        }
    }
}

fn is_prefix(word: &str) -> bool {
    matches!(word, "title" | "lead" | "body" | "feed" | "lang" | "language" | "author" | "tag" | "date" | "topic")
}
