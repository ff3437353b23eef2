//! What a poll did, for people and scripts.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::Instant;

/// What a poll of a feed did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub feed: String,
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Entries in the document.
    pub listed: usize,
    /// Articles stored by this poll.
    pub new: usize,
    /// Of these, articles that are in at least one topic.
    pub matched: usize,
    /// Of these, articles whose page could not be read: they have the entry's own text.
    pub without_page: usize,
    /// Entries that wait for the next poll.
    pub pending: usize,
    /// How long after their publication the new articles were found, in seconds; nothing at a feed's first poll.
    #[serde(default)]
    pub delays: Vec<u64>,
    pub warnings: Vec<String>,
    pub next_due: Option<Instant>,
}

/// What a feed's answer came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    Read,
    Unchanged,
    Throttled,
    Gone,
    Failed { reason: String },
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read => formatter.write_str("read"),
            Self::Unchanged => formatter.write_str("unchanged"),
            Self::Throttled => formatter.write_str("the server asks to wait"),
            Self::Gone => formatter.write_str("gone (410): remove the feed or change its address"),
            Self::Failed { reason } => write!(formatter, "failed: {reason}"),
        }
    }
}
