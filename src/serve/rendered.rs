//! A wire as it goes out: its bytes, and compressed once for all who ask for them so.

use std::sync::OnceLock;

use axum::http::{HeaderMap, header};
use bytes::Bytes;

use super::encoding::Encoding;

/// A rendered wire. What cannot be compressed goes out as it is.
#[derive(Debug)]
pub(super) struct Rendered {
    plain: Bytes,
    /// The beginning of its entity tags.
    digest: String,
    compressed: [OnceLock<Bytes>; Encoding::COMPRESSED.len()],
}

/// A wire in the encoding that a reader asked for.
#[derive(Debug)]
pub(super) struct Encoded {
    pub(super) bytes: Bytes,
    /// Strong (RFC 9110, section 8.8.1): other for other bytes, encoded ones too.
    pub(super) etag: String,
}

impl Rendered {
    pub(super) fn new(text: String) -> Self {
        let plain = Bytes::from(text);
        let digest = blake3::hash(&plain).to_hex().chars().take(32).collect();
        Self { plain, digest, compressed: Default::default() }
    }

    /// How many bytes it takes at most when all have asked for it.
    pub(super) fn weight(&self) -> usize {
        2 * self.plain.len()
    }

    pub(super) fn encoded(&self, encoding: Encoding) -> Encoded {
        let place = Encoding::COMPRESSED.iter().position(|known| *known == encoding);
        let compressed = place.and_then(|place| self.compressed.get(place));
        let bytes = compressed.map_or(&self.plain, |kept| kept.get_or_init(|| encoding.compress(&self.plain)));
        let etag = encoding.name().map_or_else(|| format!("\"{}\"", self.digest), |name| format!("\"{}-{name}\"", self.digest));
        Encoded { bytes: bytes.clone(), etag }
    }
}

impl Encoded {
    /// Whether the client has these bytes already (RFC 9110, section 13.1.2). Their time would not tell: a wire can change twice in a
    /// second, and by an entry that is older than what was read before it.
    pub(super) fn is_known(&self, request: &HeaderMap) -> bool {
        let lines = request.get_all(header::IF_NONE_MATCH).into_iter().filter_map(|line| line.to_str().ok());
        let mut tags = lines.flat_map(|line| line.split(',')).map(str::trim);
        tags.any(|tag| tag == "*" || tag.trim_start_matches("W/") == self.etag)
    }
}
