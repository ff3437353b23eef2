//! When the article was published and last changed. What the page says to machines comes first, then what it shows near the
//! headline, then its address; never a date of another article.

mod shown;

use std::ops::Range;

use chrono::{FixedOffset, NaiveTime, Offset, Timelike};
use chrono_tz::Tz;

use self::shown::{beginning, byline, in_line, labelled, marked};
use super::Page;
use super::metadata::Metadata;
use super::outline::Outline;
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

/// How many days after its publication a page may be stamped anew. What readers are told of longer ago is about something else.
const MADE_ANEW: i64 = 92;

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
    let american = metadata.is_american();
    let read = |(text, origin): (&str, Origin)| {
        let swapped = if american { day_first(text) } else { None };
        let time = date::parse(swapped.as_deref().unwrap_or(text), zone(page), page.fetched_at);
        plausible(page, time).map(|time| (local(page, time), origin))
    };
    let linked = |text: &Option<String>| text.as_deref().and_then(|text| read((text, Origin::JsonLd)));
    let modified = linked(&metadata.linked.modified).or_else(|| MODIFIED.iter().flat_map(|name| metadata.claims(name)).find_map(read));
    let everywhere = 0..outline.nodes.len();
    let modified = modified.or_else(|| marked(page, outline, weights, near, true));
    let stated = linked(&metadata.linked.published)
        .or_else(|| PUBLISHED.iter().flat_map(|name| metadata.claims(name)).find_map(read))
        .or_else(|| {
            metadata
                .named(|name| name.contains("pub") && (name.contains("date") || name.contains("time") || name.ends_with("published")))
                .find_map(read)
        });
    // What is stated as no earlier than the last change is often when the page was made: what readers are told then says more.
    let doubtful = stated.zip(modified).is_some_and(|((stated, _), (modified, _))| stated >= modified);
    let told = || labelled(page, outline, weights, &everywhere);
    let is_earlier = |told: &Stated, stated: &Stated| (1..=MADE_ANEW).contains(&(stated.0.date_naive() - told.0.date_naive()).num_days());
    let earlier = |stated: Stated| told().filter(|told| is_earlier(told, &stated)).unwrap_or(stated);
    let stated = if doubtful { stated.map(earlier) } else { stated };
    let published = stated
        .or_else(|| marked(page, outline, weights, near, false))
        .or_else(told)
        .or_else(|| in_line(page, outline, weights, &byline(outline, weights, near), false))
        .or_else(|| of_address(page).map(|time| (time, Origin::Url)))
        .or_else(|| in_line(page, outline, weights, near, false).filter(|(time, _)| time.time() != NaiveTime::MIN))
        .or_else(|| in_text(page, &beginning(outline, weights, near)).map(|time| (time, Origin::VisibleText)))
        .or_else(|| in_line(page, outline, weights, near, false))
        .or_else(|| marked(page, outline, weights, near, true))
        .or_else(|| in_line(page, outline, weights, near, true))
        .or_else(|| marked(page, outline, weights, &everywhere, false))
        .or_else(|| in_line(page, outline, weights, &everywhere, false))
        .or(modified);
    (published, modified)
}

/// `26.11.2025` for the `11/26/2025` or `11-26-2025` that a text begins with.
fn day_first(text: &str) -> Option<String> {
    let (date, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
    let mut parts = date.split(['/', '-']);
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    let is_number = |part: &str| part.len() <= 2 && part.parse::<u8>().is_ok();
    (is_number(month) && is_number(day) && year.len() == 4 && parts.next().is_none()).then(|| format!("{day}.{month}.{year} {rest}"))
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
