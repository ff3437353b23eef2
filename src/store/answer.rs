//! What the store says of what it did, and of itself.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::{FeedId, Instant, Scope, TopicId, UrlHash};

/// What a commit changed; empty when it was a repetition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The commit's number, from 1.
    pub sequence: u64,
    /// The articles that were not in the store, in the order of the commit.
    pub new: Vec<UrlHash>,
    /// The articles that were not in the store as they are now, those that are new among them, in the order of the commit.
    pub written: Vec<UrlHash>,
    /// Whether any article is new or reads differently now, on a topic or not.
    pub changed: bool,
    /// The topics whose wire reads differently now.
    pub topics: BTreeSet<TopicId>,
    /// The feeds whose wire reads differently now.
    pub feeds: BTreeSet<FeedId>,
    /// What arrived at each wire, in order.
    pub arrived: BTreeMap<Scope, Vec<UrlHash>>,
}

/// What pruning did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pruned {
    /// The articles that were purged.
    pub articles: u64,
    /// Purged articles of which nothing is known any more.
    pub forgotten: u64,
    /// The store was written anew, because it took much more space than it needs.
    pub rebuilt: bool,
    /// The topics whose wire reads differently now.
    pub topics: BTreeSet<TopicId>,
}

/// An article's fingerprint, for filling the window of stories at start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    pub story: UrlHash,
    pub time: Instant,
    pub fingerprint: Vec<u32>,
}

/// The store in figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    pub articles: u64,
    /// Entries of each topic that has any.
    pub topics: BTreeMap<TopicId, u64>,
    /// The number of the last commit.
    pub sequence: u64,
    pub bytes_on_disk: u64,
    /// Files beside the log, which are not durable. Anything but 0 is a fault of ours: records are split so that none arise.
    pub blobs: u64,
    /// See [`Store::lost_commits`](super::Store::lost_commits).
    pub lost_commits: u64,
}
