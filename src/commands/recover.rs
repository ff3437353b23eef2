//! Opening the store for the daemon, which nobody watches: a disk that is full gets its ballast thrown away, a store that cannot be read
//! is put aside and the newest backup that is whole takes its place. Nothing is deleted, and all of it is said loudly.

use std::fs::File;
use std::path::Path;

use anyhow::Context;

use super::{Failure, open};
use crate::clock;
use crate::config::Storage;
use crate::daemon;
use crate::store::{self, Error, Store};

/// Opens the store, whatever it takes.
pub(super) fn store(folder: &Path, storage: &Storage) -> Result<Store, Failure> {
    match Store::open(folder) {
        Err(Error::Full { .. }) if daemon::drop_ballast(folder) => {
            tracing::error!("the disk is full: the ballast file was removed to open the store; make room");
        }
        Err(Error::Corrupt { reason, .. }) => replace(folder, storage, &reason)?,
        opened => return open::opened(folder, opened),
    }
    open::store(folder)
}

fn replace(folder: &Path, storage: &Storage, reason: &str) -> Result<(), Failure> {
    let aside = folder.join(format!("aside-{}", clock::now().format("%Y-%m-%dT%H-%M-%S")));
    store::put_aside(folder, &aside).context("the store cannot be read, and not be put aside")?;
    tracing::error!("the store cannot be read ({reason}); it was put aside as `{}`", aside.display());
    for backup in daemon::backups(&daemon::backup_folder(storage, folder)) {
        let restored = File::open(&backup).context("it cannot be read").and_then(|file| Ok(store::restore(file, folder)?));
        match restored {
            Ok(_) => {
                tracing::error!(
                    "the store is restored from `{}`; what was published since and is still listed is fetched again",
                    backup.display()
                );
                return Ok(());
            }
            Err(error) => tracing::error!("the backup `{}` cannot be restored: {error:#}", backup.display()),
        }
    }
    tracing::error!("there is no backup: an empty store takes its place; what the feeds still list is fetched again");
    Ok(())
}
