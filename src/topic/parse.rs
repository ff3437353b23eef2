//! Reads rules. Every line is read on its own, so that one mistake does not hide the next.
//!
//! From loosest to tightest: `UNLESS`, `|` (or `OR`), `AND`, `NOT`, then `NEAR/n` `THEN/n` `SENT`, then `xN`.

use std::str::Lines;

use super::expression::{Effect, Expression, Filter, Part, Reach, Rule, Term};
use super::head::{PREFIXES, head};
use super::token::{Kind, Token, meant_as_operator, tokens};
use super::{RuleError, check, days};
use crate::model::{Language, TopicId};

/// A parenthesis inside a parenthesis, or operators in a row (`a NEAR/3 b NEAR/3 c` holds `a NEAR/3 b`): enough for people, and too
/// little for the stack to notice.
const MAX_DEPTH: usize = 24;
/// Letters that a prefix needs, so that it does not match nearly everything.
const MIN_PREFIX: usize = 3;

/// The rules of `text`, or all that is wrong with them.
pub(super) fn parse(text: &str) -> Result<Vec<Rule>, Vec<RuleError>> {
    let (mut rules, mut errors) = (Vec::new(), Vec::new());
    for (index, line) in lines(text).enumerate() {
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        match rule(line, index + 1) {
            Ok(rule) => rules.push(rule),
            Err(found) => errors.extend(found),
        }
    }
    if errors.is_empty() && !rules.iter().any(speaks_for) {
        errors.push(RuleError::new(
            1,
            1,
            "no rule speaks for an article: write at least one with a weight above zero, or with none".to_owned(),
        ));
    }
    if errors.is_empty() { Ok(rules) } else { Err(errors) }
}

/// The lines of rules; a byte-order mark before them is what an editor wrote.
pub(super) fn lines(text: &str) -> Lines<'_> {
    text.strip_prefix('\u{feff}').unwrap_or(text).lines()
}

/// Whether the rule can bring an article onto the topic.
fn speaks_for(rule: &Rule) -> bool {
    match rule.effect {
        Effect::Decides => true,
        Effect::Weighs(weight) => weight > 0.0,
        Effect::Excludes => false,
    }
}

pub(super) fn rule(line: &str, number: usize) -> Result<Rule, Vec<RuleError>> {
    let (language, effect, length) = head(line, number).map_err(|error| vec![error])?;
    let rest: String = line.chars().skip(length).collect();
    let mut errors = Vec::new();
    let tokens = tokens(&rest, number, length + 1, &mut errors);
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0, line: number, end: line.chars().count() + 1 };
    let expression = parser.whole().map_err(|error| vec![error])?;
    let rule = Rule { language, effect, expression };
    let column = tokens.first().map_or(1, |token| token.column);
    check::refusal(&rule).map_or(Ok(rule), |message| Err(vec![RuleError::new(number, column, message)]))
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
    line: usize,
    /// The column after the last character.
    end: usize,
}

impl Parser<'_> {
    fn whole(&mut self) -> Result<Expression<Term>, RuleError> {
        let expression = self.unless()?;
        match self.peek() {
            None => Ok(expression),
            Some(Kind::Close) => Err(self.error("this `)` closes nothing")),
            Some(_) => Err(self.missing_operator()),
        }
    }

    fn unless(&mut self) -> Result<Expression<Term>, RuleError> {
        let mut wanted = self.or()?;
        let depth = self.depth;
        while self.eat(&Kind::Unless) {
            self.descend()?;
            let reach = match self.peek() {
                Some(&Kind::Near(words)) => {
                    self.at += 1;
                    Reach::Words(words)
                }
                Some(Kind::Sentence) => {
                    self.at += 1;
                    Reach::Sentence
                }
                _ => Reach::Sentence,
            };
            let unwanted = Box::new(self.or()?);
            wanted = Expression::Unless { wanted: Box::new(wanted), reach, unwanted };
        }
        self.depth = depth;
        Ok(wanted)
    }

    fn or(&mut self) -> Result<Expression<Term>, RuleError> {
        let mut items = vec![self.and()?];
        while self.eat(&Kind::Or) {
            items.push(self.and()?);
        }
        Ok(one_or(items, Expression::Or))
    }

    fn and(&mut self) -> Result<Expression<Term>, RuleError> {
        let mut items = vec![self.not()?];
        // `a NOT b` is written for `a AND NOT b` as often as not.
        while self.eat(&Kind::And) || self.peek() == Some(&Kind::Not) {
            items.push(self.not()?);
        }
        Ok(one_or(items, Expression::And))
    }

    fn not(&mut self) -> Result<Expression<Term>, RuleError> {
        if !self.eat(&Kind::Not) {
            return self.near();
        }
        self.deeper(|parser| Ok(Expression::Not(Box::new(parser.not()?))))
    }

    fn near(&mut self) -> Result<Expression<Term>, RuleError> {
        let mut left = self.times()?;
        let depth = self.depth;
        while let Some(operator) = self.peek().cloned() {
            let (words, in_order) = match operator {
                Kind::Near(words) => (Some(words), false),
                Kind::Then(words) => (Some(words), true),
                Kind::Sentence => (None, false),
                _ => break,
            };
            self.at += 1;
            self.descend()?;
            let (first, right) = (Box::new(left), Box::new(self.times()?));
            left = match words {
                Some(words) => Expression::Near { words, in_order, left: first, right },
                None => Expression::Sentence(first, right),
            };
        }
        self.depth = depth;
        Ok(left)
    }

    fn times(&mut self) -> Result<Expression<Term>, RuleError> {
        let mut item = self.primary()?;
        let depth = self.depth;
        while let Some(&Kind::Times(times)) = self.peek() {
            self.at += 1;
            self.descend()?;
            item = Expression::AtLeast(times, Box::new(item));
        }
        self.depth = depth;
        Ok(item)
    }

    fn primary(&mut self) -> Result<Expression<Term>, RuleError> {
        let Some(token) = self.tokens.get(self.at) else { return Err(self.error("a word is missing here")) };
        self.at += 1;
        match &token.kind {
            Kind::Open => {
                let inner = self.deeper(Self::unless)?;
                if self.eat(&Kind::Close) { Ok(inner) } else { Err(self.unclosed(token.column)) }
            }
            Kind::Word(word) => match days::compared(word) {
                Some(days) => days
                    .map(|days| Expression::Filter(Filter::Published(days)))
                    .map_err(|message| RuleError::new(self.line, token.column, message)),
                None => self.term(word, token.column).map(Expression::Word),
            },
            Kind::Quoted(text) => self.quoted(text, token.column),
            Kind::Prefix(prefix) => self.prefixed(prefix, token.column),
            Kind::Near(_) | Kind::Then(_) | Kind::Sentence | Kind::And | Kind::Or | Kind::Unless | Kind::Times(_) | Kind::Tilde(_) => {
                Err(RuleError::new(self.line, token.column, "this operator needs an expression on its left"))
            }
            Kind::Not => Err(RuleError::new(self.line, token.column, "`NOT` cannot stand here: put it in parentheses, or use `UNLESS`")),
            Kind::Close => Err(RuleError::new(self.line, token.column, "a word is missing before this `)`")),
        }
    }

    fn unclosed(&self, column: usize) -> RuleError {
        if self.at < self.tokens.len() { self.missing_operator() } else { RuleError::new(self.line, column, "this `(` is never closed") }
    }

    fn prefixed(&mut self, prefix: &str, column: usize) -> Result<Expression<Term>, RuleError> {
        let part = match prefix {
            "title" => Part::Title,
            "lead" => Part::Lead,
            "body" => Part::Body,
            "feed" | "lang" | "language" | "author" | "tag" | "date" | "topic" => return self.filter(prefix, column),
            _ => return Err(RuleError::new(self.line, column, format!("`{prefix}:` is not {PREFIXES}"))),
        };
        let inner = self.deeper(Self::primary)?;
        Ok(Expression::Within(part, Box::new(inner)))
    }

    fn filter(&mut self, prefix: &str, column: usize) -> Result<Expression<Term>, RuleError> {
        let value = match self.tokens.get(self.at).map(|token| &token.kind) {
            Some(Kind::Word(value) | Kind::Quoted(value)) if !value.trim().is_empty() => value.trim().to_owned(),
            _ => return Err(RuleError::new(self.line, column, format!("`{prefix}:` needs a value, as in `{prefix}:\"…\"`"))),
        };
        self.at += 1;
        let filter = match prefix {
            "feed" => Filter::Feed(value),
            "author" => Filter::Author(value),
            "tag" => Filter::Tag(value),
            "topic" => Filter::Topic(TopicId::new(value).map_err(|error| RuleError::new(self.line, column, error.to_string()))?),
            "date" => Filter::Published(days::within(&value).map_err(|message| RuleError::new(self.line, column, message))?),
            _ => Filter::Language(Language::new(&value).map_err(|error| RuleError::new(self.line, column, error.to_string()))?),
        };
        Ok(Expression::Filter(filter))
    }

    /// A phrase; followed by `~n`, its words near each other in any order.
    fn quoted(&mut self, text: &str, column: usize) -> Result<Expression<Term>, RuleError> {
        let terms = text.split_whitespace().map(|word| self.term(word, column)).collect::<Result<Vec<_>, _>>()?;
        if let Some(&Kind::Tilde(words)) = self.peek() {
            self.at += 1;
            let near =
                |left, right| Expression::Near { words, in_order: false, left: Box::new(left), right: Box::new(Expression::Word(right)) };
            let mut terms = terms.into_iter();
            let first = terms.next().map(Expression::Word).ok_or_else(|| RuleError::new(self.line, column, "the phrase is empty"))?;
            if terms.len() > MAX_DEPTH {
                return Err(RuleError::new(self.line, column, format!("nearness is for {MAX_DEPTH} words at most")));
            }
            return Ok(terms.fold(first, near));
        }
        match <[Term; 1]>::try_from(terms) {
            Ok([term]) => Ok(Expression::Word(term)),
            Err(terms) if terms.is_empty() => Err(RuleError::new(self.line, column, "the phrase is empty")),
            Err(terms) => Ok(Expression::Phrase(terms)),
        }
    }

    fn term(&self, word: &str, column: usize) -> Result<Term, RuleError> {
        let wrong = |message: String| Err(RuleError::new(self.line, column, message));
        let (bare, term): (&str, fn(String) -> Term) = match (word.strip_prefix('='), word.strip_suffix('*')) {
            (Some(_), Some(_)) => return wrong(format!("`{word}`: a word is either exact (`=Word`) or a prefix (`word*`)")),
            (Some(exact), None) => (exact, Term::Exact),
            (None, Some(prefix)) if prefix.chars().count() < MIN_PREFIX => {
                return wrong(format!("`{word}` would match nearly everything: a prefix needs {MIN_PREFIX} letters"));
            }
            (None, Some(prefix)) => (prefix, Term::Prefix),
            (None, None) => (word, Term::AllForms),
        };
        let trimmed = bare.trim_matches(|letter: char| matches!(letter, ',' | ';' | '.' | '!' | '?'));
        let mut words = crate::text::words(trimmed).into_iter();
        let whole = words.next().is_some_and(|first| first.start == 0 && first.end() == trimmed.len());
        if whole { Ok(term(trimmed.to_owned())) } else { wrong(not_a_word(word)) }
    }

    fn deeper(&mut self, read: impl FnOnce(&mut Self) -> Result<Expression<Term>, RuleError>) -> Result<Expression<Term>, RuleError> {
        self.descend()?;
        let expression = read(self)?;
        self.depth -= 1;
        Ok(expression)
    }

    /// Guards the stack against lines without end.
    fn descend(&mut self) -> Result<(), RuleError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(self.error("this is nested too deeply: make several rules of it")) } else { Ok(()) }
    }

    fn peek(&self) -> Option<&Kind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    fn eat(&mut self, kind: &Kind) -> bool {
        let eaten = self.peek() == Some(kind);
        self.at += usize::from(eaten);
        eaten
    }

    fn missing_operator(&self) -> RuleError {
        let small = if let Some(Kind::Word(word)) = self.peek() { meant_as_operator(word) } else { None };
        let hint = small.map_or_else(String::new, |operator| format!("; operators are written in capitals: `{operator}`"));
        let what = "for words that follow each other write `\"a b\"`, for both anywhere `a AND b`, for either `a | b`";
        self.error(&format!("an operator is missing here: {what}{hint}"))
    }

    fn error(&self, message: &str) -> RuleError {
        RuleError::new(self.line, self.tokens.get(self.at).map_or(self.end, |token| token.column), message)
    }
}

fn one_or(mut items: Vec<Expression<Term>>, several: fn(Vec<Expression<Term>>) -> Expression<Term>) -> Expression<Term> {
    match items.pop() {
        Some(only) if items.is_empty() => only,
        Some(last) => {
            items.push(last);
            several(items)
        }
        None => several(items),
    }
}

fn not_a_word(word: &str) -> String {
    match word {
        _ if let Some(operator) = meant_as_operator(word) => format!("`{word}`: operators are written in capitals: `{operator}`"),
        _ if word.contains('*') => format!("`{word}`: `*` stands at the end of a word only"),
        _ if word.contains('~') => format!("`{word}`: nearness is written `\"two words\" ~3` or `one NEAR/3 other`"),
        _ => format!("`{word}` is not one word: a word has letters or digits, and `-` or an apostrophe between them only"),
    }
}
