//! The disk that the store is on: how much is free, the floor below which nothing is fetched, and the ballast, a file without content
//! that is thrown away when a full disk keeps the store from opening.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use crate::config::Storage;
use crate::serve::metrics::Disk;

/// The ballast's name in the store's folder, and its size in bytes.
const BALLAST: &str = "ballast";
const WEIGHT: u64 = 64 << 20;

/// How the store's disk is. Where the system does not say, there is room.
#[must_use]
pub fn disk(folder: &Path, storage: &Storage) -> Disk {
    let store = fs::metadata(folder.join("db")).map_or(0, |file| file.len());
    let free = rustix::fs::statvfs(folder).map_or(u64::MAX, |disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    // The store needs room to put its records in order as it grows.
    Disk { free, floor: if storage.min_free == 0 { 0 } else { storage.min_free.max(store / 10) } }
}

/// Lays in the ballast where it is missing and there is ample room for it.
pub(super) fn lay_in_ballast(folder: &Path, disk: Disk) -> io::Result<()> {
    let path = folder.join(BALLAST);
    if path.exists() || disk.free < disk.floor.saturating_mul(2).saturating_add(2 * WEIGHT) {
        return Ok(());
    }
    let file = File::create(&path)?;
    let laid_in = rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, WEIGHT);
    laid_in.or_else(|error| fs::remove_file(&path).and(Err(error.into())))
}

/// Throws the ballast away; whether there was any.
#[must_use]
pub fn drop_ballast(folder: &Path) -> bool {
    fs::remove_file(folder.join(BALLAST)).is_ok()
}
