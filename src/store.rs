//! What must survive: articles, the state of feeds, the entries of topics. In this process, in one folder, by `sled`.
//!
//! The operations are those of the flow and speak its words, so that another engine can offer the same ones. All of them block:
//! call them where blocking is allowed.
//!
//! Invariants:
//!
//! - One poll is one [`Store::commit`]: all of it or nothing, and durable (fsync) before the call returns. Commits that wait for the disk at
//!   the same time share one wait.
//! - A story is one entry in a topic, held by the first article that brought it there (`store::carriers`).
//! - The same commit twice changes nothing the second time.
//! - What is read was written: every record carries a checksum (`store::record`), and a store that fell back to an older state
//!   says so ([`Store::lost_commits`]).

mod alias;
mod answer;
mod archive;
mod arrivals;
mod backup;
mod carriers;
mod commit;
mod engine;
mod error;
mod folder;
mod index;
mod key;
mod marks;
mod outbox;
mod prune;
mod read;
mod rebuild;
mod record;
mod subscriptions;
#[cfg(test)]
mod tests;
mod verify;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Bound, ControlFlow, Range};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use chrono::TimeDelta;

use self::engine::Engine;
use crate::model::{
    Alarm, FeedId, FeedState, Follower, Identity, Instant, Mark, Progress, Scope, StoredArticle, Subscription, TopicId, UrlHash, Version,
};
use crate::topic::Learned;

pub use self::answer::{Pruned, Receipt, Remembered, Stats};
pub use self::archive::Archive;
pub use self::arrivals::{ARCHIVE, Arrival, WireState};
pub use self::backup::{Backup, restore};
pub use self::commit::Drafts;
pub use self::error::Error;
pub use crate::model::{Carrier, Place, PollCommit, Published};

/// How often a rebuild waits a moment for those who read.
const PATIENCE: u32 = 500;

/// An open store. Cheap to clone: all clones are the same store, which closes with the last of them.
///
/// Reads run beside each other and wait only while a commit applies its changes, not while it waits for the disk.
#[derive(Clone, Debug)]
pub struct Store(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    folder: PathBuf,
    lost_commits: u64,
    /// None when it could not be opened again after it was rebuilt.
    engine: RwLock<Option<Arc<Engine>>>,
    /// Read by those who write, beside each other; written while the store is written anew, when nothing may change.
    changes: RwLock<()>,
}

impl Store {
    /// Opens the store in `folder`, or makes an empty one there.
    ///
    /// # Errors
    /// [`Error::Locked`] while another process has it open; [`Error::Corrupt`] when it cannot be read.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        rebuild::finish(folder).map_err(|error| Error::io(folder, error))?;
        let engine = Engine::open(folder)?;
        let lost_commits = engine.lost_commits();
        Ok(Self(Arc::new(Shared {
            folder: folder.to_owned(),
            lost_commits,
            engine: RwLock::new(Some(Arc::new(engine))),
            changes: RwLock::default(),
        })))
    }

    /// The folder that it lives in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// How many acknowledged commits were missing when the store was opened: its files were cut or are an older copy. What is
    /// there is whole; the feeds' states are as old as their articles, so that the next polls fetch again what is still listed.
    #[must_use]
    pub fn lost_commits(&self) -> u64 {
        self.0.lost_commits
    }

    /// None for a feed that was never committed.
    pub fn feed_state(&self, feed: &FeedId) -> Result<Option<FeedState>, Error> {
        self.engine()?.feed_state(feed)
    }

    pub fn feed_states(&self) -> Result<BTreeMap<FeedId, FeedState>, Error> {
        self.engine()?.feed_states()
    }

    /// Which of `keys` are in the store or were until they were purged, in the order asked.
    pub fn known(&self, keys: &[UrlHash]) -> Result<Vec<bool>, Error> {
        self.engine()?.known(keys)
    }

    pub fn article(&self, key: UrlHash) -> Result<Option<StoredArticle>, Error> {
        self.engine()?.article(key)
    }

    /// The articles, perhaps purged ones, that are recognised by each of `identities`, in the order asked.
    pub fn resolve(&self, identities: &[Identity]) -> Result<Vec<Option<UrlHash>>, Error> {
        self.engine()?.resolve(identities)
    }

    /// As [`Store::resolve`], for identities that are no addresses: no article has them as its key.
    pub fn named(&self, identities: &[Identity]) -> Result<Vec<Option<UrlHash>>, Error> {
        self.engine()?.named(identities)
    }

    /// What the article said before its corrections, the oldest first: its first version and the newest ones.
    pub fn versions(&self, key: UrlHash) -> Result<Vec<Version>, Error> {
        self.engine()?.versions(key)
    }

    /// The alarms of a subject, or all.
    pub fn alarms(&self, subject: Option<&str>) -> Result<Vec<Alarm>, Error> {
        self.engine()?.alarms(subject)
    }

    /// The articles that carry a story, by place. To make it part of another story, commit them again with that one's key.
    pub fn carriers(&self, story: UrlHash) -> Result<Vec<Carrier>, Error> {
        self.engine()?.carriers(story)
    }

    /// Makes what a poll found durable, all of it or nothing.
    ///
    /// # Errors
    /// After [`Error::Full`] and [`Error::Io`] the commit may still have been written: drop the store, open it again and repeat
    /// the commit, which is harmless.
    pub fn commit(&self, commit: &PollCommit) -> Result<Receipt, Error> {
        let receipt = self.apply(commit, None)?;
        self.make_durable(&receipt)?;
        Ok(receipt)
    }

    /// The first half of a commit: from now on it is read, but it is not durable before [`Store::make_durable`]. Whoever has to keep others
    /// away while a commit is put together need not keep them away while the disk writes, nor while records are made: `drafts` are
    /// of this commit, in which since then nothing of a drafted article but its story was changed.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub fn apply(&self, commit: &PollCommit, drafts: Option<Drafts>) -> Result<Receipt, Error> {
        let _changes = self.changes();
        self.engine()?.apply(commit, drafts)
    }

    /// The second half: returns when the commit is on the disk, with all others that were applied meanwhile.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub fn make_durable(&self, receipt: &Receipt) -> Result<(), Error> {
        self.engine()?.make_durable(Some(receipt.sequence))
    }

    /// The subscriptions of all feeds that have any.
    pub fn subscriptions(&self) -> Result<BTreeMap<FeedId, Vec<Subscription>>, Error> {
        self.engine()?.subscriptions()
    }

    /// Makes a feed's subscriptions durable, in the place of those before.
    pub fn put_subscriptions(&self, feed: &FeedId, subscriptions: &[Subscription]) -> Result<(), Error> {
        let _changes = self.changes();
        self.engine()?.put_subscriptions(feed, subscriptions)
    }

    /// The subscribers of our hub, by name. One whose record is damaged is left out: it asks again before its lease ends.
    pub fn followers(&self) -> Result<BTreeMap<String, Follower>, Error> {
        self.engine()?.followers()
    }

    /// Makes a subscriber durable, in the place of the one of that name.
    pub fn put_follower(&self, follower: &Follower) -> Result<(), Error> {
        let _changes = self.changes();
        self.engine()?.put_follower(follower)
    }

    pub fn forget_follower(&self, name: &str) -> Result<(), Error> {
        let _changes = self.changes();
        self.engine()?.forget_follower(name)
    }

    /// How far something was sent.
    pub fn progress(&self, of: &str) -> Result<Option<Progress>, Error> {
        self.engine()?.progress(of)
    }

    /// Durable with the next commit.
    pub fn put_progress(&self, of: &str, progress: Progress) -> Result<(), Error> {
        let _changes = self.changes();
        self.engine()?.put_progress(of, progress)
    }

    /// As [`Store::put_progress`], durable when it returns.
    pub fn put_progress_now(&self, of: &str, progress: Progress) -> Result<(), Error> {
        self.put_progress(of, progress)?;
        self.engine()?.make_durable(None)
    }

    /// Forgets how far all was sent that is neither in `kept` nor to a subscriber.
    pub fn keep_progress(&self, kept: &BTreeSet<String>) -> Result<(), Error> {
        let _changes = self.changes();
        self.engine()?.keep_progress(kept)
    }

    /// The topic's newest stories, newest first: at most `limit`, all before `before`.
    pub fn newest(&self, topic: &TopicId, limit: usize, before: Option<Place>) -> Result<Vec<Published>, Error> {
        self.engine()?.newest(topic, limit, before)
    }

    /// How many entries of the topic have their place at `since` or later.
    pub fn count(&self, topic: &TopicId, since: Instant) -> Result<u64, Error> {
        self.engine()?.count(topic, since)
    }

    /// The newest articles of all feeds, newest first, as [`Store::newest`]; a story is there once for each article that carries it.
    pub fn newest_of_all(&self, limit: usize, before: Option<Place>) -> Result<Vec<Published>, Error> {
        self.engine()?.newest_of_all(limit, before)
    }

    /// As [`Store::newest_of_all`], for one feed.
    pub fn newest_of_feed(&self, feed: &FeedId, limit: usize, before: Option<Place>) -> Result<Vec<Published>, Error> {
        self.engine()?.newest_of_feed(feed, limit, before)
    }

    /// What is known of a wire as a whole.
    pub fn wire_state(&self, scope: &Scope) -> Result<WireState, Error> {
        self.engine()?.wire_state(scope)
    }

    /// Since when wires look as `look` names it: since now, if they looked otherwise before.
    pub fn looks_so(&self, look: &str, now: Instant) -> Result<Instant, Error> {
        // Whoever only reads does not wait for a rebuild.
        if let Some(since) = self.engine()?.looked_so(look)? {
            return Ok(since);
        }
        let _changes = self.changes();
        self.engine()?.looks_so(look, now)
    }

    /// What came to a wire from number `from` on and is in it now: of the next `limit` arrivals, and the number to go on from. An entry that
    /// arrived again is there once.
    pub fn arrived(&self, scope: &Scope, from: u64, limit: usize) -> Result<(Vec<Arrival>, u64), Error> {
        self.engine()?.arrived(scope, from, limit)
    }

    /// The articles that arrived first and last under these numbers, of those that still have them.
    pub fn arrival_keys(&self, scope: &Scope, numbers: Range<u64>) -> Result<Option<(UrlHash, UrlHash)>, Error> {
        self.engine()?.arrival_keys(scope, numbers)
    }

    /// A full archive of a wire, which from now on says the same for ever; none when there is none, or all in it was purged.
    pub fn archive(&self, scope: &Scope, number: u64) -> Result<Option<Archive>, Error> {
        // Whoever only reads does not wait for a rebuild.
        if let Some(archive) = self.engine()?.kept_archive(scope, number)? {
            return Ok(Some(archive));
        }
        let _changes = self.changes();
        self.engine()?.archive(scope, number)
    }

    /// The last archive before `number` that has anything in it.
    pub fn archive_before(&self, scope: &Scope, number: u64) -> Result<Option<u64>, Error> {
        self.engine()?.archive_before(scope, number)
    }

    /// The fingerprints of the articles whose time is `since` or later, oldest first.
    pub fn fingerprints(&self, since: Instant) -> Result<Vec<Remembered>, Error> {
        self.engine()?.fingerprints(since)
    }

    /// The articles of a feed whose time is before `before`, the newest first, with their fingerprints. Those that are very old, or
    /// have none, are left out.
    pub fn fingerprints_of(&self, feed: &FeedId, before: Instant) -> Result<Vec<(UrlHash, Vec<u32>)>, Error> {
        self.engine()?.fingerprints_of(feed, before)
    }

    /// Calls `each` with the articles whose time is `since` or later, oldest first, until it breaks. A few are in memory at once.
    ///
    /// Commits may happen meanwhile, also from within `each`: what they add is seen if its place is still ahead.
    pub fn articles_since(&self, since: Instant, mut each: impl FnMut(StoredArticle) -> ControlFlow<()>) -> Result<(), Error> {
        let mut start = Bound::Included(key::of_time(since).to_vec());
        loop {
            let articles = self.engine()?.page(start)?;
            let Some(last) = articles.last() else { return Ok(()) };
            start = Bound::Excluded(key::of_place(Place::of(last)));
            for article in articles {
                if each(article).is_break() {
                    return Ok(());
                }
            }
        }
    }

    /// Keeps what the desk thinks of an article, instead of what it thought before.
    pub fn mark(&self, mark: &Mark) -> Result<(), Error> {
        let _changes = self.changes();
        self.engine()?.mark(mark)
    }

    /// Returns whether there was such a mark.
    pub fn forget_mark(&self, topic: &TopicId, article: UrlHash) -> Result<bool, Error> {
        let _changes = self.changes();
        self.engine()?.forget_mark(topic, article)
    }

    /// What the desk marked for a topic.
    pub fn marks(&self, topic: &TopicId) -> Result<Vec<Mark>, Error> {
        self.engine()?.marks(topic)
    }

    /// What was learned from the topic's marks and adopted.
    pub fn learned(&self, topic: &TopicId) -> Result<Option<Learned>, Error> {
        self.engine()?.learned(topic)
    }

    /// Adopts what was learned from the topic's marks; None: forgets it.
    pub fn keep_learned(&self, topic: &TopicId, learned: Option<&Learned>) -> Result<(), Error> {
        let _changes = self.changes();
        self.engine()?.keep_learned(topic, learned)
    }

    /// Counts everything: takes seconds on a large store.
    pub fn stats(&self) -> Result<Stats, Error> {
        self.engine()?.stats()
    }

    /// Writes the whole store, as it is at the end of this call, into one portable file. Commits go on meanwhile.
    ///
    /// # Errors
    /// When the store cannot be read or the file not be written.
    pub fn backup(&self, output: impl std::io::Write) -> Result<Backup, Error> {
        self.engine()?.backup(output)
    }

    /// Reads everything and follows every reference; returns what is wrong, for people. Empty: all is well.
    pub fn verify(&self) -> Result<Vec<String>, Error> {
        let found = self.engine()?.verify()?;
        Ok([found.damaged, found.loose].concat())
    }

    /// Makes alarms durable that no poll is the reason of.
    pub fn raise(&self, alarms: &[Alarm]) -> Result<(), Error> {
        let _changes = self.changes();
        self.engine()?.raise(alarms)
    }

    /// Purges the articles that no feed listed for `keep`, save the stories of the `newest` entries of each topic. What is purged is
    /// not new when it comes again, until it was not listed for twice as long. When the store then takes much more space than it
    /// needs it is rebuilt.
    ///
    /// # Errors
    /// When the rebuilt store cannot be opened, every operation fails until the store is opened again.
    pub fn prune(&self, keep: TimeDelta, newest: usize, now: Instant) -> Result<Pruned, Error> {
        let (mut pruned, wasteful) = {
            let (_changes, engine) = (self.changes(), self.engine()?);
            (engine.prune(keep, newest, now)?, engine.is_wasteful()?)
        };
        if wasteful {
            pruned.rebuilt = self.rebuild()?;
        }
        Ok(pruned)
    }

    /// Writes the store anew, as small as it can be. Whoever writes waits until that is done; whoever reads goes on, save for the moment
    /// in which the new store takes the place of the old. Returns whether it did: not while somebody reads all of it.
    pub fn rebuild(&self) -> Result<bool, Error> {
        let _no_change = self.0.changes.write().unwrap_or_else(PoisonError::into_inner);
        let began = std::time::Instant::now();
        let before = self.engine()?.size()?;
        tracing::info!(bytes = before, "the store is written anew: what is new waits, serving goes on");
        self.engine()?.rebuild()?;
        let replaced = self.replace()?;
        if replaced {
            let (after, seconds) = (self.engine()?.size()?, began.elapsed().as_secs());
            tracing::info!(bytes = after, seconds, "the store is written anew");
        }
        Ok(replaced)
    }

    /// Puts the store that was written anew in the place of the old one, when nobody reads it.
    fn replace(&self) -> Result<bool, Error> {
        let failed = |error| Error::io(&self.0.folder, error);
        for _ in 0..PATIENCE {
            let mut slot = self.0.engine.write().unwrap_or_else(PoisonError::into_inner);
            let engine = slot.take().ok_or_else(|| self.closed())?;
            match Arc::try_unwrap(engine) {
                Ok(engine) => {
                    drop(engine);
                    let placed = rebuild::complete(&self.0.folder).and_then(|()| rebuild::finish(&self.0.folder));
                    *slot = Some(Arc::new(Engine::open(&self.0.folder)?));
                    return placed.map(|()| true).map_err(failed);
                }
                Err(used) => *slot = Some(used),
            }
            drop(slot);
            std::thread::sleep(Duration::from_millis(10));
        }
        rebuild::give_up(&self.0.folder).map_err(failed)?;
        Ok(false)
    }

    /// Whoever holds this may write: the store is not written anew meanwhile. To be taken before the engine.
    fn changes(&self) -> RwLockReadGuard<'_, ()> {
        self.0.changes.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn engine(&self) -> Result<Arc<Engine>, Error> {
        self.0.engine.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(|| self.closed())
    }

    fn closed(&self) -> Error {
        Error::io(&self.0.folder, std::io::Error::other("it could not be opened again after it was rebuilt"))
    }
}

/// Whether there is a store in `folder`.
#[must_use]
pub fn exists(folder: &Path) -> bool {
    folder.join(folder::LOG).exists()
}

/// Moves a store that nobody has open to another folder of the same disk, and leaves all else in its folder where it is.
///
/// # Errors
/// When a file cannot be moved.
pub fn put_aside(folder: &Path, to: &Path) -> Result<(), Error> {
    folder::move_store(folder, to).map_err(|error| Error::io(to, error))
}

impl Published {
    /// What to give as `before` for the page after the one that this entry ends.
    #[must_use]
    pub fn place(&self) -> Place {
        Place::of(&self.article)
    }
}
