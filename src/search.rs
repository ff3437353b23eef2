//! Which articles may have which words: an index beside the store, derived from it, for searching.
//!
//! Articles are indexed in blocks, in the order in which they arrived; the newest, which do not fill a block yet, are not, and are read
//! one by one. The daemon makes missing blocks in the background, never in a poll. A block says only which articles are worth reading:
//! whether one answers is decided by the article as it is stored now, so that a purged article is never found and a stale block costs
//! time alone. A block that is damaged, or of another store, is as good as none; the folder can be deleted at any time.

mod block;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use self::block::{ARTICLES, Block};
use crate::model::Scope;
use crate::store::{self, Arrival, Store};
use crate::topic::{Indexer, Query, Subject};

/// How words are analysed: one more whenever a word gets other lemmas, so that no block stands for what is not asked for any more.
const LEMMAS: u32 = 2;

/// The folder's name in the store's.
const FOLDER: &str = "search";

/// Articles that are read at once.
const STEP: usize = 64;

/// Why a block was not made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("cannot write the index in `{}`", .0.display())]
    Io(PathBuf, #[source] io::Error),
}

/// The numbers, falling, of the articles that arrived before `before` and may answer the query: block by block, each with the first number
/// that is in it.
///
/// # Errors
/// When the store cannot be read.
pub fn candidates<'a>(store: &'a Store, query: &'a Query, before: u64) -> impl Iterator<Item = Result<(u64, Vec<u64>), store::Error>> + 'a {
    let last = before.div_ceil(ARTICLES);
    (0..last).rev().map(move |number| {
        let first = number * ARTICLES;
        let block = load(store, number)?;
        let found = block.and_then(|block| block.candidates(query.need()));
        let all = || (first..first + ARTICLES).collect();
        let numbers: Vec<u64> = found.map_or_else(all, |found| found.into_iter().map(|article| first + u64::from(article)).collect());
        Ok((first, numbers.into_iter().filter(|article| *article < before).rev().collect()))
    })
}

/// Makes the newest block that is missing; returns whether there was one. Blocks, for a second or so.
///
/// # Errors
/// When the store cannot be read or the block not be written.
pub fn index_some(store: &Store) -> Result<bool, Error> {
    let full = store.wire_state(&Scope::All)?.arrivals / ARTICLES;
    for number in (0..full).rev() {
        let Some(identity) = identity(store, number)? else { continue };
        if !path(&store.folder().join(FOLDER), number).exists() {
            let block = Block::build(identity, articles(store, number)?.into_iter());
            let folder = store.folder().join(FOLDER);
            write(&folder, number, block.bytes()).map_err(|error| Error::Io(folder, error))?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// Takes away the blocks that are damaged, of another store, or of articles of which some were purged.
///
/// # Errors
/// When the store cannot be read.
pub fn check(store: &Store) -> Result<(), store::Error> {
    let folder = store.folder().join(FOLDER);
    for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
        let number = entry.file_name().to_str().and_then(|name| name.parse::<u64>().ok());
        let good = number.map_or(Ok(false), |number| load(store, number).map(|block| block.is_some()))?;
        if !good {
            // One that stays is as good as none.
            let _ = std::fs::remove_file(entry.path());
        }
    }
    Ok(())
}

/// The words of the articles of a block that are still there.
fn articles(store: &Store, number: u64) -> Result<Vec<(u16, Vec<u32>)>, store::Error> {
    let (mut indexer, mut articles) = (Indexer::default(), Vec::new());
    let (mut at, end) = (number * ARTICLES, (number + 1) * ARTICLES);
    while at < end {
        let (arrivals, next) = store.arrived(&Scope::All, at, STEP)?;
        for Arrival { number, entry } in arrivals.into_iter().filter(|arrival| arrival.number < end) {
            articles.push((u16::try_from(number % ARTICLES).unwrap_or(0), indexer.words(&Subject::of(&entry.article))));
        }
        if next == at {
            break;
        }
        at = next;
    }
    Ok(articles)
}

fn load(store: &Store, number: u64) -> Result<Option<Block>, store::Error> {
    let Ok(bytes) = std::fs::read(path(&store.folder().join(FOLDER), number)) else { return Ok(None) };
    Ok(identity(store, number)?.and_then(|identity| Block::read(bytes, identity)))
}

/// Which articles are in a block, by the keys of the first and the last, and how they were read; none when there are none any more.
fn identity(store: &Store, number: u64) -> Result<Option<blake3::Hash>, store::Error> {
    let keys = store.arrival_keys(&Scope::All, number * ARTICLES..(number + 1) * ARTICLES)?;
    Ok(keys.map(|(first, last)| blake3::hash(format!("{LEMMAS} {number} {first} {last}").as_bytes())))
}

fn path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:08}"))
}

/// Whoever reads a block sees all of it or none.
fn write(folder: &Path, number: u64, bytes: &[u8]) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(".").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.persist(path(folder, number)).map_err(|error| error.error)?;
    Ok(())
}
