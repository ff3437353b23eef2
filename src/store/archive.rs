//! Archives: the arrivals of a wire, so many at a time, as they were when somebody first asked for them.
//!
//! What an archive says never changes: not when an article is corrected (it arrives again, further on), matched otherwise or carried by
//! one more. Only what is purged leaves it.

use std::cmp::Reverse;
use std::sync::PoisonError;

use serde::{Deserialize, Serialize};

use crate::model::{Place, Provenance, Published, Scope, StoredArticle, UrlHash};

use super::arrivals::ARCHIVE;
use super::engine::{Engine, Kind};
use super::{Error, key};

/// A full archive of a wire, and its neighbours that have anything in them. What follows the last is the one that is not full yet: who
/// follows leads on before there is something, for it is said for ever.
#[derive(Clone, Debug, PartialEq)]
pub struct Archive {
    /// From 0, the oldest.
    pub number: u64,
    pub previous: Option<u64>,
    pub next: u64,
    /// The newest by place first.
    pub entries: Vec<Published>,
}

/// As it is kept. A list of its own, so that it can grow.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    entries: Vec<Published>,
}

impl Engine {
    /// None when there is no such archive, or all that was in it is purged.
    pub(super) fn archive(&self, scope: &Scope, number: u64) -> Result<Option<Archive>, Error> {
        if number >= self.wire_state(scope)?.archives() {
            return Ok(None);
        }
        let key = key::of_archive(&key::of_wire(scope), number);
        let entries = match self.read::<Kept>(Kind::Archive, &key)? {
            Some(kept) => kept.entries,
            None => self.keep_archive(scope, number, &key)?,
        };
        self.shelved(scope, number, entries)
    }

    /// The same, if somebody has asked for it before.
    pub(super) fn kept_archive(&self, scope: &Scope, number: u64) -> Result<Option<Archive>, Error> {
        let kept = self.read::<Kept>(Kind::Archive, &key::of_archive(&key::of_wire(scope), number))?;
        kept.map_or(Ok(None), |kept| self.shelved(scope, number, kept.entries))
    }

    fn shelved(&self, scope: &Scope, number: u64, entries: Vec<Published>) -> Result<Option<Archive>, Error> {
        if entries.is_empty() {
            return Ok(None);
        }
        let full = self.wire_state(scope)?.archives();
        let next = self.numbered(scope, (number + 1) * ARCHIVE, 1)?.first().map_or(full, |(number, _)| number / ARCHIVE);
        let previous = self.archive_before(scope, number)?;
        Ok(Some(Archive { number, previous, next, entries }))
    }

    /// The last archive before `number` that has anything in it.
    pub(super) fn archive_before(&self, scope: &Scope, number: u64) -> Result<Option<u64>, Error> {
        Ok(self.last_before(scope, number * ARCHIVE)?.map(|number| number / ARCHIVE))
    }

    /// What an archive says from now on. Two who ask at once may both put it together: the first to keep it has said it.
    fn keep_archive(&self, scope: &Scope, number: u64, key: &[u8]) -> Result<Vec<Published>, Error> {
        let _one_at_a_time = self.archiving.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = self.read::<Kept>(Kind::Archive, key)? {
            return Ok(kept.entries);
        }
        let mut entries: Vec<Published> = Vec::new();
        let numbered = self.numbered(scope, number * ARCHIVE, usize::try_from(ARCHIVE).unwrap_or(usize::MAX))?;
        for (_, article) in numbered.into_iter().filter(|(other, _)| other / ARCHIVE == number) {
            if !entries.iter().any(|entry| entry.article.key == article) {
                entries.extend(self.entry(article)?.map(without_traces));
            }
        }
        entries.sort_by_key(|entry| Reverse(Place::of(&entry.article)));
        if !entries.is_empty() {
            self.keep(Kind::Archive, key, &Kept { entries: entries.clone() })?;
        }
        Ok(entries)
    }

    /// The entry of an article, unless it was purged.
    pub(super) fn entry(&self, key: UrlHash) -> Result<Option<Published>, Error> {
        let article: Option<StoredArticle> = self.read(Kind::Article, key.as_bytes())?;
        article.map(|article| self.with_carriers(article)).transpose()
    }
}

/// What wires show of an entry: not how its text was found and is recognised.
fn without_traces(mut entry: Published) -> Published {
    let article = &mut entry.article;
    (article.fingerprint, article.words, article.page) = (Vec::new(), None, None);
    article.article.provenance = Provenance::default();
    entry
}
