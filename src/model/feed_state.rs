//! What the polls of a feed taught, kept between them.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};
use url::Url;

use super::{Entry, Instant, Pacing, UrlHash, Watch};

/// A feed's memory: written in the same commit as the entries that it speaks of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FeedState {
    /// The address that these validators belong to; another address in feeds.toml makes them void.
    pub url: Option<Url>,
    pub validators: Validators,
    /// The permanent redirect that the last answer came by.
    pub moved: Option<Moved>,
    pub last_poll: Option<Instant>,
    /// The last poll that was answered with a readable document or with "not modified".
    pub last_success: Option<Instant>,
    /// The last poll that was answered with a readable document.
    pub last_document: Option<Instant>,
    pub next_due: Option<Instant>,
    pub health: Health,
    /// The entries of the last document that was read, in its order: shows whether two polls overlap.
    pub listed: Vec<UrlHash>,
    /// The last document shared no entry with the one before it: the feed turns over faster than it is polled.
    pub missed: bool,
    /// When entries came and went unseen, as far as is known; the newest gaps, oldest first.
    pub gaps: Vec<Gap>,
    /// Hosts of the feed and its pages that asked to be left alone.
    pub silences: Vec<Silence>,
    /// What the sites of its newest pages say in robots.txt, as long as that holds.
    pub robots: Vec<RobotsText>,
    /// How often the last document asked to be read: it holds while the server says "not modified".
    pub pacing: Pacing,
    /// Entries whose page could not be read yet.
    pub pending: Vec<Attempt>,
    /// When each of the newest articles was published: what the schedule learns the feed's pace from. Oldest first.
    pub recent: Vec<Instant>,
    /// Young articles that are still listed, to be read again.
    pub watched: Vec<Watch>,
    /// Whether each of the last pages yielded its article, oldest first.
    pub bodies: Vec<bool>,
    pub polls: u64,
    pub articles: u64,
    /// Rules of the feed's site that do not match any more: on how many pages in a row.
    pub unmatched: BTreeMap<RuleName, u32>,
}

/// A rule of `feeds.toml` for the pages of a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleName {
    Body,
    Title,
    Date,
    Author,
    Remove,
    NextPage,
}

/// As it is written in `feeds.toml`.
impl fmt::Display for RuleName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(formatter)
    }
}

/// Two successive documents of a feed shared no entry, and nothing else listed those in between: some may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    pub from: Instant,
    pub until: Instant,
}

/// A host that wants to be left alone by everybody, also after a restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// With its port, where that is not the usual one.
    pub host: String,
    pub until: Instant,
}

/// A robots.txt that is not asked for again before its time, also after a restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RobotsText {
    pub origin: String,
    /// It was read from where only feeds with `allow_private = true` may ask.
    pub allow_private: bool,
    /// Empty where there is none: all pages may be read.
    pub text: String,
    pub until: Instant,
}

/// A feed's validators, verbatim (RFC 9110, section 8.8): opaque bytes that only the server understands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    pub etag: Option<String>,
    pub last_modified: Option<String>,
}

/// A permanent redirect, as long as every answer comes by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    pub to: Url,
    pub since: Instant,
    pub sightings: u32,
}

/// Whether a feed can be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Health {
    /// Never polled.
    #[default]
    New,
    Healthy,
    Failing {
        failures: NonZeroU32,
        since: Instant,
        reason: String,
    },
    /// The server said 410: not asked again until its address in feeds.toml changes.
    Gone {
        since: Instant,
    },
}

/// An entry whose page is to be tried again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    pub entry: Entry,
    /// How often the page was asked for.
    pub attempts: u32,
    /// When the entry was first seen.
    pub since: Instant,
    pub reason: String,
}
