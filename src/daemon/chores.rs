//! What goes on in the background: matching stored articles again, counting and purging them, alarms, hubs, the daily backup.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::backups;
use super::rematch::Rematch;
use crate::clock;
use crate::config::{Config, Storage};
use crate::desk::{self, Prune, Pruned, Question};
use crate::model::{Alarm, UrlHash};
use crate::ops::{self, Copied};
use crate::poll::{Tools, blocking};
use crate::search;
use crate::serve::Wires;
use crate::serve::metrics::{Contents, Disk, Metrics};
use crate::store::{self, Store};

/// The chores that are under way.
#[derive(Default)]
pub(super) struct Chores {
    tasks: JoinSet<Result<(), store::Error>>,
    /// Held by whoever matches stored articles again.
    matching: Arc<tokio::sync::Mutex<()>>,
    /// Held by whoever indexes.
    indexing: Arc<tokio::sync::Mutex<()>>,
}

impl Chores {
    /// Waits until one ends; none when there is none. One that met a bug of ours costs itself, not the daemon.
    pub(super) async fn next(&mut self) -> Option<Result<(), store::Error>> {
        let done = self.tasks.join_next().await?;
        Some(done.unwrap_or_else(|_| {
            tracing::error!("something in the background ended in a bug of topicwire; please report it");
            Ok(())
        }))
    }

    /// Matches these articles again, or all.
    pub(super) fn match_again(&mut self, config: &Arc<Config>, tools: &Arc<Tools>, wires: &Arc<Wires>, which: Which) {
        let (config, tools, wires) = (Arc::clone(config), Arc::clone(tools), Arc::clone(wires));
        let rematch = Rematch { config, tools, wires, turn: Arc::clone(&self.matching) };
        match which {
            Which::All => self.tasks.spawn(rematch.all()),
            Which::These(keys, note) => self.tasks.spawn(rematch.these(keys, note)),
        };
    }

    /// Counts what is in the store.
    pub(super) fn count(&mut self, store: Store, metrics: Arc<Metrics>) {
        self.tasks.spawn(blocking(move || {
            let stats = store.stats()?;
            metrics.counted(Contents { articles: stats.articles, topics: stats.topics, bytes_on_disk: stats.bytes_on_disk });
            Ok(())
        }));
    }

    /// Purges what is old enough. What cannot be purged now is tried again the next day.
    pub(super) fn prune(&mut self, wires: Arc<Wires>) {
        let turn = Arc::clone(&self.indexing);
        let pruned = move || {
            match (Prune {}).answer(&wires.desk()) {
                Ok(Pruned { articles, forgotten, rebuilt, .. }) => tracing::info!(articles, forgotten, rebuilt, "old articles were purged"),
                Err(error) => tracing::error!(%error, "old articles could not be purged"),
            }
            wires.forget();
            wires.desk().store
        };
        self.tasks.spawn(async move {
            let Some(store) = blocking(pruned).await else { return Ok(()) };
            // A block of purged articles is made again without them.
            let _turn = turn.lock().await;
            blocking(move || search::check(&store)).await
        });
    }

    /// Indexes what arrived, block by block. An index that cannot be made costs searches time, and nothing else.
    pub(super) fn index(&mut self, store: Store) {
        let turn = Arc::clone(&self.indexing);
        self.tasks.spawn(async move {
            let Ok(_turn) = turn.try_lock() else { return Ok(()) };
            loop {
                let store = store.clone();
                match blocking(move || search::index_some(&store)).await {
                    Ok(true) => {}
                    Ok(false) => return Ok(()),
                    Err(error) => {
                        tracing::warn!(error = %anyhow::Error::from(error), "what arrived cannot be indexed: searches take longer");
                        return Ok(());
                    }
                }
            }
        });
    }

    /// Takes away what is damaged in the index, so that it is made again.
    pub(super) fn check_index(&mut self, store: Store) {
        let turn = Arc::clone(&self.indexing);
        self.tasks.spawn(async move {
            let _turn = turn.lock().await;
            blocking(move || search::check(&store)).await
        });
    }

    /// Raises and ends the alarms that no poll can raise or end.
    pub(super) fn raise_alarms(&mut self, config: Arc<Config>, store: Store, disk: Disk) {
        self.tasks.spawn(blocking(move || {
            let (now, known) = (clock::now(), store.alarms(None)?);
            let feeds = config.feeds.iter().map(|feed| feed.id.to_string());
            let digests = config.digests().flat_map(|(topic, digest)| digest.to.iter().map(|to| desk::digest_outlet(topic, to.as_ref())));
            let subjects: BTreeSet<String> = feeds.chain(digests).collect();
            let low_disk = ops::low_disk(disk.free, disk.floor, &known, now);
            let alarms: Vec<Alarm> = low_disk.into_iter().chain(ops::without_subject(&subjects, &known, now)).collect();
            if alarms.is_empty() { Ok(()) } else { store.raise(&alarms) }
        }));
    }

    /// Gives back the subscriptions of feeds that are not polled any more.
    pub(super) fn leave_hubs(&mut self, config: &Arc<Config>, tools: &Arc<Tools>) {
        if let Some(subscriber) = tools.subscriber.clone() {
            let (config, tools) = (Arc::clone(config), Arc::clone(tools));
            self.tasks.spawn(async move { subscriber.leave_others(&config.feeds, &tools.client).await });
        }
    }

    /// Asks hubs for what is due there.
    pub(super) fn ask_hubs(&mut self, config: &Arc<Config>, tools: &Arc<Tools>) {
        if let Some(subscriber) = tools.subscriber.clone() {
            let (config, tools) = (Arc::clone(config), Arc::clone(tools));
            self.tasks.spawn(async move { subscriber.ask_all(&config.feeds, &tools.client).await });
        }
    }

    /// Makes the daily backup where it is missing. One that cannot be made is told, and tried again.
    pub(super) fn back_up(&mut self, store: Store, storage: Storage) {
        self.tasks.spawn(blocking(move || {
            let copied = copied(backups::make(&store, &storage, clock::now()))?;
            let alarms = ops::after_backup(&copied, &store.alarms(Some(ops::STORE))?, clock::now());
            if alarms.is_empty() { Ok(()) } else { store.raise(&alarms) }
        }));
    }
}

/// What a backup came to.
///
/// # Errors
/// When it met a store that is damaged: no later one can be made either.
fn copied(made: anyhow::Result<bool>) -> Result<Copied, store::Error> {
    let error = match made {
        Ok(true) => return Ok(Copied::Made),
        Ok(false) => return Ok(Copied::NotDue),
        Err(error) => error,
    };
    tracing::error!("no backup is made: {error:#}");
    let reason = format!("{error:#}");
    match error.downcast() {
        Ok(error @ store::Error::Corrupt { .. }) => Err(error),
        Ok(_) | Err(_) => Ok(Copied::Failed(reason)),
    }
}

/// Which articles to match again.
pub(super) enum Which {
    All,
    /// Those with these keys; and what was noted of the others.
    These(Vec<UrlHash>, Option<String>),
}
