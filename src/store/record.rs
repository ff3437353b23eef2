//! How a value becomes bytes: JSON, so that records can grow fields; compressed when that pays; with a checksum, because every
//! engine can hand back wrong bytes; and cut into parts, because `sled` keeps large values in files that it never syncs.
//!
//! ```text
//! byte 0    the version of this layout
//! byte 1    the codec: 0 JSON, 1 JSON in zstd
//! 2 to 3    how many parts there are, this one included
//! 4 to 11   the first 8 bytes of BLAKE3 over the key, the bytes before and the payload
//! 12 …      the payload, going on in the other parts
//! ```

use std::cell::RefCell;
use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;
use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::get_frame_content_size;

const VERSION: u8 = 1;
const PLAIN: u8 = 0;
const ZSTD: u8 = 1;
const HEADER: usize = 12;
/// The longest part in bytes: sixteen of them, a full leaf of the tree, stay below what `sled` would put into a file of its own.
const PART: usize = 48 << 10;
/// How hard zstd tries. More than the least takes twice the time for a twentieth less.
const LEVEL: i32 = 1;
/// The shortest JSON that is worth compressing, in bytes.
const WORTH_COMPRESSING: usize = 512;

/// Why bytes are not a record.
#[derive(Debug, thiserror::Error)]
pub(super) enum Damage {
    #[error("it is too short")]
    Short,
    #[error("version {0} is not known to this program")]
    Version(u8),
    #[error("codec {0} is not known to this program")]
    Codec(u8),
    #[error("part {0} of it is missing")]
    Missing(u16),
    #[error("its checksum does not fit")]
    Checksum,
    #[error("it is too large")]
    Large,
    #[error(transparent)]
    Zstd(#[from] io::Error),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// The parts to store `value` as, of which there is at least one. The same value gives the same bytes.
pub(super) fn encode(key: &[u8], value: &impl Serialize) -> Result<Vec<Vec<u8>>, Damage> {
    let json = serde_json::to_vec(value)?;
    let (codec, payload) = if json.len() < WORTH_COMPRESSING { (PLAIN, json) } else { (ZSTD, compress(&json)?) };
    let parts = u16::try_from((HEADER + payload.len()).div_ceil(PART)).map_err(|_| Damage::Large)?;
    let [high, low] = parts.to_be_bytes();
    let layout = [VERSION, codec, high, low];
    let whole = [&layout[..], &checksum(key, &layout, &payload), &payload].concat();
    Ok(whole.chunks(PART).map(<[u8]>::to_vec).collect())
}

/// Compresses with what this thread has at hand: to set that up takes as long as to compress an article.
fn compress(json: &[u8]) -> io::Result<Vec<u8>> {
    thread_local! {
        static COMPRESSOR: RefCell<io::Result<Compressor<'static>>> = RefCell::new(Compressor::new(LEVEL));
    }
    COMPRESSOR.with_borrow_mut(|compressor| match compressor {
        Ok(compressor) => compressor.compress(json),
        Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
    })
}

/// As [`compress`], back. The checksum was right: what the length says is what we wrote.
fn decompress(payload: &[u8]) -> io::Result<Vec<u8>> {
    thread_local! {
        static DECOMPRESSOR: RefCell<io::Result<Decompressor<'static>>> = RefCell::new(Decompressor::new());
    }
    let length = get_frame_content_size(payload).ok().flatten().and_then(|length| usize::try_from(length).ok());
    let length = length.ok_or_else(|| io::Error::other("it does not say how long it is"))?;
    DECOMPRESSOR.with_borrow_mut(|decompressor| match decompressor {
        Ok(decompressor) => decompressor.decompress(payload, length),
        Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
    })
}

/// How many parts the record has whose first part is `head`.
pub(super) fn parts(head: &[u8]) -> Result<u16, Damage> {
    match head {
        [VERSION, _, high, low, ..] => Ok(u16::from_be_bytes([*high, *low])),
        [version, _, _, _, ..] => Err(Damage::Version(*version)),
        _ => Err(Damage::Short),
    }
}

/// The value whose parts, put together, are `whole`.
pub(super) fn decode<T: DeserializeOwned>(key: &[u8], whole: &[u8]) -> Result<T, Damage> {
    let (header, payload) = whole.split_at_checked(HEADER).ok_or(Damage::Short)?;
    let (layout, sum) = header.split_at(4);
    if sum != checksum(key, layout, payload) {
        return Err(Damage::Checksum);
    }
    match layout {
        [VERSION, PLAIN, ..] => Ok(serde_json::from_slice(payload)?),
        [VERSION, ZSTD, ..] => Ok(serde_json::from_slice(&decompress(payload)?)?),
        [VERSION, codec, ..] => Err(Damage::Codec(*codec)),
        [version, ..] => Err(Damage::Version(*version)),
        [] => Err(Damage::Short),
    }
}

fn checksum(key: &[u8], layout: &[u8], payload: &[u8]) -> [u8; 8] {
    let mut sum = [0; 8];
    blake3::Hasher::new().update(key).update(layout).update(payload).finalize_xof().fill(&mut sum);
    sum
}
