//! Wires: what is published for a topic, as Atom, RSS, JSON Feed and a web page. The same entries, ids and order in each, and
//! the same bytes for the same articles.

mod atom;
mod json_feed;
mod page;
mod rss;
mod words;

use std::fmt;

use chrono::DateTime;
use url::Url;

pub use self::page::index;
use self::words::{plain, why};
use crate::config::{self, Site};
use crate::model::{Carrier, Language, Published, Timestamp, TopicId, UrlHash};

/// A form that a wire is published in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, clap::ValueEnum)]
pub enum Format {
    Atom,
    Rss,
    Json,
    Html,
}

impl Format {
    pub const ALL: [Self; 4] = [Self::Atom, Self::Rss, Self::Json, Self::Html];

    /// The end of a wire's file name and address.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Atom => "atom",
            Self::Rss => "rss",
            Self::Json => "json",
            Self::Html => "html",
        }
    }

    #[must_use]
    pub fn of_extension(extension: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.extension() == extension)
    }

    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::Rss => "application/rss+xml; charset=utf-8",
            Self::Json => "application/feed+json; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.extension())
    }
}

/// What is published for a topic, ready to be written in any form.
///
/// Invariant: every text is well-formed XML 1.0 text: no control characters, no noncharacters.
#[derive(Clone, Debug, PartialEq)]
pub struct Wire {
    topic: TopicId,
    title: String,
    description: Option<String>,
    site: Site,
    /// When the newest change in it happened.
    updated: Timestamp,
    items: Vec<Item>,
}

#[derive(Clone, Debug, PartialEq)]
struct Item {
    id: String,
    title: String,
    link: Url,
    published: Timestamp,
    updated: Timestamp,
    language: Option<Language>,
    authors: Vec<String>,
    agency: String,
    /// Where the agency lives: the root of the link.
    home: String,
    categories: Vec<String>,
    /// The first paragraph, as text.
    summary: Option<String>,
    /// The whole body with what topicwire has to say of it below.
    html: String,
    image: Option<Url>,
    also: Vec<Carrier>,
}

impl Wire {
    /// Lays out a topic's newest entries, which come newest first.
    pub fn new(site: &Site, wire: &config::Wire, published: &[Published]) -> Self {
        let items: Vec<Item> = published.iter().map(|entry| Item::new(&wire.topic.id, entry)).collect();
        Self {
            topic: wire.topic.id.clone(),
            title: plain(&wire.title),
            description: wire.description.as_deref().map(plain),
            site: Site { title: plain(&site.title), address: site.address.clone() },
            // An empty wire has not changed since the beginning of time, rather than since it was asked for.
            updated: items.iter().map(|item| item.updated).max().unwrap_or(DateTime::UNIX_EPOCH.fixed_offset()),
            items,
        }
    }

    #[must_use]
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Atom => atom::render(self),
            Format::Rss => rss::render(self),
            Format::Json => json_feed::render(self),
            Format::Html => page::render(self),
        }
    }

    /// The wire's own permanent identifier: made from the topic's name alone, so that it survives a new host name.
    fn id(&self) -> String {
        urn(*blake3::hash(format!("topicwire topic {}", self.topic).as_bytes()).as_bytes().first_chunk().unwrap_or(&[0; 16]))
    }

    fn address(&self, format: Format) -> String {
        format!("{}topics/{}.{}", self.site.address, self.topic, format.extension())
    }

    fn feed_title(&self) -> String {
        format!("{} — {}", self.title, self.site.title)
    }
}

impl Item {
    fn new(topic: &TopicId, published: &Published) -> Self {
        let stored = &published.article;
        let article = &stored.article;
        let also: Vec<Carrier> = published
            .also
            .iter()
            .map(|carrier| Carrier { agency: plain(&carrier.agency), title: plain(&carrier.title), ..carrier.clone() })
            .collect();
        let note = stored.note.as_ref().map(|_| "The page could not be read; this is the agency's own summary.");
        let matched = stored.matches.iter().find(|matched| matched.topic == *topic);
        let notes = page::notes(note, &also, matched.map(why).as_deref());
        Self {
            id: entry_id(stored.key),
            title: plain(&article.title),
            link: stored.link.clone(),
            published: stored.time(),
            updated: stored.updated.fixed_offset(),
            language: article.language.clone(),
            authors: article.authors.iter().map(|author| plain(author)).filter(|author| !author.is_empty()).collect(),
            agency: plain(&stored.agency),
            home: stored.link.origin().ascii_serialization() + "/",
            categories: article.tags.iter().map(|tag| plain(tag)).filter(|tag| !tag.is_empty()).collect(),
            summary: article.text.lines().next().map(plain).filter(|summary| !summary.is_empty()),
            html: plain(&article.html) + &notes,
            image: article.image.clone(),
            also,
        }
    }

    /// Those who wrote it: the agency where no name is given (RFC 4287, section 4.2.1, asks for one).
    fn authors(&self) -> Vec<&str> {
        if self.authors.is_empty() { vec![&self.agency] } else { self.authors.iter().map(String::as_str).collect() }
    }
}

/// An entry's permanent identifier, made from the article's key alone.
#[must_use]
pub fn entry_id(key: UrlHash) -> String {
    urn(*key.as_bytes())
}

/// A UUID of version 8 (RFC 9562, section 5.8) that carries 122 of the 128 bits.
fn urn(mut bytes: [u8; 16]) -> String {
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let digits = format!("{:032x}", u128::from_be_bytes(bytes));
    format!("urn:uuid:{}-{}-{}-{}-{}", &digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..])
}
