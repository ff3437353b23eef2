//! Where each part of an article came from: what readers ask when a date or a name is wrong.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A part of an article that can come from several places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Title,
    Published,
    Modified,
    Language,
    Authors,
    Image,
    Canonical,
    Site,
    Section,
    Tags,
    Body,
}

/// What said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// A rule of `feeds.toml` for the site.
    SiteRule,
    JsonLd,
    Microdata,
    OpenGraph,
    DublinCore,
    /// Any other `meta`.
    Meta,
    /// An element that is there to say it: a heading, a `time`, a canonical link, one with a telling class.
    Element,
    /// The page's address.
    Url,
    /// A line of the page that nothing marks.
    VisibleText,
    /// The text itself: how it reads, and where it stands.
    Content,
    FeedEntry,
    /// What `feeds.toml` says of the feed.
    Configuration,
}

/// The origins of an article's parts; of those that nobody stated, none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Provenance(BTreeMap<Part, Origin>);

impl Provenance {
    #[must_use]
    pub fn get(&self, part: Part) -> Option<Origin> {
        self.0.get(&part).copied()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In the order of the parts.
    pub fn iter(&self) -> impl Iterator<Item = (Part, Origin)> {
        self.0.iter().map(|(part, origin)| (*part, *origin))
    }

    /// Takes what was found for a part, and remembers who said it.
    pub fn take<T>(&mut self, part: Part, found: Option<(T, Origin)>) -> Option<T> {
        let (value, origin) = found?;
        self.0.insert(part, origin);
        Some(value)
    }

    /// What is there of a part, or else what is found elsewhere.
    pub fn or<T>(&mut self, part: Part, there: Option<T>, elsewhere: Option<(T, Origin)>) -> Option<T> {
        if there.is_none() {
            self.0.remove(&part);
        }
        there.or_else(|| self.take(part, elsewhere))
    }
}

/// As it is written in JSON.
impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(formatter)
    }
}

/// As it is written in JSON.
impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(formatter)
    }
}
