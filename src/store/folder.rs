//! The folder that the store lives in: opening `sled` there so that a broken one is an error and no panic, and making durable what
//! `sled` leaves to the kernel. Its `flush` does not wait for the disk, and it never syncs some of its files at all.

use std::fs::{self, File};
use std::io::{self, Seek, Write};
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::{Error, record};

/// Fixed for the life of a store: a leaf of sixteen full record parts is just below the quarter of it at which `sled` would write a
/// file of its own; and the log needs half the space that it needs at the default.
const SEGMENT: usize = 4 << 20;
const CACHE: u64 = 64 << 20;
/// The file that every store has.
pub(super) const LOG: &str = "db";
/// Who has the store open.
const PROCESS: &str = "pid";
/// The number of the last acknowledged commit: what shows that the log fell back to an older state.
const ACKNOWLEDGED: &str = "ack.seq";
/// How long a lock is waited for that may be about to go: a process that is being started holds it until it is another program.
const PATIENCE: Duration = Duration::from_secs(1);

/// Opens the engine, with its lock on the folder. Waits up to [`PATIENCE`] for whoever has it.
pub(super) fn open(folder: &Path) -> Result<sled::Db, Error> {
    let start = Instant::now();
    loop {
        match try_open(folder) {
            Err(Error::Locked { .. }) if start.elapsed() < PATIENCE => thread::sleep(PATIENCE / 50),
            opened => return opened,
        }
    }
}

fn try_open(folder: &Path) -> Result<sled::Db, Error> {
    fs::create_dir_all(folder).map_err(|error| Error::io(folder, error))?;
    let config = sled::Config::new()
        .path(folder)
        .segment_size(SEGMENT)
        .cache_capacity(CACHE)
        // The thread that does this also frees space.
        .flush_every_ms(Some(500))
        .use_compression(false);
    let opened = without_panic(|| config.open());
    match opened.map_err(|reason| Error::Corrupt { path: folder.to_owned(), reason })? {
        Ok(db) => Ok(db),
        Err(sled::Error::Io(error)) if error.to_string().contains("could not acquire lock") => {
            let pid = fs::read_to_string(folder.join(PROCESS)).ok().and_then(|text| text.trim().parse().ok());
            Err(Error::Locked { path: folder.to_owned(), pid })
        }
        Err(error) => Err(Error::engine(folder, error)),
    }
}

/// Moves the files of a closed store to another folder of the same disk; its log, without which there is no store, last.
pub(super) fn move_store(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for file in fs::read_dir(from)? {
        let name = file?.file_name();
        let text = name.to_string_lossy();
        if ["conf", "blobs", PROCESS, ACKNOWLEDGED, "topics"].contains(&text.as_ref()) || text.starts_with("snap.") {
            fs::rename(from.join(&name), to.join(&name))?;
        }
    }
    fs::rename(from.join(LOG), to.join(LOG))?;
    File::open(to)?.sync_all()?;
    File::open(from)?.sync_all()
}

/// Runs `work` and turns a panic into its message, unprinted.
fn without_panic<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    // The hook is the process's: one at a time may change it, and panics of other threads still go to the one that was there.
    static HOOK: Mutex<()> = Mutex::new(());
    let _one_at_a_time = HOOK.lock().unwrap_or_else(PoisonError::into_inner);
    let hook = Arc::new(panic::take_hook());
    let (here, others) = (thread::current().id(), Arc::clone(&hook));
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() != here {
            others(info);
        }
    }));
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    drop(panic::take_hook());
    if let Ok(hook) = Arc::try_unwrap(hook) {
        panic::set_hook(hook);
    }
    done.map_err(|panic| {
        let message = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        message.unwrap_or("its log makes no sense").to_owned()
    })
}

/// The files behind an open store, as far as they need our care.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
    log: File,
    acknowledged: File,
    /// The number of the last commit that this process made durable; none after the disk failed once, when nothing that it says later
    /// can be believed.
    durable: Option<u64>,
}

impl Files {
    /// Makes durable what opening wrote, and notes who has the store.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        fs::write(folder.join(PROCESS), format!("{}\n", std::process::id()))?;
        let acknowledged = File::options().read(true).write(true).create(true).truncate(false).open(folder.join(ACKNOWLEDGED))?;
        let log = File::options().read(true).write(true).open(folder.join("db"))?;
        log.sync_all()?;
        File::open(folder.join("conf"))?.sync_all()?;
        File::open(folder.join("blobs"))?.sync_all()?;
        File::open(folder)?.sync_all()?;
        if let Some(parent) = fs::canonicalize(folder)?.parent() {
            File::open(parent)?.sync_all()?;
        }
        Ok(Self { folder: folder.to_owned(), log, acknowledged, durable: Some(0) })
    }

    /// The last sequence that [`Files::sync`] was called with, 0 when that is not known.
    pub(super) fn acknowledged(&self) -> u64 {
        let bytes = fs::read(self.folder.join(ACKNOWLEDGED)).unwrap_or_default();
        record::decode(ACKNOWLEDGED.as_bytes(), &bytes).unwrap_or(0)
    }

    /// Whether a commit is on the disk for certain.
    pub(super) fn is_durable(&self, sequence: u64) -> bool {
        self.durable.is_some_and(|durable| sequence <= durable)
    }

    /// Returns when what the engine wrote is on the disk, and then the note that it is.
    pub(super) fn sync(&mut self, sequence: u64) -> io::Result<()> {
        if self.durable.take().is_none() {
            return Err(io::Error::other("the disk failed before; the store has to be opened again"));
        }
        self.log.sync_all()?;
        let note = record::encode(ACKNOWLEDGED.as_bytes(), &sequence).map_err(io::Error::other)?.concat();
        self.acknowledged.rewind()?;
        self.acknowledged.write_all(&note)?;
        self.acknowledged.set_len(note.len() as u64)?;
        self.acknowledged.sync_data()?;
        self.durable = Some(sequence);
        Ok(())
    }

    pub(super) fn blobs(&self) -> io::Result<u64> {
        Ok(fs::read_dir(self.folder.join("blobs"))?.count() as u64)
    }
}
