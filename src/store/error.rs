//! What can go wrong with the store: one variant for each thing that the caller can do about it.

use std::io;
use std::path::{Path, PathBuf};

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Wait, or talk to the process that has it.
    #[error("the store `{}` is in use by {}", path.display(), process(*pid))]
    Locked { path: PathBuf, pid: Option<u32> },
    /// Nothing in it can be reached.
    #[error(
        "the store `{}` cannot be read: {reason}; move it away and restore a backup, or start with an empty one: what the feeds \
         still list is fetched again",
        path.display()
    )]
    Corrupt { path: PathBuf, reason: String },
    /// One record is damaged; all others can be read.
    #[error("the store's record `{record}` is damaged: {reason}")]
    Damaged { record: String, reason: String },
    /// Use another backup.
    #[error("the backup is of no use: {0}")]
    Backup(String),
    /// Free some space, then open the store again.
    #[error("the disk of the store `{}` is full", path.display())]
    Full { path: PathBuf },
    /// Open the store again.
    #[error("the store `{}` cannot be read or written", path.display())]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

fn process(pid: Option<u32>) -> String {
    pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
}

impl Error {
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path: path.to_owned() },
            _ => Self::Io { path: path.to_owned(), source },
        }
    }

    /// What the engine says, in our words.
    pub(super) fn engine(path: &Path, error: sled::Error) -> Self {
        match error {
            sled::Error::Io(error) => Self::io(path, error),
            sled::Error::Corruption { .. }
            | sled::Error::CollectionNotFound(_)
            | sled::Error::Unsupported(_)
            | sled::Error::ReportableBug(_) => Self::Corrupt { path: path.to_owned(), reason: error.to_string() },
        }
    }
}
