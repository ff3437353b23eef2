//! The trees of the store, and reading a record from them.
//!
//! | tree | key | value |
//! |---|---|---|
//! | articles | article | record: `StoredArticle` |
//! | times | place | record: `Moment`, what is asked of articles by time alone |
//! | topics | topic, 0, place | nothing: the entries of wires |
//! | agencies | feed, 0, place | nothing: the entries of the agencies' wires |
//! | arrivals | wire, 0, number | the articles that arrived from there on: see `store::arrivals` |
//! | archives | wire, 0, number | record: an archive as it was first asked for |
//! | stories | story | record: `Carriers`, for stories that more than one article carries |
//! | feeds | feed | record: `FeedState` |
//! | aliases | identity | the key of the article that is recognised by it: see `store::alias` |
//! | listings | article | record: `Listing`, for what some feed lists no more; of a purged article all that is left |
//! | versions | article, number | record: `Version`, what the article said before its corrections |
//! | alarms | subject, 0, condition | record: `Alarm` |
//! | marks | topic, 0, article; a topic alone | record: `Mark`; what was learned from the topic's marks |
//! | parts | kind, key, number | a further part of a large record |
//! | meta | `sequence` | record: the number of the last commit |
//! | meta | `subscriptions/`, feed | record: the feed's `Subscription`s |
//! | meta | a wire's path, as `topics/kids` | record: `WireState` |
//! | meta | `follower/`, name | record: `Follower` |
//! | meta | `progress/`, name | record: `Progress` |
//! | meta | `look` | record: how wires look by the configuration, and since when |
//! | meta | `indexes` | record: which indexes there are, see `store::index` |

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sled::{Db, IVec, Tree};

use crate::model::{FeedId, Instant, UrlHash};

use super::folder::{self, Files};
use super::record::{self, Damage};
use super::{Error, key};

pub(super) const SEQUENCE: &[u8] = b"sequence";

/// The kinds of records; the number is part of the keys of further parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Article = 0,
    Moment = 1,
    Story = 2,
    Feed = 3,
    Meta = 4,
    Alias = 5,
    Listing = 6,
    Version = 7,
    Alarm = 8,
    Mark = 16,
    Learned = 17,
    /// Of a wire as a whole.
    Wire = 32,
    Archive = 33,
}

/// What is asked of an article by its time alone: read without the article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Moment {
    pub(super) feed: FeedId,
    pub(super) story: UrlHash,
    #[serde(with = "crate::model::fingerprint")]
    pub(super) fingerprint: Vec<u32>,
}

/// When a feed last listed an article that it does not list now: of several feeds the latest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Listing {
    pub(super) last: Instant,
}

/// No commit is applied as long as this is there.
pub(super) type Consistent<'a> = RwLockReadGuard<'a, ()>;

#[derive(Debug)]
pub(super) struct Engine {
    pub(super) folder: PathBuf,
    pub(super) db: Db,
    pub(super) articles: Tree,
    pub(super) times: Tree,
    pub(super) topics: Tree,
    pub(super) agencies: Tree,
    pub(super) arrivals: Tree,
    pub(super) archives: Tree,
    pub(super) stories: Tree,
    pub(super) feeds: Tree,
    pub(super) aliases: Tree,
    pub(super) listings: Tree,
    pub(super) versions: Tree,
    pub(super) alarms: Tree,
    pub(super) marks: Tree,
    pub(super) parts: Tree,
    pub(super) meta: Tree,
    /// Locked by the one that waits for the disk, for all whose commits are applied by then.
    pub(super) files: Mutex<Files>,
    /// Read by those who look at more than one key, written while a commit is applied.
    pub(super) consistent: RwLock<()>,
    /// Locked by the one that puts an archive together.
    pub(super) archiving: Mutex<()>,
    lost_commits: u64,
}

impl Engine {
    pub(super) fn open(folder: &Path) -> Result<Self, Error> {
        let db = folder::open(folder)?;
        let tree = |name: &str| db.open_tree(name).map_err(|error| Error::engine(folder, error));
        let mut engine = Self {
            articles: tree("articles")?,
            times: tree("times")?,
            topics: tree("topics")?,
            agencies: tree("agencies")?,
            arrivals: tree("arrivals")?,
            archives: tree("archives")?,
            stories: tree("stories")?,
            feeds: tree("feeds")?,
            aliases: tree("aliases")?,
            listings: tree("listings")?,
            versions: tree("versions")?,
            alarms: tree("alarms")?,
            marks: tree("marks")?,
            parts: tree("parts")?,
            meta: tree("meta")?,
            files: {
                db.flush().map_err(|error| Error::engine(folder, error))?;
                Mutex::new(Files::open(folder).map_err(|error| Error::io(folder, error))?)
            },
            consistent: RwLock::new(()),
            archiving: Mutex::new(()),
            folder: folder.to_owned(),
            lost_commits: 0,
            db,
        };
        let acknowledged = engine.files.get_mut().unwrap_or_else(PoisonError::into_inner).acknowledged();
        engine.lost_commits = acknowledged.saturating_sub(engine.sequence()?);
        engine.index()?;
        Ok(engine)
    }

    pub(super) fn lost_commits(&self) -> u64 {
        self.lost_commits
    }

    pub(super) fn sequence(&self) -> Result<u64, Error> {
        Ok(self.read(Kind::Meta, SEQUENCE)?.unwrap_or(0))
    }

    /// Whoever holds this sees all of a commit or nothing of it.
    pub(super) fn consistent(&self) -> Consistent<'_> {
        self.consistent.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn read<T: DeserializeOwned>(&self, kind: Kind, key: &[u8]) -> Result<Option<T>, Error> {
        match self.tree(kind).get(key).map_err(|error| self.fault(error))? {
            Some(head) => self.decode(kind, key, &head).map(Some),
            None => Ok(None),
        }
    }

    pub(super) fn tree(&self, kind: Kind) -> &Tree {
        match kind {
            Kind::Article => &self.articles,
            Kind::Moment => &self.times,
            Kind::Story => &self.stories,
            Kind::Feed => &self.feeds,
            Kind::Meta | Kind::Wire => &self.meta,
            Kind::Alias => &self.aliases,
            Kind::Listing => &self.listings,
            Kind::Version => &self.versions,
            Kind::Alarm => &self.alarms,
            Kind::Mark | Kind::Learned => &self.marks,
            Kind::Archive => &self.archives,
        }
    }

    /// The record whose first part is `head`.
    pub(super) fn decode<T: DeserializeOwned>(&self, kind: Kind, key: &[u8], head: &IVec) -> Result<T, Error> {
        let part = |key: Vec<u8>| self.parts.get(key).map_err(|error| self.fault(error));
        let whole = whole(kind, key, head, part, |damage| damaged(kind, key, damage))?;
        record::decode(key, &whole).map_err(|damage| damaged(kind, key, &damage))
    }

    pub(super) fn fault(&self, error: sled::Error) -> Error {
        Error::engine(&self.folder, error)
    }
}

/// A record's parts, put together.
pub(super) fn whole<Fault>(
    kind: Kind,
    key: &[u8],
    head: &IVec,
    part: impl Fn(Vec<u8>) -> Result<Option<IVec>, Fault>,
    damaged: impl Fn(&Damage) -> Fault,
) -> Result<Vec<u8>, Fault> {
    let mut whole = head.to_vec();
    for number in 1..record::parts(head).map_err(|damage| damaged(&damage))? {
        let part = part(key::of_part(kind as u8, key, number))?;
        whole.extend_from_slice(&part.ok_or_else(|| damaged(&Damage::Missing(number)))?);
    }
    Ok(whole)
}

pub(super) fn damaged(kind: Kind, key: &[u8], damage: &Damage) -> Error {
    let hash = || key.try_into().map_or_else(|_| key.escape_ascii().to_string(), |bytes| UrlHash::from_stored(bytes).to_string());
    let record = match kind {
        Kind::Article => format!("article {}", hash()),
        Kind::Story => format!("story {}", hash()),
        Kind::Moment => format!("time {}", key.escape_ascii()),
        Kind::Feed => format!("feed {}", key.escape_ascii()),
        Kind::Meta => format!("meta {}", key.escape_ascii()),
        Kind::Alias => format!("alias {}", hash()),
        Kind::Listing => format!("listing {}", hash()),
        Kind::Version => format!("version {}", key.escape_ascii()),
        Kind::Alarm => format!("alarm {}", key.escape_ascii()),
        Kind::Mark => format!("mark {}", key.escape_ascii()),
        Kind::Learned => format!("lessons of topic {}", key.escape_ascii()),
        Kind::Wire => format!("wire {}", key.escape_ascii()),
        Kind::Archive => format!("archive {}", key.escape_ascii()),
    };
    Error::Damaged { record, reason: damage.to_string() }
}
