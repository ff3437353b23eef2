//! Why an article is in a topic.

use serde::{Deserialize, Serialize};

use super::TopicId;

/// An article, a topic, a score, and the words that made it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Match {
    pub topic: TopicId,
    /// At least the topic's threshold for an article of that length, rounded to two decimals.
    pub score: f64,
    /// In the order of title, then body, then place.
    pub evidence: Vec<Evidence>,
}

/// One place in the text that counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    pub field: Field,
    /// Byte offsets into that field.
    pub start: usize,
    pub end: usize,
    /// The words as they stand there.
    pub text: String,
    /// The rule or term that they fulfil, as the topic's author wrote it.
    pub term: String,
    pub weight: f64,
}

/// The part of an article that a piece of evidence is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    Title,
    Body,
}
