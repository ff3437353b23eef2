//! The polls that are running: never more than there is room for ask others, and none is begun while as many wait for the disk.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{Id, JoinSet};
use tokio::time::Instant;

use crate::config::{self, Feed};
use crate::model::FeedId;
use crate::poll::{Applied, Polled, Tools, apply, apply_push};
use crate::store;
use crate::websub::Delivery;

/// Requests of a poll beside those for new pages: documents that continue others, pages that are read again, robots.txt.
const OTHER_REQUESTS: u32 = 60;
/// A host is asked by one at a time, and rests for as long as it took to answer, or somewhat longer when it is busy.
const SHARE: u32 = 2;
/// No poll is said to take too long before this.
const LEAST: Duration = Duration::from_mins(15);

/// The polls that are running.
pub(super) struct Polls {
    room: NonZeroUsize,
    asking: JoinSet<Result<Applied, store::Error>>,
    settling: JoinSet<Result<Polled, store::Error>>,
    running: BTreeMap<Id, Running>,
}

/// What happened to a poll.
pub(super) enum Step {
    /// One waits for the disk alone: there may be room for another.
    Room,
    Ended(Box<Ended>),
}

/// A poll that ended.
pub(super) struct Ended {
    pub(super) running: Running,
    /// None: in a panic.
    pub(super) polled: Option<Result<Polled, store::Error>>,
}

/// A poll, and what it was begun with.
pub(super) struct Running {
    pub(super) feed: Arc<Feed>,
    pub(super) tools: Arc<Tools>,
    began: Instant,
}

impl Running {
    fn new(feed: Arc<Feed>, tools: &Arc<Tools>) -> Self {
        Self { feed, tools: Arc::clone(tools), began: Instant::now() }
    }

    fn host(&self) -> Option<&str> {
        self.feed.url.as_url().host_str()
    }
}

/// How long a poll may take that has its host for itself: all of its requests, each as slow as one may be.
fn longest(fetch: &config::Fetch) -> Duration {
    let requests = u32::try_from(fetch.max_pages).unwrap_or(u32::MAX).saturating_add(OTHER_REQUESTS);
    ((fetch.timeout + fetch.pause) * SHARE).saturating_mul(requests).max(LEAST)
}

impl Polls {
    pub(super) fn new(room: NonZeroUsize) -> Self {
        Self { room, asking: JoinSet::new(), settling: JoinSet::new(), running: BTreeMap::new() }
    }

    pub(super) fn resize(&mut self, room: NonZeroUsize) {
        self.room = room;
    }

    pub(super) fn len(&self) -> usize {
        self.running.len()
    }

    pub(super) fn has_room(&self) -> bool {
        self.asking.len().max(self.settling.len()) < self.room.get()
    }

    pub(super) fn is_running(&self, feed: &FeedId) -> bool {
        self.running.values().any(|running| running.feed.id == *feed)
    }

    /// For how long the oldest has been running.
    pub(super) fn oldest(&self) -> Duration {
        self.running.values().map(|running| running.began.elapsed()).max().unwrap_or_default()
    }

    /// How many have been running for longer than any may. Polls that share a host wait for each other.
    pub(super) fn overdue(&self, fetch: &config::Fetch) -> usize {
        let longest = longest(fetch);
        let old: Vec<&Running> = self.running.values().filter(|running| running.began.elapsed() > longest).collect();
        let at_its_host = |one: &Running| self.running.values().filter(|other| other.host() == one.host()).count();
        let is_overdue = |one: &&&Running| {
            let turns = u32::try_from(at_its_host(one)).unwrap_or(u32::MAX);
            one.began.elapsed() > longest.saturating_mul(turns)
        };
        old.iter().filter(is_overdue).count()
    }

    pub(super) fn start(&mut self, feed: Arc<Feed>, tools: &Arc<Tools>) {
        let task = self.asking.spawn(apply(Arc::clone(&feed), Arc::clone(tools)));
        self.running.insert(task.id(), Running::new(feed, tools));
    }

    /// Takes in what a hub sent.
    pub(super) fn receive(&mut self, feed: Arc<Feed>, push: Delivery, tools: &Arc<Tools>) {
        let task = self.asking.spawn(apply_push(Arc::clone(&feed), push, Arc::clone(tools)));
        self.running.insert(task.id(), Running::new(feed, tools));
    }

    /// What happens next; none when nothing runs.
    pub(super) async fn next(&mut self) -> Option<Step> {
        tokio::select! {
            Some(asked) = self.asking.join_next_with_id() => match asked {
                Ok((task, Ok(applied))) => self.settle(task, applied),
                Ok((task, Err(error))) => self.end(task, Some(Err(error))),
                Err(error) => self.end(error.id(), None),
            },
            Some(settled) = self.settling.join_next_with_id() => match settled {
                Ok((task, polled)) => self.end(task, Some(polled)),
                Err(error) => self.end(error.id(), None),
            },
            else => None,
        }
    }

    fn settle(&mut self, task: Id, applied: Applied) -> Option<Step> {
        let running = self.running.remove(&task)?;
        let task = self.settling.spawn(applied.settle(Arc::clone(&running.tools)));
        self.running.insert(task.id(), running);
        Some(Step::Room)
    }

    fn end(&mut self, task: Id, polled: Option<Result<Polled, store::Error>>) -> Option<Step> {
        Some(Step::Ended(Box::new(Ended { running: self.running.remove(&task)?, polled })))
    }
}
