//! In which order entries came to each wire: what archives are cut from, and what deliveries count by.
//!
//! An entry arrives when it comes to a wire, and again when what it says has changed. Arrivals are numbered from 0, each wire's by
//! itself, in the commit that brings them. So many of them at a time fill an archive ([`ARCHIVE`]); what arrived since the last full one
//! is the wire's rest.
//!
//! Invariant: a number is never given twice, and means the same article for ever, also when that was purged.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::PoisonError;

use serde::{Deserialize, Serialize};

use crate::clock;
use crate::model::{Instant, Place, Published, Scope, StoredArticle, UrlHash};

use super::commit::{Done, Record, Transaction, abort};
use super::engine::{Engine, Kind, damaged};
use super::record::Damage;
use super::{Error, Receipt, key};

/// How many arrivals fill an archive.
pub const ARCHIVE: u64 = 50;

/// Those that one commit brings are kept together, so many at most.
const RUN: usize = 64;

/// The key of what is known of how wires look.
const LOOK: &[u8] = b"look";

/// What is known of a wire as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireState {
    /// How many arrivals were numbered.
    pub arrivals: u64,
    /// When it last changed in any way.
    pub changed: Instant,
}

impl WireState {
    /// How many archives are full: the number of the first that is not.
    #[must_use]
    pub fn archives(&self) -> u64 {
        self.arrivals / ARCHIVE
    }

    /// The number of the first arrival that is in no full archive.
    #[must_use]
    pub fn rest(&self) -> u64 {
        self.archives() * ARCHIVE
    }
}

/// Articles that arrived at a wire one after the other.
///
/// Stored under the number of the first: the keys of the articles in a row. An earlier version wrote each alone, its key at the end of
/// the other one and nothing under it.
pub(super) struct Run {
    /// As [`key::of_wire`].
    pub(super) wire: Vec<u8>,
    pub(super) first: u64,
    pub(super) articles: Vec<UrlHash>,
}

impl Run {
    pub(super) fn of(key: &[u8], value: &[u8]) -> Result<Self, Error> {
        let (key_, articles) = match key.split_last_chunk::<16>() {
            Some((before, article)) if value.is_empty() => (before, vec![*article]),
            _ => (key, value.chunks_exact(16).filter_map(|article| article.try_into().ok()).collect()),
        };
        let (wire, first) = key::arrivals(key_).ok_or_else(|| damaged(Kind::Wire, key, &Damage::Short))?;
        Ok(Self { wire: wire.to_vec(), first, articles: articles.into_iter().map(UrlHash::from_stored).collect() })
    }

    /// What is written for articles that arrive at a wire, the first under the number `first`.
    pub(super) fn records(scope: &Scope, first: u64, articles: &[UrlHash]) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
        let runs = (first..).step_by(RUN).zip(articles.chunks(RUN));
        runs.map(|(first, articles)| (key::of_arrivals(scope, first), articles.iter().flat_map(UrlHash::as_bytes).copied().collect()))
    }

    pub(super) fn numbered(&self) -> impl DoubleEndedIterator<Item = (u64, UrlHash)> {
        self.articles.iter().enumerate().map(|(offset, article)| (self.first + offset as u64, *article))
    }
}

/// An entry and the number under which it came.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrival {
    pub number: u64,
    pub entry: Published,
}

impl Engine {
    pub(super) fn wire_state(&self, scope: &Scope) -> Result<WireState, Error> {
        Ok(self.read(Kind::Wire, &key::of_wire(scope))?.unwrap_or_default())
    }

    /// Since when wires look as `look` names it, if they do.
    pub(super) fn looked_so(&self, look: &str) -> Result<Option<Instant>, Error> {
        let known: Option<(String, Instant)> = self.read(Kind::Meta, LOOK)?;
        Ok(known.filter(|(known, _)| known == look).map(|(_, since)| since))
    }

    /// The same; since now, if they looked otherwise before.
    pub(super) fn looks_so(&self, look: &str, now: Instant) -> Result<Instant, Error> {
        if let Some(since) = self.looked_so(look)? {
            return Ok(since);
        }
        self.note(Kind::Meta, LOOK, &(look, now))?;
        Ok(now)
    }

    /// The next `limit` arrivals from number `from` on whose entries are in the wire now; an entry that arrived again is there once, under
    /// its last number. Also the number to go on from.
    pub(super) fn arrived(&self, scope: &Scope, from: u64, limit: usize) -> Result<(Vec<Arrival>, u64), Error> {
        let _consistent = self.consistent();
        let mut arrivals: Vec<Arrival> = Vec::new();
        let mut next = from;
        for (number, article) in self.numbered(scope, from, limit)? {
            next = number + 1;
            let entry = self.entry(article)?.map(|entry| Ok((self.is_in(scope, &entry.article)?, entry))).transpose()?;
            if let Some((true, entry)) = entry {
                arrivals.retain(|earlier| earlier.entry.article.key != article);
                arrivals.push(Arrival { number, entry });
            }
        }
        Ok((arrivals, next))
    }

    /// The numbers from `from` on and their articles, which may have been purged.
    pub(super) fn numbered(&self, scope: &Scope, from: u64, limit: usize) -> Result<Vec<(u64, UrlHash)>, Error> {
        self.arrivals_in(scope, from..u64::MAX).take(limit).collect()
    }

    pub(super) fn arrival_keys(&self, scope: &Scope, numbers: Range<u64>) -> Result<Option<(UrlHash, UrlHash)>, Error> {
        let first = self.arrivals_in(scope, numbers.clone()).next().transpose()?;
        let last = self.arrivals_in(scope, numbers).next_back().transpose()?;
        Ok(first.zip(last).map(|((_, first), (_, last))| (first, last)))
    }

    /// The last of the numbers before `number` whose article is not purged.
    pub(super) fn last_before(&self, scope: &Scope, number: u64) -> Result<Option<u64>, Error> {
        let last = self.arrivals_in(scope, 0..number).next_back().transpose()?;
        Ok(last.map(|(number, _)| number))
    }

    fn arrivals_in(&self, scope: &Scope, numbers: Range<u64>) -> impl DoubleEndedIterator<Item = Result<(u64, UrlHash), Error>> {
        // The first may stand among others that came before it.
        let keys = [numbers.start.saturating_sub(RUN as u64 - 1), numbers.end].map(|number| key::of_arrivals(scope, number));
        let [start, end] = keys;
        let runs = self.arrivals.range(start..end).map(|item| {
            let (key, articles) = item.map_err(|error| self.fault(error))?;
            Run::of(&key, &articles)
        });
        let arrivals = runs.flat_map(|run| match run {
            Ok(run) => run.numbered().map(Ok).collect(),
            Err(error) => vec![Err(error)],
        });
        arrivals.filter(move |arrival| arrival.as_ref().map_or(true, |(number, _)| numbers.contains(number)))
    }

    /// Whether an article's story is an entry of the wire, held by the article.
    fn is_in(&self, scope: &Scope, article: &StoredArticle) -> Result<bool, Error> {
        match scope {
            Scope::Topic(topic) => {
                let entry = key::of_entry(topic, Place::of(article));
                self.topics.contains_key(entry).map_err(|error| self.fault(error))
            }
            Scope::Agency(feed) => Ok(article.feed == *feed),
            Scope::All => Ok(article.story == article.key),
        }
    }

    /// Removes the arrivals of purged articles, and the archives as they were kept with them.
    pub(super) fn forget_arrivals(&self) -> Result<(), Error> {
        let _no_archive_is_made = self.archiving.lock().unwrap_or_else(PoisonError::into_inner);
        let mut fewer = Vec::new();
        let mut archives = BTreeSet::new();
        for item in &self.arrivals {
            let (key, articles) = item.map_err(|error| self.fault(error))?;
            let run = Run::of(&key, &articles)?;
            // A commit may have brought these, and their articles, just now.
            let _consistent = self.consistent();
            let mut kept = Vec::new();
            for (number, article) in run.numbered() {
                if self.articles.contains_key(article.as_bytes()).map_err(|error| self.fault(error))? {
                    kept.push((number, article));
                } else {
                    archives.insert(key::of_archive(&run.wire, number / ARCHIVE));
                }
            }
            if kept.len() < run.articles.len() {
                fewer.push((key, run.wire, kept));
            }
        }
        for archive in archives {
            self.discard(Kind::Archive, &archive)?;
        }
        fewer.iter().try_for_each(|(key, wire, kept)| self.leave(key, wire, kept))
    }

    /// Puts what is left of a run in its place, in one step.
    fn leave(&self, key: &[u8], wire: &[u8], kept: &[(u64, UrlHash)]) -> Result<(), Error> {
        let mut batch = sled::Batch::default();
        batch.remove(key);
        for run in kept.chunk_by(|(one, _), (next, _)| one + 1 == *next) {
            let Some((first, _)) = run.first() else { continue };
            let articles: Vec<u8> = run.iter().flat_map(|(_, article)| article.as_bytes()).copied().collect();
            batch.insert(key::of_archive(wire, *first), articles);
        }
        let _applied_at_once = self.consistent.write().unwrap_or_else(PoisonError::into_inner);
        self.arrivals.apply_batch(batch).map_err(|error| self.fault(error))
    }
}

impl Transaction<'_> {
    /// Numbers what arrived, and notes that the wires changed.
    pub(super) fn note_arrivals(&self, receipt: &Receipt) -> Done<()> {
        let topics = receipt.topics.iter().cloned().map(Scope::Topic);
        let agencies = receipt.feeds.iter().cloned().map(Scope::Agency);
        let all = (!receipt.feeds.is_empty()).then_some(Scope::All);
        for scope in topics.chain(agencies).chain(all) {
            let key = key::of_wire(&scope);
            let before: WireState = self.read(Kind::Wire, &key)?.unwrap_or_default();
            let mut state = WireState { changed: before.changed.max(clock::now()), ..before };
            let arrived = receipt.arrived.get(&scope).map_or(&[][..], Vec::as_slice);
            for (key, articles) in Run::records(&scope, state.arrivals, arrived) {
                self.arrivals.insert(key, articles)?;
            }
            state.arrivals += arrived.len() as u64;
            self.write(&abort(Record::new(Kind::Wire, &key, &state))?)?;
        }
        Ok(())
    }
}
