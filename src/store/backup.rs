//! The whole store in one portable file, made while commits go on, and a store made of such a file.
//!
//! A backup is JSON lines in zstd: a manifest, a line for each key of each tree, whatever trees there are, and an end with a checksum
//! of all before it. Bytes are in hexadecimal, which the compression takes back. A key may come twice: the later line holds.
//!
//! Nothing waits while the trees are read, one after the other. What commits change meanwhile is noted, and read again at the end while
//! no commit runs: so the file is the store as it was at that moment.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use futures_util::FutureExt;
use serde::{Deserialize, Serialize};
use sled::{Db, Subscriber, Tree};

use super::engine::Engine;
use super::{Error, Store, folder};

const VERSION: u32 = 1;
/// The longest line that is read, in bytes: a record's part is far shorter.
const LONGEST: u64 = 4 << 20;
/// How often changes are noted; a commit waits when too many are not.
const PAUSE: Duration = Duration::from_millis(2);

/// What a backup is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// The store's last commit.
    pub sequence: u64,
    pub records: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Manifest { program: String, format: u32 },
    Record { tree: String, key: String, value: Option<String> },
    End { sequence: u64, records: u64, checksum: String },
}

impl Engine {
    pub(super) fn backup(&self, output: impl Write) -> Result<Backup, Error> {
        let file = |error| Error::io(&self.folder, error);
        let mut lines = Lines::begin(output).map_err(file)?;
        let trees = trees(&self.db).map_err(|error| self.fault(error))?;
        let enough = AtomicBool::new(false);
        let backup = thread::scope(|scope| {
            let watch = |(_, tree): &(String, Tree)| {
                let changes = tree.watch_prefix([]);
                let enough = &enough;
                scope.spawn(move || note(changes, enough))
            };
            let watchers: Vec<_> = trees.iter().map(watch).collect();
            // A commit that was under way may have begun before anybody noted what changes: it ends before anything is read.
            drop(self.consistent());
            let read = trees.iter().try_for_each(|(name, tree)| self.write_tree(name, tree, &mut lines));
            // From here on nothing changes. Also when reading failed: who notes changes must not go while a commit tells them.
            let _no_commit = self.consistent();
            enough.store(true, Ordering::Release);
            let changed: Vec<BTreeSet<Vec<u8>>> = watchers.into_iter().map(|watcher| watcher.join().unwrap_or_default()).collect();
            read?;
            for ((name, tree), keys) in trees.iter().zip(changed) {
                for key in keys {
                    let value = tree.get(&key).map_err(|error| self.fault(error))?;
                    lines.record(name, &key, value.as_deref()).map_err(file)?;
                }
            }
            Ok(Backup { sequence: self.sequence()?, records: lines.records })
        })?;
        lines.end(&backup).map_err(file)?;
        Ok(backup)
    }

    fn write_tree(&self, name: &str, tree: &Tree, lines: &mut Lines<impl Write>) -> Result<(), Error> {
        for item in tree {
            let (key, value) = item.map_err(|error| self.fault(error))?;
            lines.record(name, &key, Some(&value)).map_err(|error| Error::io(&self.folder, error))?;
        }
        Ok(())
    }
}

fn trees(db: &Db) -> sled::Result<Vec<(String, Tree)>> {
    let all = db.tree_names().into_iter();
    let all = all.map(|name| Ok((String::from_utf8_lossy(&name).into_owned(), db.open_tree(name)?)));
    all.filter(|tree| !matches!(tree, Ok((name, _)) if name == "__sled__default")).collect()
}

/// The keys that change until it is enough. A commit tells all of its changes before it ends.
fn note(mut changes: Subscriber, enough: &AtomicBool) -> BTreeSet<Vec<u8>> {
    let mut keys = BTreeSet::new();
    loop {
        let was_enough = enough.load(Ordering::Acquire);
        // Asked as a future: `next_timeout` hangs on a change that was begun and given up, and tells none that comes after it.
        while let Some(Some(change)) = (&mut changes).now_or_never() {
            keys.insert(change.key().to_vec());
        }
        if was_enough {
            return keys;
        }
        thread::sleep(PAUSE);
    }
}

/// Lines on their way into a file.
struct Lines<W: Write> {
    output: zstd::stream::Encoder<'static, BufWriter<W>>,
    checksum: blake3::Hasher,
    records: u64,
}

impl<W: Write> Lines<W> {
    fn begin(output: W) -> std::io::Result<Self> {
        let output = zstd::stream::Encoder::new(BufWriter::new(output), zstd::DEFAULT_COMPRESSION_LEVEL)?;
        let mut lines = Self { output, checksum: blake3::Hasher::new(), records: 0 };
        lines.line(&Line::Manifest { program: format!("topicwire {}", crate::VERSION), format: VERSION })?;
        Ok(lines)
    }

    fn record(&mut self, tree: &str, key: &[u8], value: Option<&[u8]>) -> std::io::Result<()> {
        self.records += 1;
        self.line(&Line::Record { tree: tree.to_owned(), key: hex::encode(key), value: value.map(hex::encode) })
    }

    fn end(mut self, backup: &Backup) -> std::io::Result<()> {
        let checksum = self.checksum.finalize().to_string();
        self.line(&Line::End { sequence: backup.sequence, records: backup.records, checksum })?;
        self.output.finish()?.flush()
    }

    fn line(&mut self, line: &Line) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(line)?;
        line.push(b'\n');
        self.checksum.update(&line);
        self.output.write_all(&line)
    }
}

/// Makes a store of a backup in `folder`, where there must be none. What is in the backup is checked in full before the store is put in its
/// place.
///
/// # Errors
/// When the backup is not whole, or the store cannot be written. Then there is no store, as before.
pub fn restore(backup: impl Read, folder: &Path) -> Result<Backup, Error> {
    if folder.join(folder::LOG).exists() {
        return Err(Error::Backup("there is a store already: move it away first".to_owned()));
    }
    let building = folder.join("restoring");
    let cleared = || match fs::remove_dir_all(&building) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io(folder, error)),
        Ok(()) | Err(_) => Ok(()),
    };
    cleared()?;
    let built = fill(backup, &building).and_then(|restored| checked(restored, &building));
    let moved = built.and_then(|restored| {
        folder::move_store(&building, folder).map_err(|error| Error::io(folder, error))?;
        Ok(restored)
    });
    cleared()?;
    moved
}

/// Whether all records of the store that was made of it can be read. What of them does not agree did not agree before: it is told.
fn checked(restored: Backup, building: &Path) -> Result<Backup, Error> {
    let found = Store::open(building)?.engine()?.verify()?;
    if let Some(first) = found.damaged.first() {
        return Err(Error::Backup(format!("{} of its records are damaged, as in: {first}", found.damaged.len())));
    }
    if let Some(first) = found.loose.first() {
        tracing::warn!(places = found.loose.len(), "what the backup holds does not agree everywhere, as in: {first}");
    }
    Ok(restored)
}

fn fill(backup: impl Read, folder: &Path) -> Result<Backup, Error> {
    let db = folder::open(folder)?;
    let fault = |error| Error::engine(folder, error);
    let unreadable = |error: std::io::Error| Error::Backup(format!("it cannot be read: {error}"));
    let mut input = BufReader::new(zstd::stream::Decoder::new(backup).map_err(unreadable)?);
    let (mut checksum, mut count) = (blake3::Hasher::new(), 0);
    let mut line = Vec::new();
    loop {
        line.clear();
        input.by_ref().take(LONGEST).read_until(b'\n', &mut line).map_err(unreadable)?;
        if !line.ends_with(b"\n") {
            return Err(Error::Backup("its end is missing".to_owned()));
        }
        let no_line = |error| Error::Backup(format!("line {} is none of a backup: {error}", count + 2));
        match serde_json::from_slice(&line).map_err(no_line)? {
            Line::Manifest { format: VERSION, .. } => {}
            Line::Manifest { program, .. } => return Err(Error::Backup(format!("it was made by {program}, a later version"))),
            Line::Record { tree, key, value } => {
                count += 1;
                let bad = |_| Error::Backup(format!("line {} is damaged", count + 1));
                let tree = db.open_tree(tree).map_err(fault)?;
                let key = hex::decode(key).map_err(bad)?;
                match value {
                    Some(value) => tree.insert(key, hex::decode(value).map_err(bad)?),
                    None => tree.remove(key),
                }
                .map_err(fault)?;
            }
            Line::End { sequence, records, checksum: expected } => {
                if records != count || checksum.finalize().to_string() != expected {
                    return Err(Error::Backup("its checksum does not fit: it is damaged".to_owned()));
                }
                db.flush().map_err(fault)?;
                return Ok(Backup { sequence, records });
            }
        }
        checksum.update(&line);
    }
}
