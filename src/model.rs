//! The nouns of the flow: identifiers, URLs and their hashes, entries, articles, matches. Values only: nothing here reads a
//! clock, a disk or the network.

mod alarm;
mod article;
mod entry;
mod feed_state;
pub(crate) mod fingerprint;
mod follower;
mod id;
mod identity;
mod language;
mod mark;
mod matching;
mod provenance;
mod subscription;
mod url;
mod watch;
mod wire;

pub use self::alarm::{Alarm, Condition};
pub use self::article::{Article, BodySource, PageRead, StoredArticle, Version};
pub use self::entry::{Document, Enclosure, Entry, Pacing, Source};
pub use self::feed_state::{Attempt, FeedState, Gap, Health, Moved, RobotsText, RuleName, Silence, Validators};
pub use self::follower::{Follower, Progress};
pub use self::id::{BadId, FeedId, TopicId};
pub use self::identity::Identity;
pub use self::language::{BadLanguage, Language};
pub use self::mark::Mark;
pub use self::matching::{Evidence, Field, Match};
pub use self::provenance::{Origin, Part, Provenance};
pub use self::subscription::{Standing, Subscription};
pub use self::url::{BadUrl, CanonicalUrl, FeedUrl, UrlHash, reader_link, same_site};
pub use self::watch::Watch;
pub use self::wire::{BadPlace, Carrier, Place, PollCommit, Published, Republish, Scope};

/// A moment with the offset its source gave: `2025-11-26T15:22:00+05:00` stays what the agency wrote.
pub type Timestamp = chrono::DateTime<chrono::FixedOffset>;

/// A moment of our own clock.
pub type Instant = chrono::DateTime<chrono::Utc>;
