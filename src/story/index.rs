//! Very many fingerprints, and those alike to one of them without looking at the others.

use std::collections::BTreeSet;
use std::mem;

use super::fingerprint::{Parts, parts};

/// What more texts than this have in common is a phrase that alone does not make a story likely.
const MAX_RARE: usize = 8;
/// The fingerprints that have one key and are looked at: what even more have in common says nothing.
const MAX_COMMON: usize = 4096;
/// How much larger than needed things may be: one part in so many.
const SLACK: usize = 16;
/// The bits of a key after those that say where to look for it.
const REST: u32 = 16;
/// The blocks of a bit for each beginning of a key.
const BLOCKS: usize = 1 << (u32::BITS - REST) >> u64::BITS.ilog2();
/// The entries of an index that are not worth sorting in.
const MIN_RECENT: usize = 16 << 10;

/// Fingerprints by their keys. Memory: a fingerprint with its share of the index stays below 180 bytes.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// By place: 0 is the first that was inserted.
    known: Vec<Parts>,
    /// Key and place, sorted.
    sorted: Vec<(u32, u32)>,
    /// For each beginning of a key, where in `sorted` it starts; and where the last one ends.
    starts: Vec<u32>,
    /// What is not in `sorted` yet.
    recent: BTreeSet<(u32, u32)>,
    /// A bit for each beginning of a key in `recent`: most keys that are looked for are not there.
    recent_beginnings: Vec<u64>,
}

impl Index {
    /// The place that the fingerprint gets; None when it is empty.
    pub(super) fn insert(&mut self, fingerprint: &[u32]) -> Option<usize> {
        let (parts, keys) = parts(fingerprint)?;
        let place = self.known.len();
        let number = u32::try_from(place).ok()?;
        if place == self.known.capacity() {
            self.known.reserve_exact(place / SLACK + 1);
        }
        self.known.push(parts);
        self.recent_beginnings.resize(BLOCKS, 0);
        for key in keys {
            let (block, bit) = bit_of(key);
            self.recent_beginnings.get_mut(block).into_iter().for_each(|block| *block |= bit);
            self.recent.insert((key, number));
        }
        if self.recent.len() > MIN_RECENT.max(self.sorted.len() / SLACK) {
            self.merge();
        }
        Some(place)
    }

    #[expect(clippy::stable_sort_primitive, reason = "there are two sorted runs: this sort sees that and merges them")]
    fn merge(&mut self) {
        self.sorted.reserve_exact(self.recent.len());
        self.sorted.extend(mem::take(&mut self.recent));
        self.recent_beginnings.clear();
        self.sorted.sort();
        let start = |beginning: u32| self.sorted.partition_point(|(key, _)| key >> REST < beginning);
        self.starts = (0..=1 << (32 - REST)).map(|beginning| u32::try_from(start(beginning)).unwrap_or(u32::MAX)).collect();
    }

    /// The places of those alike, in order.
    pub(super) fn alike(&self, fingerprint: &[u32]) -> BTreeSet<usize> {
        let Some((parts, keys)) = parts(fingerprint) else { return BTreeSet::new() };
        let alike = |place: &usize| self.known.get(*place).is_some_and(|known| known.is_alike(&parts));
        self.candidates(keys.into()).into_iter().map(|place| place as usize).filter(alike).collect()
    }

    /// What shares a rare key, or two common ones: to look at a fingerprint costs more than to look through the index.
    fn candidates(&self, keys: BTreeSet<u32>) -> Vec<u32> {
        let (mut candidates, mut common) = (Vec::new(), Vec::new());
        for key in keys {
            let places: Vec<u32> = self.with_key(key).take(MAX_COMMON).collect();
            if places.len() <= MAX_RARE { candidates.extend(places) } else { common.extend(places) }
        }
        common.sort_unstable();
        candidates.extend(common.iter().zip(common.iter().skip(1)).filter(|(one, next)| one == next).map(|(one, _)| one));
        candidates
    }

    fn with_key(&self, key: u32) -> impl Iterator<Item = u32> {
        let beginning = (key >> REST) as usize;
        let bounds = self.starts.get(beginning).zip(self.starts.get(beginning + 1));
        let near = bounds.and_then(|(start, end)| self.sorted.get(*start as usize..*end as usize)).unwrap_or_default();
        let sorted = near.iter().skip(near.partition_point(|(other, _)| *other < key)).take_while(move |(other, _)| *other == key);
        let (block, bit) = bit_of(key);
        let may_be_recent = self.recent_beginnings.get(block).is_some_and(|block| block & bit != 0);
        let recent = may_be_recent.then(|| self.recent.range((key, 0)..=(key, u32::MAX)));
        sorted.chain(recent.into_iter().flatten()).map(|(_, place)| *place)
    }

    pub(super) fn bytes(&self) -> usize {
        // A tree's nodes are about two thirds full, and know their parents.
        let recent = self.recent.len() * 2 * size_of::<(u32, u32)>();
        self.known.capacity() * size_of::<Parts>()
            + self.sorted.capacity() * size_of::<(u32, u32)>()
            + self.starts.capacity() * size_of::<u32>()
            + self.recent_beginnings.capacity() * size_of::<u64>()
            + recent
    }
}

/// The bit of a key's beginning: its block, and the bit in it.
fn bit_of(key: u32) -> (usize, u64) {
    let beginning = key >> REST;
    ((beginning / u64::BITS) as usize, 1 << (beginning % u64::BITS))
}
