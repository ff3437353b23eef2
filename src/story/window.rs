//! The fingerprints of the last hours, in memory: less than 200 bytes each, and found without looking at the others.
//!
//! Time is cut into spans. Each has its own fingerprints and its own index, so that what is too old is dropped as a whole.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::model::{Instant, UrlHash};

use super::index::Index;

/// How far apart in time two articles of one story can be.
const REACH: TimeDelta = TimeDelta::hours(72);
/// The seconds of a span.
const SPAN: i64 = 24 * 3600;
/// The stories of the articles that were published lately.
#[derive(Debug, Default)]
pub struct Window {
    spans: BTreeMap<i64, Span>,
}

impl Window {
    /// Remembers an article of a story. One without a fingerprint is not remembered.
    pub fn insert(&mut self, story: UrlHash, time: Instant, fingerprint: &[u32]) {
        let seconds = time.timestamp();
        let span = self.spans.entry(seconds.div_euclid(SPAN)).or_default();
        if span.index.insert(fingerprint).is_some() {
            span.articles.push((story, u32::try_from(seconds.rem_euclid(SPAN)).unwrap_or_default()));
        }
    }

    /// The story that tells the same text: of several the earliest.
    #[must_use]
    pub fn find(&self, fingerprint: &[u32], time: Instant) -> Option<UrlHash> {
        self.stories(fingerprint, time).first().copied()
    }

    /// All stories that tell the same text, the earliest first. More than one when the text connects what was not alike before.
    #[must_use]
    pub fn stories(&self, fingerprint: &[u32], time: Instant) -> Vec<UrlHash> {
        let (first, last) = ((time - REACH).timestamp(), (time + REACH).timestamp());
        let mut earliest: BTreeMap<UrlHash, i64> = BTreeMap::new();
        for (number, span) in self.spans.range(first.div_euclid(SPAN)..=last.div_euclid(SPAN)) {
            for (story, offset) in span.index.alike(fingerprint).iter().filter_map(|place| span.articles.get(*place)) {
                let seconds = number * SPAN + i64::from(*offset);
                if (first..=last).contains(&seconds) {
                    let time = earliest.entry(*story).or_insert(seconds);
                    *time = seconds.min(*time);
                }
            }
        }
        let mut stories: Vec<(i64, UrlHash)> = earliest.into_iter().map(|(story, time)| (time, story)).collect();
        stories.sort_unstable();
        stories.into_iter().map(|(_, story)| story).collect()
    }

    /// Makes a story part of another. Looks at everything, which is rarely needed.
    pub fn join(&mut self, story: UrlHash, into: UrlHash) {
        for (known, _) in self.spans.values_mut().flat_map(|span| &mut span.articles) {
            if *known == story {
                *known = into;
            }
        }
    }

    /// Forgets all older than `time`, give or take a day.
    pub fn expire(&mut self, time: Instant) {
        self.spans = self.spans.split_off(&time.timestamp().div_euclid(SPAN));
    }

    /// How many bytes the fingerprints and their indexes take up.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.spans.values().map(|span| span.index.bytes() + span.articles.capacity() * size_of::<(UrlHash, u32)>()).sum()
    }
}

/// A day of articles.
#[derive(Debug, Default)]
struct Span {
    index: Index,
    /// By place in the index: the story, and the seconds since the beginning of the span.
    articles: Vec<(UrlHash, u32)>,
}
