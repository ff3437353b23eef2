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
use sled::IVec;

use crate::clock;
use crate::model::{Instant, Place, Published, Scope, StoredArticle, UrlHash};

use super::commit::{Done, Record, Transaction, abort};
use super::engine::{Engine, Kind, damaged};
use super::record::Damage;
use super::{Error, Receipt, key};

/// How many arrivals fill an archive.
pub const ARCHIVE: u64 = 50;

/// The arrivals that are removed in one step.
const STEP: usize = 256;

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
        let range = self.arrivals.range(key::range_of_arrivals(scope, from..u64::MAX)).keys().take(limit);
        range.map(|key| numbered(&key.map_err(|error| self.fault(error))?)).collect()
    }

    pub(super) fn arrival_keys(&self, scope: &Scope, numbers: Range<u64>) -> Result<Option<(UrlHash, UrlHash)>, Error> {
        let range = || self.arrivals.range(key::range_of_arrivals(scope, numbers.clone())).keys();
        let article =
            |key: Option<Result<IVec, sled::Error>>| key.map(|key| Ok(numbered(&key.map_err(|error| self.fault(error))?)?.1)).transpose();
        let (first, last) = (article(range().next())?, article(range().next_back())?);
        Ok(first.zip(last))
    }

    /// The last of the numbers before `number` whose article is not purged.
    pub(super) fn last_before(&self, scope: &Scope, number: u64) -> Result<Option<u64>, Error> {
        let last = self.arrivals.range(key::range_of_arrivals(scope, 0..number)).keys().next_back();
        last.map(|key| Ok(numbered(&key.map_err(|error| self.fault(error))?)?.0)).transpose()
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
        let mut void = Vec::new();
        let mut archives = BTreeSet::new();
        for key in self.arrivals.iter().keys() {
            let key = key.map_err(|error| self.fault(error))?;
            let (number, article) = numbered(&key)?;
            // A commit may have brought this, and its article, just now.
            let _consistent = self.consistent();
            if !self.articles.contains_key(article.as_bytes()).map_err(|error| self.fault(error))? {
                archives.extend(key::wire_of_arrival(&key).map(|wire| key::of_archive(wire, number / ARCHIVE)));
                void.push(key);
            }
        }
        for archive in archives {
            self.discard(Kind::Archive, &archive)?;
        }
        for step in void.chunks(STEP) {
            let mut batch = sled::Batch::default();
            for key in step {
                batch.remove(key);
            }
            self.arrivals.apply_batch(batch).map_err(|error| self.fault(error))?;
        }
        Ok(())
    }
}

/// The number and the article that an arrival's key speaks of.
pub(super) fn numbered(key: &[u8]) -> Result<(u64, UrlHash), Error> {
    key::arrival(key).ok_or_else(|| damaged(Kind::Wire, key, &Damage::Short))
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
            for article in receipt.arrived.get(&scope).into_iter().flatten() {
                self.arrivals.insert(key::of_arrival(&scope, state.arrivals, *article), &[])?;
                state.arrivals += 1;
            }
            self.write(&abort(Record::new(Kind::Wire, &key, &state))?)?;
        }
        Ok(())
    }
}
