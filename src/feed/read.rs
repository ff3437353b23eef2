//! What `feed-rs` made of a translated document, as a [`Document`]: ids, links, plain titles, clean texts, times.

use feed_rs::model::Text;
use feed_rs::parser::Builder;
use url::Url;

use super::draft::{Draft, Link, Value};
use super::html::{Cleaner, one_line, paragraphs, plain_text};
use super::translate::Translation;
use super::{Context, Error, MAX_TITLE, Warning};
use crate::model::{CanonicalUrl, Document, Entry, Language, Source, Timestamp};
use crate::text::date;

/// How far ahead of us an agency's clock may be.
const CLOCK_SKEW: chrono::TimeDelta = chrono::TimeDelta::hours(1);
/// As much of a title with its markup is looked at, in bytes.
const MAX_TITLE_SOURCE: usize = 64 * MAX_TITLE;

/// Reads a translated document.
pub(super) fn read(translation: &Translation, context: &Context<'_>, warnings: &mut Vec<Warning>) -> Result<Document, Error> {
    // Times and ids are read here: `feed-rs` would lose the offset of a time, and make up ids at random.
    let parser = Builder::new()
        .base_uri(Some(context.url.as_str()))
        .id_generator(|_, _, _| String::new())
        .timestamp_parser(|_| None)
        .sanitize_content(false)
        .build();
    let feed = parser.parse(translation.atom.as_bytes()).map_err(|error| Error::NotAFeed(error.to_string()))?;
    let mut reader = Reader::new(context);
    let entries: Vec<Entry> = feed.entries.into_iter().zip(&translation.items).map(|(entry, item)| reader.entry(entry, item)).collect();
    if entries.len() < translation.items.len() {
        return Err(Error::NotAFeed(format!("only {} of {} entries could be read", entries.len(), translation.items.len())));
    }
    if entries.is_empty() && translation.item_tags > 0 {
        return Err(Error::NotAFeed(format!("none of its {} items could be read", translation.item_tags)));
    }
    reader.say(warnings);
    let head = &translation.head;
    let linked =
        |relation: &'static str| head.links.iter().filter(move |link| link.relation == relation).filter_map(|link| web_url(&link.href));
    Ok(Document {
        title: feed.title.map(|title| plain(&title)).filter(|title| !title.is_empty()),
        language: head.language.as_deref().and_then(language),
        home: page(&head.links).and_then(|link| web_url(&link.href)),
        hubs: linked("hub").collect(),
        self_link: linked("self").next(),
        next: linked("next").chain(linked("prev-archive")).next(),
        pacing: translation.pacing.clone(),
        is_cut: translation.is_cut,
        entries,
    })
}

/// Reads entries one by one and counts what was wrong with them.
pub(super) struct Reader<'a> {
    context: &'a Context<'a>,
    cleaner: Cleaner,
    bad_dates: Vec<String>,
    future_dates: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(context: &'a Context<'a>) -> Self {
        Self { context, cleaner: Cleaner::new(context.url), bad_dates: Vec::new(), future_dates: 0 }
    }

    fn entry(&mut self, entry: feed_rs::model::Entry, item: &Draft) -> Entry {
        let content = item.content.get().map(|content| self.html(content, item.is_full_text)).filter(|html| !html.is_empty());
        let summary = item.summary.get().map(|summary| self.html(summary, false)).filter(|html| !html.is_empty());
        let link = page(&item.links).and_then(|link| web_url(&link.href));
        let title = entry.title.map(|title| plain(&title)).filter(|title| !title.is_empty());
        let text = content.as_deref().or(summary.as_deref()).or(title.as_deref());
        Entry {
            id: stable_id(entry.id.trim(), link.as_ref(), self.context.url, text.unwrap_or_default()),
            published: self.first_time(item.published.iter()),
            updated: self.first_time(item.updated.iter()),
            is_full_text: item.is_full_text,
            authors: entry
                .authors
                .iter()
                .filter_map(|person| person.name.as_deref())
                .map(person_name)
                .filter(|name| !name.is_empty())
                .collect(),
            categories: entry.categories.iter().map(|category| plain_text(&category.term)).filter(|name| !name.is_empty()).collect(),
            image: item.picture.get().and_then(|picture| web_url(picture)),
            caption: item.caption.get().map(|caption| plain_text(caption)).filter(|caption| !caption.is_empty()),
            enclosures: item.enclosures.clone(),
            language: item.language.as_deref().and_then(language),
            source: source(item),
            title,
            link,
            summary,
            content,
        }
    }

    /// Cleans HTML whose links are relative to `base`.
    pub(super) fn clean(&mut self, html: &str, base: &Url) -> String {
        self.cleaner.clean(html, base, false)
    }

    fn html(&mut self, value: &Value, is_full_text: bool) -> String {
        if value.is_html {
            self.cleaner.clean(&value.text, value.base.as_ref().unwrap_or(self.context.url), is_full_text)
        } else {
            paragraphs(&value.text, is_full_text)
        }
    }

    /// Reads the first of several texts that is a time.
    fn first_time<'t>(&mut self, mut texts: impl Iterator<Item = &'t str>) -> Option<Timestamp> {
        texts.find_map(|text| self.time(text))
    }

    /// Reads a time; one that lies ahead of us is now.
    pub(super) fn time(&mut self, text: &str) -> Option<Timestamp> {
        self.checked(text, date::parse(text, self.context.timezone, self.context.now))
    }

    /// Reads the first time in a text that may say more.
    pub(super) fn time_within(&mut self, text: &str) -> Option<Timestamp> {
        let Context { timezone, now, .. } = *self.context;
        self.checked(text, date::parse(text, timezone, now).or_else(|| date::find(text, timezone, now)))
    }

    fn checked(&mut self, text: &str, time: Option<Timestamp>) -> Option<Timestamp> {
        let Some(time) = time else {
            self.bad_dates.push(text.chars().take(40).collect());
            return None;
        };
        match self.context.now {
            Some(now) if time > now + CLOCK_SKEW => {
                self.future_dates += 1;
                Some(now.with_timezone(time.offset()))
            }
            _ => Some(time),
        }
    }

    pub(super) fn say(&self, warnings: &mut Vec<Warning>) {
        if let Some(example) = self.bad_dates.first() {
            warnings.push(Warning(format!("could not read {} dates such as `{example}`", self.bad_dates.len())));
        }
        if self.future_dates > 0 {
            warnings.push(Warning(format!("{} dates lie in the future; they count as now", self.future_dates)));
        }
    }
}

/// The agency's id, or else one that is the same at each reading: from the link, or from the feed and the text.
pub(super) fn stable_id(own: &str, link: Option<&Url>, feed: &Url, text: &str) -> String {
    if !own.is_empty() {
        return own.to_owned();
    }
    if let Some(link) = link {
        return CanonicalUrl::of(link).map_or_else(|_| link.to_string(), String::from);
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update(feed.as_str().as_bytes()).update(b"\n").update(text.as_bytes());
    hasher.finalize().to_hex().chars().take(32).collect()
}

/// The link to the item's page: an alternate one, HTML before other types, the first of several.
pub(super) fn page(links: &[Link]) -> Option<&Link> {
    let pages = || links.iter().filter(|link| matches!(link.relation.as_str(), "" | "alternate"));
    let html = pages().find(|link| link.media_type.is_empty() || link.media_type.contains("html"));
    html.or_else(|| pages().next())
}

pub(super) fn web_url(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

pub(super) fn language(tag: &str) -> Option<Language> {
    Language::new(tag).ok()
}

fn plain(text: &Text) -> String {
    let content = text.content.get(..text.content.floor_char_boundary(MAX_TITLE_SOURCE)).unwrap_or_default();
    let line = if text.content_type.subty().as_str() == "plain" { one_line(content) } else { plain_text(content) };
    line.chars().take(MAX_TITLE).collect()
}

/// `Name` of `mail@agency.kz (Name)` and of `Name <mail@agency.kz>`.
pub(super) fn person_name(text: &str) -> String {
    let text = plain_text(text);
    let in_brackets = text.strip_suffix(')').and_then(|text| text.split_once('(')).filter(|(mail, _)| mail.contains('@'));
    let before_mail = text.strip_suffix('>').and_then(|text| text.split_once('<')).filter(|(_, mail)| mail.contains('@'));
    let name = in_brackets.map(|(_, name)| name).or(before_mail.map(|(name, _)| name)).unwrap_or(&text).trim();
    if name.is_empty() { text.clone() } else { name.to_owned() }
}

fn source(item: &Draft) -> Option<Source> {
    let title = item.source_title.as_deref().map(plain_text).filter(|title| !title.is_empty());
    let url = item.source_url.as_deref().and_then(web_url);
    (title.is_some() || url.is_some()).then_some(Source { title, url })
}
