//! One poll of one feed, from top to bottom: read, decide, read, decide, and commit once. What a hub pushed joins it half way.
//!
//! The decisions are pure functions in the modules below, in this order: what the answer means, which entries are known, which known
//! articles to read again, which entries are news, what becomes of each, what to commit. Here bytes move.

mod article;
mod conclusion;
mod gap;
mod identity;
mod known;
mod news;
mod reading;
mod recall;
mod report;
mod rules;
mod save;
mod watch;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use chrono::SubsecRound;
use futures_util::StreamExt;
use url::Url;

use self::article::{Page, Processed, Step, Unfinished};
use self::conclusion::Surroundings;
use self::gap::Sequel;
use self::known::Found;
use self::news::News;
use self::reading::Reading;
use self::recall::Recalled;
pub use self::report::{Outcome, Report};
use self::save::save;
use self::watch::Again;
use crate::clock;
use crate::config::{Config, Feed, Kind};
use crate::fetch::{Answer, Client, Credentials, Purpose, Request};
use crate::model::{Entry, FeedId, FeedState, Instant, UrlHash, Validators, Watch};
use crate::schedule;
use crate::store::{self, Receipt, Store};
use crate::story::Window;
use crate::topic::{Matcher, Topic};
use crate::websub::{Delivery, Outlook, Subscriber};

/// Pages of one feed that are on their way at the same time; `fetch` spaces those to one host.
const CONCURRENT_PAGES: usize = 4;

/// Sitemaps of one index that are read in one poll.
const MAX_PARTS: usize = 3;

/// What a poll works with: one of each for the whole process.
#[derive(Debug)]
pub struct Tools {
    pub client: Arc<Client>,
    pub store: Store,
    pub matcher: Matcher,
    pub stories: Arc<Mutex<Window>>,
    /// Where hubs can reach this process.
    pub subscriber: Option<Arc<Subscriber>>,
    /// What the servers of some feeds are shown.
    pub credentials: BTreeMap<FeedId, Credentials>,
    /// New pages read in one poll; the rest wait for the next.
    pub max_pages: usize,
}

impl Tools {
    /// Tools with nothing in mind: no text is remembered yet, and no hub reaches this process.
    #[must_use]
    pub fn new(config: &Config, client: Client, store: Store) -> Self {
        Self {
            client: Arc::new(client),
            store,
            matcher: config.matcher(),
            stories: Arc::default(),
            subscriber: None,
            credentials: BTreeMap::new(),
            max_pages: config.fetch.max_pages,
        }
    }

    /// The same tools for another configuration of feeds, its topics as they are taught, and its credentials. How agencies are asked stays
    /// as it was at start: what is known of hosts, their pace and the silence that they asked for, goes with the client.
    #[must_use]
    pub fn reconfigured(&self, config: &Config, topics: &[Topic], credentials: BTreeMap<FeedId, Credentials>) -> Self {
        Self {
            client: Arc::clone(&self.client),
            store: self.store.clone(),
            matcher: self.matcher.rebuilt(topics),
            stories: Arc::clone(&self.stories),
            subscriber: self.subscriber.clone(),
            credentials,
            max_pages: config.fetch.max_pages,
        }
    }
}

/// What a poll did: for people, and for whoever keeps rendered wires.
#[derive(Debug)]
pub struct Polled {
    pub report: Report,
    pub receipt: Receipt,
}

/// A poll that is over but for the disk, which is still to write what it found.
#[derive(Debug)]
pub struct Applied(Polled);

impl Applied {
    /// Waits for the disk.
    ///
    /// # Errors
    /// As [`poll`].
    pub async fn settle(self, tools: Arc<Tools>) -> Result<Polled, store::Error> {
        let Self(polled) = self;
        let polled = blocking(move || tools.store.make_durable(&polled.receipt).map(|()| polled)).await?;
        tell(&polled.report);
        Ok(polled)
    }
}

/// Polls `feed` once, whether it is due or not.
///
/// What went wrong with the feed or its pages is in the report and in the feed's state.
///
/// # Errors
/// When the store fails: then nothing of this poll is kept, and the next one finds it all again.
pub async fn poll(feed: Arc<Feed>, tools: Arc<Tools>) -> Result<Polled, store::Error> {
    apply(feed, Arc::clone(&tools)).await?.settle(tools).await
}

/// As [`poll`], at the time `now`.
///
/// # Errors
/// As [`poll`].
pub async fn poll_at(feed: Arc<Feed>, tools: Arc<Tools>, now: Instant) -> Result<Polled, store::Error> {
    apply_at(feed, Arc::clone(&tools), now).await?.settle(tools).await
}

/// The part of a poll in which others are asked.
///
/// # Errors
/// As [`poll`].
pub async fn apply(feed: Arc<Feed>, tools: Arc<Tools>) -> Result<Applied, store::Error> {
    apply_at(feed, tools, clock::now().trunc_subsecs(0)).await
}

async fn apply_at(feed: Arc<Feed>, tools: Arc<Tools>, now: Instant) -> Result<Applied, store::Error> {
    let before = load(&feed, &tools).await?;
    let address = schedule::address(&before, feed.url.as_url(), now);
    let validators = Some(&before.validators).filter(|_| !schedule::doubts_validators(&before, now));
    let answer = tools.client.get(request(address, Purpose::Feed, validators, &feed, &tools)).await;
    let reading = read(&feed, feed.kind.clone(), address, answer, now).await;
    let reading = read_parts(reading, &feed, &tools, now).await;
    let reading = read_on(reading, &feed, &before, &tools, now).await?;
    take_in(reading, before, &feed, &tools, now).await
}

/// Takes in what a hub sent. Where that cannot be read, it still says that there is something new: the feed is polled.
///
/// # Errors
/// As [`poll`].
pub async fn receive(feed: Arc<Feed>, push: Delivery, tools: Arc<Tools>) -> Result<Polled, store::Error> {
    apply_push(feed, push, Arc::clone(&tools)).await?.settle(tools).await
}

/// As [`receive`], as far as others are asked.
///
/// # Errors
/// As [`poll`].
pub async fn apply_push(feed: Arc<Feed>, push: Delivery, tools: Arc<Tools>) -> Result<Applied, store::Error> {
    let now = clock::now().trunc_subsecs(0);
    let before = load(&feed, &tools).await?;
    match read_push(&feed, push, now).await {
        Some(reading) => take_in(reading, before, &feed, &tools, now).await,
        None => apply(feed, tools).await,
    }
}

/// From what was read to the one commit.
async fn take_in(reading: Reading, before: FeedState, feed: &Arc<Feed>, tools: &Arc<Tools>, now: Instant) -> Result<Applied, store::Error> {
    let entries = recall::entries(identity::listed(feed, &reading), tools).await?;
    let round = watch::round(feed, &before, &reading, &entries, tools.max_pages, now);
    let mut news = news::news(feed, reading, &entries.known(), &before, tools.max_pages, now);
    let processed = process(&news, feed, tools, now).await;
    let again = read_again(round.due, feed, tools, now).await?;
    let spike = identity::is_spike(processed.len(), news.listed.len(), &before);
    let Recalled { processed, recognised, stored } = recall::articles(processed, entries.moved, feed, spike, tools, now).await?;
    let hub = attend_hub(&news, feed, tools, now).await?;
    news.gap = news.gap.filter(|_| !identity::overlap(&recognised, &before));
    let gap = news.gap.is_some();
    let robots = tools.client.robots(processed.iter().filter_map(Processed::page), feed.allow_private);
    let around = Surroundings { silences: tools.client.silences(), robots, hub };
    let (commit, mut report) = conclusion::conclude(feed, before, news, processed, around, now);
    let found = Found { digests: round.digests, watched: round.rest, again, recognised, renamed: entries.renamed, stored, gap };
    let (commit, corrected) = known::conclude(feed, found, commit, &report, now);
    let saver = Arc::clone(tools);
    let receipt = blocking(move || save(&saver, commit, corrected)).await?;
    report.new = receipt.new.len();
    if let Some(subscriber) = &tools.subscriber {
        subscriber.ask(&feed.id, feed.allow_private, &tools.client).await?;
    }
    Ok(Applied(Polled { report, receipt }))
}

/// How anything of a feed is asked for.
fn request<'a>(url: &'a Url, purpose: Purpose, validators: Option<&'a Validators>, feed: &Feed, tools: &'a Tools) -> Request<'a> {
    Request { url, purpose, validators, allow_private: feed.allow_private, credentials: tools.credentials.get(&feed.id) }
}

async fn load(feed: &Arc<Feed>, tools: &Arc<Tools>) -> Result<FeedState, store::Error> {
    let (id, store) = (feed.id.clone(), tools.store.clone());
    let state = blocking(move || store.feed_state(&id)).await?;
    Ok(conclusion::at_address(state.unwrap_or_default(), feed.url.as_url()))
}

async fn read(feed: &Arc<Feed>, kind: Kind, asked: &Url, answer: Answer, now: Instant) -> Reading {
    if !matches!(answer, Answer::Fresh(_)) {
        return reading::read(feed, &kind, asked, answer, now);
    }
    let (feed, asked) = (Arc::clone(feed), asked.clone());
    blocking(move || {
        // A document that finds a bug of ours is a failure of its feed, and tried again like any other.
        catch_unwind(AssertUnwindSafe(|| reading::read(&feed, &kind, &asked, answer, now))).unwrap_or_else(|_| Reading::broken())
    })
    .await
}

/// Where a sitemap only lists others, reads the first of these in its place.
async fn read_parts(reading: Reading, feed: &Arc<Feed>, tools: &Tools, now: Instant) -> Reading {
    let Some(index) = &reading.index else { return reading };
    let mut parts = Vec::new();
    for part in index.parts.iter().take(MAX_PARTS) {
        let answer = tools.client.get(request(part, Purpose::Feed, None, feed, tools)).await;
        parts.push(read(feed, Kind::Sitemap, part, answer, now).await);
    }
    reading::assemble(reading, parts)
}

/// Where a document leaves room for entries between itself and the last one, reads the feed's other documents until none does.
async fn read_on(
    mut reading: Reading,
    feed: &Arc<Feed>,
    before: &FeedState,
    tools: &Arc<Tools>,
    now: Instant,
) -> Result<Reading, store::Error> {
    reading.sequel = Sequel::of(feed, before, &reading);
    if reading.sequel.turned_over {
        // What was listed before may be listed now under other addresses.
        let known = recall::entries(identity::listed(feed, &reading), tools).await?.known();
        let listed: Vec<UrlHash> = news::keys(feed, &reading).into_iter().zip(known).map(|(key, known)| known.unwrap_or(key)).collect();
        reading.sequel.turned_over = !schedule::overlaps(&before.listed, &listed);
    }
    while let Some(further) = gap::further(feed, &reading) {
        let answer = tools.client.get(request(&further.url, Purpose::Feed, None, feed, tools)).await;
        let page = read(feed, further.kind.clone(), &further.url, answer, now).await;
        let page = read_parts(page, feed, tools, now).await;
        let known = recall::entries(identity::listed(feed, &page), tools).await?.known();
        gap::add(feed, before, &mut reading, &further, page, &known);
    }
    Ok(reading)
}

async fn read_push(feed: &Arc<Feed>, push: Delivery, now: Instant) -> Option<Reading> {
    let feed = Arc::clone(feed);
    blocking(move || catch_unwind(AssertUnwindSafe(|| reading::read_push(&feed, push, now))).unwrap_or_default()).await
}

/// What the feed's hub is good for after this poll.
async fn attend_hub(news: &News, feed: &Arc<Feed>, tools: &Arc<Tools>, now: Instant) -> Result<Outlook, store::Error> {
    let Some(subscriber) = tools.subscriber.clone() else { return Ok(Outlook::default()) };
    let (feed, hub, unpushed) = (feed.id.clone(), news.reading.hub.clone(), news.is_unpushed(now));
    blocking(move || subscriber.attend(&feed, &hub, unpushed, now)).await
}

/// Reads young articles again, from their pages or their entries.
async fn read_again(
    due: Vec<(Watch, Option<Entry>)>,
    feed: &Arc<Feed>,
    tools: &Arc<Tools>,
    now: Instant,
) -> Result<Vec<Again>, store::Error> {
    let each = due.into_iter().map(|(watch, entry)| async move {
        let answer = match &watch.page {
            Some(url) => {
                let request = request(url, Purpose::Page, Some(&watch.validators), feed, tools);
                Some(tools.client.get(request).await)
            }
            None => None,
        };
        let (feed, tools) = (Arc::clone(feed), Arc::clone(tools));
        blocking(move || {
            let before = tools.store.article(watch.key)?;
            Ok(before.map(|before| watch::read_again(&feed, &tools.matcher, watch, entry, answer, before, now)))
        })
        .await
    });
    let again: Vec<Result<Option<Again>, store::Error>> = futures_util::stream::iter(each).buffered(CONCURRENT_PAGES).collect().await;
    again.into_iter().filter_map(Result::transpose).collect()
}

/// Reads the candidates' pages and makes articles of them, in the candidates' order. Each page is dropped before more than a few
/// others are read; those in a row that need none go together.
async fn process(news: &News, feed: &Arc<Feed>, tools: &Arc<Tools>, now: Instant) -> Vec<Processed> {
    let each = news.runs(feed).into_iter().map(|run| async move {
        let mut processed = Vec::with_capacity(run.len());
        let mut unfinished: Vec<Unfinished> = run.into_iter().map(Unfinished::new).collect();
        while !unfinished.is_empty() {
            let mut pages = Vec::with_capacity(unfinished.len());
            for each in unfinished {
                let page = read_page(&each, feed, tools).await;
                pages.push((each, page));
            }
            let (feed, tools) = (Arc::clone(feed), Arc::clone(tools));
            let process = move |(unfinished, page)| article::process(&feed, &tools.matcher, unfinished, page, now);
            let steps = blocking(move || pages.into_iter().map(process).collect::<Vec<Step>>()).await;
            unfinished = Vec::new();
            for step in steps {
                match step {
                    Step::Read(more) => unfinished.push(*more),
                    Step::End(end) => processed.push(end),
                }
            }
        }
        processed
    });
    let runs: Vec<Vec<Processed>> = futures_util::stream::iter(each).buffered(CONCURRENT_PAGES).collect().await;
    runs.into_iter().flatten().collect()
}

async fn read_page(unfinished: &Unfinished, feed: &Feed, tools: &Tools) -> Page {
    match unfinished.page_url(feed) {
        Some(url) => {
            let request = request(url, Purpose::Page, None, feed, tools);
            Page::Asked(Box::new(tools.client.get(request).await))
        }
        None => Page::NotNeeded,
    }
}

/// One line a poll, once what it found is durable.
fn tell(report: &Report) {
    tracing::info!(
        feed.id = report.feed,
        outcome = %report.outcome,
        listed = report.listed,
        new = report.new,
        matched = report.matched,
        pending = report.pending,
        next_due = report.next_due.map(tracing::field::display),
        "polled"
    );
    for warning in &report.warnings {
        tracing::info!(feed.id = report.feed, "{warning}");
    }
}

/// Runs work that waits for the disk or takes long where that is allowed. A panic goes on in the caller.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is going away, and with it whoever waits here.
            Err(_) => std::future::pending().await,
        },
    }
}
