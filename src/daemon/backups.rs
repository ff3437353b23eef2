//! The daily backups: a file a day, the newest few of them kept.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::config::Storage;
use crate::desk;
use crate::model::Instant;
use crate::store::Store;

const START: &str = "topicwire-";
const END: &str = ".backup.zst";

/// The folder that daily backups are in.
#[must_use]
pub fn folder(storage: &Storage, store: &Path) -> PathBuf {
    storage.backups.clone().unwrap_or_else(|| store.join("backups"))
}

/// The daily backups in a folder, newest first.
#[must_use]
pub fn all(folder: &Path) -> Vec<PathBuf> {
    let mut backups = named(folder, |name| name.starts_with(START) && name.ends_with(END));
    // Their names sort by day.
    backups.sort_unstable_by(|one, other| other.cmp(one));
    backups
}

fn named(folder: &Path, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    files.filter(|file| wanted(&file.file_name().to_string_lossy())).map(|file| file.path()).collect()
}

/// Makes today's backup if there is none, and removes those that are not to be kept. Blocks. Returns whether it made one.
pub(super) fn make(store: &Store, storage: &Storage, now: Instant) -> anyhow::Result<bool> {
    let folder = folder(storage, store.folder());
    let file = folder.join(format!("{START}{}{END}", now.format("%Y-%m-%d")));
    if storage.keep_backups == 0 || file.exists() || store.feed_states()?.is_empty() {
        return Ok(false);
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
    // A daemon that was stopped meanwhile may have left one.
    for unfinished in named(&folder, |name| name.starts_with(desk::UNFINISHED)) {
        fs::remove_file(&unfinished).with_context(|| format!("cannot remove `{}`", unfinished.display()))?;
    }
    let backup = desk::write_backup(store, &file)?;
    tracing::info!(records = backup.records, "made the backup `{}`", file.display());
    for old in all(&folder).into_iter().skip(storage.keep_backups) {
        fs::remove_file(&old).with_context(|| format!("cannot remove the old backup `{}`", old.display()))?;
    }
    Ok(true)
}
