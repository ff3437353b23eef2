//! Reading: states, articles, the newest of a topic, scans by time, and a look at the whole.

use std::collections::BTreeMap;
use std::ops::Bound;

use sled::IVec;

use crate::model::{Alarm, FeedId, FeedState, Identity, Instant, StoredArticle, TopicId, UrlHash, Version};

use super::carriers::Carriers;
use super::engine::{Consistent, Engine, Kind, Moment, damaged};
use super::record::Damage;
use super::{Carrier, Error, Place, Published, Remembered, Stats, key};

/// How many places a scan reads before it lets commits in between.
const PAGE: usize = 64;

/// How many old articles are looked at for their texts.
const REMEMBERED: usize = 200_000;

impl Engine {
    pub(super) fn feed_state(&self, feed: &FeedId) -> Result<Option<FeedState>, Error> {
        let _consistent = self.consistent();
        self.read(Kind::Feed, feed.as_str().as_bytes())
    }

    pub(super) fn feed_states(&self) -> Result<BTreeMap<FeedId, FeedState>, Error> {
        let consistent = self.consistent();
        self.feed_states_within(&consistent)
    }

    /// For whoever keeps commits away already: asking for that twice would wait for ever behind a commit that waits in between.
    pub(super) fn feed_states_within(&self, _: &Consistent<'_>) -> Result<BTreeMap<FeedId, FeedState>, Error> {
        let mut states = BTreeMap::new();
        for item in &self.feeds {
            let (key, head) = item.map_err(|error| self.fault(error))?;
            let feed = std::str::from_utf8(&key).ok().and_then(|name| FeedId::new(name).ok());
            let feed = feed.ok_or_else(|| damaged(Kind::Feed, &key, &Damage::Short))?;
            states.insert(feed, self.decode(Kind::Feed, &key, &head)?);
        }
        Ok(states)
    }

    pub(super) fn known(&self, keys: &[UrlHash]) -> Result<Vec<bool>, Error> {
        let _consistent = self.consistent();
        keys.iter().map(|key| self.knows(*key)).collect()
    }

    /// Whether an article is stored or was.
    pub(super) fn knows(&self, key: UrlHash) -> Result<bool, Error> {
        let stored = self.articles.contains_key(key.as_bytes()).map_err(|error| self.fault(error))?;
        Ok(stored || self.listings.contains_key(key.as_bytes()).map_err(|error| self.fault(error))?)
    }

    pub(super) fn resolve(&self, identities: &[Identity]) -> Result<Vec<Option<UrlHash>>, Error> {
        let _consistent = self.consistent();
        let resolve = |identity: &Identity| {
            let key = UrlHash::from_stored(*identity.as_bytes());
            if self.knows(key)? { Ok(Some(key)) } else { self.alias(identity.as_bytes()) }
        };
        identities.iter().map(resolve).collect()
    }

    pub(super) fn named(&self, identities: &[Identity]) -> Result<Vec<Option<UrlHash>>, Error> {
        let _consistent = self.consistent();
        identities.iter().map(|identity| self.alias(identity.as_bytes())).collect()
    }

    pub(super) fn versions(&self, key: UrlHash) -> Result<Vec<Version>, Error> {
        let _consistent = self.consistent();
        let version = |item: Result<(IVec, IVec), sled::Error>| {
            let (key, head) = item.map_err(|error| self.fault(error))?;
            self.decode(Kind::Version, &key, &head)
        };
        self.versions.scan_prefix(key.as_bytes()).map(version).collect()
    }

    pub(super) fn alarms(&self, subject: Option<&str>) -> Result<Vec<Alarm>, Error> {
        let consistent = self.consistent();
        self.alarms_within(subject, &consistent)
    }

    /// As [`Engine::feed_states_within`].
    pub(super) fn alarms_within(&self, subject: Option<&str>, _: &Consistent<'_>) -> Result<Vec<Alarm>, Error> {
        let prefix = subject.map_or_else(Vec::new, |subject| [subject.as_bytes(), &[0]].concat());
        let alarm = |item: Result<(IVec, IVec), sled::Error>| {
            let (key, head) = item.map_err(|error| self.fault(error))?;
            self.decode(Kind::Alarm, &key, &head)
        };
        self.alarms.scan_prefix(prefix).map(alarm).collect()
    }

    pub(super) fn article(&self, key: UrlHash) -> Result<Option<StoredArticle>, Error> {
        let _consistent = self.consistent();
        self.read(Kind::Article, key.as_bytes())
    }

    pub(super) fn carriers(&self, story: UrlHash) -> Result<Vec<Carrier>, Error> {
        let _consistent = self.consistent();
        if let Some(carriers) = self.read::<Carriers>(Kind::Story, story.as_bytes())? {
            return Ok(carriers.all());
        }
        let only: Option<StoredArticle> = self.read(Kind::Article, story.as_bytes())?;
        Ok(only.filter(|article| article.story == story).map_or_else(Vec::new, |article| Carriers::alone(&article).all()))
    }

    pub(super) fn newest(&self, topic: &TopicId, limit: usize, before: Option<Place>) -> Result<Vec<Published>, Error> {
        let _consistent = self.consistent();
        let entries = self.topics.range(key::range_of_topic(topic, before)).rev().take(limit);
        let mut published = Vec::new();
        for entry in entries {
            let (key, _) = entry.map_err(|error| self.fault(error))?;
            published.push(self.published(place(&key)?)?);
        }
        Ok(published)
    }

    pub(super) fn count(&self, topic: &TopicId, since: Instant) -> Result<u64, Error> {
        let mut count = 0;
        for key in self.topics.range(key::range_of_topic_since(topic, since)).keys() {
            key.map_err(|error| self.fault(error))?;
            count += 1;
        }
        Ok(count)
    }

    pub(super) fn newest_of_feed(&self, feed: &FeedId, limit: usize, before: Option<Place>) -> Result<Vec<Published>, Error> {
        let _consistent = self.consistent();
        let entries = self.agencies.range(key::range_of_agency(feed, before)).keys().rev().take(limit);
        entries.map(|key| self.published(place(&key.map_err(|error| self.fault(error))?)?)).collect()
    }

    pub(super) fn newest_of_all(&self, limit: usize, before: Option<Place>) -> Result<Vec<Published>, Error> {
        let _consistent = self.consistent();
        let end = before.map_or(Bound::Unbounded, |before| Bound::Excluded(key::of_place(before)));
        let entries = self.times.range((Bound::Unbounded, end)).keys().rev().take(limit);
        entries.map(|key| self.published(place(&key.map_err(|error| self.fault(error))?)?)).collect()
    }

    /// The entry that an index speaks of.
    fn published(&self, place: Place) -> Result<Published, Error> {
        self.with_carriers(self.existing(place.key)?)
    }

    pub(super) fn with_carriers(&self, article: StoredArticle) -> Result<Published, Error> {
        let story: Option<Carriers> = self.read(Kind::Story, article.story.as_bytes())?;
        Ok(Published { also: story.map_or_else(Vec::new, |story| story.beside(article.key)), article })
    }

    fn existing(&self, key: UrlHash) -> Result<StoredArticle, Error> {
        let key = key.as_bytes();
        self.read(Kind::Article, key)?.ok_or_else(|| damaged(Kind::Article, key, &Damage::Missing(0)))
    }

    pub(super) fn fingerprints(&self, since: Instant) -> Result<Vec<Remembered>, Error> {
        let mut remembered = Vec::new();
        for item in self.times.range(key::of_time(since).to_vec()..) {
            let (key, head) = item.map_err(|error| self.fault(error))?;
            let Moment { story, fingerprint, .. } = self.decode(Kind::Moment, &key, &head)?;
            remembered.push(Remembered { story, time: place(&key)?.time, fingerprint });
        }
        Ok(remembered)
    }

    pub(super) fn fingerprints_of(&self, feed: &FeedId, before: Instant) -> Result<Vec<(UrlHash, Vec<u32>)>, Error> {
        let mut found = Vec::new();
        for item in self.times.range(..key::of_time(before).to_vec()).rev().take(REMEMBERED) {
            let (key, head) = item.map_err(|error| self.fault(error))?;
            let moment: Moment = self.decode(Kind::Moment, &key, &head)?;
            if moment.feed == *feed && !moment.fingerprint.is_empty() {
                found.push((place(&key)?.key, moment.fingerprint));
            }
        }
        Ok(found)
    }

    /// The next articles by place.
    pub(super) fn page(&self, start: Bound<Vec<u8>>) -> Result<Vec<StoredArticle>, Error> {
        let _consistent = self.consistent();
        let places = self.times.range((start, Bound::Unbounded)).keys().take(PAGE);
        places.map(|key| self.existing(place(&key.map_err(|error| self.fault(error))?)?.key)).collect()
    }

    pub(super) fn stats(&self) -> Result<Stats, Error> {
        let mut topics = BTreeMap::new();
        for key in self.topics.iter().keys() {
            let key = key.map_err(|error| self.fault(error))?;
            let topic = key::topic(&key).ok_or_else(|| damaged(Kind::Moment, &key, &Damage::Short))?;
            *topics.entry(topic).or_insert(0) += 1;
        }
        // Counting takes long: commits do not wait for it.
        let articles = self.articles.len() as u64;
        let files = self.files.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Ok(Stats {
            articles,
            topics,
            sequence: self.sequence()?,
            bytes_on_disk: self.db.size_on_disk().map_err(|error| self.fault(error))?,
            blobs: files.blobs().map_err(|error| Error::io(&self.folder, error))?,
            lost_commits: self.lost_commits(),
        })
    }
}

/// The place that an index key speaks of.
pub(super) fn place(key: &[u8]) -> Result<Place, Error> {
    key::place(key).ok_or_else(|| damaged(Kind::Moment, key, &Damage::Short))
}
