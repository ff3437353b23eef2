//! A block of the index: which of some articles may have which words. Written once, never changed.
//!
//! ```text
//! 8 bytes   the format, and the version of the text analysis that the words are from
//! 32 bytes  which articles these are: a digest of the keys of the first and the last
//! 4 bytes   how many words there are
//! 8 each    a word's key, and the byte at which its articles begin; sorted
//! …         the articles of each word: numbers in the block, rising, each as what it is more than the one before, 7 bits a byte
//! 32 bytes  BLAKE3 of all that
//! ```

use std::collections::BTreeMap;

use crate::topic::{Need, WordKey};

/// How many articles are in a block.
pub(super) const ARTICLES: u64 = 1024;

const FORMAT: &[u8; 8] = b"words\0\0\x01";
const HEAD: usize = 8 + 32 + 4;
const SUM: usize = 32;

/// A block as it is on the disk.
#[derive(Debug)]
pub(super) struct Block(Vec<u8>);

impl Block {
    /// Puts a block together from the words of each of its articles.
    pub(super) fn build(identity: blake3::Hash, articles: impl Iterator<Item = (u16, Vec<WordKey>)>) -> Self {
        let mut words: BTreeMap<WordKey, (u16, Vec<u8>)> = BTreeMap::new();
        for (article, keys) in articles {
            for key in keys {
                match words.entry(key).or_insert_with(|| (0, Vec::new())) {
                    (last, written) if written.is_empty() || *last < article => {
                        write(article - *last, written);
                        *last = article;
                    }
                    _ => {}
                }
            }
        }
        let count = u32::try_from(words.len()).unwrap_or(u32::MAX);
        let mut bytes = [&FORMAT[..], identity.as_bytes(), &count.to_be_bytes()].concat();
        let mut at = 0_u32;
        for (key, (_, written)) in &words {
            bytes.extend(key.to_be_bytes());
            bytes.extend(at.to_be_bytes());
            at = at.saturating_add(u32::try_from(written.len()).unwrap_or(u32::MAX));
        }
        bytes.extend(words.into_values().flat_map(|(_, written)| written));
        bytes.extend(blake3::hash(&bytes).as_bytes());
        Self(bytes)
    }

    /// A block that was read; none when it is damaged, is of other articles, or was written by another version.
    pub(super) fn read(bytes: Vec<u8>, identity: blake3::Hash) -> Option<Self> {
        let (content, sum) = bytes.split_at_checked(bytes.len().checked_sub(SUM)?)?;
        let whole = blake3::hash(content).as_bytes() == sum;
        (whole && content.get(..8)? == FORMAT && content.get(8..40)? == identity.as_bytes()).then_some(Self(bytes))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The articles that may have what is needed, rising; none when all may.
    pub(super) fn candidates(&self, need: &Need) -> Option<Vec<u16>> {
        match need {
            Need::Any => None,
            Need::Word(keys) => Some(united(keys.iter().map(|key| self.articles(*key).unwrap_or_default()))),
            Need::All(needs) => {
                let mut found = needs.iter().filter_map(|need| self.candidates(need));
                let first = found.next()?;
                Some(found.fold(first, |common, other| common.into_iter().filter(|article| other.binary_search(article).is_ok()).collect()))
            }
            Need::Either(needs) => Some(united(needs.iter().map(|need| self.candidates(need)).collect::<Option<Vec<_>>>()?.into_iter())),
        }
    }

    /// The articles that have a word; none when no article has it.
    fn articles(&self, key: WordKey) -> Option<Vec<u16>> {
        let content = self.0.get(..self.0.len().checked_sub(SUM)?)?;
        let count = u32::from_be_bytes(content.get(40..HEAD)?.try_into().ok()?) as usize;
        let lists = content.get(HEAD.checked_add(count.checked_mul(8)?)?..)?;
        let word = |index: usize| {
            let (key, at) = content.get(HEAD + index * 8..)?.first_chunk::<8>()?.split_at(4);
            Some((WordKey::from_be_bytes(key.try_into().ok()?), u32::from_be_bytes(at.try_into().ok()?) as usize))
        };
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = low.midpoint(high);
            if word(middle)?.0 < key { low = middle + 1 } else { high = middle }
        }
        let (_, start) = (low < count).then(|| word(low)).flatten().filter(|(found, _)| *found == key)?;
        let end = if low + 1 < count { word(low + 1)?.1 } else { lists.len() };
        Some(read(lists.get(start..end)?))
    }
}

fn united(lists: impl Iterator<Item = Vec<u16>>) -> Vec<u16> {
    let mut all: Vec<u16> = lists.flatten().collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn write(number: u16, bytes: &mut Vec<u8>) {
    let mut rest = number;
    loop {
        let [low, _] = rest.to_le_bytes();
        rest >>= 7;
        if rest == 0 {
            bytes.push(low & 0x7f);
            return;
        }
        bytes.push(low | 0x80);
    }
}

fn read(bytes: &[u8]) -> Vec<u16> {
    let (mut articles, mut last, mut number, mut shift) = (Vec::new(), 0_u16, 0_u16, 0_u32);
    for byte in bytes {
        number |= u16::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        if byte & 0x80 == 0 {
            last = last.saturating_add(number);
            articles.push(last);
            (number, shift) = (0, 0);
        } else {
            shift += 7;
        }
    }
    articles
}
