//! Indexes that a store of an earlier version lacks are made when it is opened, from what it has.
//!
//! How articles arrived was not noted then: they count as having arrived in the order of their places.

use std::collections::BTreeMap;

use sled::Batch;

use crate::clock;
use crate::model::{Scope, StoredArticle, UrlHash};

use super::arrivals::{Run, WireState};
use super::engine::{Engine, Kind};
use super::read::place;
use super::{Error, Place, key, record};

const INDEXES: &[u8] = b"indexes";
/// Entries of agencies, and arrivals.
const VERSION: u32 = 1;
/// The articles that are indexed in one step.
const STEP: usize = 256;

impl Engine {
    /// Makes what is missing. One that was cut off is begun again.
    pub(super) fn index(&self) -> Result<(), Error> {
        if self.read::<u32>(Kind::Meta, INDEXES)? == Some(VERSION) {
            return Ok(());
        }
        for tree in [&self.agencies, &self.arrivals] {
            tree.clear().map_err(|error| self.fault(error))?;
        }
        let mut states: BTreeMap<Scope, WireState> = BTreeMap::new();
        let [mut agencies, mut arrivals] = [Batch::default(), Batch::default()];
        for (number, key) in (1..).zip(self.times.iter().keys()) {
            let key = key.map_err(|error| self.fault(error))?;
            let Some(article) = self.read::<StoredArticle>(Kind::Article, place(&key)?.key.as_bytes())? else { continue };
            agencies.insert(key::of_agency(&article.feed, Place::of(&article)), &[]);
            let all = Some(Scope::All).filter(|_| article.story == article.key);
            for scope in [Scope::Agency(article.feed.clone())].into_iter().chain(all).chain(self.held(&article)?) {
                arrive(&mut states, &scope, article.key, &mut arrivals);
            }
            if number % STEP == 0 {
                self.agencies.apply_batch(std::mem::take(&mut agencies)).map_err(|error| self.fault(error))?;
                self.arrivals.apply_batch(std::mem::take(&mut arrivals)).map_err(|error| self.fault(error))?;
            }
        }
        self.agencies.apply_batch(agencies).map_err(|error| self.fault(error))?;
        self.arrivals.apply_batch(arrivals).map_err(|error| self.fault(error))?;
        for (scope, state) in states {
            self.note(Kind::Wire, &key::of_wire(&scope), &state)?;
        }
        self.note(Kind::Meta, INDEXES, &VERSION)
    }

    /// The topics whose wire has the article's story, told by the article.
    fn held(&self, article: &StoredArticle) -> Result<Vec<Scope>, Error> {
        let entries = self.entries(article)?.into_iter();
        Ok(entries.filter(|(_, place)| place.key == article.key).map(|(topic, _)| Scope::Topic(topic)).collect())
    }

    /// Writes a record of one part. It is durable with the next commit: what it says can be made again.
    pub(super) fn note(&self, kind: Kind, key: &[u8], value: &impl serde::Serialize) -> Result<(), Error> {
        let parts = record::encode(key, value).map_err(|damage| super::engine::damaged(kind, key, &damage))?;
        let written = parts.first().map(|part| self.meta.insert(key, part.as_slice())).transpose();
        written.map(drop).map_err(|error| self.fault(error))
    }
}

fn arrive(states: &mut BTreeMap<Scope, WireState>, scope: &Scope, article: UrlHash, arrivals: &mut Batch) {
    let state = states.entry(scope.clone()).or_default();
    state.changed = state.changed.max(clock::now());
    for (key, articles) in Run::records(scope, state.arrivals, &[article]) {
        arrivals.insert(key, articles);
    }
    state.arrivals += 1;
}
