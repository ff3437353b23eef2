//! Topics: rules in, one compiled matcher out; articles in, matches with their evidence out.
//!
//! `parse` reads rules into expressions, `check` refuses those that cannot be meant; [`Matcher::new`] numbers the words of all rules
//! of all topics (`vocabulary`) and files each alternative of a rule under the rarest word that it cannot do without. An article is
//! read once (`reading`); only rules whose word it has are looked at (`evaluate`), and what they found is weighed (`score`).
//! `docs/rules.md` has the language in which rules are written.

mod check;
mod common;
mod days;
mod evaluate;
mod explain;
mod expression;
mod head;
mod index;
mod indexer;
mod learn;
mod lint;
mod nearly;
mod parse;
mod print;
mod query;
mod reading;
mod score;
mod suggest;
mod token;
mod vocabulary;

use std::fmt;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use self::evaluate::Compiled;
pub use self::explain::{Contribution, Explainer, Explanation, Lessons};
pub use self::expression::{Effect, Rule};
use self::expression::{Expression, Filter};
use self::index::{Candidate, Index};
pub use self::indexer::{Indexer, Need, WordKey};
use self::learn::CompiledModel;
pub use self::learn::{Learned, Lesson, MIN_LESSONS, Weight};
pub use self::lint::lint;
pub use self::nearly::Nearly;
pub use self::query::Query;
use self::reading::Reading;
pub use self::suggest::{Background, Suggestion, suggest};
use self::vocabulary::Vocabulary;
use crate::model::{Article, FeedId, Language, Match, StoredArticle, Timestamp, TopicId};

/// How many words of rules that are gone a rebuilt matcher may keep, beside as many as it had.
const SPARE_WORDS: usize = 10_000;

/// The rules of the topics of an earlier matcher, as written and compiled.
type Before<'a> = FxHashMap<&'a TopicId, (&'a Rules, &'a [CompiledRule])>;

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

/// A topic's rules, parsed; cheap to clone. Printed, they read the same again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rules(Arc<[Rule]>);

impl Rules {
    /// Reads rules, one a line. Empty lines and those that begin with `#` are skipped.
    ///
    /// # Errors
    /// Every mistake, not only the first.
    pub fn parse(text: &str) -> Result<Self, Vec<RuleError>> {
        parse::parse(text).map(|rules| Self(rules.into()))
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

impl TryFrom<String> for Rules {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
    }
}

impl From<Rules> for String {
    fn from(rules: Rules) -> Self {
        rules.to_string()
    }
}

/// A standing query over articles.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Topic {
    pub id: TopicId,
    /// What an article must score, at the length where the scale is 1.
    pub threshold: f64,
    pub rules: Rules,
    /// What the desk's marks taught, nothing yet included. None: the topic goes by its rules alone.
    #[serde(default)]
    pub learned: Option<Learned>,
}

impl Topic {
    /// A topic that goes by its rules alone.
    #[must_use]
    pub fn new(id: TopicId, threshold: f64, rules: Rules) -> Self {
        Self { id, threshold, rules, learned: None }
    }
}

/// What a topic looks at.
#[derive(Clone, Copy, Debug, Default)]
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
    /// When it was published, or else first seen.
    pub published: Option<Timestamp>,
}

impl<'a> Subject<'a> {
    #[must_use]
    pub fn of(stored: &'a StoredArticle) -> Self {
        Self { feed: Some(&stored.feed), published: Some(stored.time()), ..Self::of_page(&stored.article) }
    }

    /// An article that no feed brought.
    #[must_use]
    pub fn of_page(article: &'a Article) -> Self {
        Self {
            feed: None,
            title: &article.title,
            body: &article.text,
            language: article.language.as_ref(),
            authors: &article.authors,
            tags: &article.tags,
            published: article.published,
        }
    }
}

/// All topics, compiled into one.
#[derive(Debug)]
pub struct Matcher {
    vocabulary: Vocabulary,
    /// How many words of rules there were when all topics were last compiled together.
    words: usize,
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
    /// What it was compiled from.
    source: Rules,
    learned: Option<CompiledModel>,
}

/// Cheap to clone: a matcher that follows another one shares what did not change.
#[derive(Clone, Debug)]
struct CompiledRule {
    topic: u32,
    effect: Effect,
    expression: Arc<Compiled>,
    /// As evidence shows it: the expression without language and weight.
    text: Arc<str>,
}

impl Matcher {
    #[must_use]
    pub fn new(topics: &[Topic]) -> Self {
        let built = Self::build(topics, Vocabulary::default(), &FxHashMap::default());
        Self { words: built.vocabulary.len(), ..built }
    }

    /// Matches as [`Matcher::new`] would; of topics whose rules are as in this one, nothing is compiled again.
    #[must_use]
    pub fn rebuilt(&self, topics: &[Topic]) -> Self {
        // Words that no rule has any more stay in the vocabulary; when they are too many it is made anew.
        if self.vocabulary.len() > 2 * self.words + SPARE_WORDS {
            return Self::new(topics);
        }
        let rules = self.rules.chunk_by(|one, next| one.topic == next.topic);
        let of_topic = rules.filter_map(|rules| Some((self.topics.get(rules.first()?.topic as usize)?, rules)));
        let before: Before<'_> = of_topic.map(|(topic, rules)| (&topic.id, (&topic.source, rules))).collect();
        Self { words: self.words, ..Self::build(topics, self.vocabulary.extended(), &before) }
    }

    fn build(topics: &[Topic], mut vocabulary: Vocabulary, before: &Before<'_>) -> Self {
        let (mut rules, mut compiled) = (Vec::new(), Vec::with_capacity(topics.len()));
        for (number, topic) in (0_u32..).zip(others_first(topics)) {
            match before.get(&topic.id).filter(|(source, _)| **source == topic.rules) {
                Some((_, same)) => rules.extend(same.iter().map(|rule| CompiledRule { topic: number, ..rule.clone() })),
                None => rules.extend(topic.rules.0.iter().map(|rule| CompiledRule::new(number, rule, &mut vocabulary))),
            }
            let learned = topic.learned.as_ref().and_then(|learned| CompiledModel::new(learned, &mut vocabulary));
            compiled.push(CompiledTopic { id: topic.id.clone(), threshold: topic.threshold, source: topic.rules.clone(), learned });
        }
        let index = Index::new(&compiled, &rules, vocabulary.len());
        Self { words: 0, vocabulary, topics: compiled, rules, index }
    }

    /// The topics that the article belongs to, in the order of their ids.
    pub fn matches(&self, subject: &Subject<'_>) -> Vec<Match> {
        self.read(subject).1
    }

    /// The language that the article was read in, and the topics that it belongs to.
    pub fn read(&self, subject: &Subject<'_>) -> (Option<Language>, Vec<Match>) {
        let mut reading = Reading::new(subject, &self.vocabulary);
        let candidates = self.index.candidates(&reading);
        let rules = || candidates.iter().filter_map(|candidate| self.rules.get(candidate.rule as usize));
        index::ask_for(rules().map(|rule| rule.topic));
        index::ask_for(rules().map(|rule| u32::from(matches!(*rule.expression, Expression::Not(_)))));
        let mut matches = Vec::new();
        for candidates in candidates.chunk_by(|one, next| one.topic == next.topic) {
            let rule = |candidate: &Candidate| Some((self.rules.get(candidate.rule as usize)?, candidate.hope));
            let rules: SmallVec<[_; 16]> = candidates.iter().filter_map(rule).collect();
            let topic = candidates.first().and_then(|candidate| self.topics.get(candidate.topic as usize));
            if let Some(found) = topic.and_then(|topic| score::judge(topic, &rules, &reading)) {
                reading.matched.push(found.topic.clone());
                matches.push(found);
            }
        }
        matches.sort_by(|one, other| one.topic.cmp(&other.topic));
        (reading.language, matches)
    }
}

impl CompiledRule {
    fn new(topic: u32, rule: &Rule, vocabulary: &mut Vocabulary) -> Self {
        let Rule { language, effect, expression } = rule;
        let text = expression.to_string().into();
        let expression = evaluate::compile(expression, &mut |term| vocabulary.intern(language.as_ref(), term));
        Self { topic, effect: *effect, expression: Arc::new(expression), text }
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
