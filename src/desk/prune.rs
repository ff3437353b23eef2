//! What is old enough leaves the store, as the configuration says.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{Desk, Question, Refusal};
use crate::clock;
pub use crate::store::Pruned;

/// Asks to purge what is old enough, now.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Prune {}

impl Question for Prune {
    const NAME: &'static str = "prune";
    type Answer = Pruned;

    fn answer(&self, desk: &Desk) -> Result<Pruned, Refusal> {
        let storage = &desk.config.storage;
        let keep = TimeDelta::from_std(storage.keep).unwrap_or(TimeDelta::MAX);
        Ok(desk.store()?.prune(keep, storage.newest, clock::now())?)
    }
}
