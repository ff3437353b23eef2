//! One poll, one transaction over all trees, one wait for the disk.
//!
//! Inside the transaction nothing is read but through it: `sled` holds one lock for all while it runs.

use std::sync::PoisonError;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sled::Transactional;
use sled::transaction::{ConflictableTransactionError, ConflictableTransactionResult, TransactionError, TransactionalTree};

use crate::model::{StoredArticle, UrlHash};

use super::carriers::Carriers;
use super::engine::{Engine, Kind, Moment, SEQUENCE, damaged, whole};
use super::{Error, Place, PollCommit, Receipt, key, record};

type Done<T> = ConflictableTransactionResult<T, Error>;

/// A record, ready to be written.
struct Record {
    kind: Kind,
    key: Vec<u8>,
    parts: Vec<Vec<u8>>,
}

impl Record {
    fn new(kind: Kind, key: &[u8], value: &impl Serialize) -> Result<Self, Error> {
        let parts = record::encode(key, value).map_err(|damage| damaged(kind, key, &damage))?;
        Ok(Self { kind, key: key.to_vec(), parts })
    }
}

impl Engine {
    pub(super) fn commit(&self, commit: &PollCommit) -> Result<Receipt, Error> {
        // What takes time is done before anything is locked.
        let state = Record::new(Kind::Feed, commit.feed.as_str().as_bytes(), &commit.state)?;
        let records = commit.articles.iter().map(|article| Record::new(Kind::Article, article.key.as_bytes(), article));
        let records = records.collect::<Result<Vec<Record>, Error>>()?;
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let receipt = {
            let _applied_at_once = self.consistent.write().unwrap_or_else(PoisonError::into_inner);
            (&self.articles, &self.times, &self.topics, &self.stories, &self.feeds, &self.parts, &self.meta)
                .transaction(|(articles, times, topics, stories, feeds, parts, meta)| {
                    let transaction = Transaction { articles, times, topics, stories, feeds, parts, meta };
                    transaction.apply(&state, &commit.articles, &records)
                })
                .map_err(|error| match error {
                    TransactionError::Abort(error) => error,
                    TransactionError::Storage(error) => self.fault(error),
                })?
        };
        self.db.flush().map_err(|error| self.fault(error))?;
        files.sync(receipt.sequence).map_err(|error| Error::io(&self.folder, error))?;
        Ok(receipt)
    }
}

struct Transaction<'a> {
    articles: &'a TransactionalTree,
    times: &'a TransactionalTree,
    topics: &'a TransactionalTree,
    stories: &'a TransactionalTree,
    feeds: &'a TransactionalTree,
    parts: &'a TransactionalTree,
    meta: &'a TransactionalTree,
}

impl Transaction<'_> {
    fn apply(&self, state: &Record, articles: &[StoredArticle], records: &[Record]) -> Done<Receipt> {
        let mut receipt = Receipt::default();
        let mut changed = self.write(state)?;
        for (article, record) in articles.iter().zip(records) {
            changed |= self.put(article, record, &mut receipt)?;
        }
        receipt.sequence = self.read(Kind::Meta, SEQUENCE)?.unwrap_or(0) + u64::from(changed);
        if changed {
            self.write(&abort(Record::new(Kind::Meta, SEQUENCE, &receipt.sequence))?)?;
        }
        Ok(receipt)
    }

    /// Stores an article and all that is kept of it elsewhere. Returns whether that changed anything.
    fn put(&self, article: &StoredArticle, record: &Record, receipt: &mut Receipt) -> Done<bool> {
        if self.is_written(record)? {
            return Ok(false);
        }
        let before: Option<StoredArticle> = self.read(Kind::Article, &record.key)?;
        if let Some(before) = before.as_ref().filter(|before| before.story != article.story) {
            self.tell(before.story, article.key, |story| story.remove(article.key), receipt)?;
        }
        self.tell(article.story, article.key, |story| story.put(article), receipt)?;
        match &before {
            Some(before) => self.erase(Kind::Moment, &key::of_place(Place::of(before)))?,
            None => receipt.new.push(article.key),
        }
        let moment = Moment { feed: article.feed.clone(), story: article.story, fingerprint: article.fingerprint.clone() };
        self.write(&abort(Record::new(Kind::Moment, &key::of_place(Place::of(article)), &moment))?)?;
        self.write(record)
    }

    /// Changes who carries a story, and with that the entries of topics. `of` is the article that is the reason.
    fn tell(&self, story: UrlHash, of: UrlHash, change: impl FnOnce(&mut Carriers), receipt: &mut Receipt) -> Done<()> {
        let before = self.carriers(story)?;
        let mut after = before.clone();
        change(&mut after);
        let (entries_before, entries_after) = (before.entries(), after.entries());
        for (topic, place) in entries_before.difference(&entries_after) {
            self.topics.remove(key::of_entry(topic, *place))?;
        }
        for (topic, place) in entries_after.difference(&entries_before) {
            self.topics.insert(key::of_entry(topic, *place), &[])?;
        }
        let entries = entries_before.union(&entries_after);
        let changed = entries.filter(|(_, place)| before != after || place.key == of);
        receipt.topics.extend(changed.map(|(topic, _)| topic.clone()));
        if after.is_only(story) {
            self.erase(Kind::Story, story.as_bytes())
        } else {
            self.write(&abort(Record::new(Kind::Story, story.as_bytes(), &after))?).map(drop)
        }
    }

    fn carriers(&self, story: UrlHash) -> Done<Carriers> {
        if let Some(carriers) = self.read(Kind::Story, story.as_bytes())? {
            return Ok(carriers);
        }
        let only: Option<StoredArticle> = self.read(Kind::Article, story.as_bytes())?;
        Ok(only.filter(|article| article.story == story).map_or_else(Carriers::default, |article| Carriers::alone(&article)))
    }

    fn tree(&self, kind: Kind) -> &TransactionalTree {
        match kind {
            Kind::Article => self.articles,
            Kind::Moment => self.times,
            Kind::Story => self.stories,
            Kind::Feed => self.feeds,
            Kind::Meta => self.meta,
        }
    }

    fn read_bytes(&self, kind: Kind, key: &[u8]) -> Done<Option<Vec<u8>>> {
        let Some(head) = self.tree(kind).get(key)? else { return Ok(None) };
        let part = |key: Vec<u8>| Ok(self.parts.get(key)?);
        whole(kind, key, &head, part, |damage| ConflictableTransactionError::Abort(damaged(kind, key, damage))).map(Some)
    }

    fn read<T: DeserializeOwned>(&self, kind: Kind, key: &[u8]) -> Done<Option<T>> {
        let Some(whole) = self.read_bytes(kind, key)? else { return Ok(None) };
        abort(record::decode(key, &whole).map_err(|damage| damaged(kind, key, &damage))).map(Some)
    }

    fn is_written(&self, record: &Record) -> Done<bool> {
        Ok(self.read_bytes(record.kind, &record.key)?.is_some_and(|whole| whole == record.parts.concat()))
    }

    /// Returns whether that changed anything.
    fn write(&self, record: &Record) -> Done<bool> {
        if self.is_written(record)? {
            return Ok(false);
        }
        self.erase(record.kind, &record.key)?;
        for (number, part) in (0..).zip(&record.parts) {
            if number == 0 {
                self.tree(record.kind).insert(record.key.as_slice(), part.as_slice())?;
            } else {
                self.parts.insert(key::of_part(record.kind as u8, &record.key, number), part.as_slice())?;
            }
        }
        Ok(true)
    }

    fn erase(&self, kind: Kind, key: &[u8]) -> Done<()> {
        let Some(head) = self.tree(kind).remove(key)? else { return Ok(()) };
        for number in 1..abort(record::parts(&head).map_err(|damage| damaged(kind, key, &damage)))? {
            self.parts.remove(key::of_part(kind as u8, key, number))?;
        }
        Ok(())
    }
}

fn abort<T>(result: Result<T, Error>) -> Done<T> {
    result.map_err(ConflictableTransactionError::Abort)
}
