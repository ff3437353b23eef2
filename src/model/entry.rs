//! What a feed document says, once parsed: its entries as the agency wrote them, and how often it wants to be asked.

use serde::{Deserialize, Serialize};
use url::Url;

use super::{Language, Timestamp};

/// A parsed feed document, listing page or sitemap.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// Plain text.
    pub title: Option<String>,
    pub language: Option<Language>,
    /// The page that the feed belongs to.
    pub home: Option<Url>,
    /// `WebSub` hubs and the feed's own address (`rel="hub"`, `rel="self"`).
    pub hubs: Vec<Url>,
    pub self_link: Option<Url>,
    /// The next page of a paged feed or listing, or the archive before this document (RFC 5005).
    pub next: Option<Url>,
    pub pacing: Pacing,
    /// It ends within an entry, and so is not the document that its server means.
    pub is_cut: bool,
    /// In document order.
    pub entries: Vec<Entry>,
}

/// How often the document itself asks to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pacing {
    /// The longest of RSS `ttl` and `sy:updatePeriod / sy:updateFrequency`, in seconds.
    pub interval_seconds: Option<u64>,
    /// RSS `skipHours`, 0 to 23, GMT.
    pub skip_hours: Vec<u8>,
    /// RSS `skipDays`, 0 = Monday to 6 = Sunday, GMT.
    pub skip_days: Vec<u8>,
}

/// One item of a feed document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The agency's own identifier; where it gave none, one derived from the item and the same at each reading. Never empty.
    pub id: String,
    /// Plain text.
    pub title: Option<String>,
    /// The article's page, absolute.
    pub link: Option<Url>,
    pub published: Option<Timestamp>,
    pub updated: Option<Timestamp>,
    /// Sanitised HTML.
    pub summary: Option<String>,
    /// Sanitised HTML: `content:encoded`, Atom `content`, JSON Feed `content_html`, `yandex:full-text`.
    pub content: Option<String>,
    /// The agency says that `content` is the whole article (`yandex:full-text`): no page needs to be fetched.
    pub is_full_text: bool,
    pub authors: Vec<String>,
    pub categories: Vec<String>,
    pub image: Option<Url>,
    /// What the agency says of the picture. Plain text.
    #[serde(default)]
    pub caption: Option<String>,
    /// Recordings, pictures and documents that come with the item.
    #[serde(default)]
    pub enclosures: Vec<Enclosure>,
    pub language: Option<Language>,
    /// Where the item came from, when the feed is itself an aggregator (RSS and Atom `source`).
    pub source: Option<Source>,
}

/// A file that comes with an item: RSS `enclosure`, Atom `rel="enclosure"`, `media:content`, JSON Feed `attachments`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enclosure {
    pub url: Url,
    /// As the agency writes it: `audio/mpeg`.
    pub media_type: Option<String>,
    /// In bytes.
    pub length: Option<u64>,
}

/// The feed that an aggregated item was taken from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    pub title: Option<String>,
    pub url: Option<Url>,
}
