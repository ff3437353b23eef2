//! The loop, and stopping. Polls are tasks of one set, whose size bounds them; what goes on in the background are tasks of another;
//! only `serve` starts others, one a connection.
//!
//! The loop alone knows which feeds are due and by which configuration. Others send it an [`Order`].

mod due;
mod polls;
mod rematch;

use std::collections::BTreeMap;
use std::future::Future;
use std::num::NonZeroUsize;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

pub use self::due::is_due;
use self::polls::{Polls, Running};
use self::rematch::Rematch;
use crate::clock;
use crate::config::{Config, Feed};
use crate::model::{FeedId, Instant};
use crate::poll::{Polled, Report, Tools, blocking};
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
/// Orders that wait to be read; who sends more waits.
pub const ORDERS: usize = 16;

/// What others want of the loop.
#[derive(Debug)]
pub enum Order {
    /// Poll these feeds now, due or not, and send each report. The channel has room for one a feed, and ends when all are done.
    Poll { feeds: Vec<FeedId>, reports: mpsc::Sender<Report> },
    /// Another configuration holds from now on.
    Configure(Arc<Config>),
}

/// Polls each feed when it is due and does what it is ordered, until `stop` comes; then lets running polls end.
///
/// # Errors
/// When the store fails.
pub async fn run(
    config: Arc<Config>,
    tools: Arc<Tools>,
    wires: Arc<Wires>,
    mut orders: mpsc::Receiver<Order>,
    stop: impl Future<Output = ()>,
) -> Result<(), store::Error> {
    let mut daemon = Daemon::new(config, tools, wires).await?;
    let mut sweep = tokio::time::interval(SWEEP);
    let mut stop = std::pin::pin!(stop);
    loop {
        let wake = daemon.start_polls();
        // Each branch may be dropped half way: `join_next` and `recv` lose nothing, the others hold nothing.
        tokio::select! {
            () = &mut stop => break,
            Some((running, polled)) = daemon.polls.next() => daemon.settle(running, polled)?,
            Some(order) = orders.recv() => daemon.obey(order).await?,
            Some(done) = daemon.chores.join_next() => chore_ended(done)?,
            () = tokio::time::sleep(wake), if daemon.polls.has_room() => {}
            _ = sweep.tick() => forget_old_stories(&daemon.tools).await,
        }
    }
    tracing::info!(polls = daemon.polls.len(), "stopping: running polls may end");
    let rest = async {
        while let Some((running, polled)) = daemon.polls.next().await {
            daemon.settle(running, polled)?;
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
            Some((running, None)) => tell_of_panic(&running.feed.id),
            None => return Ok(()),
        }
    }
}

/// What the loop knows.
struct Daemon {
    config: Arc<Config>,
    tools: Arc<Tools>,
    wires: Arc<Wires>,
    /// The feeds that wait, and until when. Invariant: none of them is being polled.
    due: BTreeMap<FeedId, Instant>,
    polls: Polls,
    /// Who wants to know what the next poll of a feed did.
    curious: BTreeMap<FeedId, Vec<mpsc::Sender<Report>>>,
    /// What goes on in the background: matching the stored articles again.
    chores: JoinSet<Result<(), store::Error>>,
    /// Held by whoever matches stored articles again.
    matching: Arc<tokio::sync::Mutex<()>>,
}

impl Daemon {
    async fn new(config: Arc<Config>, tools: Arc<Tools>, wires: Arc<Wires>) -> Result<Self, store::Error> {
        let mut daemon = Self {
            polls: Polls::new(config.fetch.concurrency),
            due: BTreeMap::new(),
            curious: BTreeMap::new(),
            chores: JoinSet::new(),
            matching: Arc::default(),
            config,
            tools,
            wires,
        };
        daemon.plan().await?;
        Ok(daemon)
    }

    /// Takes the times of the feeds, and the topics, from the configuration.
    async fn plan(&mut self) -> Result<(), store::Error> {
        let store = self.tools.store.clone();
        let states = blocking(move || store.feed_states()).await?;
        self.due = due::times(&self.config, &states);
        self.due.retain(|feed, _| !self.polls.is_running(feed));
        if !rematch::is_done(self.tools.store.folder(), &self.config) {
            self.chores.spawn(self.rematch().all());
        }
        Ok(())
    }

    /// Starts what is due while there is room; returns how long nothing else will be.
    fn start_polls(&mut self) -> Duration {
        let now = clock::now();
        while let Some(feed) = self.polls.has_room().then(|| self.next_due(now)).flatten() {
            self.due.remove(&feed.id);
            self.polls.start(feed, &self.tools);
        }
        self.due.values().min().map_or(SWEEP, |due| (*due - now).to_std().unwrap_or(Duration::ZERO).min(SWEEP))
    }

    fn rematch(&self) -> Rematch {
        let (config, tools) = (Arc::clone(&self.config), Arc::clone(&self.tools));
        Rematch { config, tools, wires: Arc::clone(&self.wires), turn: Arc::clone(&self.matching) }
    }

    fn next_due(&self, now: Instant) -> Option<Arc<Feed>> {
        let (feed, _) = self.due.iter().filter(|(_, due)| **due <= now).min_by_key(|(_, due)| **due)?;
        self.config.feed(feed).cloned()
    }

    /// Takes note of a poll that ended.
    fn settle(&mut self, running: Running, polled: Option<Result<Polled, store::Error>>) -> Result<(), store::Error> {
        let Running { feed, tools } = running;
        let curious = self.curious.remove(&feed.id).unwrap_or_default();
        let next = if let Some(polled) = polled {
            let Polled { report, receipt } = polled?;
            if !(receipt.new.is_empty() && receipt.topics.is_empty()) {
                self.wires.changed(&receipt.topics);
            }
            if !Arc::ptr_eq(&tools, &self.tools) {
                // It was begun before the configuration changed, and matched by topics that were.
                self.chores.spawn(self.rematch().these(receipt.new));
            }
            for sender in curious {
                // Whoever asked may be gone; there is room for all that they asked for.
                let _ = sender.try_send(report.clone());
            }
            report.next_due
        } else {
            tell_of_panic(&feed.id);
            Some(clock::now() + AFTER_PANIC)
        };
        // The configuration may have changed meanwhile.
        if let Some(configured) = self.config.feed(&feed.id).filter(|feed| !feed.paused) {
            let next = if configured.url == feed.url { next } else { Some(Instant::UNIX_EPOCH) };
            self.due.extend(next.map(|next| (feed.id.clone(), next)));
        }
        Ok(())
    }

    async fn obey(&mut self, order: Order) -> Result<(), store::Error> {
        match order {
            Order::Poll { feeds, reports } => {
                for feed in feeds.into_iter().filter(|feed| self.config.feed(feed).is_some()) {
                    if !self.polls.is_running(&feed) {
                        self.due.insert(feed.clone(), Instant::UNIX_EPOCH);
                    }
                    self.curious.entry(feed).or_default().push(reports.clone());
                }
            }
            Order::Configure(config) => {
                tracing::info!(feeds = config.feeds.len(), topics = config.wires.len(), "another configuration holds from now on");
                let (tools, new) = (Arc::clone(&self.tools), Arc::clone(&config));
                self.tools = Arc::new(blocking(move || tools.reconfigured(&new)).await);
                self.polls.resize(config.fetch.concurrency);
                self.wires.configured(Arc::clone(&config));
                self.config = config;
                self.plan().await?;
            }
        }
        Ok(())
    }
}

fn tell_of_panic(feed: &FeedId) {
    tracing::error!(feed.id = %feed, "the poll ended in a bug of topicwire; please report it");
}

/// A chore that was aborted or met a bug of ours costs itself, not the daemon.
fn chore_ended(done: Result<Result<(), store::Error>, tokio::task::JoinError>) -> Result<(), store::Error> {
    match done {
        Ok(done) => done,
        Err(error) if error.is_cancelled() => Ok(()),
        Err(_) => {
            tracing::error!("matching the stored articles again ended in a bug of topicwire; please report it");
            Ok(())
        }
    }
}

async fn forget_old_stories(tools: &Arc<Tools>) {
    let tools = Arc::clone(tools);
    // A commit may hold the lock while it waits for the disk.
    blocking(move || {
        let mut stories = tools.stories.lock().unwrap_or_else(PoisonError::into_inner);
        stories.expire(clock::now() - STORY_WINDOW);
    })
    .await;
}
