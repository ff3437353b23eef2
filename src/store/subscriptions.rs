//! The feeds' subscriptions at hubs. They change when hubs call, not only with polls: each feed's are a record of their own.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use crate::model::{FeedId, Subscription};

use super::Error;
use super::engine::{Consistent, Engine, Kind, damaged};
use super::record::{self, Damage};

/// What their keys in the tree `meta` begin with.
const PREFIX: &str = "subscriptions/";

impl Engine {
    pub(super) fn subscriptions(&self) -> Result<BTreeMap<FeedId, Vec<Subscription>>, Error> {
        let consistent = self.consistent();
        self.subscriptions_within(&consistent)
    }

    /// As [`Engine::feed_states_within`].
    pub(super) fn subscriptions_within(&self, _: &Consistent<'_>) -> Result<BTreeMap<FeedId, Vec<Subscription>>, Error> {
        let mut all = BTreeMap::new();
        for item in self.meta.scan_prefix(PREFIX) {
            let (key, head) = item.map_err(|error| self.fault(error))?;
            let name = key.strip_prefix(PREFIX.as_bytes()).and_then(|name| std::str::from_utf8(name).ok());
            let feed = name.and_then(|name| FeedId::new(name).ok()).ok_or_else(|| damaged(Kind::Meta, &key, &Damage::Short))?;
            all.insert(feed, self.decode(Kind::Meta, &key, &head)?);
        }
        Ok(all)
    }

    /// Durable when it returns.
    pub(super) fn put_subscriptions(&self, feed: &FeedId, subscriptions: &[Subscription]) -> Result<(), Error> {
        let key = format!("{PREFIX}{feed}");
        let parts = record::encode(key.as_bytes(), &subscriptions).map_err(|damage| damaged(Kind::Meta, key.as_bytes(), &damage))?;
        // A feed has one or two, and hubs cannot make them long: more than one part is a mistake of ours.
        let [whole] = parts.as_slice() else { return Err(damaged(Kind::Meta, key.as_bytes(), &Damage::Large)) };
        {
            let _applied_at_once = self.consistent.write().unwrap_or_else(PoisonError::into_inner);
            let changed = if subscriptions.is_empty() { self.meta.remove(&key) } else { self.meta.insert(&key, whole.as_slice()) };
            changed.map_err(|error| self.fault(error))?;
        }
        self.make_durable(None)
    }
}
