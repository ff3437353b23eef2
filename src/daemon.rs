//! The loop, and stopping. Polls are tasks of one set, whose size bounds them; only `serve` starts others, one a connection.

use std::collections::BTreeMap;
use std::future::Future;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{Id, JoinSet};

use crate::clock;
use crate::config::{Config, Feed};
use crate::model::{FeedId, FeedState, Health, Instant};
use crate::poll::{Polled, Tools, blocking, poll};
use crate::serve::Wires;
use crate::store;

/// How long running polls may take to end after a stop was asked for.
pub const GRACE: Duration = Duration::from_secs(20);
/// How soon a feed is polled again after its poll ended in a bug of ours.
const AFTER_PANIC: chrono::TimeDelta = chrono::TimeDelta::minutes(10);
/// How often the window of stories forgets what is too old.
const SWEEP: Duration = Duration::from_hours(1);
/// How long an article's text is remembered for stories.
pub const STORY_WINDOW: chrono::TimeDelta = chrono::TimeDelta::hours(72);

/// Polls each feed when it is due, until `stop` comes; then lets running polls end.
///
/// # Errors
/// When the store fails.
pub async fn run(config: &Config, tools: &Arc<Tools>, wires: &Wires, stop: impl Future<Output = ()>) -> Result<(), store::Error> {
    let mut polls = Polls::new(config.fetch.concurrency);
    let mut due = due_times(config, tools)?;
    let mut sweep = tokio::time::interval(SWEEP);
    let mut stop = std::pin::pin!(stop);
    loop {
        let now = clock::now();
        while let Some(feed) = polls.has_room().then(|| next_due(config, &due, now)).flatten() {
            due.remove(&feed.id);
            polls.start(feed, tools);
        }
        let wake = due.values().min().map_or(SWEEP, |due| (*due - now).to_std().unwrap_or(Duration::ZERO));
        // Each branch may be dropped half way: `join_next` loses nothing, the others hold nothing.
        tokio::select! {
            () = &mut stop => break,
            Some((feed, polled)) = polls.next() => {
                let next = settle(&feed, polled, wires)?;
                due.extend(next.map(|next| (feed, next)));
            }
            () = tokio::time::sleep(wake), if polls.has_room() => {}
            _ = sweep.tick() => forget_old_stories(tools).await,
        }
    }
    tracing::info!(polls = polls.running.len(), "stopping: running polls may end");
    let rest = async {
        while let Some((feed, polled)) = polls.next().await {
            settle(&feed, polled, wires)?;
        }
        Ok(())
    };
    tokio::time::timeout(GRACE, rest).await.unwrap_or_else(|_| {
        tracing::warn!("polls that did not end in time were dropped; what they read is read again at the next start");
        Ok(())
    })
}

/// Polls the feeds once, whether due or not, and hands each result to `each` as it comes.
///
/// # Errors
/// When the store fails: the first of its errors.
pub async fn pass(
    feeds: &[Arc<Feed>],
    concurrency: NonZeroUsize,
    tools: &Arc<Tools>,
    mut each: impl FnMut(Polled),
) -> Result<(), store::Error> {
    let mut polls = Polls::new(concurrency);
    let mut waiting = feeds.iter();
    loop {
        while let Some(feed) = polls.has_room().then(|| waiting.next()).flatten() {
            polls.start(Arc::clone(feed), tools);
        }
        match polls.next().await {
            Some((_, Some(polled))) => each(polled?),
            Some((feed, None)) => tracing::error!(feed.id = %feed, "the poll ended in a bug of topicwire; please report it"),
            None => return Ok(()),
        }
    }
}

/// Whether a feed is to be polled now.
#[must_use]
pub fn is_due(feed: &Feed, state: Option<&FeedState>, now: Instant) -> bool {
    due_time(feed, state).is_some_and(|due| due <= now)
}

/// When a feed is to be polled; none when never.
fn due_time(feed: &Feed, state: Option<&FeedState>) -> Option<Instant> {
    let at_once = Some(Instant::UNIX_EPOCH);
    let Some(state) = state.filter(|state| state.url.as_ref() == Some(feed.url.as_url())) else {
        return at_once.filter(|_| !feed.paused);
    };
    let gone = matches!(state.health, Health::Gone { .. });
    if feed.paused || gone { None } else { state.next_due.or(at_once) }
}

fn due_times(config: &Config, tools: &Tools) -> Result<BTreeMap<FeedId, Instant>, store::Error> {
    let states = tools.store.feed_states()?;
    let due = |feed: &Arc<Feed>| due_time(feed, states.get(&feed.id)).map(|due| (feed.id.clone(), due));
    Ok(config.feeds.iter().filter_map(due).collect())
}

fn next_due(config: &Config, due: &BTreeMap<FeedId, Instant>, now: Instant) -> Option<Arc<Feed>> {
    let (feed, _) = due.iter().filter(|(_, due)| **due <= now).min_by_key(|(_, due)| **due)?;
    config.feed(feed).cloned()
}

/// Takes note of a poll that ended; returns when the feed is due next.
fn settle(feed: &FeedId, polled: Option<Result<Polled, store::Error>>, wires: &Wires) -> Result<Option<Instant>, store::Error> {
    let Some(polled) = polled else {
        tracing::error!(feed.id = %feed, "the poll ended in a bug of topicwire; please report it");
        return Ok(Some(clock::now() + AFTER_PANIC));
    };
    let Polled { report, receipt } = polled?;
    wires.changed(&receipt.topics);
    Ok(report.next_due)
}

async fn forget_old_stories(tools: &Arc<Tools>) {
    let tools = Arc::clone(tools);
    // A commit may hold the lock while it waits for the disk.
    blocking(move || {
        let mut stories = tools.stories.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        stories.expire(clock::now() - STORY_WINDOW);
    })
    .await;
}

/// The polls that are running, never more than there is room for.
struct Polls {
    room: NonZeroUsize,
    running: JoinSet<Result<Polled, store::Error>>,
    feeds: BTreeMap<Id, FeedId>,
}

impl Polls {
    fn new(room: NonZeroUsize) -> Self {
        Self { room, running: JoinSet::new(), feeds: BTreeMap::new() }
    }

    fn has_room(&self) -> bool {
        self.running.len() < self.room.get()
    }

    fn start(&mut self, feed: Arc<Feed>, tools: &Arc<Tools>) {
        let id = feed.id.clone();
        let task = self.running.spawn(poll(feed, Arc::clone(tools)));
        self.feeds.insert(task.id(), id);
    }

    /// The next poll to end, with none for one that ended in a panic; none when nothing runs.
    async fn next(&mut self) -> Option<(FeedId, Option<Result<Polled, store::Error>>)> {
        let (task, polled) = match self.running.join_next_with_id().await? {
            Ok((task, polled)) => (task, Some(polled)),
            Err(error) => (error.id(), None),
        };
        let feed = self.feeds.remove(&task)?;
        Some((feed, polled))
    }
}
