//! What near-duplicates share most of, in 128 bytes.
//!
//! ```text
//! word 0        how many pairs of words the text has; the highest bit: its title speaks of something else
//! words 1, 2    a bit for each figure in the text
//! words 3–9     keys: the least hashes of three words in a row, of which copies share some
//! words 10–31   a sketch of the pairs of words: one bit of each of 704 min-hashes
//! ```
//!
//! The sketch tells which share of the pairs two texts have in common (Jaccard), and with their numbers that tells which share of
//! the shorter one is in the longer one: a copy that is cut at the end is wholly in the original. One bit a hash, and many of them,
//! tells more than the same bytes of whole hashes (Li and König, b-bit minwise hashing, 2010).
//!
//! Figures are left out of the words, because one agency writes digits where another writes words, and compared by themselves,
//! because what differs in its figures alone is the next of a series: a rate, a forecast, a count.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

use super::fold::{folded, is_alphanumeric, is_numeric};

/// The words of a fingerprint.
const LENGTH: usize = 32;
pub(super) const KEYS: usize = 7;
const SKETCH: usize = 22;
const BITS: u32 = 704;
/// The hashes that are made at the same time.
const ABREAST: usize = 4;
/// The words and figures of a text that are looked at.
const MAX_TOKENS: usize = 8192;
/// Shorter words join the others in every text.
const MIN_LETTERS: usize = 4;
/// The letters by which inflected words are the same.
const BEGINNING: usize = 5;
/// The fewest pairs of words that say enough.
const MIN_PAIRS: usize = 5;
/// The flag for a text that its title does not speak of: a cookie notice or a menu instead of the article.
const STRANGE: u32 = 1 << 31;

/// The share of the pairs of the shorter text that have to be in the longer one.
const SAME: f64 = 0.67;
/// The pairs that may be missing besides: an edit or two weigh little in a long text, and must not weigh all in a short one.
const EDITED: f64 = 3.0;
/// The share of both texts together that has to be in both: a sentence that is quoted whole is no copy.
const SHARED: f64 = 0.2;
/// From this many figures on, three quarters of them have to be the same.
const FIGURES: u32 = 4;

/// A text's fingerprint. Empty when the text is too short to have one.
#[must_use]
pub fn fingerprint(title: &str, body: &str) -> Vec<u32> {
    let text = Words::of(body);
    let [pairs, triples] = text.shingles();
    if pairs.len() < MIN_PAIRS {
        return Vec::new();
    }
    let strange = if text.answers(&Words::of(title)) { 0 } else { STRANGE };
    let mut fingerprint = Vec::with_capacity(LENGTH);
    fingerprint.push(u32::try_from(pairs.len()).unwrap_or(u32::MAX) | strange);
    fingerprint.extend([high(text.figures), low(text.figures)]);
    fingerprint.extend(keys(&triples));
    fingerprint.extend(sketch(&pairs));
    fingerprint
}

/// What counts of a text.
#[derive(Default)]
struct Words {
    /// The words of some length, in lower case and one form of the letters, each with a space after it.
    text: String,
    /// A bit for each figure.
    figures: u64,
}

impl Words {
    fn of(text: &str) -> Self {
        let mut words = Self::default();
        // A figure may have points and commas in it: `1,234.5`.
        let folded = folded(text);
        let tokens = folded.split(|letter: char| !is_alphanumeric(letter) && letter != '.' && letter != ',').take(MAX_TOKENS);
        for token in tokens.filter(|token| !token.is_empty()) {
            if token.contains(is_numeric) {
                words.figures |= 1 << (hash(token.trim_matches(['.', ','])) >> 58);
            } else {
                token.split(['.', ',']).filter(|word| word.chars().nth(MIN_LETTERS - 1).is_some()).for_each(|word| words.push(word));
            }
        }
        words
    }

    fn words(&self) -> impl Iterator<Item = &str> {
        self.text.split_terminator(' ')
    }

    fn push(&mut self, word: &str) {
        self.text.push_str(word);
        self.text.push(' ');
    }

    /// The distinct hashes of two and of three words in a row, in order. That of three goes on where that of two ends.
    fn shingles(&self) -> [Vec<u64>; 2] {
        let words: Vec<&str> = self.words().collect();
        let [mut pairs, mut triples] = [Vec::with_capacity(words.len()), Vec::with_capacity(words.len())];
        let mut rest = words.as_slice();
        while let [one, two, further @ ..] = rest {
            let pair = absorb(absorb(absorb(EMPTY, one), " "), two);
            pairs.push(mix(pair));
            triples.extend(further.first().map(|three| mix(absorb(absorb(pair, " "), three))));
            rest = rest.get(1..).unwrap_or_default();
        }
        for hashes in [&mut pairs, &mut triples] {
            hashes.sort_unstable();
            hashes.dedup();
        }
        [pairs, triples]
    }

    /// Whether a quarter of the title's words, or more, are among these. By their beginnings, because words are inflected.
    fn answers(&self, title: &Self) -> bool {
        let mut missing: FxHashSet<&str> = title.beginnings().collect();
        let all = missing.len();
        for beginning in self.beginnings() {
            missing.remove(beginning);
        }
        (all - missing.len()) * 4 >= all
    }

    fn beginnings(&self) -> impl Iterator<Item = &str> {
        let beginning = |word| str::char_indices(word).nth(BEGINNING).map_or(word, |(end, _)| word.get(..end).unwrap_or(word));
        self.words().map(beginning)
    }
}

/// `hashes` are sorted.
fn keys(hashes: &[u64]) -> [u32; KEYS] {
    // A text with fewer repeats its last.
    let last = hashes.last().copied().unwrap_or_default();
    // Mixed, because the least hashes all begin alike.
    std::array::from_fn(|number| high(mix(hashes.get(number).copied().unwrap_or(last))))
}

/// What makes hashes differ.
type Factors = [(u64, u64); ABREAST];

fn sketch(pairs: &[u64]) -> [u32; SKETCH] {
    static FACTORS: LazyLock<[[Factors; 32 / ABREAST]; SKETCH]> = LazyLock::new(|| {
        let factor = |number: usize| (mix(2 * number as u64) | 1, mix(2 * number as u64 + 1));
        let abreast = |number: usize| std::array::from_fn(|hash| factor(number * ABREAST + hash));
        std::array::from_fn(|word| std::array::from_fn(|part| abreast(word * 32 / ABREAST + part)))
    });
    let bit = |least: u32| u32::from(mix(least.into()) & 1 == 1);
    let bits = |bits, factors| least(pairs, factors).into_iter().fold(bits, |bits, least| bits << 1 | bit(least));
    FACTORS.each_ref().map(|factors| factors.iter().fold(0, bits))
}

/// The least that each hash makes of the pairs: so many hashes at a time, none of which waits for another.
fn least(pairs: &[u64], factors: &Factors) -> [u32; ABREAST] {
    pairs.iter().fold([u32::MAX; ABREAST], |least, pair| {
        let mut hashes = factors.map(|(factor, offset)| high(factor.wrapping_mul(*pair).wrapping_add(offset)));
        hashes.iter_mut().zip(least).for_each(|(hash, least)| *hash = least.min(*hash));
        hashes
    })
}

/// A fingerprint, taken apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts {
    size: u32,
    figures: [u32; 2],
    sketch: [u32; SKETCH],
}

/// None for a text that was too short, and for what is no fingerprint.
pub(super) fn parts(fingerprint: &[u32]) -> Option<(Parts, [u32; KEYS])> {
    let (size, rest) = fingerprint.split_first()?;
    let (figures, rest) = rest.split_first_chunk()?;
    let (keys, sketch) = rest.split_first_chunk()?;
    Some((Parts { size: *size, figures: *figures, sketch: sketch.try_into().ok()? }, *keys))
}

/// Whether two fingerprints are of the same text. Symmetric.
#[must_use]
pub fn alike(one: &[u32], other: &[u32]) -> bool {
    parts(one).zip(parts(other)).is_some_and(|((one, _), (other, _))| one.is_alike(&other))
}

impl Parts {
    pub(super) fn is_alike(&self, other: &Self) -> bool {
        let strange = self.size & other.size & STRANGE != 0;
        let shared = self.shared(other);
        !strange && shared >= SHARED && self.contains(other, shared) && self.same_figures(other)
    }

    /// The share of the pairs of either text that are in both.
    fn shared(&self, other: &Self) -> f64 {
        let differing: u32 = self.sketch.iter().zip(&other.sketch).map(|(one, other)| (one ^ other).count_ones()).sum();
        // Bits of different hashes agree half of the time.
        1.0 - 2.0 * f64::from(differing) / f64::from(BITS)
    }

    /// Whether enough of the shorter text is in the longer one.
    fn contains(&self, other: &Self, shared: f64) -> bool {
        let (one, other) = (f64::from(self.size & !STRANGE), f64::from(other.size & !STRANGE));
        let pairs_in_both = shared / (1.0 + shared) * (one + other);
        pairs_in_both + EDITED >= SAME * one.min(other)
    }

    fn same_figures(&self, other: &Self) -> bool {
        let (one, other) = (join(self.figures), join(other.figures));
        let fewer = one.count_ones().min(other.count_ones());
        fewer < FIGURES || (one & other).count_ones() * 4 >= fewer * 3
    }
}

/// FNV-1a, mixed: the same on every machine and in every version, because fingerprints are stored.
fn hash(text: &str) -> u64 {
    mix(absorb(EMPTY, text))
}

/// The FNV-1a hash of nothing.
const EMPTY: u64 = 0xcbf2_9ce4_8422_2325;

/// The FNV-1a hash of what `hash` is of and `text` after it.
fn absorb(hash: u64, text: &str) -> u64 {
    text.bytes().fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The finaliser of splitmix64.
fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ number >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ number >> 31
}

fn high(number: u64) -> u32 {
    low(number >> 32)
}

fn low(number: u64) -> u32 {
    // Always fits.
    u32::try_from(number & u64::from(u32::MAX)).unwrap_or_default()
}

fn join([high, low]: [u32; 2]) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}
