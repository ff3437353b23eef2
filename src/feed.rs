//! Bytes and their content type in; entries and warnings out. `feed-rs` stands behind a pass that decodes and repairs.
//!
//! A document goes this way: bytes -> text (`decode`) -> clean Atom and what Atom has no place for (`translate`, over the
//! pieces that `markup` finds and the meanings that `names` knows) -> `feed-rs` -> [`Document`] (`read`). JSON Feed goes from
//! text straight to [`Document`] (`json`); so do listing pages and sitemaps.
//! Nothing here panics or takes more than linear time, whatever the bytes are.

mod capture;
mod decode;
mod discover;
mod draft;
mod entities;
mod html;
mod json;
mod listing;
mod markup;
mod mend;
mod names;
mod neat;
pub mod opml;
mod pace;
mod permalink;
mod picture;
mod read;
mod section;
mod sitemap;
mod translate;
mod troubles;

use std::borrow::Cow;
use std::io::Read;

use chrono_tz::Tz;
use flate2::read::MultiGzDecoder;
use scraper::Selector;
use url::Url;

pub use self::discover::{discover, names_feed, sitemaps};
use crate::model::{Document, Instant};

/// The first bytes of a packed file.
const GZIP: &[u8] = &[0x1f, 0x8b];
/// The longest document, in bytes, unpacked.
const MAX_BYTES: usize = 15 << 20;
/// As many entries as a document can have.
const MAX_ENTRIES: usize = 5_000;
/// The longest text of an entry, in bytes.
const MAX_TEXT: usize = 1 << 20;
/// The longest link, id, name or date, in bytes.
const MAX_NAME: usize = 4_096;
/// The longest title, in characters.
const MAX_TITLE: usize = 1_000;

/// What is known of a document beside its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The address that answered, after redirects.
    pub url: &'a Url,
    /// The `Content-Type` header.
    pub content_type: Option<&'a str>,
    /// The zone of times that name none. Without it they are read as UTC.
    pub timezone: Option<Tz>,
    /// What future dates are measured against, and "two hours ago" counted from. Without it neither is done.
    pub now: Option<Instant>,
}

/// How to read a listing page, as CSS selectors.
#[derive(Clone, Debug)]
pub struct ListingRules {
    /// One element an entry; what follows is looked for inside it.
    pub item: Selector,
    /// The first link of the item when absent.
    pub link: Option<Selector>,
    /// The link's text when absent.
    pub title: Option<Selector>,
    pub time: Option<Selector>,
    pub summary: Option<Selector>,
}

/// Something that was wrong with a document and was mended or left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning(pub String);

/// Why a document could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("not a feed: {0}")]
    NotAFeed(String),
    #[error("an index of {} sitemaps", .0.parts.len())]
    Index(Index),
}

/// A sitemap that lists other sitemaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Those on the same host, the most promising first.
    pub parts: Vec<Url>,
    /// It says when each was modified, and so changes when one of them does.
    pub is_dated: bool,
}

/// Reads RSS, Atom or JSON Feed in whatever state it is.
///
/// # Errors
/// When nothing in it can be read as a feed, or it says it has entries and none could be read.
pub fn parse(bytes: &[u8], context: &Context<'_>) -> Result<(Document, Vec<Warning>), Error> {
    let mut warnings = Vec::new();
    let text = text(bytes, context, &mut warnings)?;
    if text.trim_start().starts_with('{') {
        return Ok((json::read(&text, context, &mut warnings)?, warnings));
    }
    let Some(translation) = translate::translate(&text, context.url, &mut warnings) else {
        let is_html = text.get(..text.floor_char_boundary(1024)).is_some_and(|start| start.to_ascii_lowercase().contains("<html"));
        let what = if is_html { "it is an HTML page" } else { "there is no RSS, Atom or JSON feed in it" };
        return Err(Error::NotAFeed(what.to_owned()));
    };
    let document = read::read(&translation, context, &mut warnings)?;
    Ok((document, warnings))
}

/// Reads a listing page by its rules.
///
/// # Errors
/// When the page has no item, or no item has a link: the rules do not fit it (any more).
pub fn parse_listing(bytes: &[u8], context: &Context<'_>, rules: &ListingRules) -> Result<(Document, Vec<Warning>), Error> {
    let mut warnings = Vec::new();
    let text = text(bytes, context, &mut warnings)?;
    let document = listing::read(&text, context, rules, &mut warnings)?;
    Ok((document, warnings))
}

/// Reads a news sitemap (`news:news`) or a plain one.
///
/// # Errors
/// When it is not a sitemap; or an index, with the sitemaps that it lists.
pub fn parse_sitemap(bytes: &[u8], context: &Context<'_>) -> Result<(Document, Vec<Warning>), Error> {
    let mut warnings = Vec::new();
    let text = text(bytes, context, &mut warnings)?;
    let document = sitemap::read(&text, context, &mut warnings)?;
    Ok((document, warnings))
}

/// The text of a document that is not too long, unpacked if it is a file that was packed (`sitemap.xml.gz`).
fn text<'a>(bytes: &'a [u8], context: &Context<'_>, warnings: &mut Vec<Warning>) -> Result<Cow<'a, str>, Error> {
    let too_long = || Error::NotAFeed(format!("it is longer than {} MB", MAX_BYTES >> 20));
    if bytes.len() > MAX_BYTES {
        return Err(too_long());
    }
    if !bytes.starts_with(GZIP) {
        return Ok(decode::decode(bytes, context.content_type, Some(context.url), warnings));
    }
    let mut unpacked = Vec::new();
    let read = MultiGzDecoder::new(bytes).take(MAX_BYTES as u64 + 1).read_to_end(&mut unpacked);
    match read {
        Ok(length) if length > MAX_BYTES => Err(too_long()),
        Err(_) if unpacked.is_empty() => Err(Error::NotAFeed("it is packed and cannot be unpacked".to_owned())),
        Ok(_) | Err(_) => {
            if read.is_err() {
                warnings.push(Warning("the packed file ends early".to_owned()));
            }
            let text = decode::decode(&unpacked, None, Some(context.url), warnings);
            Ok(Cow::Owned(text.into_owned()))
        }
    }
}
