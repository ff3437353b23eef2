//! The loop, and stopping. Polls are tasks of one set, whose size bounds them; what goes on in the background are tasks of another;
//! only `serve` starts others, one a connection.
//!
//! The loop alone knows which feeds are due and by which configuration. Others send it an [`Order`].

mod backups;
mod chores;
mod due;
mod polls;
mod process;
mod rematch;
mod space;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future::Future;
use std::num::NonZeroUsize;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Interval, MissedTickBehavior};

pub use self::backups::{all as backups, folder as backup_folder};
use self::chores::{Chores, Which};
pub use self::due::is_due;
use self::polls::{Ended, Polls, Running, Step};
pub use self::rematch::if_changed as match_again_if_changed;
pub use self::space::{disk, drop_ballast};
use crate::clock;
use crate::config::{Config, Feed};
use crate::desk;
use crate::fetch::Credentials;
use crate::model::{FeedId, Instant};
use crate::poll::{Polled, Report, Tools, blocking};
use crate::serve::Wires;
use crate::serve::metrics::{Disk, LOOK, Look, Metrics};
use crate::store;
use crate::websub::{Delivery, Subscriber};

/// How long running polls may take to end after a stop was asked for.
pub const GRACE: Duration = Duration::from_secs(20);
/// How soon a feed is polled again after its poll ended in a bug of ours.
const AFTER_PANIC: chrono::TimeDelta = chrono::TimeDelta::minutes(10);
/// How often it is looked whether a hub is to be asked for something: leases of minutes are kept.
const HUBS: Duration = Duration::from_mins(1);
/// How often the window of stories forgets what is too old.
const SWEEP: Duration = Duration::from_hours(1);
/// How often what is old enough is purged.
const PRUNE: Duration = Duration::from_hours(24);
/// How often what arrived is indexed for searches.
const INDEX: Duration = Duration::from_mins(10);
/// How often it is looked whether today's backup is there.
const BACKUP: Duration = Duration::from_hours(1);
/// How often what is in the store is counted, if it has changed.
const COUNT: Duration = Duration::from_mins(1);
/// Pushes that wait for the polls of their feeds to end; who pushes more waits.
const MAX_PUSHED: usize = 64;
/// How long an article's text is remembered for stories.
pub const STORY_WINDOW: chrono::TimeDelta = chrono::TimeDelta::hours(72);
/// Orders that wait to be read; who sends more waits.
pub const ORDERS: usize = 16;

/// What others want of the loop.
#[derive(Debug)]
pub enum Order {
    /// Poll these feeds now, due or not, and send what became of each. The channel has room for one a feed.
    Poll { feeds: Vec<FeedId>, done: mpsc::Sender<Done> },
    /// Another configuration holds from now on, and these are its credentials. Who has the other end of `done` sees when it does.
    Configure { config: Arc<Config>, credentials: BTreeMap<FeedId, Credentials>, done: oneshot::Sender<()> },
}

/// A poll that was ordered and has ended: none when it met a bug of ours, or the feed is no longer in the configuration.
pub type Done = Option<Box<Report>>;

/// Polls each feed when it is due and does what it is ordered, until `stop` comes; then lets running polls end.
///
/// # Errors
/// When the store fails.
pub async fn run(
    config: Arc<Config>,
    tools: Arc<Tools>,
    wires: Arc<Wires>,
    metrics: Arc<Metrics>,
    mut orders: mpsc::Receiver<Order>,
    stop: impl Future<Output = ()>,
) -> Result<(), store::Error> {
    let subscriber = tools.subscriber.clone();
    let mut daemon = Daemon::new(config, tools, wires, metrics).await?;
    let [mut sweep, mut count, mut looks, mut backups, mut indexes, mut hubs] = [SWEEP, COUNT, LOOK, BACKUP, INDEX, HUBS].map(every);
    daemon.chores.check_index(daemon.tools.store.clone());
    // Not before the feeds were asked: after a long rest they still list what seems to be forgotten.
    let mut prunes = tokio::time::interval_at(tokio::time::Instant::now() + SWEEP, PRUNE);
    let mut stop = std::pin::pin!(stop);
    loop {
        let wake = daemon.start_polls();
        // Each branch may be dropped half way: `join_next` and `recv` lose nothing, the others hold nothing.
        tokio::select! {
            () = &mut stop => break,
            Some(next) = daemon.polls.next() => daemon.follow(next)?,
            Some(order) = orders.recv() => daemon.obey(order).await?,
            Some(push) = next_push(subscriber.as_deref()), if daemon.pushed.len() < MAX_PUSHED => daemon.pushed.push_back(push),
            Some(done) = daemon.chores.next() => done.or_else(only_damaged)?,
            () = tokio::time::sleep(wake), if daemon.polls.has_room() => {}
            _ = looks.tick() => daemon.look().await?,
            _ = count.tick() => daemon.count(),
            _ = hubs.tick() => daemon.chores.ask_hubs(&daemon.config, &daemon.tools),
            _ = backups.tick() => daemon.back_up(),
            _ = indexes.tick() => daemon.chores.index(daemon.tools.store.clone()),
            _ = prunes.tick() => daemon.prune(),
            _ = sweep.tick() => {
                forget_old_stories(&daemon.tools).await;
                daemon.raise_alarms();
            }
        }
    }
    tracing::info!(polls = daemon.polls.len(), "stopping: running polls may end");
    let rest = async {
        while let Some(step) = daemon.polls.next().await {
            daemon.follow(step)?;
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
            Some(Step::Ended(ended)) => match ended.polled {
                Some(polled) => each(polled?),
                None => tell_of_panic(&ended.running.feed.id),
            },
            Some(Step::Room) => {}
            None => return Ok(()),
        }
    }
}

/// What the loop knows.
struct Daemon {
    /// The configuration of the start, by which it listens and asks for tokens.
    first: Arc<Config>,
    config: Arc<Config>,
    tools: Arc<Tools>,
    wires: Arc<Wires>,
    metrics: Arc<Metrics>,
    /// The disk as it was at the last look around.
    disk: Disk,
    /// When that was.
    looked: Instant,
    /// The feeds that wait, and until when. Invariant: none of them is being polled.
    due: BTreeMap<FeedId, Instant>,
    polls: Polls,
    /// What hubs sent for feeds that are being polled.
    pushed: VecDeque<Delivery>,
    /// Who wants to know what the next poll of a feed did.
    curious: BTreeMap<FeedId, Vec<mpsc::Sender<Done>>>,
    chores: Chores,
    /// Articles came, went or changed their topics since they were counted.
    uncounted: bool,
}

impl Daemon {
    async fn new(config: Arc<Config>, tools: Arc<Tools>, wires: Arc<Wires>, metrics: Arc<Metrics>) -> Result<Self, store::Error> {
        let mut daemon = Self {
            polls: Polls::new(config.fetch.concurrency),
            due: BTreeMap::new(),
            pushed: VecDeque::new(),
            curious: BTreeMap::new(),
            chores: Chores::default(),
            first: Arc::clone(&config),
            config,
            tools,
            wires,
            metrics,
            disk: Disk::default(),
            looked: Instant::UNIX_EPOCH,
            uncounted: true,
        };
        daemon.look().await?;
        daemon.plan().await?;
        Ok(daemon)
    }

    /// Takes the times of the feeds, and the topics, from the configuration.
    async fn plan(&mut self) -> Result<(), store::Error> {
        let store = self.tools.store.clone();
        let states = blocking(move || store.feed_states()).await?;
        self.due = due::times(&self.config, &states, clock::now());
        let (ordered, gone) = std::mem::take(&mut self.curious).into_iter().partition(|(feed, _)| self.config.feed(feed).is_some());
        self.curious = ordered;
        self.due.extend(self.curious.keys().map(|feed| (feed.clone(), Instant::UNIX_EPOCH)));
        self.due.retain(|feed, _| !self.polls.is_running(feed));
        self.chores.leave_hubs(&self.config, &self.tools);
        tell(&gone.into_values().flatten().collect::<Vec<_>>(), None);
        if !rematch::is_done(&self.tools.store, &self.config) {
            rematch::begin(self.tools.store.folder());
            self.match_again(Which::All);
        }
        Ok(())
    }

    /// Starts what is due while there is room; returns how long nothing else will be.
    fn start_polls(&mut self) -> Duration {
        let now = clock::now();
        if self.disk.is_low() {
            return LOOK;
        }
        while let Some((feed, push)) = self.polls.has_room().then(|| self.next_pushed()).flatten() {
            self.due.remove(&feed.id);
            self.polls.receive(feed, push, &self.tools);
        }
        while let Some(feed) = self.polls.has_room().then(|| self.next_due(now)).flatten() {
            self.due.remove(&feed.id);
            self.polls.start(feed, &self.tools);
        }
        self.due.values().min().map_or(SWEEP, |due| (*due - now).to_std().unwrap_or(Duration::ZERO).min(SWEEP))
    }

    /// Looks around: at the disk, and at how much there is to do.
    async fn look(&mut self) -> Result<(), store::Error> {
        let (folder, storage) = (self.tools.store.folder().to_owned(), self.config.storage.clone());
        let seen = blocking(move || {
            let disk = space::disk(&folder, &storage);
            if let Err(error) = space::lay_in_ballast(&folder, disk) {
                tracing::warn!(%error, "the ballast file cannot be made");
            }
            (disk, process::look())
        });
        let (disk, process) = seen.await;
        let before = std::mem::replace(&mut self.disk, disk);
        match (before.is_low(), self.disk.is_low()) {
            (false, true) => tracing::error!(
                free_bytes = self.disk.free,
                floor_bytes = self.disk.floor,
                "the disk is nearly full: fetching pauses, serving goes on"
            ),
            (true, false) => tracing::info!(free_bytes = self.disk.free, "there is room on the disk again: fetching goes on"),
            _ => {}
        }
        if before.is_low() != self.disk.is_low() {
            self.raise_alarms();
        }
        let now = clock::now();
        if now < self.looked {
            tracing::warn!("the clock was put back: it is seen again when each feed is due");
            self.plan().await?;
        }
        self.looked = now;
        let waiting = self.due.values().filter(|due| **due <= now).count();
        let (feeds, running, pushes) = (self.config.feeds.len(), self.polls.len(), self.pushed.len());
        let (oldest, overdue) = (self.polls.oldest(), self.polls.overdue(&self.config.fetch));
        self.metrics.looked(Look { at: now, feeds, running, oldest, overdue, waiting, pushes, disk: self.disk, process });
        Ok(())
    }

    fn back_up(&mut self) {
        if self.disk.is_low() {
            tracing::error!("no backup is made: the disk is nearly full");
        } else {
            self.chores.back_up(self.tools.store.clone(), self.config.storage.clone());
        }
    }

    /// Alarms that no poll can raise or end.
    fn raise_alarms(&mut self) {
        self.chores.raise_alarms(Arc::clone(&self.config), self.tools.store.clone(), self.disk);
    }

    fn count(&mut self) {
        if std::mem::take(&mut self.uncounted) {
            self.chores.count(self.tools.store.clone(), Arc::clone(&self.metrics));
        }
    }

    fn prune(&mut self) {
        self.uncounted = true;
        self.chores.prune(Arc::clone(&self.wires));
    }

    fn match_again(&mut self, which: Which) {
        self.uncounted = true;
        self.chores.match_again(&self.config, &self.tools, &self.wires, which);
    }

    /// The next push for a feed that is not being polled. Those for feeds that are not read any more are dropped.
    fn next_pushed(&mut self) -> Option<(Arc<Feed>, Delivery)> {
        let read = |feed: &FeedId| self.config.feed(feed).filter(|feed| !feed.paused).cloned();
        self.pushed.retain(|push| read(&push.feed).is_some());
        let place = self.pushed.iter().position(|push| !self.polls.is_running(&push.feed))?;
        let push = self.pushed.remove(place)?;
        Some((read(&push.feed)?, push))
    }

    fn next_due(&self, now: Instant) -> Option<Arc<Feed>> {
        let (feed, _) = self.due.iter().filter(|(_, due)| **due <= now).min_by_key(|(_, due)| **due)?;
        self.config.feed(feed).cloned()
    }

    /// Takes note of a poll that ended.
    fn follow(&mut self, step: Step) -> Result<(), store::Error> {
        let Step::Ended(ended) = step else { return Ok(()) };
        let Ended { running: Running { feed, tools, .. }, polled } = *ended;
        let curious = self.curious.remove(&feed.id).unwrap_or_default();
        let next = match polled {
            Some(Ok(Polled { report, receipt })) => {
                self.uncounted |= receipt.changed;
                if receipt.changed {
                    self.wires.changed(&receipt.topics);
                }
                self.metrics.polled(&report, clock::now());
                if !Arc::ptr_eq(&tools, &self.tools) {
                    // It was begun before the configuration changed, and matched by topics that were.
                    let note = rematch::begin(self.tools.store.folder());
                    self.match_again(Which::These(receipt.written, note));
                }
                let next = report.next_due;
                tell(&curious, Some(&report));
                next
            }
            Some(Err(error)) => {
                // One record is damaged: that is no reason not to poll other feeds.
                only_damaged(error)?;
                tell(&curious, None);
                Some(clock::now() + AFTER_PANIC)
            }
            None => {
                tell_of_panic(&feed.id);
                tell(&curious, None);
                Some(clock::now() + AFTER_PANIC)
            }
        };
        // The configuration may have changed meanwhile.
        if let Some(configured) = self.config.feed(&feed.id).filter(|feed| !feed.paused) {
            let next = if configured.url == feed.url { next } else { Some(Instant::UNIX_EPOCH) };
            self.due.extend(next.map(|next| (feed.id.clone(), next)));
        } else {
            self.forget_unread();
        }
        Ok(())
    }

    /// No figures of feeds that are not read any more.
    fn forget_unread(&self) {
        let read: BTreeSet<&str> = self.config.feeds.iter().filter(|feed| !feed.paused).map(|feed| feed.id.as_str()).collect();
        self.metrics.keep_feeds(|feed| read.contains(feed));
    }

    async fn obey(&mut self, order: Order) -> Result<(), store::Error> {
        match order {
            Order::Poll { feeds, done } => {
                for feed in feeds {
                    if self.config.feed(&feed).is_none() {
                        tell(std::slice::from_ref(&done), None);
                        continue;
                    }
                    if !self.polls.is_running(&feed) {
                        self.due.insert(feed.clone(), Instant::UNIX_EPOCH);
                    }
                    self.curious.entry(feed).or_default().push(done.clone());
                }
            }
            Order::Configure { config, credentials, done } => {
                self.metrics.configured(true);
                tracing::info!(feeds = config.feeds.len(), topics = config.wires.len(), "another configuration holds from now on");
                for part in self.first.for_the_next_start(&config) {
                    tracing::warn!(part, "this is not what the daemon was started with: it needs a restart");
                }
                let (tools, new) = (Arc::clone(&self.tools), Arc::clone(&config));
                let reconfigured =
                    blocking(move || desk::topics(&new, &tools.store).map(|topics| tools.reconfigured(&new, &topics, credentials)));
                self.tools = Arc::new(reconfigured.await?);
                self.polls.resize(config.fetch.concurrency);
                self.wires.configured(Arc::clone(&config));
                self.config = config;
                self.forget_unread();
                self.plan().await?;
                // Whoever waited for it may have gone.
                let _ = done.send(());
            }
        }
        Ok(())
    }
}

/// Ticks now and then so often. What was missed while the machine slept is not made up for.
fn every(period: Duration) -> Interval {
    let mut interval = tokio::time::interval(period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
    interval
}

fn tell_of_panic(feed: &FeedId) {
    tracing::error!(feed.id = %feed, "the poll ended in a bug of topicwire; please report it");
}

/// Tells those who ordered a poll. They may be gone; there is room for all that they ordered.
fn tell(curious: &[mpsc::Sender<Done>], report: Option<&Report>) {
    for sender in curious {
        let _ = sender.try_send(report.cloned().map(Box::new));
    }
}

/// Goes on when no more than one record is damaged.
fn only_damaged(error: store::Error) -> Result<(), store::Error> {
    if !matches!(error, store::Error::Damaged { .. }) {
        return Err(error);
    }
    tracing::error!("{error}; `topicwire store verify` says what else is, `topicwire store restore` makes a store of a backup");
    Ok(())
}

/// Waits for ever where no hub can reach us.
async fn next_push(subscriber: Option<&Subscriber>) -> Option<Delivery> {
    match subscriber {
        Some(subscriber) => subscriber.next().await,
        None => std::future::pending().await,
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
