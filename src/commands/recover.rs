//! Opening the store for the daemon, which nobody watches: a disk that is full gets its ballast thrown away, a store that cannot be read
//! is put aside and the newest backup that is whole takes its place. Nothing is deleted, and all of it is said loudly.
//!
//! Much of a store is read only when it is asked for. Who finds it damaged while it is in use leaves a mark and ends; the next start goes by
//! the mark.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::{Context, anyhow};

use super::{Failure, open};
use crate::clock;
use crate::config::Storage;
use crate::daemon;
use crate::ops;
use crate::store::{self, Error, Store};

/// The mark, in the store's folder: which store is damaged, by the number of its log's inode, and how.
const MARK: &str = "damaged";

/// Opens the store, whatever it takes.
pub(super) fn store(folder: &Path, storage: &Storage) -> Result<Store, Failure> {
    let marked = marked(folder);
    // Also where it is to be put aside: so it is certain that nobody else has it.
    let opened = Store::open(folder);
    let reason = match (&opened, marked) {
        (Err(Error::Full { .. }), _) if daemon::drop_ballast(folder) => {
            tracing::error!("the disk is full: the ballast file was removed to open the store; make room");
            return self::store(folder, storage);
        }
        (Err(Error::Corrupt { reason, .. }), _) => reason.clone(),
        (Ok(_), Some(reason)) => reason,
        _ => return open::opened(folder, opened),
    };
    drop(opened);
    let told = replace(folder, storage, &reason)?;
    let store = open::store(folder)?;
    if let Err(error) = raise(&store, &told) {
        tracing::error!(error = %anyhow!(error), "nobody who reads the alarms is told of it");
    }
    Ok(store)
}

/// Puts another store in the place of this one, and returns what to tell of it.
fn replace(folder: &Path, storage: &Storage, reason: &str) -> Result<String, Failure> {
    let aside = folder.join(format!("aside-{}", clock::now().format("%Y-%m-%dT%H-%M-%S")));
    mark(folder, reason);
    store::put_aside(folder, &aside).context("the store cannot be read, and not be put aside")?;
    tracing::error!("the store cannot be read ({reason}); it was put aside as `{}`", aside.display());
    let instead = restore(folder, storage);
    tracing::error!("{instead}");
    // Who is stopped before comes back to it: until here the mark holds.
    fs::remove_file(folder.join(MARK)).context("the mark of the damaged store cannot be removed")?;
    Ok(format!("it could not be read ({reason}) and was put aside as `{}`; {instead}", aside.display()))
}

/// Restores the newest backup that is whole, if there is any; returns what there is now.
fn restore(folder: &Path, storage: &Storage) -> String {
    for backup in daemon::backups(&daemon::backup_folder(storage, folder)) {
        let restored = File::open(&backup).context("it cannot be read").and_then(|file| Ok(store::restore(file, folder)?));
        match restored {
            Ok(_) => {
                let backup = backup.display();
                return format!("the store is restored from `{backup}`; what was published since and is still listed is fetched again");
            }
            Err(error) => tracing::error!("the backup `{}` cannot be restored: {error:#}", backup.display()),
        }
    }
    "there is no backup: an empty store takes its place; what the feeds still list is fetched again".to_owned()
}

fn raise(store: &Store, told: &str) -> Result<(), Error> {
    let alarm = ops::put_aside(told, &store.alarms(Some(ops::STORE))?, clock::now());
    alarm.map_or(Ok(()), |alarm| store.raise(&[alarm]))
}

/// Leaves the mark if a command ended because the store is damaged.
pub(super) fn note(folder: &Path, ended: &Result<(), Failure>) {
    let Err(Failure::NotDone(error) | Failure::Wrong(error)) = ended else { return };
    if let Some(Error::Corrupt { reason, .. }) = error.chain().find_map(|cause| cause.downcast_ref()) {
        mark(folder, reason);
        tracing::error!("the store is damaged: the daemon's next start puts it aside and restores the newest backup");
    }
}

/// # Errors
/// When the store is marked as damaged: what would be written to it is to be put aside.
pub(super) fn refuse_damaged(folder: &Path) -> Result<(), Failure> {
    let corrupt = |reason| Error::Corrupt { path: folder.to_owned(), reason };
    marked(folder).map_or(Ok(()), |reason| {
        Err(anyhow!(corrupt(reason))
            .context("the store was found damaged; the daemon, when it is started, restores the newest backup")
            .into())
    })
}

fn mark(folder: &Path, reason: &str) {
    let inode = inode(folder).unwrap_or_default();
    if let Err(error) = fs::write(folder.join(MARK), format!("{inode}\n{reason}\n")) {
        tracing::error!(%error, "the store is damaged, and cannot be marked so");
    }
}

/// Why the store is known to be damaged, if it is. A mark that is about another store, which was moved away by hand since, says nothing.
fn marked(folder: &Path) -> Option<String> {
    let mark = fs::read_to_string(folder.join(MARK)).ok()?;
    let (of, reason) = mark.split_once('\n')?;
    let is_about_it = inode(folder).is_none_or(|inode| of == inode.to_string());
    is_about_it.then(|| reason.trim().to_owned())
}

fn inode(folder: &Path) -> Option<u64> {
    fs::metadata(folder.join("db")).ok().map(|log| log.ino())
}
