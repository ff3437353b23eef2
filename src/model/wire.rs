//! An article among others: its place in time, the story it tells, the commit that brings it, the wires that show it.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;

use super::{Alarm, FeedId, FeedState, Identity, Instant, StoredArticle, TopicId, UrlHash};

/// What one poll of one feed found.
///
/// While it is committed its records are in memory twice, compressed; the limits on the size of a page and on the entries of a
/// poll bound that.
#[derive(Clone, Debug)]
pub struct PollCommit {
    pub feed: FeedId,
    pub state: FeedState,
    /// New articles, and known ones that are to be replaced.
    pub articles: Vec<StoredArticle>,
    /// What known articles are recognised by from now on, beside what their records say.
    pub aliases: Vec<(Identity, UrlHash)>,
    /// Alarms that began, changed or ended.
    pub alarms: Vec<Alarm>,
}

impl PollCommit {
    #[must_use]
    pub fn new(feed: FeedId, state: FeedState, articles: Vec<StoredArticle>) -> Self {
        Self { feed, state, articles, aliases: Vec::new(), alarms: Vec::new() }
    }
}

/// Where an article stands among others: by its time, then by its key. No two articles stand at the same place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// In whole microseconds.
    pub time: Instant,
    pub key: UrlHash,
}

impl Place {
    #[must_use]
    pub fn of(article: &StoredArticle) -> Self {
        let time = article.time().to_utc();
        // The years that chrono knows fit into microseconds.
        Self { time: Instant::from_timestamp_micros(time.timestamp_micros()).unwrap_or(time), key: article.key }
    }
}

/// As addresses have it.
impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.time.timestamp_micros(), self.key)
    }
}

impl FromStr for Place {
    type Err = BadPlace;

    fn from_str(text: &str) -> Result<Self, BadPlace> {
        let parts = text.split_once('.').and_then(|(micros, key)| Some((micros.parse().ok()?, key.parse().ok()?)));
        let place = parts.and_then(|(micros, key)| Some(Self { time: Instant::from_timestamp_micros(micros)?, key }));
        place.ok_or(BadPlace)
    }
}

/// A text is not a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not the place of an article: follow the links of the page")]
pub struct BadPlace;

/// What a wire is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    Topic(TopicId),
    /// Everything that one feed brings.
    Agency(FeedId),
    All,
}

impl Scope {
    /// Where it is published: the path below the site's address, without the format's extension.
    #[must_use]
    pub fn path(&self) -> String {
        match self {
            Self::Topic(topic) => format!("topics/{topic}"),
            Self::Agency(feed) => format!("agencies/{feed}"),
            Self::All => "all".to_owned(),
        }
    }

    /// Reads what [`Scope::path`] wrote.
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        match path.split_once('/') {
            Some(("topics", topic)) => TopicId::new(topic).ok().map(Self::Topic),
            Some(("agencies", feed)) => FeedId::new(feed).ok().map(Self::Agency),
            None if path == "all" => Some(Self::All),
            _ => None,
        }
    }
}

/// How much of an article may be published again: what its agency's licence allows, or what a wire's readers want.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Republish {
    /// The title and the address.
    Link,
    /// The first paragraph, shortened.
    Summary,
    #[default]
    Full,
}

/// One entry of a wire: a story, told by the article that brought it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Published {
    pub article: StoredArticle,
    /// Who else carries the same text, by place.
    pub also: Vec<Carrier>,
}

/// An article that carries a story, as far as a link to it needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carrier {
    pub place: Place,
    pub link: Url,
    pub agency: String,
    pub title: String,
    /// The topics that the article itself matches.
    pub topics: BTreeSet<TopicId>,
}
