//! Young articles that are still listed are read again: when, and what becomes of it. Pure.
//!
//! Only other words make a new version. A page that is gone twice is withdrawn; a page that cannot be read, or that tells something
//! else, changes nothing.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use url::Url;

use super::article::{self, Found};
use super::identity::{Entries, Recognised};
use super::news;
use super::reading::Reading;
use super::report::Outcome;
use crate::config::Feed;
use crate::fetch::{Answer, Failure, Response, merged};
use crate::model::{Article, BodySource, Entry, FeedState, Instant, StoredArticle, UrlHash, Validators, Watch};
use crate::story;
use crate::topic::Matcher;

/// The ages, in hours, at which an article is read again.
const AGES: [i64; 5] = [1, 4, 12, 24, 72];
const OLDEST: TimeDelta = TimeDelta::hours(72);
/// A page that is gone, or whose entry changed, is read again so much after it was last read, at the earliest.
const SOON: TimeDelta = TimeDelta::hours(1);
/// How often a page has to be gone.
const WITHDRAWN: u32 = 2;
/// The articles that one poll reads again, at most.
const MAX_AGAIN: usize = 20;

/// When an article is to be read again; none when it is old enough to be left alone.
pub(super) fn due(watch: &Watch) -> Option<Instant> {
    let age = AGES.iter().map(|hours| watch.since + TimeDelta::hours(*hours)).find(|age| *age > watch.read);
    let soon = (watch.changed || (1..WITHDRAWN).contains(&watch.missing)).then(|| watch.read + SOON);
    match (age, soon) {
        (Some(age), Some(soon)) => Some(age.min(soon)),
        (age, soon) => age.or(soon),
    }
}

/// What is to be read again, and all else that is watched.
pub(super) struct Round {
    /// Of each listed article, how its entry reads.
    pub(super) digests: BTreeMap<UrlHash, String>,
    pub(super) due: Vec<(Watch, Option<Entry>)>,
    pub(super) rest: Vec<Watch>,
}

/// Brings the watched articles up to what the feed lists now, and picks those that are to be read again.
///
/// `max_pages` is how many pages a poll may ask for; new ones come first.
pub(super) fn round(feed: &Feed, before: &FeedState, reading: &Reading, listed: &Entries, max_pages: usize, now: Instant) -> Round {
    let answered = match reading.outcome {
        Outcome::Read | Outcome::Unchanged => true,
        Outcome::Gone | Outcome::Throttled | Outcome::Failed { .. } => false,
    };
    let is_whole = reading.outcome == Outcome::Read && !reading.is_delta;
    let entries: BTreeMap<UrlHash, &Entry> = listed.keys().zip(news::keyed(feed, reading).into_iter().map(|(_, entry)| entry)).collect();
    let digests = entries.iter().map(|(key, entry)| (*key, digest(entry))).collect();
    let new = listed.known().iter().filter(|known| known.is_none()).count() + before.pending.len();
    let mut room = max_pages.saturating_sub(new).min(MAX_AGAIN);
    let mut round = Round { digests, due: Vec::new(), rest: Vec::new() };
    for watch in &before.watched {
        let entry = entries.get(&watch.key).copied();
        if is_whole && entry.is_none() {
            // It may be listed again: some servers give out old documents now and then.
            round.rest.extend(Some(watch).filter(|watch| now - watch.since < OLDEST).cloned());
            continue;
        }
        let watch = entry.map_or_else(|| watch.clone(), |entry| sighted(feed, watch, entry));
        let Some(due) = due(&watch) else { continue };
        let can_be_read = watch.page.is_some() || entry.is_some() && watch.changed;
        if answered && due <= now && can_be_read && room > 0 {
            room -= 1;
            round.due.push((watch, entry.cloned()));
        } else {
            round.rest.push(watch);
        }
    }
    round
}

/// What an entry that is listed again says of its article.
fn sighted(feed: &Feed, watch: &Watch, entry: &Entry) -> Watch {
    let digest = digest(entry);
    let changed = watch.changed || !watch.entry.is_empty() && watch.entry != digest;
    let own_page = |_: &&Url| feed.full_text && !entry.is_full_text;
    let page = watch.page.clone().or_else(|| entry.link.as_ref().filter(own_page).cloned());
    Watch { page, entry: digest, changed, ..watch.clone() }
}

/// What changes when an agency corrects an entry.
fn digest(entry: &Entry) -> String {
    let updated = entry.updated.map(|updated| updated.to_rfc3339()).unwrap_or_default();
    let text = [entry.title.as_deref().unwrap_or_default(), &updated, entry.content.as_deref().unwrap_or_default()].join("\0");
    blake3::hash(text.as_bytes()).to_hex().chars().take(16).collect()
}

/// Begins to watch an article that is new in this poll. `entry` is the digest of its entry.
pub(super) fn new(feed: &Feed, article: &StoredArticle, entry: Option<&String>, now: Instant) -> Watch {
    Watch {
        key: article.key,
        page: Some(article.link.clone()).filter(|_| feed.full_text && article.body_source != BodySource::Feed),
        since: now,
        read: now,
        validators: article.page.as_ref().map(|page| page.validators.clone()).unwrap_or_default(),
        missing: 0,
        entry: entry.cloned().unwrap_or_default(),
        changed: false,
    }
}

/// Lets the watched pages be asked for where they moved to.
pub(super) fn follow(watched: &mut [Watch], recognised: &[Recognised]) {
    for each in recognised {
        for watch in watched.iter_mut().filter(|watch| watch.key == each.key && watch.page.is_some()) {
            watch.page = each.link.clone().or(watch.page.take());
            (watch.missing, watch.validators) = (0, Validators::default());
        }
    }
}

/// An article that was read again.
pub(super) struct Again {
    pub(super) watch: Watch,
    /// The article as it is to be stored, when that changed.
    pub(super) article: Option<Box<StoredArticle>>,
}

/// Decides what becomes of an article that was read again: its page's answer, or else its entry.
pub(super) fn read_again(
    feed: &Feed,
    matcher: &Matcher,
    watch: Watch,
    entry: Option<Entry>,
    answer: Option<Answer>,
    before: StoredArticle,
    now: Instant,
) -> Again {
    let read = Watch { read: now, changed: false, ..watch.clone() };
    match answer {
        None => match entry {
            Some(entry) => {
                let found = article::of_entry(feed, matcher, &before, &entry, now);
                Again { article: corrected(before, found, now), watch: read }
            }
            None => Again { watch: read, article: None },
        },
        Some(Answer::Throttled { .. }) => Again { watch, article: None },
        Some(Answer::Gone | Answer::Failed(Failure::Missing(_))) => missing(read, before, now),
        Some(Answer::Failed(_)) => Again { watch: read, article: None },
        Some(Answer::NotModified { validators, .. }) => {
            let validators = merged(&read.validators, &validators);
            Again { watch: Watch { missing: 0, validators, ..read }, article: there_again(before) }
        }
        Some(Answer::Fresh(response)) if leads_home(&response, &watch) => missing(read, before, now),
        Some(Answer::Fresh(response)) => {
            let found = article::of_page(feed, matcher, &before, &response, now);
            let there = Watch { missing: 0, validators: response.validators.clone(), ..read };
            match found {
                // What is no article is no correction; and its validators are not those of the article.
                None => Again { watch: Watch { validators: watch.validators, ..there }, article: None },
                Some(found) => Again { article: corrected(before.clone(), found, now).or_else(|| there_again(before)), watch: there },
            }
        }
    }
}

/// A page that is no more leads to the site's first one.
fn leads_home(response: &Response, watch: &Watch) -> bool {
    response.url.path() == "/" && response.url.query().is_none() && watch.page.as_ref().is_some_and(|page| page.path() != "/")
}

fn missing(watch: Watch, before: StoredArticle, now: Instant) -> Again {
    let missing = watch.missing.saturating_add(1);
    let withdrawn = (missing >= WITHDRAWN && before.withdrawn.is_none()).then_some(StoredArticle { withdrawn: Some(now), ..before });
    Again { watch: Watch { missing, ..watch }, article: withdrawn.map(Box::new) }
}

/// The article, when it had been withdrawn.
fn there_again(before: StoredArticle) -> Option<Box<StoredArticle>> {
    before.withdrawn.is_some().then(|| Box::new(StoredArticle { withdrawn: None, ..before }))
}

/// The article as it reads now, when its words are others and it still is the same article.
fn corrected(before: StoredArticle, found: Found, now: Instant) -> Option<Box<StoredArticle>> {
    let Found { article, page, matches, fingerprint, words } = found;
    if !story::is_correction(&before.article, &article) || !story::resembles(&before.article, &article) {
        return None;
    }
    let published = before.article.published.or(article.published);
    let (body_source, note) = if page.is_some() { (BodySource::Page, None) } else { (before.body_source, before.note) };
    Some(Box::new(StoredArticle {
        article: Article { published, ..article },
        page: page.or(before.page),
        matches,
        fingerprint,
        words,
        body_source,
        note,
        updated: now,
        corrections: before.corrections.saturating_add(1),
        withdrawn: None,
        ..before
    }))
}
