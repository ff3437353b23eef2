//! Who is sent what comes to wires, and how far that has come. What is to be sent stands in `store::arrivals`, in the commit that brought
//! it; here is only what was taken already. A note that is lost in a crash means that something is sent again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

use sled::IVec;

use crate::model::{Follower, Progress};

use super::Error;
use super::engine::{Engine, Kind};

/// What the keys of followers and of all others in the tree `meta` begin with.
const FOLLOWER: &str = "follower/";
const PROGRESS: &str = "progress/";

impl Engine {
    pub(super) fn followers(&self) -> Result<BTreeMap<String, Follower>, Error> {
        let _consistent = self.consistent();
        let mut all = BTreeMap::new();
        for item in self.meta.scan_prefix(FOLLOWER) {
            let (key, head) = item.map_err(|error| self.fault(error))?;
            match self.follower(&key, &head) {
                Ok(follower) => drop(all.insert(follower.name(), follower)),
                Err(error @ Error::Damaged { .. }) => tracing::warn!("a subscriber of the hub is left out: {error}"),
                Err(error) => return Err(error),
            }
        }
        Ok(all)
    }

    fn follower(&self, key: &[u8], head: &IVec) -> Result<Follower, Error> {
        let follower: Follower = self.decode(Kind::Meta, key, head)?;
        let progress = self.read(Kind::Meta, format!("{PROGRESS}{}", follower.name()).as_bytes())?;
        Ok(Follower { progress: progress.unwrap_or(follower.progress), ..follower })
    }

    /// Whether all of it can be read.
    pub(super) fn verify_outbox(&self) -> Result<Vec<Result<Vec<String>, Error>>, Error> {
        let mut read = Vec::new();
        for item in self.meta.scan_prefix(FOLLOWER) {
            let (key, head) = item.map_err(|error| self.fault(error))?;
            read.push(self.follower(&key, &head).map(|_| Vec::new()));
        }
        for item in self.meta.scan_prefix(PROGRESS) {
            let (key, head) = item.map_err(|error| self.fault(error))?;
            read.push(self.decode::<Progress>(Kind::Meta, &key, &head).map(|_| Vec::new()));
        }
        Ok(read)
    }

    pub(super) fn put_follower(&self, follower: &Follower) -> Result<(), Error> {
        {
            let _applied_at_once = self.consistent.write().unwrap_or_else(PoisonError::into_inner);
            let name = follower.name();
            self.note(Kind::Meta, format!("{FOLLOWER}{name}").as_bytes(), follower)?;
            self.note(Kind::Meta, format!("{PROGRESS}{name}").as_bytes(), &follower.progress)?;
        }
        self.make_durable(None)
    }

    pub(super) fn forget_follower(&self, name: &str) -> Result<(), Error> {
        let _applied_at_once = self.consistent.write().unwrap_or_else(PoisonError::into_inner);
        let remove = |prefix: &str| self.meta.remove(format!("{prefix}{name}")).map(drop).map_err(|error| self.fault(error));
        remove(FOLLOWER).and_then(|()| remove(PROGRESS))
    }

    pub(super) fn progress(&self, of: &str) -> Result<Option<Progress>, Error> {
        let _consistent = self.consistent();
        self.read(Kind::Meta, format!("{PROGRESS}{of}").as_bytes())
    }

    pub(super) fn put_progress(&self, of: &str, progress: Progress) -> Result<(), Error> {
        let _applied_at_once = self.consistent.write().unwrap_or_else(PoisonError::into_inner);
        self.note(Kind::Meta, format!("{PROGRESS}{of}").as_bytes(), &progress)
    }

    pub(super) fn keep_progress(&self, kept: &BTreeSet<String>) -> Result<(), Error> {
        let _applied_at_once = self.consistent.write().unwrap_or_else(PoisonError::into_inner);
        for key in self.meta.scan_prefix(PROGRESS).keys() {
            let key = key.map_err(|error| self.fault(error))?;
            let of = String::from_utf8_lossy(key.strip_prefix(PROGRESS.as_bytes()).unwrap_or_default());
            let is_kept =
                kept.contains(of.as_ref()) || self.meta.contains_key(format!("{FOLLOWER}{of}")).map_err(|error| self.fault(error))?;
            if !is_kept {
                self.meta.remove(&key).map_err(|error| self.fault(error))?;
            }
        }
        Ok(())
    }
}
