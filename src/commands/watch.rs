//! Watching the configuration while the daemon runs: a file that was saved, or SIGHUP, brings the new one; one with mistakes changes
//! nothing and is told.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::anyhow;
use tokio::signal::unix::Signal;
use tokio::sync::{mpsc, oneshot};

use super::{Failure, open};
use crate::clock;
use crate::config::Config;
use crate::daemon::Order;
use crate::fetch::Credentials;
use crate::model::FeedId;
use crate::ops;
use crate::poll::blocking;
use crate::serve::admin::Answered;
use crate::serve::metrics::Metrics;
use crate::store::Store;

/// How often the file is looked at. A change is read when it was the same twice: who saves has then finished.
const LOOK: Duration = Duration::from_secs(1);
/// The same for somebody who waits.
const GLANCE: Duration = Duration::from_millis(100);
/// A file that is written for longer is read as it is then.
const GLANCES: u32 = 20;

/// What tells that a file was written again or replaced.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: SystemTime,
    size: u64,
    inode: u64,
}

impl Stamp {
    /// None while the file is not there.
    async fn of(path: &Path) -> Option<Self> {
        let path = path.to_owned();
        let metadata = blocking(move || std::fs::metadata(path)).await.ok()?;
        let inode = std::os::unix::fs::MetadataExt::ino(&metadata);
        Some(Self { modified: metadata.modified().ok()?, size: metadata.len(), inode })
    }

    /// As [`Stamp::of`], when nobody has written for a moment: between being cut and being written a file holds a part, or nothing.
    async fn settled(path: &Path) -> Option<Self> {
        let mut stamp = Self::of(path).await;
        for _ in 0..GLANCES {
            tokio::time::sleep(GLANCE).await;
            let before = std::mem::replace(&mut stamp, Self::of(path).await);
            if before == stamp {
                break;
            }
        }
        stamp
    }
}

/// Sends every configuration that `path` comes to hold, for as long as somebody takes orders. `known` is the text that holds now. Who asks
/// by `asked` hears back when what the file holds by then does; a file that is just being written is waited for.
pub(super) async fn watch(
    path: PathBuf,
    mut known: String,
    mut hangup: Signal,
    orders: mpsc::Sender<Order>,
    mut asked: mpsc::Receiver<Answered>,
    metrics: &Metrics,
    store: &Store,
) {
    // The one that holds was taken up at the start.
    tell(store, None).await;
    let mut looks = tokio::time::interval(LOOK);
    let mut last = Stamp::of(&path).await;
    let mut read = None;
    loop {
        let (told, answered) = tokio::select! {
            _ = hangup.recv() => (true, None),
            _ = looks.tick() => (false, None),
            Some(answered) = asked.recv() => (false, Some(answered)),
        };
        let mut stamp = Stamp::of(&path).await;
        if stamp != last && answered.is_some() {
            stamp = Stamp::settled(&path).await;
        }
        let settled = std::mem::replace(&mut last, stamp) == stamp;
        if !told && (stamp.is_none() || read == stamp || !settled && answered.is_none()) {
            continue;
        }
        let file = path.clone();
        match blocking(move || read_again(&file)).await {
            Ok((_, _, text)) if text == known && !told => tell(store, None).await,
            Ok((credentials, config, text)) => {
                known = text;
                tell(store, None).await;
                let (done, holds) = oneshot::channel();
                if orders.send(Order::Configure { config: Arc::new(config), credentials, done }).await.is_err() {
                    return;
                }
                // An error means that the daemon is stopping.
                let _ = holds.await;
            }
            Err(_) if !told && !settled => continue,
            Err(Failure::Wrong(error) | Failure::NotDone(error)) => {
                metrics.configured(false);
                tracing::error!("the configuration is not taken up, the one before holds: {error:#}");
                tell(store, Some(format!("{error:#}"))).await;
            }
        }
        read = stamp;
    }
}

/// Tells those who read the alarms that the configuration is refused, for this reason, or is not.
async fn tell(store: &Store, refused: Option<String>) {
    let store = store.clone();
    let told = blocking(move || {
        let alarm = ops::refused(refused.as_deref(), &store.alarms(Some(ops::CONFIGURATION))?, clock::now());
        alarm.map_or(Ok(()), |alarm| store.raise(&[alarm]))
    });
    if let Err(error) = told.await {
        tracing::error!(error = %anyhow!(error), "nobody who reads the alarms is told how it is with the configuration");
    }
}

/// # Errors
/// Also when the file is empty: so it is while it is written, or when the disk was full, and nobody means it.
fn read_again(path: &Path) -> Result<(BTreeMap<FeedId, Credentials>, Config, String), Failure> {
    let (config, text) = open::config_and_text(path)?;
    if text.trim().is_empty() {
        return Err(Failure::Wrong(anyhow!("`{}` is empty", path.display())));
    }
    Ok((open::credentials(&config)?, config, text))
}
