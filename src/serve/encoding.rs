//! Content codings (RFC 9110, section 12.5.3): which of them a reader asks for, and compressing.

use std::io::Write;

use axum::http::{HeaderMap, header};
use bytes::Bytes;
use flate2::write::GzEncoder;

/// How bytes are encoded on their way to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli,
    Zstd,
    Gzip,
    Identity,
}

/// Compressed once and sent often: neither the fastest nor the slowest.
const BROTLI_QUALITY: u32 = 6;
const BROTLI_WINDOW: u32 = 22;
const ZSTD_LEVEL: i32 = 9;
const GZIP_LEVEL: u32 = 7;

impl Encoding {
    /// The smaller results first: of those that a reader likes as well, the first is taken.
    pub(super) const COMPRESSED: [Self; 3] = [Self::Brotli, Self::Zstd, Self::Gzip];

    /// Its name in headers; none for the bytes as they are.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Zstd => Some("zstd"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }

    /// What the reader likes best. Who names nothing, or nothing that we have, gets the bytes as they are.
    pub(super) fn asked_for(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(header::ACCEPT_ENCODING).into_iter().filter_map(|line| line.to_str().ok());
        let asked: Vec<(&str, f32)> = lines.flat_map(|line| line.split(',')).take(20).map(weighted).collect();
        let named = |name: &str| asked.iter().find(|(asked, _)| asked.eq_ignore_ascii_case(name)).map(|(_, weight)| *weight);
        let weight = |encoding: Self| encoding.name().and_then(named).or_else(|| named("*")).unwrap_or(0.0);
        let mut best = (0.0, Self::Identity);
        for encoding in Self::COMPRESSED {
            if weight(encoding) > best.0 {
                best = (weight(encoding), encoding);
            }
        }
        // Who likes both as well gets the smaller.
        if named("identity").is_some_and(|plain| plain > best.0) { Self::Identity } else { best.1 }
    }

    /// Compresses; writing to memory does not fail, and if it did the answer would be cut, not wrong: so the bytes stay as they are.
    pub(super) fn compress(self, bytes: &Bytes) -> Bytes {
        let compressed = match self {
            Self::Brotli => {
                let mut writer = brotli::CompressorWriter::new(Vec::new(), 4096, BROTLI_QUALITY, BROTLI_WINDOW);
                writer.write_all(bytes).and_then(|()| writer.flush()).map(|()| writer.into_inner())
            }
            Self::Zstd => zstd::bulk::compress(bytes, ZSTD_LEVEL),
            Self::Gzip => {
                let mut writer = GzEncoder::new(Vec::new(), flate2::Compression::new(GZIP_LEVEL));
                writer.write_all(bytes).and_then(|()| writer.finish())
            }
            Self::Identity => return bytes.clone(),
        };
        // What is kept for long is not to hold the room that it was made in.
        compressed.map_or_else(|_| bytes.clone(), |compressed| compressed.into_boxed_slice().into())
    }
}

/// A coding and how much it is wanted: `br;q=0.5`.
fn weighted(range: &str) -> (&str, f32) {
    let mut parts = range.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |weight| weight.trim().parse().ok());
    (name, weight.unwrap_or(0.0))
}
