//! Alarms that no poll can raise or end.

use std::collections::BTreeSet;

use crate::config::Config;
use crate::model::{FeedId, Instant};
use crate::ops;
use crate::serve::metrics::Disk;
use crate::store::{self, Store};

/// Raises and ends them by what is the case now. Blocks.
pub(super) fn raise(config: &Config, store: &Store, disk: Disk, now: Instant) -> Result<(), store::Error> {
    let known = store.alarms(None)?;
    let feeds: BTreeSet<&FeedId> = config.feeds.iter().map(|feed| &feed.id).collect();
    let disk = ops::low_disk(disk.free, disk.floor, &known, now);
    let alarms: Vec<_> = disk.into_iter().chain(ops::without_subject(&feeds, &known, now)).collect();
    if alarms.is_empty() { Ok(()) } else { store.raise(&alarms) }
}
