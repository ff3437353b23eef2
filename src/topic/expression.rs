//! What a rule says, as a tree.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::vocabulary::Terms;
use crate::model::{Language, TopicId};

/// One line of a topic's rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// None: any language.
    pub language: Option<Language>,
    pub effect: Effect,
    pub expression: Expression<Term>,
}

/// What it means when a rule's expression is found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The article is on the topic, whatever the other rules say: a rule without a weight.
    Decides,
    /// Each place adds this to the score (or takes it away, when negative).
    Weighs(f64),
    /// The article is not on the topic, whatever the other rules say.
    Excludes,
}

/// A tree over words: [`Term`]s as written, or what a matcher made of them.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression<T> {
    Word(T),
    /// Words that follow each other.
    Phrase(Vec<T>),
    /// Both in one sentence, `words` apart at most; with `in_order`, the second after the first.
    Near {
        words: u32,
        in_order: bool,
        left: Box<Expression<T>>,
        right: Box<Expression<T>>,
    },
    /// Both in one sentence.
    Sentence(Box<Expression<T>>, Box<Expression<T>>),
    And(Vec<Expression<T>>),
    Or(Vec<Expression<T>>),
    Not(Box<Expression<T>>),
    /// The first, where the second is not within reach.
    Unless {
        wanted: Box<Expression<T>>,
        reach: Reach,
        unwanted: Box<Expression<T>>,
    },
    Within(Part, Box<Expression<T>>),
    /// In at least so many places.
    AtLeast(u32, Box<Expression<T>>),
    Filter(Filter),
}

/// A word of a rule, as it was written there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Term {
    /// All forms of the word.
    AllForms(String),
    /// `=Word`: this form in this letter case.
    Exact(String),
    /// `word*`: all words that begin so.
    Prefix(String),
}

/// How close an exception must be to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    Words(u32),
    Sentence,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Title,
    /// The first lines of the body.
    Lead,
    Body,
}

/// A condition on the article rather than its text. Compared without regard to letter case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    Feed(String),
    Language(Language),
    /// A part of an author's name.
    Author(String),
    Tag(String),
    /// The article is on this other topic.
    Topic(TopicId),
    Published(Days),
}

/// The days, both included, on which an article may have been published, in the time that it names itself.
///
/// Invariant: at least one end is given, and the first is not after the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    pub first: Option<NaiveDate>,
    pub last: Option<NaiveDate>,
}

impl Days {
    /// Whether a day is in both.
    pub(super) fn meets(self, other: Self) -> bool {
        let before = |one: Option<NaiveDate>, other: Option<NaiveDate>| one.zip(other).is_none_or(|(first, last)| first <= last);
        before(self.first, other.last) && before(other.first, self.last)
    }

    pub(super) fn contain(self, day: NaiveDate) -> bool {
        self.first.is_none_or(|first| first <= day) && self.last.is_none_or(|last| day <= last)
    }
}

impl<T> Expression<T> {
    /// What it asks of an article beside its words.
    pub(super) fn filters(&self) -> Vec<&Filter> {
        match self {
            Self::Filter(filter) => vec![filter],
            Self::Word(_) | Self::Phrase(_) => Vec::new(),
            Self::Near { left, right, .. } | Self::Sentence(left, right) => [left.filters(), right.filters()].concat(),
            Self::And(items) | Self::Or(items) => items.iter().flat_map(Self::filters).collect(),
            Self::Unless { wanted, unwanted, .. } => [wanted.filters(), unwanted.filters()].concat(),
            Self::Not(item) | Self::Within(_, item) | Self::AtLeast(_, item) => item.filters(),
        }
    }

    /// The same tree over other words.
    pub(super) fn map<U>(&self, word: &mut impl FnMut(&T) -> U) -> Expression<U> {
        match self {
            Self::Word(term) => Expression::Word(word(term)),
            Self::Phrase(terms) => Expression::Phrase(terms.iter().map(word).collect()),
            Self::Near { words, in_order, left, right } => {
                let (left, right) = (Box::new(left.map(word)), Box::new(right.map(word)));
                Expression::Near { words: *words, in_order: *in_order, left, right }
            }
            Self::Sentence(left, right) => Expression::Sentence(Box::new(left.map(word)), Box::new(right.map(word))),
            Self::And(items) => Expression::And(items.iter().map(|item| item.map(word)).collect()),
            Self::Or(items) => Expression::Or(items.iter().map(|item| item.map(word)).collect()),
            Self::Not(item) => Expression::Not(Box::new(item.map(word))),
            Self::Unless { wanted, reach, unwanted } => {
                Expression::Unless { wanted: Box::new(wanted.map(word)), reach: *reach, unwanted: Box::new(unwanted.map(word)) }
            }
            Self::Within(part, item) => Expression::Within(*part, Box::new(item.map(word))),
            Self::AtLeast(times, item) => Expression::AtLeast(*times, Box::new(item.map(word))),
            Self::Filter(filter) => Expression::Filter(filter.clone()),
        }
    }
}

impl Expression<Term> {
    /// The bare words of which each alone makes the expression hold.
    pub(super) fn alternatives(&self) -> Vec<&str> {
        match self {
            Self::Word(Term::AllForms(word)) => vec![word],
            Self::Or(items) => items.iter().flat_map(Self::alternatives).collect(),
            Self::Unless { wanted: item, .. } | Self::Within(_, item) => item.alternatives(),
            Self::Word(Term::Exact(_) | Term::Prefix(_))
            | Self::Phrase(_)
            | Self::Near { .. }
            | Self::Sentence(..)
            | Self::And(_)
            | Self::Not(_)
            | Self::AtLeast(..)
            | Self::Filter(_) => Vec::new(),
        }
    }
}

impl Expression<Terms> {
    /// The same with one leaf for all alternatives that are single words, throughout.
    pub(super) fn simplified(self) -> Self {
        let all = |items: Vec<Self>| items.into_iter().map(Self::simplified).collect::<Vec<_>>();
        let one = |item: Box<Self>| Box::new(item.simplified());
        match self {
            Self::Or(items) => {
                let (words, mut others): (Vec<Self>, Vec<Self>) = all(items).into_iter().partition(|item| matches!(item, Self::Word(_)));
                let terms: Terms =
                    words.into_iter().flat_map(|word| if let Self::Word(terms) = word { terms } else { Terms::new() }).collect();
                if terms.is_empty() {
                    return Self::Or(others);
                }
                if others.is_empty() {
                    return Self::Word(terms);
                }
                others.push(Self::Word(terms));
                Self::Or(others)
            }
            Self::Near { words, in_order, left, right } => Self::Near { words, in_order, left: one(left), right: one(right) },
            Self::Sentence(left, right) => Self::Sentence(one(left), one(right)),
            Self::And(items) => Self::And(all(items)),
            Self::Not(item) => Self::Not(one(item)),
            Self::Unless { wanted, reach, unwanted } => Self::Unless { wanted: one(wanted), reach, unwanted: one(unwanted) },
            Self::Within(part, item) => Self::Within(part, one(item)),
            Self::AtLeast(times, item) => Self::AtLeast(times, one(item)),
            leaf @ (Self::Word(_) | Self::Phrase(_) | Self::Filter(_)) => leaf,
        }
    }
}
