//! By what an article is recognised when it comes again: under another address, with another id, or from a site that moved.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{CanonicalUrl, FeedId, UrlHash};

/// Something that belongs to one article alone: an address of it, the id that a feed gives it, or its words in a feed.
///
/// An address's identity is the same bytes as the key that an article at this address has.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Identity(UrlHash);

impl Identity {
    #[must_use]
    pub fn url(url: &CanonicalUrl) -> Self {
        Self(UrlHash::of(url))
    }

    #[must_use]
    pub fn entry(feed: &FeedId, id: &str) -> Self {
        Self::made("entry", feed, id.as_bytes())
    }

    /// `words` are those of the title and the body, in one form (`story::identity`).
    #[must_use]
    pub fn words(feed: &FeedId, words: &[u8]) -> Self {
        Self::made("words", feed, words)
    }

    fn made(kind: &str, feed: &FeedId, what: &[u8]) -> Self {
        let hash = blake3::Hasher::new()
            .update(kind.as_bytes())
            .update(b"\0")
            .update(feed.as_str().as_bytes())
            .update(b"\0")
            .update(what)
            .finalize();
        let bytes = hash.as_bytes().first_chunk().copied().unwrap_or_default();
        Self(UrlHash::from_stored(bytes))
    }

    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl From<UrlHash> for Identity {
    fn from(key: UrlHash) -> Self {
        Self(key)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Identity({})", self.0)
    }
}
