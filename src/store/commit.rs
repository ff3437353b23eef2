//! One poll, one transaction over all trees, one wait for the disk: those who come while another waits, wait together for the next.
//!
//! Inside the transaction nothing is read but through it: `sled` holds one lock for all while it runs.

use std::sync::PoisonError;

use rustc_hash::FxHashSet;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sled::Transactional;
use sled::transaction::{ConflictableTransactionError, ConflictableTransactionResult, TransactionError, TransactionalTree};

use crate::model::{Alarm, FeedState, Identity, Instant, Scope, StoredArticle, TopicId, UrlHash};

use super::carriers::Carriers;
use super::engine::{Engine, Kind, Listing, Moment, SEQUENCE, damaged, whole};
use super::{Error, Place, PollCommit, Receipt, alias, key, record};

/// The older versions of an article that are kept, beside its first.
const MAX_VERSIONS: u32 = 31;

pub(super) type Done<T> = ConflictableTransactionResult<T, Error>;

/// A record, ready to be written.
pub(super) struct Record {
    kind: Kind,
    key: Vec<u8>,
    parts: Vec<Vec<u8>>,
}

impl Record {
    pub(super) fn new(kind: Kind, key: &[u8], value: &impl Serialize) -> Result<Self, Error> {
        let parts = record::encode(key, value).map_err(|damage| damaged(kind, key, &damage))?;
        Ok(Self { kind, key: key.to_vec(), parts })
    }
}

fn of_alarms(alarms: &[Alarm]) -> Result<Vec<Record>, Error> {
    alarms.iter().map(|alarm| Record::new(Kind::Alarm, &key::of_alarm(&alarm.subject, alarm.condition), alarm)).collect()
}

/// The records of a commit as it will probably be: to make them takes time, in which nobody need wait.
pub struct Drafts {
    state: (FeedState, Record),
    /// In order, each with its key and its story.
    articles: Vec<(UrlHash, UrlHash, Record)>,
}

impl Drafts {
    /// # Errors
    /// [`Error::Damaged`] for what is too large for any record.
    pub fn new(commit: &PollCommit) -> Result<Self, Error> {
        let draft = |article: &StoredArticle| Ok((article.key, article.story, of_article(article)?));
        let articles = commit.articles.iter().map(draft).collect::<Result<_, Error>>()?;
        Ok(Self { state: (commit.state.clone(), of_state(commit)?), articles })
    }

    fn take(self, commit: &PollCommit) -> Result<(Record, Vec<Record>), Error> {
        let Self { state: (state, record), articles } = self;
        let state = if state == commit.state { record } else { of_state(commit)? };
        // Some may be gone since, and others come after them.
        let mut drafts = articles.into_iter();
        let article = |article: &StoredArticle| match drafts.find(|(key, ..)| *key == article.key) {
            Some((_, story, record)) if story == article.story => Ok(record),
            _ => of_article(article),
        };
        Ok((state, commit.articles.iter().map(article).collect::<Result<_, Error>>()?))
    }
}

/// What is asked of a feed's state when its next one is written.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Listed {
    listed: Vec<UrlHash>,
    last_success: Option<Instant>,
}

fn of_state(commit: &PollCommit) -> Result<Record, Error> {
    Record::new(Kind::Feed, commit.feed.as_str().as_bytes(), &commit.state)
}

fn of_article(article: &StoredArticle) -> Result<Record, Error> {
    Record::new(Kind::Article, article.key.as_bytes(), article)
}

impl Engine {
    /// Applies a commit. It is durable after [`Engine::make_durable`].
    pub(super) fn apply(&self, commit: &PollCommit, drafts: Option<Drafts>) -> Result<Receipt, Error> {
        let (state, records) = drafts.map_or_else(|| Drafts::new(commit), Ok)?.take(commit)?;
        let alarms = of_alarms(&commit.alarms)?;
        self.apply_step(|transaction| transaction.apply(commit, &state, &records, &alarms))
    }

    pub(super) fn raise(&self, alarms: &[Alarm]) -> Result<(), Error> {
        let alarms = of_alarms(alarms)?;
        self.step(|transaction| Ok((Receipt::default(), transaction.write_all(&alarms)?))).map(drop)
    }

    /// Makes what `work` changes durable, all of it or nothing.
    ///
    /// `work` also says whether it changed anything.
    pub(super) fn step(&self, work: impl Fn(&Transaction<'_>) -> Done<(Receipt, bool)>) -> Result<Receipt, Error> {
        let receipt = self.apply_step(work)?;
        self.make_durable(Some(receipt.sequence))?;
        Ok(receipt)
    }

    fn apply_step(&self, work: impl Fn(&Transaction<'_>) -> Done<(Receipt, bool)>) -> Result<Receipt, Error> {
        let _applied_at_once = self.consistent.write().unwrap_or_else(PoisonError::into_inner);
        self.transaction(|transaction| {
            let (receipt, changed) = work(transaction)?;
            transaction.note_arrivals(&receipt)?;
            Ok(Receipt { sequence: transaction.count(changed)?, ..receipt })
        })
    }

    /// Returns when the commit of that number, or all that was applied by now, is on the disk.
    pub(super) fn make_durable(&self, sequence: Option<u64>) -> Result<(), Error> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if sequence.is_some_and(|sequence| files.is_durable(sequence)) {
            return Ok(());
        }
        let applied = self.sequence()?;
        self.db.flush().map_err(|error| self.fault(error))?;
        files.sync(applied).map_err(|error| Error::io(&self.folder, error))
    }

    /// Runs `work` as one step over all trees.
    fn transaction<T>(&self, work: impl Fn(&Transaction<'_>) -> Done<T>) -> Result<T, Error> {
        let Self { articles, times, topics, agencies, arrivals, stories, feeds, aliases, listings, versions, alarms, parts, meta, .. } =
            self;
        (articles, times, topics, agencies, arrivals, stories, feeds, aliases, listings, versions, alarms, parts, meta)
            .transaction(
                |(articles, times, topics, agencies, arrivals, stories, feeds, aliases, listings, versions, alarms, parts, meta)| {
                    work(&Transaction {
                        articles,
                        times,
                        topics,
                        agencies,
                        arrivals,
                        stories,
                        feeds,
                        aliases,
                        listings,
                        versions,
                        alarms,
                        parts,
                        meta,
                    })
                },
            )
            .map_err(|error| match error {
                TransactionError::Abort(error) => error,
                TransactionError::Storage(error) => self.fault(error),
            })
    }
}

impl Receipt {
    /// Takes note of an article that was stored. `kept` are the topics in which it holds an entry as before.
    fn take_in(&mut self, before: Option<&StoredArticle>, article: &StoredArticle, kept: Vec<TopicId>) {
        self.feeds.insert(article.feed.clone());
        self.feeds.extend(before.map(|before| before.feed.clone()));
        let says_more = before.is_none_or(|before| before.updated != article.updated || before.withdrawn != article.withdrawn);
        let told = before.is_some_and(|before| before.story == before.key);
        let tells = article.story == article.key;
        let topics = kept.into_iter().map(Scope::Topic).filter(|_| says_more);
        let agency = Some(Scope::Agency(article.feed.clone())).filter(|_| says_more);
        let all = Some(Scope::All).filter(|_| tells && (says_more || !told));
        for scope in topics.chain(agency).chain(all) {
            self.arrived.entry(scope).or_default().push(article.key);
        }
    }
}

pub(super) struct Transaction<'a> {
    articles: &'a TransactionalTree,
    times: &'a TransactionalTree,
    topics: &'a TransactionalTree,
    pub(super) agencies: &'a TransactionalTree,
    pub(super) arrivals: &'a TransactionalTree,
    stories: &'a TransactionalTree,
    feeds: &'a TransactionalTree,
    pub(super) aliases: &'a TransactionalTree,
    listings: &'a TransactionalTree,
    versions: &'a TransactionalTree,
    alarms: &'a TransactionalTree,
    parts: &'a TransactionalTree,
    meta: &'a TransactionalTree,
}

impl Transaction<'_> {
    fn apply(&self, commit: &PollCommit, state: &Record, articles: &[Record], rest: &[Record]) -> Done<(Receipt, bool)> {
        let mut receipt = Receipt::default();
        let mut changed = self.remember_listings(commit)?;
        changed |= self.write(state)?;
        for (article, record) in commit.articles.iter().zip(articles) {
            receipt.changed |= self.put(article, record, &mut receipt)?;
        }
        changed |= receipt.changed;
        for (identity, article) in &commit.aliases {
            changed |= self.name(*identity, *article)?;
        }
        changed |= self.write_all(rest)?;
        Ok((receipt, changed))
    }

    fn write_all(&self, records: &[Record]) -> Done<bool> {
        records.iter().try_fold(false, |changed, record| Ok(self.write(record)? | changed))
    }

    /// The number of the commit that this transaction is; of the last one if it changes nothing.
    fn count(&self, changed: bool) -> Done<u64> {
        let sequence = self.read(Kind::Meta, SEQUENCE)?.unwrap_or(0) + u64::from(changed);
        if changed {
            self.write(&abort(Record::new(Kind::Meta, SEQUENCE, &sequence))?)?;
        }
        Ok(sequence)
    }

    /// Notes of what the feed lists no more when it last listed it; and so of new articles that were not in its list.
    fn remember_listings(&self, commit: &PollCommit) -> Done<bool> {
        let listed: FxHashSet<UrlHash> = commit.state.listed.iter().copied().collect();
        let before: Listed = self.read(Kind::Feed, commit.feed.as_str().as_bytes())?.unwrap_or_default();
        let last = before.last_success.unwrap_or_default();
        let gone = before.listed.iter().map(|key| (*key, last));
        let never = commit.articles.iter().map(|article| (article.key, article.first_seen));
        let mut changed = false;
        for (key, last) in gone.chain(never).filter(|(key, _)| !listed.contains(key)) {
            let known: Option<Listing> = self.read(Kind::Listing, key.as_bytes())?;
            if known.is_none_or(|known| known.last < last) {
                changed |= self.write(&abort(Record::new(Kind::Listing, key.as_bytes(), &Listing { last }))?)?;
            }
        }
        Ok(changed)
    }

    /// Lets an article be recognised by an identity, unless another one is already.
    fn name(&self, identity: Identity, article: UrlHash) -> Done<bool> {
        if self.aliases.get(identity.as_bytes())?.is_some() {
            return Ok(false);
        }
        self.aliases.insert(identity.as_bytes().as_slice(), alias::encode(identity.as_bytes(), article).as_slice())?;
        Ok(true)
    }

    /// Stores an article and all that is kept of it elsewhere. Returns whether that changed anything.
    fn put(&self, article: &StoredArticle, record: &Record, receipt: &mut Receipt) -> Done<bool> {
        if self.is_written(record)? {
            return Ok(false);
        }
        receipt.written.push(article.key);
        let before: Option<StoredArticle> = self.read(Kind::Article, &record.key)?;
        if let Some(before) = before.as_ref().filter(|before| before.story != article.story) {
            self.tell(before.story, article.key, |story| story.remove(article.key), receipt)?;
        }
        let kept = self.tell(article.story, article.key, |story| story.put(article), receipt)?;
        receipt.take_in(before.as_ref(), article, kept);
        match &before {
            Some(before) => {
                self.keep_version(before, article)?;
                self.erase(Kind::Moment, &key::of_place(Place::of(before)))?;
                self.agencies.remove(key::of_agency(&before.feed, Place::of(before)))?;
            }
            None => receipt.new.push(article.key),
        }
        for identity in article.identities() {
            self.name(identity, article.key)?;
        }
        self.agencies.insert(key::of_agency(&article.feed, Place::of(article)), &[])?;
        let moment = Moment { feed: article.feed.clone(), story: article.story, fingerprint: article.fingerprint.clone() };
        self.write(&abort(Record::new(Kind::Moment, &key::of_place(Place::of(article)), &moment))?)?;
        self.write(record)
    }

    /// Keeps what the article said before a correction: the first version and the newest ones.
    fn keep_version(&self, before: &StoredArticle, after: &StoredArticle) -> Done<()> {
        if before.corrections >= after.corrections {
            return Ok(());
        }
        let number = before.corrections;
        self.write(&abort(Record::new(Kind::Version, &key::of_version(before.key, number), &before.version()))?)?;
        if let Some(surplus) = number.checked_sub(MAX_VERSIONS).filter(|surplus| *surplus > 0) {
            self.erase(Kind::Version, &key::of_version(before.key, surplus))?;
        }
        Ok(())
    }

    /// Changes who carries a story, and with that the entries of topics. `of` is the article that is the reason. Returns the topics in
    /// which it holds the story's entry now as before.
    pub(super) fn tell(
        &self,
        story: UrlHash,
        of: UrlHash,
        change: impl FnOnce(&mut Carriers),
        receipt: &mut Receipt,
    ) -> Done<Vec<TopicId>> {
        let before = self.carriers(story)?;
        let mut after = before.clone();
        change(&mut after);
        let (entries_before, entries_after) = (before.entries(), after.entries());
        for (topic, place) in entries_before.difference(&entries_after) {
            self.topics.remove(key::of_entry(topic, *place))?;
        }
        for (topic, place) in entries_after.difference(&entries_before) {
            self.topics.insert(key::of_entry(topic, *place), &[])?;
            receipt.arrived.entry(Scope::Topic(topic.clone())).or_default().push(place.key);
        }
        let entries = entries_before.union(&entries_after);
        let changed = entries.filter(|(_, place)| before != after || place.key == of);
        receipt.topics.extend(changed.map(|(topic, _)| topic.clone()));
        if after.is_only(story) {
            self.erase(Kind::Story, story.as_bytes())?;
        } else {
            self.write(&abort(Record::new(Kind::Story, story.as_bytes(), &after))?)?;
        }
        let kept = entries_after.intersection(&entries_before).filter(|(_, place)| place.key == of);
        Ok(kept.map(|(topic, _)| topic.clone()).collect())
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
            // A poll brings no marks and no archives: `store::marks` and `store::archive` keep them.
            Kind::Meta | Kind::Wire | Kind::Mark | Kind::Learned | Kind::Archive => self.meta,
            Kind::Alias => self.aliases,
            Kind::Listing => self.listings,
            Kind::Version => self.versions,
            Kind::Alarm => self.alarms,
        }
    }

    fn read_bytes(&self, kind: Kind, key: &[u8]) -> Done<Option<Vec<u8>>> {
        let Some(head) = self.tree(kind).get(key)? else { return Ok(None) };
        let part = |key: Vec<u8>| Ok(self.parts.get(key)?);
        whole(kind, key, &head, part, |damage| ConflictableTransactionError::Abort(damaged(kind, key, damage))).map(Some)
    }

    pub(super) fn read<T: DeserializeOwned>(&self, kind: Kind, key: &[u8]) -> Done<Option<T>> {
        let Some(whole) = self.read_bytes(kind, key)? else { return Ok(None) };
        abort(record::decode(key, &whole).map_err(|damage| damaged(kind, key, &damage))).map(Some)
    }

    fn is_written(&self, record: &Record) -> Done<bool> {
        Ok(self.read_bytes(record.kind, &record.key)?.is_some_and(|whole| whole == record.parts.concat()))
    }

    /// Returns whether that changed anything.
    pub(super) fn write(&self, record: &Record) -> Done<bool> {
        match self.read_bytes(record.kind, &record.key)? {
            Some(whole) if whole == record.parts.concat() => return Ok(false),
            Some(_) => self.erase(record.kind, &record.key)?,
            None => {}
        }
        for (number, part) in (0..).zip(&record.parts) {
            if number == 0 {
                self.tree(record.kind).insert(record.key.as_slice(), part.as_slice())?;
            } else {
                self.parts.insert(key::of_part(record.kind as u8, &record.key, number), part.as_slice())?;
            }
        }
        Ok(true)
    }

    pub(super) fn erase(&self, kind: Kind, key: &[u8]) -> Done<()> {
        let Some(head) = self.tree(kind).get(key)? else { return Ok(()) };
        self.tree(kind).remove(key)?;
        for number in 1..abort(record::parts(&head).map_err(|damage| damaged(kind, key, &damage)))? {
            self.parts.remove(key::of_part(kind as u8, key, number))?;
        }
        Ok(())
    }
}

pub(super) fn abort<T>(result: Result<T, Error>) -> Done<T> {
    result.map_err(ConflictableTransactionError::Abort)
}
