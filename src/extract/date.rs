//! When the article was published and last changed. What the page says to machines comes first, then what it shows near the
//! headline, then its address; never a date of another article.

use std::ops::Range;

use chrono::{FixedOffset, NaiveTime, Offset, Timelike};
use chrono_tz::Tz;

use super::Page;
use super::hint::Hint;
use super::metadata::Metadata;
use super::outline::{Content, Outline, Tag, push_collapsed};
use super::weigh::Weights;
use super::zone;
use crate::model::{Origin, Timestamp};
use crate::text::date;

const PUBLISHED: [&str; 24] = [
    "article:published_time",
    "datePublished",
    "og:published_time",
    "og:article:published_time",
    "article:published",
    "parsely-pub-date",
    "sailthru.date",
    "date",
    "pubdate",
    "publishdate",
    "publish-date",
    "publish_date",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "dc.date",
    "dcterms.date",
    "dc.date.created",
    "cXenseParse:recs:publishtime",
    "cXenseParse:publishtime",
    "citation_publication_date",
    "citation_date",
    "article.published",
    "rnews:datePublished",
];
/// How far into the article a date that nothing marks is looked for, in bytes.
const BEGINNING: usize = 1500;
const MODIFIED: [&str; 8] = [
    "article:modified_time",
    "og:updated_time",
    "dateModified",
    "dcterms.modified",
    "last-modified",
    "lastmod",
    "dc.date.modified",
    "modified",
];

/// A time and what states it.
type Stated = (Timestamp, Origin);

/// The times of publication and of the last change. `near` is where the article stands, from its headline to its end.
pub(super) fn dates(
    page: &Page<'_>,
    outline: &Outline<'_>,
    weights: &Weights,
    metadata: &Metadata<'_>,
    near: &Range<usize>,
) -> (Option<Stated>, Option<Stated>) {
    let read = |(text, origin): (&str, Origin)| {
        plausible(page, date::parse(text, zone(page), page.fetched_at)).map(|time| (local(page, time), origin))
    };
    let linked = |text: &Option<String>| text.as_deref().and_then(|text| read((text, Origin::JsonLd)));
    let modified = linked(&metadata.linked.modified).or_else(|| MODIFIED.iter().flat_map(|name| metadata.claims(name)).find_map(read));
    let published = linked(&metadata.linked.published)
        .or_else(|| PUBLISHED.iter().flat_map(|name| metadata.claims(name)).find_map(read))
        .or_else(|| {
            metadata
                .named(|name| name.contains("pub") && (name.contains("date") || name.contains("time") || name.ends_with("published")))
                .find_map(read)
        })
        .or_else(|| shown(page, outline, weights, near))
        .or_else(|| of_address(page).map(|time| (time, Origin::Url)))
        .or_else(|| in_text(page, &beginning(outline, weights, near)).map(|time| (time, Origin::VisibleText)))
        .or_else(|| shown(page, outline, weights, &(0..outline.nodes.len())))
        .or(modified);
    (published, modified)
}

/// The first time shown near the headline: in an element that says so, then in any short line.
fn shown(page: &Page<'_>, outline: &Outline<'_>, weights: &Weights, near: &Range<usize>) -> Option<Stated> {
    let nodes = || outline.nodes.iter().enumerate().take(near.end).skip(near.start);
    let marked = nodes().filter(|(index, node)| (node.tag == Tag::Time || node.hint == Hint::Date) && !weights.is_elsewhere(*index));
    let machine = marked.clone().find_map(|(_, node)| {
        let value = node.attribute("datetime").or_else(|| node.attribute("content")).or_else(|| node.attribute("title"))?;
        Some((in_text(page, value)?, node.origin()))
    });
    machine
        .or_else(|| {
            marked
                .filter(|(index, _)| weights.whole(*index).characters < 200)
                .find_map(|(index, node)| Some((in_text(page, &outline.text(index, 200))?, node.origin())))
        })
        .or_else(|| {
            let lines = nodes().filter(|(index, node)| {
                !matches!(node.tag, Tag::Script | Tag::Title | Tag::Control)
                    && node.tag != Tag::Text
                    && weights.whole(*index).runs == 1
                    && (4..200).contains(&weights.whole(*index).characters)
            });
            lines
                .filter(|(index, _)| !weights.is_elsewhere(*index))
                .take(60)
                .find_map(|(index, _)| Some((in_text(page, &outline.text(index, 200))?, Origin::VisibleText)))
        })
}

/// The first words shown from the headline on, whatever they stand in.
fn beginning(outline: &Outline<'_>, weights: &Weights, near: &Range<usize>) -> String {
    let mut text = String::new();
    for (index, node) in outline.nodes.iter().enumerate().take(near.end).skip(near.start) {
        if let Content::Text(part) = node.content
            && !weights.is_elsewhere(index)
            && text.len() < BEGINNING
            && outline.get(node.parent).is_some_and(|parent| !matches!(parent.tag, Tag::Script | Tag::Title))
        {
            push_collapsed(&mut text, part);
            text.push(' ');
        }
    }
    text
}

/// The time that a line states somewhere: "Опубликовано 26 ноября 2025, 15:22".
pub(super) fn in_text(page: &Page<'_>, text: &str) -> Option<Timestamp> {
    let read = |text| date::parse(text, zone(page), page.fetched_at).or_else(|| date::find(text, zone(page), page.fetched_at));
    plausible(page, read(text)).map(|time| local(page, time))
}

/// The zone of times that name none.
fn zone(page: &Page<'_>) -> Option<Tz> {
    page.timezone.or_else(|| page.url.host_str().and_then(zone::of_host))
}

/// The same instant as the readers of the page write it, where it is stated in UTC: of two days that it falls on, theirs.
fn local(page: &Page<'_>, time: Timestamp) -> Timestamp {
    if time.offset().fix().local_minus_utc() != 0 || time.time() == NaiveTime::MIN {
        return time;
    }
    if let Some(zone) = zone(page) {
        return time.with_timezone(&zone).fixed_offset();
    }
    let Some(stated) = of_address(page) else { return time };
    let hour = i32::try_from(time.hour()).unwrap_or(0);
    let hours = match (stated.date_naive() - time.date_naive()).num_days() {
        -1 if hour < 8 => -1 - hour,
        1 if hour >= 10 => 24 - hour,
        _ => return time,
    };
    FixedOffset::east_opt(hours * 3600).map_or(time, |offset| time.with_timezone(&offset))
}

/// `/2025/11/26/` or `2025-11-26` in the page's address.
fn of_address(page: &Page<'_>) -> Option<Timestamp> {
    let path = page.url.path();
    let numbers: Vec<(&str, usize)> = path
        .split(|character: char| !character.is_ascii_digit())
        .scan(0, |at, part| {
            let start = *at;
            *at += part.len() + 1;
            Some((part, start))
        })
        .filter(|(part, _)| !part.is_empty())
        .collect();
    let dashed = numbers.windows(3).find_map(|window| {
        let [(year, start), (month, middle), (day, last)] = window else { return None };
        let adjacent = start + year.len() + 1 == *middle && middle + month.len() + 1 == *last;
        (adjacent && year.len() == 4 && (1..=2).contains(&month.len()) && (1..=2).contains(&day.len()))
            .then(|| format!("{year}-{month:0>2}-{day:0>2}"))
    });
    let whole = || {
        let part = numbers.iter().map(|(part, _)| *part).find(|part| part.len() == 8 && part.starts_with("20"))?;
        Some(format!("{}-{}-{}", part.get(..4)?, part.get(4..6)?, part.get(6..)?))
    };
    dashed.or_else(whole).and_then(|text| plausible(page, date::parse(&text, zone(page), page.fetched_at)))
}

/// A page was not published before the web, nor after it was fetched.
fn plausible(page: &Page<'_>, time: Option<Timestamp>) -> Option<Timestamp> {
    let time = time?;
    let future = page.fetched_at.is_some_and(|now| time.to_utc() > now + chrono::Duration::days(2));
    (chrono::Datelike::year(&time) >= 1990 && chrono::Datelike::year(&time) < 2100 && !future).then_some(time)
}
