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
mod names;
pub mod opml;
mod pace;
mod picture;
mod read;
mod sitemap;
mod translate;
mod troubles;

use std::borrow::Cow;

use chrono_tz::Tz;
use scraper::Selector;
use url::Url;

pub use self::discover::discover;
use crate::model::{Document, Instant};

/// The longest document, in bytes.
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
    /// It lists other sitemaps: the newest are usually the last.
    #[error("an index of {} sitemaps", .0.len())]
    Index(Vec<Url>),
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

/// The text of a document that is not too long.
fn text<'a>(bytes: &'a [u8], context: &Context<'_>, warnings: &mut Vec<Warning>) -> Result<Cow<'a, str>, Error> {
    if bytes.len() > MAX_BYTES {
        return Err(Error::NotAFeed(format!("it is longer than {} MB", MAX_BYTES >> 20)));
    }
    Ok(decode::decode(bytes, context.content_type, Some(context.url), warnings))
}
