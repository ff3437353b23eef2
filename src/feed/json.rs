//! JSON Feed 1.0 and 1.1. Read without `feed-rs`, which gives up a whole feed for one number where a string is due.

use serde_json::Value;
use url::Url;

use super::html::{one_line, paragraphs};
use super::mend::mend;
use super::read::{Reader, language, stable_id, web_url};
use super::{Context, Error, MAX_ENTRIES, MAX_TEXT, MAX_TITLE, Warning};
use crate::model::{Document, Enclosure, Entry};

/// As many attachments as an item can have.
const MAX_ATTACHMENTS: usize = 100;

/// Reads a document that begins with `{`.
pub(super) fn read(text: &str, context: &Context<'_>, warnings: &mut Vec<Warning>) -> Result<Document, Error> {
    let (feed, is_cut) = match serde_json::from_str(text) {
        Ok(feed) => (feed, false),
        Err(error) => mended(text, warnings).ok_or_else(|| Error::NotAFeed(format!("not JSON: {error}")))?,
    };
    let Some(items) = feed.get("items").and_then(Value::as_array) else {
        return Err(Error::NotAFeed("a JSON document without `items`".to_owned()));
    };
    let mut reader = Reader::new(context);
    let entries: Vec<Entry> =
        items.iter().filter(|item| item.is_object()).take(MAX_ENTRIES).map(|item| entry(item, &feed, context, &mut reader)).collect();
    if entries.is_empty() && !items.is_empty() {
        return Err(Error::NotAFeed("none of the `items` is an object".to_owned()));
    }
    if entries.len() < items.len() {
        warnings.push(Warning(format!("left out {} items", items.len() - entries.len())));
    }
    reader.say(warnings);
    let hubs = feed.get("hubs").and_then(Value::as_array).into_iter().flatten();
    Ok(Document {
        title: line(&feed, "title"),
        language: string(&feed, "language").as_deref().and_then(language),
        home: link(&feed, "home_page_url", context.url),
        hubs: hubs.filter_map(|hub| link(hub, "url", context.url)).collect(),
        self_link: link(&feed, "feed_url", context.url),
        next: link(&feed, "next_url", context.url),
        entries,
        is_cut,
        ..Document::default()
    })
}

/// What is whole in a document that is not quite JSON, and whether it is cut off.
fn mended(text: &str, warnings: &mut Vec<Warning>) -> Option<(Value, bool)> {
    let (text, is_cut) = mend(text);
    let feed = serde_json::from_str(&text).ok()?;
    warnings.push(Warning(if is_cut {
        "left out what is cut off".to_owned()
    } else {
        "left out commas that JSON does not have".to_owned()
    }));
    Some((feed, is_cut))
}

fn entry(item: &Value, feed: &Value, context: &Context<'_>, reader: &mut Reader<'_>) -> Entry {
    let page = link(item, "url", context.url).or_else(|| link(item, "external_url", context.url));
    let summary = text(item, "summary").map(|text| paragraphs(&text, false));
    let html = text(item, "content_html").map(|html| reader.clean(&html, context.url));
    let body = html.or_else(|| text(item, "content_text").map(|text| paragraphs(&text, false)));
    let title = line(item, "title");
    let known = body.as_deref().or(summary.as_deref()).or(title.as_deref()).unwrap_or_default();
    Entry {
        id: stable_id(string(item, "id").unwrap_or_default().trim(), page.as_ref(), context.url, known),
        published: string(item, "date_published").and_then(|text| reader.time(&text)),
        updated: string(item, "date_modified").and_then(|text| reader.time(&text)),
        authors: authors(item).or_else(|| authors(feed)).unwrap_or_default(),
        categories: item.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(one_line).collect(),
        enclosures: attachments(item, context.url),
        image: link(item, "image", context.url).or_else(|| link(item, "banner_image", context.url)),
        language: string(item, "language").as_deref().and_then(language),
        title,
        link: page,
        summary,
        content: body,
        ..Entry::default()
    }
}

fn attachments(item: &Value, base: &Url) -> Vec<Enclosure> {
    let list = item.get("attachments").and_then(Value::as_array).into_iter().flatten().take(MAX_ATTACHMENTS);
    let enclosure = |attachment: &Value| {
        let length = attachment.get("size_in_bytes").and_then(Value::as_u64);
        Some(Enclosure { url: link(attachment, "url", base)?, media_type: line(attachment, "mime_type"), length })
    };
    list.filter_map(enclosure).collect()
}

/// Version 1.1 has `authors`, version 1.0 had `author`.
fn authors(value: &Value) -> Option<Vec<String>> {
    let list = value.get("authors").and_then(Value::as_array).into_iter().flatten();
    let names: Vec<String> = list.chain(value.get("author")).filter_map(|author| line(author, "name")).collect();
    (!names.is_empty()).then_some(names)
}

/// A string, or a number as its digits.
fn string(value: &Value, name: &str) -> Option<String> {
    match value.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn text(value: &Value, name: &str) -> Option<String> {
    string(value, name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty() && text.len() <= MAX_TEXT)
}

fn line(value: &Value, name: &str) -> Option<String> {
    string(value, name).map(|text| one_line(&text).chars().take(MAX_TITLE).collect()).filter(|line: &String| !line.is_empty())
}

fn link(value: &Value, name: &str, base: &Url) -> Option<Url> {
    let link = string(value, name).filter(|link| !link.trim().is_empty())?;
    web_url(base.join(link.trim()).ok()?.as_str())
}
