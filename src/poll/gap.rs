//! Whether entries came and went between two polls of a feed, and where else they may still be listed: on its next pages, or in the sitemap
//! that feeds.toml names. Pure.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use url::Url;

use super::news;
use super::reading::Reading;
use super::report::Outcome;
use crate::config::{Feed, Kind};
use crate::model::{Entry, FeedState, FeedUrl, Gap, Instant, UrlHash, same_site};
use crate::schedule;

/// As many pages of a feed are read in one poll, the first not counted.
const MAX_PAGES: usize = 10;
/// By how much the times in a sitemap and our clock may differ.
const LEEWAY: TimeDelta = TimeDelta::hours(1);

/// Another document to read in the same poll.
#[derive(Clone, Debug)]
pub(super) struct Further {
    pub(super) url: Url,
    pub(super) kind: Kind,
}

/// How the entries of a poll follow upon those of the last one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sequel {
    /// The first document shared no entry with the last one.
    pub(super) turned_over: bool,
    /// The documents that were read besides, or were to be.
    pub(super) asked: Vec<Url>,
    /// One of them reached back to the last poll.
    pub(super) is_closed: bool,
}

impl Sequel {
    pub(super) fn of(feed: &Feed, before: &FeedState, reading: &Reading) -> Self {
        let is_whole = reading.outcome == Outcome::Read && !reading.is_delta;
        let has_last = !before.listed.is_empty();
        let turned_over = is_whole && has_last && !schedule::overlaps(&before.listed, &news::keys(feed, reading));
        Self { turned_over, ..Self::default() }
    }

    fn is_open(&self) -> bool {
        self.turned_over && !self.is_closed
    }

    /// Since when entries may be missing, if that is so after all.
    pub(super) fn gap(&self, before: &FeedState, now: Instant) -> Option<Gap> {
        let from = before.last_success.or(before.last_document)?;
        self.is_open().then_some(Gap { from, until: now })
    }
}

/// Where to look next for entries that may be missing: on the feed's own next page as long as there is one, then in its sitemap.
pub(super) fn further(feed: &Feed, reading: &Reading) -> Option<Further> {
    let sequel = &reading.sequel;
    if !sequel.is_open() {
        return None;
    }
    let is_new = |url: &&Url| !sequel.asked.contains(url) && reading.asked.as_ref() != Some(*url);
    let page = reading.document.next.as_ref().filter(|_| sequel.asked.len() < MAX_PAGES);
    let page = page.filter(is_new).filter(|next| same_site(next, feed.url.as_url()));
    let sitemap = || feed.sitemap.as_ref().map(FeedUrl::as_url).filter(is_new);
    match page {
        Some(page) => Some(Further { url: page.clone(), kind: feed.kind.clone() }),
        None => sitemap().map(|sitemap| Further { url: sitemap.clone(), kind: Kind::Sitemap }),
    }
}

/// Adds what another document lists; `known` says, in its order, as which article each entry is known. A sitemap lists also what is much
/// older than the last poll: that is left out.
pub(super) fn add(feed: &Feed, before: &FeedState, reading: &mut Reading, further: &Further, page: Reading, known: &[Option<UrlHash>]) {
    reading.document.next = None;
    reading.sequel.asked.push(further.url.clone());
    if let Outcome::Failed { reason } = &page.outcome {
        reading.warnings.push(format!("entries may be missing, and where they may be listed cannot be read: {reason}"));
    }
    if page.outcome != Outcome::Read {
        return;
    }
    let mut seen: BTreeSet<UrlHash> = news::keys(feed, reading).into_iter().collect();
    // What the first page lists too is pinned to all of them.
    let mut listed = news::keys(feed, &page).into_iter().zip(known).filter(|(key, _)| !seen.contains(key));
    reading.sequel.is_closed = listed.any(|(key, known)| before.listed.contains(&known.unwrap_or(key)));
    let since = before.last_success.filter(|_| matches!(further.kind, Kind::Sitemap)).map(|since| since - LEEWAY);
    let is_recent = |entry: &Entry| since.is_none_or(|since| entry.published.max(entry.updated).is_some_and(|time| time >= since));
    let fresh = page.document.entries.into_iter().filter(|entry| is_recent(entry));
    let fresh = fresh.filter(|entry| news::key(feed, entry).is_none_or(|key| seen.insert(key)));
    reading.document.entries.extend(fresh);
    reading.warnings.extend(page.warnings);
    reading.document.next = page.document.next;
}
