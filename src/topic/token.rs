//! The pieces that a rule is written in, each with the column that it begins at.

use super::RuleError;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// From 1, in characters.
    pub(super) column: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Open,
    Close,
    Or,
    And,
    Not,
    Unless,
    Near(u32),
    Then(u32),
    Sentence,
    /// `~5` after a phrase, as some services write nearness.
    Tilde(u32),
    Times(u32),
    /// `title:`, `feed:` and the like, without the colon.
    Prefix(String),
    Quoted(String),
    Word(String),
}

/// Splits one rule. `column` is the column of its first character.
pub(super) fn tokens(rule: &str, line: usize, column: usize, errors: &mut Vec<RuleError>) -> Vec<Token> {
    let letters: Vec<char> = rule.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(&letter) = letters.get(at) {
        let start = at;
        at += 1;
        let kind = match letter {
            letter if letter.is_whitespace() => continue,
            '(' => Kind::Open,
            ')' => Kind::Close,
            '|' => Kind::Or,
            // As services of search have it: `child -film`, `!film`.
            '!' | '-' | '−'
                if letters.get(at).is_some_and(|&next| next.is_alphanumeric() || matches!(next, '(' | '"' | '“' | '„' | '«' | '=')) =>
            {
                Kind::Not
            }
            '"' | '“' | '„' | '«' => {
                let Some(length) = letters.iter().skip(at).position(|&letter| matches!(letter, '"' | '”' | '“' | '»')) else {
                    errors.push(RuleError::new(line, column + start, "this quotation mark is never closed"));
                    break;
                };
                at += length + 1;
                Kind::Quoted(text(&letters, start + 1, at - 1))
            }
            '”' | '»' => {
                errors.push(RuleError::new(line, column + start, "this quotation mark closes what none has opened"));
                continue;
            }
            _ => {
                while letters.get(at).is_some_and(|&letter| !ends_word(letter)) {
                    at += 1;
                }
                let word = text(&letters, start, at);
                if letters.get(at) == Some(&':') {
                    at += 1;
                    Kind::Prefix(word)
                } else {
                    match word_or_operator(word) {
                        Ok(kind) => kind,
                        Err(message) => {
                            errors.push(RuleError::new(line, column + start, message));
                            continue;
                        }
                    }
                }
            }
        };
        found.push(Token { kind, column: column + start });
    }
    found
}

fn text(letters: &[char], from: usize, to: usize) -> String {
    letters.get(from..to).unwrap_or_default().iter().collect()
}

fn ends_word(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '(' | ')' | '|' | '"' | '“' | '”' | '„' | '«' | '»' | ':')
}

/// Whether a word, written bare, would be read as an operator.
pub(super) fn is_operator(word: &str) -> bool {
    !matches!(word_or_operator(word.to_owned()), Ok(Kind::Word(_)))
}

/// The operator that a word in small letters is: `or`, `near/3`.
pub(super) fn meant_as_operator(word: &str) -> Option<String> {
    let capitals = word.to_ascii_uppercase();
    (capitals != word && !matches!(word_or_operator(capitals.clone()), Ok(Kind::Word(_)))).then_some(capitals)
}

fn word_or_operator(word: String) -> Result<Kind, String> {
    Ok(match word.as_str() {
        "AND" | "&" => Kind::And,
        "OR" => Kind::Or,
        "NOT" => Kind::Not,
        "UNLESS" => Kind::Unless,
        "SENT" => Kind::Sentence,
        "NEAR" | "THEN" => return Err(format!("`{word}` needs a distance in words: `{word}/3`")),
        _ => {
            if let Some(distance) = word.strip_prefix("NEAR/") {
                Kind::Near(number(&word, distance)?)
            } else if let Some(distance) = word.strip_prefix("THEN/") {
                Kind::Then(number(&word, distance)?)
            } else if let Some(distance) = word.strip_prefix('~') {
                Kind::Tilde(number(&word, distance)?)
            } else if let Some(times) =
                word.strip_prefix('x').filter(|times| !times.is_empty() && times.bytes().all(|byte| byte.is_ascii_digit()))
            {
                Kind::Times(number(&word, times)?)
            } else {
                Kind::Word(word)
            }
        }
    })
}

fn number(word: &str, digits: &str) -> Result<u32, String> {
    digits.parse().ok().filter(|number| (1..=50).contains(number)).ok_or_else(|| format!("`{word}` needs a number from 1 to 50"))
}
