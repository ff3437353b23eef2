//! A wire as it goes out: its bytes, compressed once for all who ask for them so, and what tells them from those before. What is kept for
//! long is kept compressed alone: few ask for it otherwise, and thousands of wires are to fit into memory.

use std::sync::OnceLock;

use axum::http::{HeaderMap, header};
use bytes::Bytes;
use chrono::{NaiveDateTime, SubsecRound, TimeDelta};

use super::encoding::Encoding;
use crate::model::Instant;

/// The form of times in headers, and the older ones that are to be read too (RFC 9110, section 5.6.7).
const HTTP_DATE: &str = "%a, %d %b %Y %H:%M:%S GMT";
const OLD_DATES: [&str; 2] = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];

/// A rendered wire. What cannot be compressed goes out as it is.
#[derive(Debug)]
pub(super) struct Rendered {
    text: Text,
    /// The beginning of its entity tags.
    digest: String,
    /// When it last changed, as whole seconds say it.
    modified: Option<Instant>,
    /// How many entries had arrived at least; 0 when that was not said.
    pub(super) arrivals: u64,
    compressed: [OnceLock<Bytes>; Encoding::COMPRESSED.len()],
}

#[derive(Debug)]
enum Text {
    Plain(Bytes),
    /// As zstd, and how long it is otherwise.
    Packed(Bytes, usize),
}

/// A wire in the encoding that a reader asked for.
#[derive(Debug)]
pub(super) struct Encoded {
    pub(super) bytes: Bytes,
    /// Strong (RFC 9110, section 8.8.1): other for other bytes, encoded ones too.
    pub(super) etag: String,
    modified: Option<Instant>,
}

impl Rendered {
    pub(super) fn new(text: String) -> Self {
        let plain = Bytes::from(text);
        let digest = blake3::hash(&plain).to_hex().chars().take(32).collect();
        Self { text: Text::Plain(plain), digest, modified: None, arrivals: 0, compressed: Default::default() }
    }

    /// The same, with when it last changed and how many entries had arrived: its tags say that too, so that whoever shows one can be told
    /// what came since.
    pub(super) fn since(self, changed: Instant, arrivals: u64) -> Self {
        Self { digest: format!("{}.{arrivals}", self.digest), arrivals, ..self.changed(changed) }
    }

    /// The same, with a time from which on it has not changed.
    pub(super) fn changed(self, changed: Instant) -> Self {
        // The next whole second: within the second in which it changed, it was something else before.
        Self { modified: Some(changed.trunc_subsecs(0) + TimeDelta::seconds(1)), ..self }
    }

    /// The same, to be kept.
    pub(super) fn packed(self) -> Self {
        let Text::Plain(plain) = &self.text else { return self };
        let packed = Encoding::Zstd.compress(plain);
        if packed.len() < plain.len() { Self { text: Text::Packed(packed, plain.len()), ..self } } else { self }
    }

    /// How many bytes it takes.
    pub(super) fn weight(&self) -> usize {
        let (Text::Plain(text) | Text::Packed(text, _)) = &self.text;
        text.len() + self.compressed.iter().filter_map(OnceLock::get).map(Bytes::len).sum::<usize>()
    }

    pub(super) fn encoded(&self, encoding: Encoding) -> Encoded {
        let bytes = match (&self.text, self.place(encoding)) {
            (Text::Packed(packed, _), _) if encoding == Encoding::Zstd => packed.clone(),
            (_, None) => self.plain(),
            (_, Some(kept)) => kept.get_or_init(|| encoding.compress(&self.plain())).clone(),
        };
        self.as_encoded(encoding, bytes)
    }

    /// What is said of it, without its bytes: for whoever has them.
    pub(super) fn head(&self, encoding: Encoding) -> Encoded {
        self.as_encoded(encoding, Bytes::new())
    }

    /// As [`Rendered::encoded`], if that takes no time.
    pub(super) fn at_hand(&self, encoding: Encoding) -> Option<Encoded> {
        let bytes = match (&self.text, self.place(encoding)) {
            (Text::Packed(packed, _), _) if encoding == Encoding::Zstd => packed.clone(),
            (Text::Plain(plain), None) => plain.clone(),
            (Text::Packed(..), None) => return None,
            (_, Some(kept)) => kept.get()?.clone(),
        };
        Some(self.as_encoded(encoding, bytes))
    }

    fn plain(&self) -> Bytes {
        match &self.text {
            Text::Plain(plain) => plain.clone(),
            // It was made here, from text of that length.
            Text::Packed(packed, length) => zstd::bulk::decompress(packed, *length).unwrap_or_default().into(),
        }
    }

    fn place(&self, encoding: Encoding) -> Option<&OnceLock<Bytes>> {
        self.compressed.get(Encoding::COMPRESSED.iter().position(|known| *known == encoding)?)
    }

    fn as_encoded(&self, encoding: Encoding, bytes: Bytes) -> Encoded {
        let etag = encoding.name().map_or_else(|| format!("\"{}\"", self.digest), |name| format!("\"{}-{name}\"", self.digest));
        Encoded { bytes, etag, modified: self.modified }
    }
}

impl Encoded {
    /// Whether the client has these bytes already (RFC 9110, section 13.2.2): its tags go before its time.
    pub(super) fn is_known(&self, request: &HeaderMap, now: Instant) -> bool {
        if request.contains_key(header::IF_NONE_MATCH) {
            return tags(request).any(|tag| tag == "*" || tag == self.etag);
        }
        let asked = request.get(header::IF_MODIFIED_SINCE).and_then(|value| http_date(value.to_str().ok()?));
        // What a clock that is ahead of ours says means nothing.
        let asked = asked.filter(|asked| *asked <= now);
        asked.zip(self.modified).is_some_and(|(asked, modified)| modified <= asked)
    }

    /// What it says of its time. In the second in which it changed nothing yet: it may change again.
    pub(super) fn last_modified(&self, now: Instant) -> Option<String> {
        self.modified.filter(|modified| *modified <= now).map(|modified| modified.format(HTTP_DATE).to_string())
    }
}

/// How many entries had arrived when the client last saw the wire, if its tags say that.
pub(super) fn arrivals_known(request: &HeaderMap) -> Option<u64> {
    let arrivals = |tag: &str| tag.trim_matches('"').split('-').next()?.split_once('.')?.1.parse().ok();
    tags(request).filter_map(arrivals).max()
}

/// Whether the client can make do with what is new (RFC 3229).
pub(super) fn takes_deltas(request: &HeaderMap) -> bool {
    let lines = request.get_all("a-im").into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|manipulation| manipulation.split(';').next().is_some_and(|name| name.trim() == "feed"))
}

fn tags(request: &HeaderMap) -> impl Iterator<Item = &str> {
    let lines = request.get_all(header::IF_NONE_MATCH).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(|tag| tag.trim().trim_start_matches("W/"))
}

fn http_date(text: &str) -> Option<Instant> {
    let read = |form: &str| NaiveDateTime::parse_from_str(text.trim(), form).ok().map(|date| date.and_utc());
    read(HTTP_DATE).or_else(|| OLD_DATES.into_iter().find_map(read))
}
