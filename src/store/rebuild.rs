//! The store written anew into a folder of its own, which then takes the place of the old one: `sled` uses the space of what was
//! removed again, but gives none back.
//!
//! A crash loses nothing. Until the new folder has its final name the old files are the store; from then on the new ones are, and
//! whoever opens the store puts them in their place first.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::Error;
use super::engine::Engine;
use super::folder;

/// The new store while it is written, and when it is whole.
const UNFINISHED: &str = "rebuilding";
const FINISHED: &str = "rebuilt";
/// The files of the engine that the new store replaces; a snapshot is made again from the log.
const FILES: [&str; 2] = ["db", "conf"];
const SNAPSHOT: &str = "snap.";
/// The entries that are written at once.
const STEP: usize = 256;
/// What is smaller is not worth it.
const LEAST: u64 = 16 << 20;
/// The store is rebuilt when it takes so many times the space of what is in it.
const WASTE: u64 = 3;

impl Engine {
    pub(super) fn size(&self) -> Result<u64, Error> {
        self.db.size_on_disk().map_err(|error| self.fault(error))
    }

    /// Whether the store takes much more space than what is in it.
    pub(super) fn is_wasteful(&self) -> Result<bool, Error> {
        let size = self.size()?;
        if size <= WASTE * LEAST {
            return Ok(false);
        }
        let mut live = 0;
        for name in self.db.tree_names() {
            for item in &self.db.open_tree(name).map_err(|error| self.fault(error))? {
                let (key, value) = item.map_err(|error| self.fault(error))?;
                live += (key.len() + value.len()) as u64;
            }
        }
        Ok(size > WASTE * live.max(LEAST))
    }

    /// Writes the store anew beside itself, while nothing changes: the caller sees to that until the new one is in its place, or given up.
    pub(super) fn rebuild(&self) -> Result<(), Error> {
        let unfinished = self.folder.join(UNFINISHED);
        let failed = |error| Error::io(&self.folder, error);
        remove(&unfinished).map_err(failed)?;
        let new = folder::open(&unfinished)?;
        let fault = |error| Error::engine(&unfinished, error);
        for name in self.db.tree_names() {
            let (from, to) = (self.db.open_tree(&name).map_err(|error| self.fault(error))?, new.open_tree(&name).map_err(fault)?);
            let mut batch = sled::Batch::default();
            for (number, item) in (1..).zip(&from) {
                let (key, value) = item.map_err(|error| self.fault(error))?;
                batch.insert(key, value);
                if number % STEP == 0 {
                    to.apply_batch(std::mem::take(&mut batch)).map_err(fault)?;
                }
            }
            to.apply_batch(batch).map_err(fault)?;
        }
        new.flush().map_err(fault).map(drop)
    }
}

/// Gives the new store its final name, once all of it is on the disk.
pub(super) fn complete(folder: &Path) -> io::Result<()> {
    let (unfinished, finished) = (folder.join(UNFINISHED), folder.join(FINISHED));
    for name in FILES {
        File::open(unfinished.join(name))?.sync_all()?;
    }
    File::open(&unfinished)?.sync_all()?;
    fs::rename(unfinished, finished)?;
    File::open(folder)?.sync_all()
}

/// Throws away a new store that has no final name yet.
pub(super) fn give_up(folder: &Path) -> io::Result<()> {
    remove(&folder.join(UNFINISHED))
}

/// Puts a new store that is whole in the place of the old one, unless somebody has that open; does nothing where there is none. To be
/// called before the store is opened; repeats what a crash cut off.
pub(super) fn finish(folder: &Path) -> io::Result<()> {
    let finished = folder.join(FINISHED);
    if !finished.exists() && !folder.join(UNFINISHED).exists() {
        return Ok(());
    }
    // Whoever has the old store open may be writing the new one.
    let old = match File::open(folder.join("db")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && !finished.exists() => return remove(&folder.join(UNFINISHED)),
        old => old?,
    };
    if old.try_lock().is_err() {
        return Ok(());
    }
    remove(&folder.join(UNFINISHED))?;
    if !finished.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(SNAPSHOT.as_bytes()) {
            fs::remove_file(entry.path())?;
        }
    }
    for name in FILES {
        if finished.join(name).exists() {
            fs::rename(finished.join(name), folder.join(name))?;
        }
    }
    File::open(folder)?.sync_all()?;
    remove(&finished)
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}
