//! What a poll commits and reports: its articles, and the state that the feed is in then. Pure.

use std::num::NonZeroU32;

use url::Url;

use super::article::{Done, Processed};
use super::news::News;
use super::report::{Outcome, Report};
use super::rules;
use crate::config::Feed;
use crate::fetch::merged;
use crate::model::{Attempt, FeedState, Gap, Health, Instant, PollCommit, RobotsText, Silence, StoredArticle, same_site};
use crate::schedule::{self, Interval};
use crate::websub::Outlook;

/// Entries that wait for their page, for one feed.
const MAX_PENDING: usize = 2000;
/// Entries of the last document that are remembered.
const MAX_LISTED: usize = 5000;
/// Sites whose robots.txt is remembered.
const MAX_ROBOTS: usize = 8;
/// Gaps that are remembered.
const MAX_GAPS: usize = 50;

/// Forgets what belongs to another address than `url`: it was changed in feeds.toml.
pub(super) fn at_address(state: FeedState, url: &Url) -> FeedState {
    if state.url.as_ref() == Some(url) {
        return state;
    }
    // What was learned of the agency holds; what was learned of the address does not.
    FeedState {
        url: Some(url.clone()),
        pending: state.pending,
        recent: state.recent,
        gaps: state.gaps,
        silences: state.silences,
        robots: state.robots,
        polls: state.polls,
        articles: state.articles,
        unmatched: state.unmatched,
        ..FeedState::default()
    }
}

/// What is known of others than the feed.
pub(super) struct Surroundings {
    /// Of all hosts.
    pub(super) silences: Vec<Silence>,
    /// Where the pages of this poll are.
    pub(super) robots: Vec<RobotsText>,
    pub(super) hub: Outlook,
}

/// Puts together what the poll commits, and what it reports.
pub(super) fn conclude(
    feed: &Feed,
    before: FeedState,
    news: News,
    processed: Vec<Processed>,
    around: Surroundings,
    now: Instant,
) -> (PollCommit, Report) {
    let (mut articles, mut pending, mut troubles, mut pages) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for each in processed {
        match each {
            Processed::Done(done) => {
                let Done { article, unmatched, incomplete } = *done;
                troubles
                    .extend(incomplete.map(|reason| format!("`{}` goes on, but its next page could not be read: {reason}", article.link)));
                pages.extend(unmatched);
                articles.push(article);
            }
            Processed::Again(attempt) => pending.push(*attempt),
            Processed::Broken(reason) => troubles.push(reason),
        }
    }
    pending.extend(news.deferred.iter().cloned());
    let forgotten = pending.len().saturating_sub(MAX_PENDING);
    pending.truncate(MAX_PENDING);
    let delays = if before.last_success.is_some() { delays(&articles, now) } else { Vec::new() };
    let silences = around.silences.into_iter().filter(|silence| concerns(silence, feed, &articles, &pending)).collect();
    let robots = robots_after(&before, around.robots, now);
    let unmatched = rules::unmatched(&before.unmatched, &feed.article, &pages);
    let state = FeedState { silences, robots, unmatched, ..state_after(feed, before, &news, &articles, pending, around.hub, now) };
    let mut warnings = news.reading.warnings;
    warnings
        .extend(articles.iter().filter_map(|article| article.note.as_ref().map(|note| format!("no page for `{}`: {note}", article.link))));
    warnings.extend(troubles);
    warnings.extend(rules::warnings(&state.unmatched, &feed.article, &pages));
    if forgotten > 0 {
        warnings.push(format!(
            "more entries wait for their pages than are remembered; these are read only if they are still listed: {forgotten}"
        ));
    }
    if let Some(Gap { from, until }) = news.gap {
        let [from, until] = [from, until].map(|time| time.format("%Y-%m-%d %H:%M"));
        warnings
            .push(format!("nothing that was listed at the last poll is listed now: entries between {from} and {until} UTC may be missing"));
    }
    if let Some(moved) = state.moved.as_ref().filter(|moved| !same_site(&moved.to, feed.url.as_url())) {
        warnings.push(format!("the feed has moved to `{}`, another site: if that is right, change its address in feeds.toml", moved.to));
    }
    let report = Report {
        feed: feed.id.to_string(),
        outcome: news.reading.outcome,
        listed: news.listed.len(),
        new: articles.len(),
        matched: articles.iter().filter(|article| !article.matches.is_empty()).count(),
        without_page: articles.iter().filter(|article| article.note.is_some()).count(),
        pending: state.pending.len(),
        delays,
        warnings,
        next_due: state.next_due,
    };
    (PollCommit::new(feed.id.clone(), state, articles), report)
}

/// What is known of robots.txt now, before what was known and holds still.
fn robots_after(before: &FeedState, mut known: Vec<RobotsText>, now: Instant) -> Vec<RobotsText> {
    let is_new = |one: &&RobotsText| known.iter().all(|other| other.origin != one.origin);
    let rest: Vec<RobotsText> = before.robots.iter().filter(|one| one.until > now).filter(is_new).cloned().collect();
    known.extend(rest);
    known.truncate(MAX_ROBOTS);
    known
}

fn delays(articles: &[StoredArticle], now: Instant) -> Vec<u64> {
    let published = articles.iter().filter_map(|article| article.article.published);
    published.map(|published| u64::try_from((now - published.to_utc()).num_seconds()).unwrap_or(0)).collect()
}

/// Whether the host of the feed or of one of the pages that were asked for, or another host of the same site, wants silence.
fn concerns(silence: &Silence, feed: &Feed, articles: &[StoredArticle], pending: &[Attempt]) -> bool {
    let Ok(host) = Url::parse(&format!("http://{}/", silence.host)) else { return false };
    let pages = articles.iter().map(|article| &article.link).chain(pending.iter().filter_map(|attempt| attempt.entry.link.as_ref()));
    std::iter::once(feed.url.as_url()).chain(pages).any(|url| same_site(url, &host))
}

fn state_after(
    feed: &Feed,
    before: FeedState,
    news: &News,
    articles: &[StoredArticle],
    pending: Vec<Attempt>,
    hub: Outlook,
    now: Instant,
) -> FeedState {
    let mut state =
        FeedState { last_poll: Some(now), pending, polls: before.polls + 1, articles: before.articles + articles.len() as u64, ..before };
    schedule::remember(&mut state, articles.iter().map(|article| article.article.published.map(|time| time.to_utc())), now);
    let reading = &news.reading;
    let jitter = jitter(feed, state.polls);
    // What is new will be pushed: a poll only makes sure.
    let interval = if hub.relied_on { Interval { min: feed.interval.max, ..feed.interval } } else { feed.interval };
    match &reading.outcome {
        // A push tells nothing about whether the feed itself can be read, nor about its address.
        Outcome::Read if reading.is_pushed => {
            state.listed = news.listed.iter().copied().chain(std::mem::take(&mut state.listed)).take(MAX_LISTED).collect();
            if state.health == Health::Healthy {
                state.next_due = Some(schedule::after_success(&state, interval, reading.max_age, now, jitter));
            } else if !matches!(state.health, Health::Gone { .. }) {
                // Whether it can be read is found out at once.
                state.next_due = state.next_due.or(Some(now));
            }
        }
        Outcome::Read | Outcome::Unchanged => {
            if reading.outcome == Outcome::Read {
                let before = if reading.is_delta { std::mem::take(&mut state.listed) } else { Vec::new() };
                state.missed = reading.sequel.turned_over;
                state.gaps.extend(news.gap);
                let forgotten = state.gaps.len().saturating_sub(MAX_GAPS);
                state.gaps.drain(..forgotten);
                state.last_document = Some(now);
                state.pacing = reading.document.pacing.clone();
                state.listed = news.listed.iter().copied().chain(before).take(MAX_LISTED).collect();
            }
            if let Some(answered) = &reading.validators {
                let unchanged = reading.outcome == Outcome::Unchanged;
                state.validators = if unchanged { merged(&state.validators, answered) } else { answered.clone() };
            }
            state.moved =
                reading.asked.as_ref().and_then(|asked| schedule::sighted(state.moved.as_ref(), asked, reading.moved.as_ref(), now));
            state.last_success = Some(now);
            state.health = Health::Healthy;
            state.next_due = Some(schedule::after_success(&state, interval, reading.max_age, now, jitter));
        }
        Outcome::Throttled => {
            state.next_due = Some(schedule::after_throttling(reading.retry_after, feed.interval, now, jitter));
        }
        Outcome::Gone => {
            state.health = Health::Gone { since: now };
            state.next_due = None;
        }
        Outcome::Failed { reason } => {
            let (failures, since) = match &state.health {
                Health::Failing { failures, since, .. } => (failures.saturating_add(1), *since),
                Health::New | Health::Healthy | Health::Gone { .. } => (NonZeroU32::MIN, now),
            };
            state.health = Health::Failing { failures, since, reason: reason.clone() };
            // If it failed at an adopted address, the configured one is asked again.
            state.moved = None;
            state.next_due = Some(schedule::after_failure(reading.trouble, failures.get(), feed.interval, now, jitter));
        }
    }
    if state.health == Health::Healthy {
        // What waits for its page is asked for again soon, and the hub when it has to be.
        let soonest = now + feed.interval.min;
        let waits = Some(soonest).filter(|_| !state.pending.is_empty());
        let sooner = waits.into_iter().chain(hub.attend.map(|attend| attend.max(soonest))).min();
        state.next_due = state.next_due.into_iter().chain(sooner).min();
    }
    state
}

/// Spreads polls: between 0 and 1, other for each feed and poll, and the same when a poll is repeated.
fn jitter(feed: &Feed, polls: u64) -> f64 {
    let hash = blake3::hash(format!("{} {polls}", feed.id).as_bytes());
    let [one, two, ..] = *hash.as_bytes();
    f64::from(u16::from_be_bytes([one, two])) / f64::from(u16::MAX)
}
