//! What the desk marked, and what was learned from it: beside the flow of polls, and kept when articles are purged.
//!
//! A mark is no commit of a poll: it has no number, and one that was not acknowledged may be lost.

use std::sync::PoisonError;

use serde::Serialize;
use sled::Transactional;
use sled::transaction::{ConflictableTransactionError, TransactionError};

use crate::model::{Mark, TopicId, UrlHash};
use crate::topic::Learned;

use super::engine::{Engine, Kind, damaged};
use super::{Error, key, record};

impl Engine {
    pub(super) fn mark(&self, mark: &Mark) -> Result<(), Error> {
        self.keep(Kind::Mark, &key::of_mark(&mark.topic, mark.article.key), mark)
    }

    pub(super) fn forget_mark(&self, topic: &TopicId, key: UrlHash) -> Result<bool, Error> {
        self.discard(Kind::Mark, &key::of_mark(topic, key))
    }

    /// In the order of the articles' keys.
    pub(super) fn marks(&self, topic: &TopicId) -> Result<Vec<Mark>, Error> {
        let _consistent = self.consistent();
        let entries = self.marks.scan_prefix(key::of_marks(topic));
        let mark = |entry: sled::Result<(sled::IVec, sled::IVec)>| {
            let (key, head) = entry.map_err(|error| self.fault(error))?;
            self.decode(Kind::Mark, &key, &head)
        };
        entries.map(mark).collect()
    }

    pub(super) fn learned(&self, topic: &TopicId) -> Result<Option<Learned>, Error> {
        let _consistent = self.consistent();
        self.read(Kind::Learned, topic.as_str().as_bytes())
    }

    /// Keeps what was learned for a topic instead of what was before; nothing when it is none.
    pub(super) fn keep_learned(&self, topic: &TopicId, learned: Option<&Learned>) -> Result<(), Error> {
        let key = topic.as_str().as_bytes();
        match learned {
            Some(learned) => self.keep(Kind::Learned, key, learned),
            None => self.discard(Kind::Learned, key).map(drop),
        }
    }

    /// Replaces a record with all its parts, durably.
    pub(super) fn keep(&self, kind: Kind, key: &[u8], value: &impl Serialize) -> Result<(), Error> {
        let parts = record::encode(key, value).map_err(|damage| damaged(kind, key, &damage))?;
        self.replace(kind, key, &parts).map(drop)
    }

    pub(super) fn discard(&self, kind: Kind, key: &[u8]) -> Result<bool, Error> {
        self.replace(kind, key, &[])
    }

    /// Returns whether there was such a record.
    fn replace(&self, kind: Kind, key: &[u8], parts: &[Vec<u8>]) -> Result<bool, Error> {
        let was_there = {
            let _applied_at_once = self.consistent.write().unwrap_or_else(PoisonError::into_inner);
            let done = (self.tree(kind), &self.parts).transaction(|(tree, further)| {
                let old = tree.remove(key)?;
                let count = old.as_ref().map_or(Ok(0), |head| record::parts(head));
                let count = count.map_err(|damage| ConflictableTransactionError::Abort(damaged(kind, key, &damage)))?;
                for number in 1..count {
                    further.remove(key::of_part(kind as u8, key, number))?;
                }
                for (number, part) in (0..).zip(parts) {
                    if number == 0 {
                        tree.insert(key, part.as_slice())?;
                    } else {
                        further.insert(key::of_part(kind as u8, key, number), part.as_slice())?;
                    }
                }
                Ok(old.is_some())
            });
            done.map_err(|error| match error {
                TransactionError::Abort(error) => error,
                TransactionError::Storage(error) => self.fault(error),
            })?
        };
        self.make_durable(None)?;
        Ok(was_there)
    }
}
