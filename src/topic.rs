//! Topics: rules in, one compiled matcher out; articles in, matches with their evidence out.
//!
//! `parse` reads rules into expressions, `check` refuses those that cannot be meant; [`Matcher::new`] numbers the words of all rules
//! of all topics (`vocabulary`) and files each rule under the rarest word that it cannot do without. An article is read once
//! (`reading`); only rules whose word it has are looked at (`evaluate`), and what they found is weighed (`score`).
//! `docs/rules.md` has the language in which rules are written.

mod check;
mod evaluate;
mod expression;
mod head;
mod index;
mod parse;
mod print;
mod reading;
mod score;
mod token;
mod vocabulary;

use std::fmt;

use rustc_hash::FxHashSet;

use self::evaluate::Compiled;
pub use self::expression::Rule;
use self::expression::{Effect, Filter};
use self::index::Index;
use self::reading::Reading;
use self::vocabulary::Vocabulary;
use crate::model::{FeedId, Language, Match, TopicId};

/// What an article must score when its topic does not say.
pub const DEFAULT_THRESHOLD: f64 = 12.0;

/// A mistake in a topic's rules.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct RuleError {
    /// From 1, within the rules' text; the column counts characters.
    pub line: usize,
    pub column: usize,
    /// What is wrong and what was probably meant.
    pub message: String,
}

impl RuleError {
    fn new(line: usize, column: usize, message: impl Into<String>) -> Self {
        Self { line, column, message: message.into() }
    }
}

/// A topic's rules, parsed. Printed, they read the same again.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules(Vec<Rule>);

impl Rules {
    /// Reads rules, one a line. Empty lines and those that begin with `#` are skipped.
    ///
    /// # Errors
    /// Every mistake, not only the first.
    pub fn parse(text: &str) -> Result<Self, Vec<RuleError>> {
        parse::parse(text).map(Self)
    }

    /// The other topics that the rules build on (`topic:other`).
    pub fn topics(&self) -> impl Iterator<Item = &TopicId> {
        self.filters().filter_map(|filter| if let Filter::Topic(id) = filter { Some(id) } else { None })
    }

    /// The feeds that the rules name (`feed:kazinform-ru`).
    pub fn feeds(&self) -> impl Iterator<Item = &str> {
        self.filters().filter_map(|filter| if let Filter::Feed(id) = filter { Some(id.as_str()) } else { None })
    }

    fn filters(&self) -> impl Iterator<Item = &Filter> {
        self.0.iter().flat_map(|rule| rule.expression.filters())
    }
}

impl fmt::Display for Rules {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|rule| writeln!(formatter, "{rule}"))
    }
}

/// A standing query over articles.
#[derive(Clone, Debug)]
pub struct Topic {
    pub id: TopicId,
    /// What an article must score, at the length where the scale is 1.
    pub threshold: f64,
    pub rules: Rules,
}

/// What a topic looks at.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    pub feed: Option<&'a FeedId>,
    /// Plain text.
    pub title: &'a str,
    /// Paragraphs separated by a newline.
    pub body: &'a str,
    /// As the page claims or the extractor found; overruled when the text is clearly in another one, detected when absent.
    pub language: Option<&'a Language>,
    pub authors: &'a [String],
    pub tags: &'a [String],
}

/// All topics, compiled into one.
#[derive(Debug)]
pub struct Matcher {
    vocabulary: Vocabulary,
    /// A topic that builds on others stands after them.
    topics: Vec<CompiledTopic>,
    /// Those of a topic together, in the order of their topics.
    rules: Vec<CompiledRule>,
    index: Index,
}

#[derive(Debug)]
struct CompiledTopic {
    id: TopicId,
    threshold: f64,
}

#[derive(Debug)]
struct CompiledRule {
    topic: u32,
    effect: Effect,
    expression: Compiled,
    /// As evidence shows it: the expression without language and weight.
    text: Box<str>,
}

impl Matcher {
    #[must_use]
    pub fn new(topics: &[Topic]) -> Self {
        let ordered = others_first(topics);
        let mut vocabulary = Vocabulary::default();
        let mut rules = Vec::new();
        for (index, topic) in (0_u32..).zip(&ordered) {
            for Rule { language, effect, expression } in &topic.rules.0 {
                let compiled = evaluate::compile(expression, &mut |term| vocabulary.intern(language.as_ref(), term));
                rules.push(CompiledRule { topic: index, effect: *effect, expression: compiled, text: expression.to_string().into() });
            }
        }
        let topics = ordered.iter().map(|topic| CompiledTopic { id: topic.id.clone(), threshold: topic.threshold }).collect();
        let index = Index::new(&rules, vocabulary.len());
        Self { vocabulary, topics, rules, index }
    }

    /// The topics that the article belongs to, in the order of their ids.
    pub fn matches(&self, subject: &Subject<'_>) -> Vec<Match> {
        self.read(subject).1
    }

    /// The language that the article was read in, and the topics that it belongs to.
    pub fn read(&self, subject: &Subject<'_>) -> (Option<Language>, Vec<Match>) {
        let mut reading = Reading::new(subject, &self.vocabulary);
        let candidates = self.index.candidates(&reading);
        let rules: Vec<&CompiledRule> = candidates.iter().filter_map(|&rule| self.rules.get(rule as usize)).collect();
        let mut matches = Vec::new();
        for rules in rules.chunk_by(|one, next| one.topic == next.topic) {
            let topic = rules.first().and_then(|rule| self.topics.get(rule.topic as usize));
            if let Some(found) = topic.and_then(|topic| score::judge(topic, rules.iter().copied(), &reading)) {
                reading.matched.push(found.topic.clone());
                matches.push(found);
            }
        }
        matches.sort_by(|one, other| one.topic.cmp(&other.topic));
        (reading.language, matches)
    }
}

/// The topics in an order in which each stands after those that it builds on. In a circle, where there is none, a topic that stands
/// too early finds that the article is not on the other.
fn others_first(topics: &[Topic]) -> Vec<&Topic> {
    let mut waiting: Vec<(&Topic, Vec<&TopicId>)> = topics.iter().map(|topic| (topic, topic.rules.topics().collect())).collect();
    let mut ordered = Vec::with_capacity(topics.len());
    while !waiting.is_empty() {
        let open: FxHashSet<&TopicId> = waiting.iter().map(|(topic, _)| &topic.id).collect();
        let (ready, blocked): (Vec<_>, Vec<_>) = waiting.iter().cloned().partition(|(_, needs)| !needs.iter().any(|id| open.contains(id)));
        let (next, rest) = if ready.is_empty() { (blocked, Vec::new()) } else { (ready, blocked) };
        ordered.extend(next.into_iter().map(|(topic, _)| topic));
        waiting = rest;
    }
    ordered
}
