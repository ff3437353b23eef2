//! What is old enough leaves the store; that it was there stays known for as long again.
//!
//! Age counts from when a feed last listed the article: an agency that still lists it may bring it again.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use rustc_hash::FxHashSet;

use crate::model::{Instant, StoredArticle, TopicId, UrlHash};

use super::commit::{Done, Record, Transaction, abort};
use super::engine::{Consistent, Engine, Kind, Listing};
use super::read::place;
use super::{Error, Place, Pruned, Receipt, key};

/// The articles that leave in one step, so that commits come in between.
const STEP: usize = 100;

impl Engine {
    /// Purges what was not listed for `keep`, save the stories of the `newest` entries of each topic, and forgets what was purged as long ago.
    pub(super) fn prune(&self, keep: TimeDelta, newest: usize, now: Instant) -> Result<Pruned, Error> {
        let before = now.checked_sub_signed(keep).unwrap_or(Instant::MIN_UTC);
        let forgotten = before.checked_sub_signed(keep).unwrap_or(Instant::MIN_UTC);
        let ages = self.ages()?;
        let spared = self.spared(newest)?;
        let mut pruned = Pruned::default();
        let old: Vec<(UrlHash, Instant)> = ages.iter().filter(|(_, last)| **last < before).map(|(key, last)| (*key, *last)).collect();
        for step in old.chunks(STEP) {
            let receipt = self.step(|transaction| transaction.purge(step, &spared))?;
            pruned.articles += receipt.new.len() as u64;
            pruned.topics.extend(receipt.topics);
        }
        self.forget_arrivals()?;
        let old: Vec<UrlHash> = ages.into_iter().filter(|(_, last)| *last < forgotten).map(|(key, _)| key).collect();
        for step in old.chunks(STEP) {
            pruned.forgotten += self.step(|transaction| transaction.forget(step))?.new.len() as u64;
        }
        if pruned.forgotten > 0 {
            self.forget_aliases()?;
        }
        Ok(pruned)
    }

    /// When each article, stored or purged, was last listed. What no feed ever listed is not among them.
    pub(super) fn ages(&self) -> Result<BTreeMap<UrlHash, Instant>, Error> {
        let consistent = self.consistent();
        self.ages_within(&consistent)
    }

    /// As [`Engine::feed_states_within`].
    pub(super) fn ages_within(&self, consistent: &Consistent<'_>) -> Result<BTreeMap<UrlHash, Instant>, Error> {
        let mut ages: BTreeMap<UrlHash, Instant> = BTreeMap::new();
        for item in &self.listings {
            let (key, head) = item.map_err(|error| self.fault(error))?;
            let listing: Listing = self.decode(Kind::Listing, &key, &head)?;
            ages.extend(key.as_ref().try_into().ok().map(|bytes| (UrlHash::from_stored(bytes), listing.last)));
        }
        for state in self.feed_states_within(consistent)?.into_values() {
            // "Not modified" means that all of it is listed still.
            let last = state.last_success.unwrap_or_default();
            for key in state.listed {
                let age = ages.entry(key).or_insert(last);
                *age = last.max(*age);
            }
        }
        Ok(ages)
    }

    /// The stories of the newest entries of each topic.
    fn spared(&self, newest: usize) -> Result<FxHashSet<UrlHash>, Error> {
        let mut left: BTreeMap<TopicId, usize> = BTreeMap::new();
        let mut spared = FxHashSet::default();
        for key in self.topics.iter().keys().rev() {
            let key = key.map_err(|error| self.fault(error))?;
            let Some(topic) = key::topic(&key) else { continue };
            let left = left.entry(topic).or_insert(newest);
            if *left > 0 {
                *left -= 1;
                let article: Option<StoredArticle> = self.read(Kind::Article, place(&key)?.key.as_bytes())?;
                spared.extend(article.map(|article| article.story));
            }
        }
        Ok(spared)
    }

    /// Removes what leads to articles that are not even known to have been there.
    fn forget_aliases(&self) -> Result<(), Error> {
        let mut void = Vec::new();
        for item in &self.aliases {
            let (identity, bytes) = item.map_err(|error| self.fault(error))?;
            if !self.knows(self.decode_alias(&identity, &bytes)?)? {
                void.push(identity);
            }
        }
        for step in void.chunks(STEP) {
            self.step(|transaction| {
                step.iter().try_for_each(|identity| transaction.aliases.remove(identity).map(drop))?;
                Ok((Receipt::default(), true))
            })?;
        }
        Ok(())
    }
}

impl Transaction<'_> {
    /// Removes articles and all that is kept of them elsewhere, save when they were last listed. They are in [`Receipt::new`].
    fn purge(&self, old: &[(UrlHash, Instant)], spared: &FxHashSet<UrlHash>) -> Done<(Receipt, bool)> {
        let mut receipt = Receipt::default();
        for (key, last) in old {
            let article: Option<StoredArticle> = self.read(Kind::Article, key.as_bytes())?;
            let Some(article) = article.filter(|article| !spared.contains(&article.story)) else { continue };
            self.tell(article.story, article.key, |story| story.remove(article.key), &mut receipt)?;
            self.erase(Kind::Moment, &key::of_place(Place::of(&article)))?;
            self.agencies.remove(key::of_agency(&article.feed, Place::of(&article)))?;
            receipt.feeds.insert(article.feed.clone());
            for number in 0..article.corrections {
                self.erase(Kind::Version, &key::of_version(article.key, number))?;
            }
            self.erase(Kind::Article, key.as_bytes())?;
            self.write(&abort(Record::new(Kind::Listing, key.as_bytes(), &Listing { last: *last }))?)?;
            receipt.new.push(article.key);
        }
        let changed = !receipt.new.is_empty();
        Ok((receipt, changed))
    }

    fn forget(&self, old: &[UrlHash]) -> Done<(Receipt, bool)> {
        let mut receipt = Receipt::default();
        for key in old {
            if self.read::<StoredArticle>(Kind::Article, key.as_bytes())?.is_none() {
                self.erase(Kind::Listing, key.as_bytes())?;
                receipt.new.push(*key);
            }
        }
        let changed = !receipt.new.is_empty();
        Ok((receipt, changed))
    }
}
