//! A search: what somebody types, read as a rule, so that it finds what the rule would find. Words without operators must all be there.

use super::{Matcher, Need, RuleError, Rules, Subject, Topic};
use crate::model::{Evidence, TopicId};

/// So little that whatever a rule finds is found.
const THRESHOLD: f64 = 0.01;
/// The longest search that is read, in bytes.
const LONGEST: usize = 2_000;

/// A search, ready to be held against articles.
#[derive(Debug)]
pub struct Query {
    matcher: Matcher,
    need: Need,
}

impl Query {
    /// # Errors
    /// What is wrong with it, with its place.
    pub fn parse(text: &str) -> Result<Self, Vec<RuleError>> {
        if text.len() > LONGEST {
            return Err(vec![RuleError::new(1, 1, format!("a search of more than {LONGEST} bytes: write less"))]);
        }
        if text.trim().is_empty() {
            return Err(vec![RuleError::new(1, 1, "a search needs a word")]);
        }
        let rules = match Rules::parse(text) {
            Ok(rules) => rules,
            Err(errors) => Rules::parse(&all_of(text).ok_or(errors)?)?,
        };
        let need = Need::of(&rules.0);
        let topic = Topic::new(TopicId::new("search").map_err(|_| Vec::new())?, THRESHOLD, rules);
        Ok(Self { matcher: Matcher::new(&[topic]), need })
    }

    /// What an article must have to answer it.
    #[must_use]
    pub fn need(&self) -> &Need {
        &self.need
    }

    /// The places in the article that answer it; none when it does not.
    #[must_use]
    pub fn find(&self, subject: &Subject<'_>) -> Option<Vec<Evidence>> {
        self.matcher.matches(subject).pop().map(|found| found.evidence)
    }
}

/// Words that nothing joins, joined; none where there is more than words.
fn all_of(text: &str) -> Option<String> {
    // What joins them anyway, as one writes it in passing.
    let words: Vec<&str> = text.split_whitespace().filter(|word| *word != "and").collect();
    let plain = |word: &&str| {
        !word.contains(['(', ')', '"', '«', '»', '|', ':', '~', '/'])
            && !word.chars().all(|letter| letter.is_ascii_uppercase())
            && !matches!(*word, "or" | "not")
    };
    words.iter().all(plain).then(|| words.join(" AND "))
}
