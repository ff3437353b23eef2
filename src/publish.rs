//! Wires: what is published for a topic, an agency or everything, as Atom, RSS, JSON Feed and a web page. The same entries, ids and
//! order in each, and the same bytes for the same articles.

mod atom;
mod digest;
mod json_feed;
mod layout;
mod ops;
mod page;
mod rss;
mod shelf;
mod tongue;
mod view;
mod words;

use std::fmt;

use chrono::DateTime;
use serde::{Deserialize, Serialize};
use url::Url;

pub use self::digest::Letter;
pub use self::layout::{ICON, STYLESHEET, page_ending, stylesheet_name};
pub(crate) use self::layout::{document, languages, translations};
pub use self::ops::ops;
pub(crate) use self::page::{FEEDS, media_type, name};
pub use self::shelf::{Shelf, archive_file, archive_number, archive_path};
pub use self::tongue::Tongue;
pub(crate) use self::view::with_token;
pub use self::view::{MAX_LIMIT, Misread, View};
use self::words::why;
pub(crate) use self::words::{plain, shortened};
use crate::config::{Channel, Config, Site};
use crate::feed::opml::{self, Subscription};
use crate::model::{Carrier, Language, Match, Published, Republish, Scope, StoredArticle, Timestamp, TopicId, UrlHash};

/// A form that a wire is published in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
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

/// What is published for a scope, ready to be written in any form.
///
/// Invariant: every text is well-formed XML 1.0 text: no control characters, no noncharacters.
#[derive(Clone, Debug, PartialEq)]
pub struct Wire {
    channel: Channel,
    /// The query that narrows it; empty for the whole wire.
    query: String,
    /// What the reader showed in the address: it is in the addresses of its other documents.
    token: Option<String>,
    site: Site,
    shelf: Shelf,
    /// The feeds that its page leads to.
    offered: Vec<Format>,
    /// Who tells what is new in it.
    hub: Option<Url>,
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
    /// The topics that are the reason for it to be here, with their titles.
    topics: Vec<(TopicId, String)>,
    categories: Vec<String>,
    /// The first paragraph, as text; none where only a link may be published.
    summary: Option<String>,
    /// As much of the body as may be published, with what topicwire has to say of it below.
    html: String,
    /// Why it is here, a line for each topic.
    why: Vec<String>,
    image: Option<Url>,
    also: Vec<Carrier>,
}

impl Wire {
    /// Lays out the newest entries of a channel, which come newest first and are those that `view` admits.
    #[must_use]
    pub fn new(config: &Config, channel: &Channel, view: &View, published: &[Published]) -> Self {
        let items: Vec<Item> = published.iter().map(|entry| Item::new(config, channel, entry)).collect();
        let (title, description) = (plain(&channel.title), channel.description.as_deref().map(plain));
        Self {
            channel: Channel { title, description, ..channel.clone() },
            query: view.to_string(),
            token: view.token().map(str::to_owned),
            site: Site { title: plain(&config.site.title), address: config.site.address.clone() },
            shelf: Shelf::default(),
            offered: FEEDS.to_vec(),
            hub: config.serve.hub.as_ref().filter(|_| view.is_whole() && channel.is_public).map(|hub| hub.address().clone()),
            // An empty wire has not changed since the beginning of time, rather than since it was asked for.
            updated: items.iter().map(|item| item.updated).max().unwrap_or(DateTime::UNIX_EPOCH.fixed_offset()),
            items,
        }
    }

    /// The same, whose page leads to none but these forms.
    #[must_use]
    pub fn offered_as(mut self, formats: &[Format]) -> Self {
        self.offered.retain(|format| formats.contains(format));
        self
    }

    #[must_use]
    pub fn render(&self, format: Format, tongue: Tongue) -> String {
        match format {
            Format::Atom => atom::render(self),
            Format::Rss => rss::render(self),
            Format::Json => json_feed::render(self),
            Format::Html => page::render(self, tongue),
        }
    }

    /// The entries as they are in JSON Feed, each by itself.
    #[must_use]
    pub fn entries_as_json(&self) -> Vec<String> {
        self.items.iter().map(|item| json_feed::item(item).to_string()).collect()
    }

    /// Where the wire can be subscribed to at a hub; archives bring nothing new.
    fn hub(&self) -> Option<&Url> {
        self.hub.as_ref().filter(|_| self.shelf.archive.is_none())
    }

    /// The wire's own permanent identifier: made from what it is about alone, so that it survives a new host name.
    fn id(&self) -> String {
        let about = match &self.channel.scope {
            Scope::Topic(topic) => format!("topicwire topic {topic}"),
            Scope::Agency(feed) => format!("topicwire agency {feed}"),
            Scope::All => "topicwire all".to_owned(),
        };
        identifier(&if self.query.is_empty() { about } else { format!("{about}?{}", self.query) })
    }

    fn address(&self, format: Format) -> String {
        format!("{}{}{}", self.site.address, file(&self.channel.scope, format), self.suffix())
    }

    /// The name of its files, without the ends that say their forms.
    fn name(&self) -> String {
        let path = self.channel.scope.path();
        path.rsplit('/').next().unwrap_or_default().to_owned()
    }

    fn suffix(&self) -> String {
        let query = with_token(&self.query, self.token.as_deref());
        if query.is_empty() { query } else { format!("?{query}") }
    }

    fn feed_title(&self) -> String {
        format!("{} — {}", self.channel.title, self.site.title)
    }
}

impl Item {
    fn new(config: &Config, channel: &Channel, published: &Published) -> Self {
        let stored = &published.article;
        let article = &stored.article;
        let also: Vec<Carrier> = published
            .also
            .iter()
            .map(|carrier| Carrier { agency: plain(&carrier.agency), title: plain(&carrier.title), ..carrier.clone() })
            .collect();
        let reasons: Vec<(&Match, String)> =
            stored.matches.iter().filter_map(|found| Some((found, plain(&config.shown(&found.topic, &channel.scope)?.title)))).collect();
        let phrases = Tongue::of(article.language.as_ref()).phrases();
        let told = reasons.iter().filter(|(found, _)| config.says_why(&found.topic, &channel.scope));
        let why: Vec<String> = told.map(|(found, _)| why(found, phrases)).collect();
        let withdrawn = stored.withdrawn.map(|at| format!("{} ({})", phrases.withdrawn, at.format("%Y-%m-%d")));
        let note = withdrawn.or_else(|| stored.note.as_ref().map(|_| phrases.no_page.to_owned()));
        let notes = page::notes(phrases, note.as_deref(), &also, &why);
        let allowed = channel.republish.min(allowed(config, stored));
        let summary = article.text.lines().next().map(plain).filter(|summary| !summary.is_empty() && allowed > Republish::Link);
        let summary = if allowed == Republish::Full { summary } else { summary.map(|summary| shortened(&summary)) };
        let body = match allowed {
            Republish::Full => plain(&article.html),
            Republish::Summary => summary.as_deref().map(page::paragraph).unwrap_or_default(),
            Republish::Link => String::new(),
        };
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
            topics: reasons.into_iter().map(|(found, title)| (found.topic.clone(), title)).collect(),
            categories: article.tags.iter().map(|tag| plain(tag)).filter(|tag| !tag.is_empty()).collect(),
            summary,
            html: body + &notes,
            why,
            image: article.image.clone(),
            also,
        }
    }

    /// Those who wrote it: the agency where no name is given (RFC 4287, section 4.2.1, asks for one).
    fn authors(&self) -> Vec<&str> {
        if self.authors.is_empty() { vec![&self.agency] } else { self.authors.iter().map(String::as_str).collect() }
    }
}

/// A name for how the wires look by a configuration: another when it makes them look otherwise.
#[must_use]
pub fn look(config: &Config) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(format!("{}{:?}{:?}", crate::VERSION, config.site, config.serve.hub).as_bytes());
    for wire in config.wires.values() {
        let said = (&wire.topic.id, &wire.title, &wire.description, wire.entries, wire.republish, wire.reasons, wire.tokens.is_empty());
        hasher.update(format!("{said:?}").as_bytes());
    }
    for feed in &config.feeds {
        hasher.update(format!("{:?}", (&feed.id, &feed.name, feed.republish, feed.reasons, feed.tokens.is_empty())).as_bytes());
    }
    hasher.update(format!("{:?}", config.everything.as_ref().map(Vec::is_empty)).as_bytes());
    hasher.finalize().to_string()
}

/// What the agency's licence allows: what the configuration says, or what it said when it still knew the feed.
pub(crate) fn allowed(config: &Config, stored: &StoredArticle) -> Republish {
    config.any_feed(&stored.feed).map_or(stored.republish, |feed| feed.republish)
}

/// Where a wire is published, from the site's address.
#[must_use]
pub fn file(scope: &Scope, format: Format) -> String {
    format!("{}.{}", scope.path(), format.extension())
}

/// Reads what [`file()`] wrote.
#[must_use]
pub fn named(file: &str) -> Option<(Scope, Format)> {
    let (path, end) = file.rsplit_once('.')?;
    Scope::of_path(path).zip(Format::of_extension(end))
}

/// What search engines are told: these texts are other people's.
pub const ROBOTS: &str = "User-agent: *\nDisallow: /\n";

/// All wires as OPML, to subscribe to in one step: the topics, then the agencies in a folder of their own.
#[must_use]
pub fn opml(config: &Config, tongue: Tongue) -> String {
    let phrases = tongue.phrases();
    let subscription = |title: &str, scope: &Scope, folder: &str| {
        let address = |format| config.site.address.join(&file(scope, format)).ok();
        let folders = vec![plain(folder)];
        Some(Subscription { title: plain(title), url: address(Format::Atom)?, home: address(Format::Html), folders })
    };
    let topics = config.wires.values().filter_map(|wire| subscription(&wire.title, &Scope::Topic(wire.topic.id.clone()), phrases.topics));
    let agencies = config.feeds.iter().filter_map(|feed| subscription(&feed.name, &Scope::Agency(feed.id.clone()), phrases.agencies));
    let all = config.everything.as_ref().and_then(|_| subscription(phrases.everything, &Scope::All, phrases.agencies));
    opml::render(&plain(&config.site.title), &topics.chain(agencies).chain(all).collect::<Vec<_>>())
}

/// An entry's permanent identifier, made from the article's key alone.
#[must_use]
pub fn entry_id(key: UrlHash) -> String {
    urn(*key.as_bytes())
}

/// A permanent identifier made from a name.
fn identifier(name: &str) -> String {
    urn(blake3::hash(name.as_bytes()).as_bytes().first_chunk().copied().unwrap_or_default())
}

/// A UUID of version 8 (RFC 9562, section 5.8) that carries 122 of the 128 bits.
fn urn(mut bytes: [u8; 16]) -> String {
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let digits = format!("{:032x}", u128::from_be_bytes(bytes));
    format!("urn:uuid:{}-{}-{}-{}-{}", &digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..])
}
