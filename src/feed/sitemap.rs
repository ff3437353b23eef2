//! Sitemaps as feeds: those of Google News, with titles and times, and plain ones.

use std::cmp::Reverse;

use url::Url;

use super::entities::resolve;
use super::html::one_line;
use super::markup::{Piece, Pieces, local_name};
use super::read::{Reader, language, stable_id, web_url};
use super::{Context, Error, Index, MAX_ENTRIES, MAX_TITLE, Warning};
use crate::model::{Document, Entry, Timestamp};
use crate::text::date;

/// One `<url>` or `<sitemap>` as it is written.
#[derive(Default)]
struct Location {
    address: String,
    modified: String,
    title: String,
    published: String,
    language: String,
    keywords: String,
    picture: String,
}

/// Reads a sitemap. One with more pages than a document can have gives the newest of them.
pub(super) fn read(text: &str, context: &Context<'_>, warnings: &mut Vec<Warning>) -> Result<Document, Error> {
    let (root, locations) = locations(text);
    match root {
        Some(root) if root.eq_ignore_ascii_case("sitemapindex") => return Err(Error::Index(index(&locations, context))),
        Some(root) if root.eq_ignore_ascii_case("urlset") => {}
        Some(_) | None => return Err(Error::NotAFeed("it is not a sitemap".to_owned())),
    }
    let mut reader = Reader::new(context);
    let pages = locations.iter().filter_map(|location| Some((location, address(location, context)?)));
    let mut entries: Vec<Entry> = pages.map(|(location, page)| entry(location, page, context, &mut reader)).collect();
    if entries.is_empty() && !locations.is_empty() {
        return Err(Error::NotAFeed(format!("none of its {} locations is an address", locations.len())));
    }
    if entries.len() > MAX_ENTRIES {
        warnings.push(Warning(format!("read the newest {MAX_ENTRIES} of {} pages", entries.len())));
        entries.sort_by_key(|entry| Reverse(entry.published.max(entry.updated)));
        entries.truncate(MAX_ENTRIES);
    }
    reader.say(warnings);
    Ok(Document { entries, ..Document::default() })
}

/// What an index of sitemaps lists on its own host: those of news first, then the newest. The newest are usually the last.
fn index(locations: &[Location], context: &Context<'_>) -> Index {
    let modified = |location: &Location| date::parse(location.modified.trim(), context.timezone, context.now);
    let parts = locations.iter().rev().filter_map(|location| Some((modified(location), address(location, context)?)));
    let mut parts: Vec<(Option<Timestamp>, Url)> = parts.filter(|(_, part)| part.host_str() == context.url.host_str()).collect();
    let is_dated = parts.iter().all(|(modified, _)| modified.is_some());
    parts.sort_by_key(|(modified, part)| (!part.path().contains("news"), Reverse(*modified)));
    Index { parts: parts.into_iter().map(|(_, part)| part).collect(), is_dated }
}

fn address(location: &Location, context: &Context<'_>) -> Option<Url> {
    web_url(context.url.join(location.address.trim()).ok()?.as_str())
}

fn entry(location: &Location, page: Url, context: &Context<'_>, reader: &mut Reader<'_>) -> Entry {
    let time = |text: &str, reader: &mut Reader<'_>| if text.trim().is_empty() { None } else { reader.time(text) };
    let keywords = location.keywords.split(',').map(one_line);
    Entry {
        id: stable_id("", Some(&page), context.url, ""),
        title: Some(one_line(&location.title).chars().take(MAX_TITLE).collect()).filter(|title: &String| !title.is_empty()),
        published: time(&location.published, reader),
        updated: time(&location.modified, reader),
        categories: keywords.filter(|keyword| !keyword.is_empty()).collect(),
        image: web_url(location.picture.trim()),
        language: language(location.language.trim()),
        link: Some(page),
        ..Entry::default()
    }
}

/// The name of the root element, and what the sitemap lists.
fn locations(text: &str) -> (Option<&str>, Vec<Location>) {
    let (mut root, mut locations, mut location, mut field) = (None, Vec::new(), Location::default(), "");
    for piece in Pieces::of(text) {
        match piece {
            Piece::Open(tag) => {
                root = root.or(Some(local_name(tag.name)));
                field = if tag.is_empty { "" } else { tag.name };
            }
            Piece::Text(text) => location.add(field, &resolve(text)),
            Piece::Cdata(text) => location.add(field, text),
            Piece::Close(name) => {
                field = "";
                if matches!(local_name(name), "url" | "sitemap") && !location.address.trim().is_empty() {
                    locations.push(std::mem::take(&mut location));
                }
            }
        }
    }
    (root, locations)
}

impl Location {
    fn add(&mut self, name: &str, text: &str) {
        let part = match (name, local_name(name)) {
            ("image:loc", _) => &mut self.picture,
            (_, "loc") if !name.starts_with("video") => &mut self.address,
            (_, "lastmod") => &mut self.modified,
            ("news:title", _) => &mut self.title,
            (_, "publication_date") => &mut self.published,
            ("news:language", _) => &mut self.language,
            ("news:keywords", _) => &mut self.keywords,
            _ => return,
        };
        part.push_str(text);
    }
}
