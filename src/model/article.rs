//! The cleaned page behind an entry, and the record of it that the store keeps.

use serde::{Deserialize, Serialize};
use url::Url;

use super::{CanonicalUrl, FeedId, Instant, Language, Match, Republish, Timestamp, UrlHash};

/// A cleaned page: what the agency published, without what surrounds it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Article {
    /// Plain text, without the site's name.
    pub title: String,
    pub published: Option<Timestamp>,
    pub modified: Option<Timestamp>,
    pub language: Option<Language>,
    pub authors: Vec<String>,
    /// The lead picture, absolute.
    pub image: Option<Url>,
    /// The page's own canonical link, when it stays within the registrable domain.
    pub canonical: Option<Url>,
    pub site: Option<String>,
    pub section: Option<String>,
    pub tags: Vec<String>,
    /// The body as paragraphs separated by a newline. Empty when nothing was found.
    pub text: String,
    /// The body as a small safe HTML: see `extract` for the allow-list.
    pub html: String,
}

/// Where the stored body came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodySource {
    /// The article's page.
    Page,
    /// The entry's full text, given by the agency in the feed itself.
    Feed,
    /// The entry's summary, because the page could not be read.
    Summary,
}

/// An article as the store keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredArticle {
    pub key: UrlHash,
    pub url: CanonicalUrl,
    /// The address to send readers to: the page's, after redirects.
    pub link: Url,
    pub feed: FeedId,
    /// The name of the agency when it was stored: what `source` says in the wires.
    pub agency: String,
    pub entry_id: String,
    pub first_seen: Instant,
    /// Moved only by a material change of title or body.
    pub updated: Instant,
    pub article: Article,
    pub body_source: BodySource,
    /// How much of it the agency's licence allowed to publish again when it was stored.
    #[serde(default)]
    pub republish: Republish,
    /// Why the page's body is missing, when it is.
    pub note: Option<String>,
    pub matches: Vec<Match>,
    /// The first article that carried this text: its own key when it is that article.
    pub story: UrlHash,
    /// The text's fingerprint (see `story`), empty when the text is too short to have one.
    pub fingerprint: Vec<u32>,
}

impl StoredArticle {
    /// The time that wires sort and show: when it was published, or else when it was first seen.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.article.published.unwrap_or_else(|| self.first_seen.fixed_offset())
    }
}
