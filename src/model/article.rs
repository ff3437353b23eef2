//! The cleaned page behind an entry, and the record of it that the store keeps.

use serde::{Deserialize, Serialize};
use url::Url;

use super::{CanonicalUrl, FeedId, Identity, Instant, Language, Match, Provenance, Republish, Timestamp, UrlHash, Validators};

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
    /// What said each of these.
    #[serde(default, skip_serializing_if = "Provenance::is_empty")]
    pub provenance: Provenance,
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
    #[serde(with = "super::fingerprint")]
    pub fingerprint: Vec<u32>,
    /// By what its words are recognised in this feed; none when they are too few.
    #[serde(default)]
    pub words: Option<Identity>,
    /// The reading of the page that the body is from; none when no page was read.
    #[serde(default)]
    pub page: Option<PageRead>,
    /// How often it was corrected: there are so many older versions of it, of which the store keeps some.
    #[serde(default)]
    pub corrections: u32,
    /// When it was seen that the agency took the page away.
    #[serde(default)]
    pub withdrawn: Option<Instant>,
}

/// Where a page's text came from: what is needed to tell how it was made, or to make it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageRead {
    pub at: Instant,
    /// After redirects.
    pub url: Url,
    pub validators: Validators,
    /// BLAKE3 of the bytes, as hexadecimal digits.
    pub hash: String,
    /// The version of the program that found the article in them.
    pub extractor: String,
}

/// What an article said before a correction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// When it was first read so.
    pub since: Instant,
    pub title: String,
    pub text: String,
}

impl StoredArticle {
    /// The time that wires sort and show: when it was published, or else when it was first seen.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.article.published.unwrap_or_else(|| self.first_seen.fixed_offset())
    }

    /// By what it is recognised beside its key: the page's own canonical address, the feed's id for it, its words.
    #[must_use]
    pub fn identities(&self) -> Vec<Identity> {
        let canonical = self.article.canonical.as_ref().and_then(|url| CanonicalUrl::of(url).ok()).map(|url| Identity::url(&url));
        let entry = Some(Identity::entry(&self.feed, &self.entry_id)).filter(|_| !self.entry_id.is_empty());
        [canonical, entry, self.words].into_iter().flatten().filter(|identity| *identity != Identity::from(self.key)).collect()
    }

    /// It as one of its versions.
    #[must_use]
    pub fn version(&self) -> Version {
        Version { since: self.updated, title: self.article.title.clone(), text: self.article.text.clone() }
    }
}
