//! Which of the listed entries are news. Pure.

use std::collections::BTreeSet;

use url::Url;

use super::reading::Reading;
use super::report::Outcome;
use crate::config::Feed;
use crate::model::{Attempt, CanonicalUrl, Entry, FeedState, Gap, Instant, UrlHash};

/// An entry that is to become an article, and its key.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) key: UrlHash,
    pub(super) url: CanonicalUrl,
    pub(super) entry: Entry,
    /// How often its page was asked for before.
    pub(super) attempts: u32,
    /// When it was first seen.
    pub(super) since: Instant,
}

/// What there is to do in this poll, and what waits.
pub(super) struct News {
    pub(super) reading: Reading,
    pub(super) listed: Vec<UrlHash>,
    pub(super) candidates: Vec<Candidate>,
    /// Beyond the pages of one poll.
    pub(super) deferred: Vec<Attempt>,
    /// When entries may have come and gone unseen.
    pub(super) gap: Option<Gap>,
}

impl News {
    /// The candidates in their order: each whose page is to be read by itself, the others in runs.
    pub(super) fn runs(&self, feed: &Feed) -> Vec<Vec<Candidate>> {
        let needs_none = |candidate: &Candidate| candidate.page_url(feed).is_none();
        self.candidates.chunk_by(|one, next| needs_none(one) && needs_none(next)).map(<[Candidate]>::to_vec).collect()
    }

    /// Whether a poll found something new, which a hub should have pushed before.
    pub(super) fn is_unpushed(&self, now: Instant) -> bool {
        !self.reading.is_pushed && self.candidates.iter().any(|candidate| candidate.since == now)
    }
}

/// The keys of the listed entries, in their order.
pub(super) fn keys(feed: &Feed, reading: &Reading) -> Vec<UrlHash> {
    keyed(feed, reading).into_iter().map(|(key, _)| key).collect()
}

/// The listed entries with their keys, in their order.
pub(super) fn keyed<'a>(feed: &Feed, reading: &'a Reading) -> Vec<(UrlHash, &'a Entry)> {
    reading.document.entries.iter().filter_map(|entry| Some((key(feed, entry)?, entry))).collect()
}

pub(super) fn key(feed: &Feed, entry: &Entry) -> Option<UrlHash> {
    identity(feed, entry).map(|(key, _)| key)
}

/// An entry's key and the URL it is made from. An entry without a link of its own is identified by its feed and its id.
fn identity(feed: &Feed, entry: &Entry) -> Option<(UrlHash, CanonicalUrl)> {
    let own = || {
        let mut url = feed.url.as_url().clone();
        url.query_pairs_mut().append_pair("entry", &blake3::hash(entry.id.as_bytes()).to_hex());
        url
    };
    let url = entry.link.as_ref().and_then(|link| CanonicalUrl::of(link).ok()).or_else(|| CanonicalUrl::of(&own()).ok())?;
    Some((UrlHash::of(&url), url))
}

impl Candidate {
    fn new(feed: &Feed, attempt: Attempt) -> Option<Self> {
        let (key, url) = identity(feed, &attempt.entry)?;
        Some(Self { key, url, entry: attempt.entry, attempts: attempt.attempts, since: attempt.since })
    }

    /// The page to read; none when the entry is the whole article.
    pub(super) fn page_url(&self, feed: &Feed) -> Option<&Url> {
        self.entry.link.as_ref().filter(|_| feed.full_text && !self.entry.is_full_text)
    }

    /// To be tried again, after an attempt that counts.
    pub(super) fn again(self, reason: String) -> Attempt {
        Attempt { attempts: self.attempts + 1, ..self.later(reason) }
    }

    fn lose_patience(&mut self) {
        (self.attempts, self.since) = (u32::MAX - 1, Instant::UNIX_EPOCH);
    }

    /// To be tried later: nothing was asked.
    pub(super) fn later(self, reason: String) -> Attempt {
        Attempt { entry: self.entry, attempts: self.attempts, since: self.since, reason }
    }
}

/// Picks what is new: first what was never tried, newest news before the backlog. `known` answers, in the order of [`keys`], as
/// which article an entry is known.
pub(super) fn news(
    feed: &Feed,
    mut reading: Reading,
    known: &[Option<UrlHash>],
    before: &FeedState,
    max_pages: usize,
    now: Instant,
) -> News {
    let entries = std::mem::take(&mut reading.document.entries);
    let fresh = |entry| Candidate::new(feed, Attempt { entry, attempts: 0, since: now, reason: String::new() });
    let fresh: Vec<Candidate> = entries.into_iter().filter_map(fresh).collect();
    let keys: Vec<UrlHash> = fresh.iter().map(|candidate| candidate.key).collect();
    let listed: Vec<UrlHash> = keys.iter().zip(known).map(|(key, known)| known.unwrap_or(*key)).collect();
    let gap = reading.sequel.gap(before, now);
    let mut seen: BTreeSet<UrlHash> = keys.iter().zip(known).filter(|(_, known)| known.is_some()).map(|(key, _)| *key).collect();
    let pending: Vec<Candidate> = before.pending.iter().cloned().filter_map(|attempt| Candidate::new(feed, attempt)).collect();
    let waiting: BTreeSet<UrlHash> = pending.iter().map(|candidate| candidate.key).collect();
    let mut candidates: Vec<Candidate> = fresh
        .into_iter()
        .filter(|candidate| !waiting.contains(&candidate.key))
        .chain(pending)
        .filter(|candidate| seen.insert(candidate.key))
        .collect();
    let distinct = keys.iter().collect::<BTreeSet<_>>().len();
    if distinct < keys.len() {
        let same = keys.len() - distinct;
        reading.warnings.push(format!("entries with the address of another one were taken for the same article: {same}"));
    }
    if reading.outcome == Outcome::Gone {
        // The feed is not polled again: whatever waits is tried for the last time.
        candidates.iter_mut().for_each(Candidate::lose_patience);
    }
    let overflow = beyond(feed, &mut candidates, max_pages);
    let deferred = overflow.into_iter().map(|candidate| candidate.later("waits for its turn".to_owned())).collect();
    News { reading, listed, candidates, deferred, gap }
}

/// Takes out the candidates whose pages are more than one poll may read.
fn beyond(feed: &Feed, candidates: &mut Vec<Candidate>, max_pages: usize) -> Vec<Candidate> {
    let mut pages = 0;
    let too_many = |candidate: &mut Candidate| {
        pages += usize::from(candidate.page_url(feed).is_some());
        pages > max_pages && candidate.page_url(feed).is_some()
    };
    candidates.extract_if(.., too_many).collect()
}
