//! Names that people give to feeds and topics in `feeds.toml`, and that end up in paths and keys.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A feed's name, as in `topicwire fetch kazinform-ru`.
///
/// Invariant: 1 to 64 of `a`–`z`, `0`–`9` and `-`, beginning and ending with a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FeedId(String);

/// A topic's name, as in `/topics/child-rights.atom`.
///
/// Invariant: as for [`FeedId`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TopicId(String);

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a name: use 1 to 64 of a-z, 0-9 and -, beginning and ending with a letter or digit, as in `kazinform-ru`")]
pub struct BadId(String);

fn checked(text: String) -> Result<String, BadId> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let edges = text.bytes().next().is_some_and(allowed) && text.bytes().next_back().is_some_and(allowed);
    if edges && text.len() <= 64 && text.bytes().all(|byte| allowed(byte) || byte == b'-') { Ok(text) } else { Err(BadId(text)) }
}

impl FeedId {
    /// # Errors
    /// When `text` is not a name.
    pub fn new(text: impl Into<String>) -> Result<Self, BadId> {
        checked(text.into()).map(Self)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TopicId {
    /// # Errors
    /// When `text` is not a name.
    pub fn new(text: impl Into<String>) -> Result<Self, BadId> {
        checked(text.into()).map(Self)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for FeedId {
    type Error = BadId;
    fn try_from(text: String) -> Result<Self, BadId> {
        Self::new(text)
    }
}

impl TryFrom<String> for TopicId {
    type Error = BadId;
    fn try_from(text: String) -> Result<Self, BadId> {
        Self::new(text)
    }
}

impl From<FeedId> for String {
    fn from(id: FeedId) -> Self {
        id.0
    }
}

impl From<TopicId> for String {
    fn from(id: TopicId) -> Self {
        id.0
    }
}

impl fmt::Display for FeedId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl fmt::Display for TopicId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}
