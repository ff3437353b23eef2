//! One poll of one feed, from top to bottom: read, decide, read, decide, and commit once.
//!
//! The decisions are pure functions in the modules below, in this order: what the answer means, which entries are known, which known
//! articles to read again, which entries are news, what becomes of each, what to commit. Here bytes move.

mod article;
mod conclusion;
mod identity;
mod known;
mod news;
mod reading;
mod report;
mod watch;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::SubsecRound;
use futures_util::StreamExt;
use url::Url;

use self::article::{Page, Processed};
use self::identity::{Entries, Listed, Recognised};
use self::known::{Found, Stored};
use self::news::{Candidate, News};
use self::reading::Reading;
pub use self::report::{Outcome, Report};
use self::watch::Again;
use crate::clock;
use crate::config::{Config, Feed};
use crate::fetch::{Answer, Client, Purpose, Request};
use crate::model::{Entry, FeedState, Identity, Instant, PollCommit, StoredArticle, UrlHash, Watch};
use crate::schedule;
use crate::store::{self, Receipt, Store};
use crate::story::{self, Window};
use crate::topic::Matcher;

/// Pages of one feed that are on their way at the same time; `fetch` spaces those to one host.
const CONCURRENT_PAGES: usize = 4;

/// What a poll works with: one of each for the whole process.
#[derive(Debug)]
pub struct Tools {
    pub client: Arc<Client>,
    pub store: Store,
    pub matcher: Matcher,
    pub stories: Arc<Mutex<Window>>,
    /// New pages read in one poll; the rest wait for the next.
    pub max_pages: usize,
}

impl Tools {
    /// The same tools for another configuration of topics and feeds. How agencies are asked stays as it was at start: what is known of
    /// hosts, their pace and the silence that they asked for, goes with the client.
    #[must_use]
    pub fn reconfigured(&self, config: &Config) -> Self {
        let (client, stories) = (Arc::clone(&self.client), Arc::clone(&self.stories));
        Self { client, store: self.store.clone(), matcher: config.matcher(), stories, max_pages: config.fetch.max_pages }
    }
}

/// What a poll did: for people, and for whoever keeps rendered wires.
#[derive(Debug)]
pub struct Polled {
    pub report: Report,
    pub receipt: Receipt,
}

/// Polls `feed` once, whether it is due or not.
///
/// What went wrong with the feed or its pages is in the report and in the feed's state.
///
/// # Errors
/// When the store fails: then nothing of this poll is kept, and the next one finds it all again.
pub async fn poll(feed: Arc<Feed>, tools: Arc<Tools>) -> Result<Polled, store::Error> {
    poll_at(feed, tools, clock::now().trunc_subsecs(0)).await
}

/// As [`poll`], at the time `now`.
///
/// # Errors
/// As [`poll`].
pub async fn poll_at(feed: Arc<Feed>, tools: Arc<Tools>, now: Instant) -> Result<Polled, store::Error> {
    let before = load(&feed, &tools).await?;
    let address = schedule::address(&before, feed.url.as_url(), now);
    let answer = tools.client.get(request(address, &feed, &before, now)).await;
    let reading = read(&feed, address, answer, now).await;
    let entries = known_entries(identity::listed(&feed, &reading), &tools).await?;
    let round = watch::round(&feed, &before, &reading, &entries, tools.max_pages, now);
    let news = news::news(&feed, reading, &entries.known(), &before, tools.max_pages, now);
    let processed = process(&news, &feed, &tools, now).await;
    let again = read_again(round.due, &feed, &tools, now).await?;
    let spike = identity::is_spike(processed.len(), news.listed.len(), &before);
    let (processed, recognised) = known_articles(processed, &feed, spike, &tools, now).await?;
    let recognised = [entries.moved, recognised].concat();
    let stored = stored(&recognised, &feed, &tools).await?;
    let gap = news.gap;
    let (commit, mut report) = conclusion::conclude(&feed, before, news, processed, now);
    let found = Found {
        digests: round.digests,
        watched: round.rest,
        again,
        recognised,
        renamed: entries.renamed,
        stored: stored.articles,
        alarms: stored.alarms,
        gap,
    };
    let (commit, corrected) = known::conclude(&feed, found, commit, &report, now);
    let receipt = blocking(move || save(&tools, commit, corrected)).await?;
    report.new = receipt.new.len();
    tell(&report);
    Ok(Polled { report, receipt })
}

fn request<'a>(url: &'a Url, feed: &Feed, before: &'a FeedState, now: Instant) -> Request<'a> {
    let validators = Some(&before.validators).filter(|_| !schedule::doubts_validators(before, now));
    Request { url, purpose: Purpose::Feed, validators, allow_private: feed.allow_private }
}

async fn load(feed: &Arc<Feed>, tools: &Arc<Tools>) -> Result<FeedState, store::Error> {
    let (id, store) = (feed.id.clone(), tools.store.clone());
    let state = blocking(move || store.feed_state(&id)).await?;
    Ok(conclusion::at_address(state.unwrap_or_default(), feed.url.as_url()))
}

async fn read(feed: &Arc<Feed>, asked: &Url, answer: Answer, now: Instant) -> Reading {
    let (feed, asked) = (Arc::clone(feed), asked.clone());
    blocking(move || {
        // A document that finds a bug of ours is a failure of its feed, and tried again like any other.
        catch_unwind(AssertUnwindSafe(|| reading::read(&feed, &asked, answer, now))).unwrap_or_else(|_| Reading::broken())
    })
    .await
}

/// Finds out which of the listed entries are known, by their address or by their id.
async fn known_entries(listed: Vec<Listed>, tools: &Arc<Tools>) -> Result<Entries, store::Error> {
    let store = tools.store.clone();
    blocking(move || {
        let addresses: Vec<Identity> = listed.iter().map(|entry| entry.key.into()).collect();
        let mut keys = store.resolve(&addresses)?;
        let ids: Vec<Identity> = listed.iter().filter_map(|entry| entry.id).collect();
        let known_ids: BTreeMap<Identity, Option<UrlHash>> = ids.iter().copied().zip(store.resolve(&ids)?).collect();
        for (entry, key) in listed.iter().zip(&mut keys).filter(|(_, key)| key.is_none()) {
            let by_id = entry.id.and_then(|id| known_ids.get(&id).copied().flatten());
            let stored = by_id.map(|key| store.article(key)).transpose()?.flatten();
            *key = by_id.filter(|_| stored.is_none_or(|stored| identity::is_entry_of(entry, &stored)));
        }
        let unknown_ids = known_ids.into_iter().filter(|(_, key)| key.is_none()).map(|(id, _)| id).collect();
        Ok(Entries::of(listed, keys, &unknown_ids))
    })
    .await
}

/// Separates what is new from what is known by its words or by the page's own canonical address; in a spike also by its likeness to
/// the feed's old texts.
async fn known_articles(
    processed: Vec<Processed>,
    feed: &Arc<Feed>,
    spike: bool,
    tools: &Arc<Tools>,
    now: Instant,
) -> Result<(Vec<Processed>, Vec<Recognised>), store::Error> {
    let (store, feed) = (tools.store.clone(), feed.id.clone());
    blocking(move || {
        let old = if spike { store.fingerprints_of(&feed, identity::old(now))? } else { Vec::new() };
        let mut known = BTreeMap::new();
        // Two entries of one document can be one article, too.
        let mut first: BTreeMap<Identity, UrlHash> = BTreeMap::new();
        for article in processed.iter().filter_map(Processed::article) {
            let identities = identity::of_article(article);
            for (identity, key) in identities.iter().zip(store.resolve(&identities)?) {
                let same = |stored: Option<StoredArticle>| stored.is_none_or(|stored| identity::is_article(article, *identity, &stored));
                if let Some(key) = key.filter(|key| *key != article.key)
                    && same(store.article(key)?)
                {
                    known.entry(article.key).or_insert(key);
                }
            }
            if let Some(words) = article.words {
                let key = *first.entry(words).or_insert(article.key);
                known.extend((key != article.key).then_some((article.key, key)));
            }
            if let Some((key, _)) = old.iter().find(|(_, old)| story::alike(old, &article.fingerprint)) {
                known.entry(article.key).or_insert(*key);
            }
        }
        Ok(identity::without_known(processed, &known))
    })
    .await
}

/// What the store has of the articles that were recognised, and of the feed's alarms.
async fn stored(recognised: &[Recognised], feed: &Feed, tools: &Arc<Tools>) -> Result<Stored, store::Error> {
    let keys: Vec<UrlHash> = recognised.iter().map(|each| each.key).collect();
    let (store, feed) = (tools.store.clone(), feed.id.clone());
    blocking(move || {
        let articles = keys.into_iter().filter_map(|key| store.article(key).transpose()).collect::<Result<_, _>>()?;
        Ok(Stored { articles, alarms: store.alarms(Some(feed.as_str()))? })
    })
    .await
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
                let validators = Some(&watch.validators);
                let request = Request { url, purpose: Purpose::Page, validators, allow_private: feed.allow_private };
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
/// others are read.
async fn process(news: &News, feed: &Arc<Feed>, tools: &Arc<Tools>, now: Instant) -> Vec<Processed> {
    let each = news.candidates.iter().cloned().map(|candidate| async move {
        let page = read_page(&candidate, feed, tools).await;
        let (feed, tools) = (Arc::clone(feed), Arc::clone(tools));
        blocking(move || article::process(&feed, &tools.matcher, candidate, page, now)).await
    });
    futures_util::stream::iter(each).buffered(CONCURRENT_PAGES).collect().await
}

async fn read_page(candidate: &Candidate, feed: &Feed, tools: &Tools) -> Page {
    match candidate.page_url(feed) {
        Some(url) => {
            let request = Request { url, purpose: Purpose::Page, validators: None, allow_private: feed.allow_private };
            Page::Asked(Box::new(tools.client.get(request).await))
        }
        None => Page::NotNeeded,
    }
}

/// Finds each article's story and commits, one poll at a time: two copies that arrive together still see each other.
///
/// `corrected` are known articles as they are to be stored.
fn save(tools: &Tools, mut commit: PollCommit, corrected: Vec<StoredArticle>) -> Result<Receipt, store::Error> {
    // A panic while the lock was held leaves a window that is whole: it is only ever added to.
    let mut stories = tools.stories.lock().unwrap_or_else(PoisonError::into_inner);
    // Another feed may have listed the same articles and been quicker.
    let keys: Vec<UrlHash> = commit.articles.iter().map(|article| article.key).collect();
    let mut known = tools.store.known(&keys)?.into_iter();
    commit.articles.retain(|_| known.next() == Some(false));
    commit.state.articles -= (keys.len() - commit.articles.len()) as u64;
    let mut joined = Vec::new();
    for article in &mut commit.articles {
        let time = article.time().to_utc();
        let mut found = stories.stories(&article.fingerprint, time).into_iter();
        article.story = found.next().unwrap_or(article.key);
        stories.insert(article.story, time, &article.fingerprint);
        // The text connects stories that were not alike before: they are one.
        for other in found {
            stories.join(other, article.story);
            joined.push((other, article.story));
        }
    }
    for article in corrected {
        // Its story may have become part of another one since it was read.
        if let Some(current) = tools.store.article(article.key)? {
            let article = StoredArticle { story: current.story, ..article };
            if article.fingerprint != current.fingerprint {
                stories.insert(article.story, article.time().to_utc(), &article.fingerprint);
            }
            commit.articles.push(article);
        }
    }
    for (other, story) in joined {
        retell(&tools.store, &mut commit.articles, other, story)?;
    }
    tools.store.commit(&commit)
}

/// Makes every article of the story `from` one of `into`: those of this commit, and those stored before.
fn retell(store: &Store, articles: &mut Vec<StoredArticle>, from: UrlHash, into: UrlHash) -> Result<(), store::Error> {
    for article in articles.iter_mut().filter(|article| article.story == from) {
        article.story = into;
    }
    for carrier in store.carriers(from)? {
        let is_here = articles.iter().any(|article| article.key == carrier.place.key);
        if let Some(article) = store.article(carrier.place.key)?.filter(|_| !is_here) {
            articles.push(StoredArticle { story: into, ..article });
        }
    }
    Ok(())
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
