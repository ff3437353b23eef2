//! When the article was published and last changed. What the page says to machines comes first, then what it shows near the
//! headline, then its address; never a date of another article.

mod place;
mod shown;

use std::ops::Range;

use chrono::{Datelike, FixedOffset, NaiveTime, Offset, Timelike};

use self::place::Place;
use self::shown::{DAY, PUBLICATION, beginning, byline, in_line, labelled, marked, microdata};
use super::Page;
use super::metadata::Metadata;
use super::outline::Outline;
use super::weigh::Weights;
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

/// How many days after its publication a page may be stamped anew. A day of longer ago is that of something else, unless it is said
/// to be that of the publication.
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
        let time = date::parse(swapped.as_deref().unwrap_or(text), page.timezone, page.fetched_at);
        plausible(page, time).map(|time| (local(page, time), origin))
    };
    let linked = |text: &Option<String>| text.as_deref().and_then(|text| read((text, Origin::JsonLd)));
    let place = &Place::of(outline, weights, near, &metadata.title);
    // What a `meta` with an `itemprop` states may be said of another article: see `microdata`.
    let claimed = |names: &[&str]| {
        let claims = names.iter().flat_map(|name| metadata.claims(name));
        claims.filter(|(_, origin)| *origin != Origin::Microdata).find_map(read)
    };
    let modified = linked(&metadata.linked.modified)
        .or_else(|| claimed(&MODIFIED))
        .or_else(|| microdata(page, place, "dateModified"))
        .or_else(|| marked(page, place, near, true));
    let stated = linked(&metadata.linked.published).or_else(|| claimed(&PUBLISHED)).or_else(|| {
        let named = metadata.named(|name| name.contains("pub") && ["date", "time", "published"].iter().any(|word| name.contains(word)));
        named.filter(|(_, origin)| *origin != Origin::Microdata).find_map(read)
    });
    let head = byline(place, near);
    let stated = match (stated, modified) {
        (None, _) => microdata(page, place, "datePublished"),
        (Some(stated), None) => Some(shown_instead(page, place, &head, stated)),
        (Some(stated), Some((modified, _))) if stated.0 >= modified => Some(told_instead(page, place, near, stated)),
        _ => stated,
    };
    let published = stated.or_else(|| marked(page, place, &head, false)).or_else(|| guessed(page, place, near, &head)).or(modified);
    (published, modified)
}

/// What the page shows somewhere of the day of the article, the surest first. An element far from the headline that says that it holds
/// a time says no more than a line.
fn guessed(page: &Page<'_>, place: &Place<'_>, near: &Range<usize>, head: &Range<usize>) -> Option<Stated> {
    let everywhere = place.nodes();
    let shown = |range: &Range<usize>, update| marked(page, place, range, update).map(|(time, _)| (time, Origin::VisibleText));
    shown(near, false)
        .or_else(|| told(page, place))
        .or_else(|| in_line(page, place, head, false))
        .or_else(|| of_address(page).map(|time| (time, Origin::Url)))
        .or_else(|| in_line(page, place, near, false).filter(|(time, _)| time.time() != NaiveTime::MIN))
        .or_else(|| in_text(page, &beginning(place, near)).map(|time| (time, Origin::VisibleText)))
        .or_else(|| in_line(page, place, near, false))
        .or_else(|| shown(near, true))
        .or_else(|| in_line(page, place, near, true))
        .or_else(|| shown(&everywhere, false))
        .or_else(|| in_line(page, place, &everywhere, false))
        .or_else(|| shown(&everywhere, true))
        .or_else(|| in_line(page, place, &everywhere, true))
}

/// A day of which no change is told may be any day of the page's making: what readers are shown says more. Not where they put the
/// month before the day.
fn shown_instead(page: &Page<'_>, place: &Place<'_>, head: &Range<usize>, stated: Stated) -> Stated {
    let is_another = |(shown, _): &Stated| {
        let (shown_day, stated_day) = (shown.date_naive(), stated.0.date_naive());
        let swapped = shown_day.day() == stated_day.month() && shown_day.month() == stated_day.day();
        *shown != stated.0 && shown_day != stated_day && !swapped
    };
    microdata(page, place, "datePublished").or_else(|| marked(page, place, head, false)).filter(is_another).unwrap_or(stated)
}

/// What is stated as no earlier than the last change is often when the page was made: what readers are told then says more.
fn told_instead(page: &Page<'_>, place: &Place<'_>, near: &Range<usize>, stated: Stated) -> Stated {
    let days_before = |told: &Stated| (stated.0.date_naive() - told.0.date_naive()).num_days();
    let here = labelled(page, place, near, &PUBLICATION).filter(|told| days_before(told) > 0);
    here.or_else(|| told(page, place).filter(|told| (1..=MADE_ANEW).contains(&days_before(told)))).unwrap_or(stated)
}

/// The day that a line of the page tells by its first words.
fn told(page: &Page<'_>, place: &Place<'_>) -> Option<Stated> {
    let labelled = |labels: &[&str]| labelled(page, place, &place.nodes(), labels);
    labelled(&PUBLICATION).or_else(|| labelled(&DAY))
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
    as_written(page, text).map(|time| local(page, time))
}

/// As [`in_text`], on the day that the line names, whoever its readers are.
fn as_written(page: &Page<'_>, text: &str) -> Option<Timestamp> {
    let read = |text| date::parse(text, page.timezone, page.fetched_at).or_else(|| date::find(text, page.timezone, page.fetched_at));
    plausible(page, read(text))
}

/// The same instant as the readers of the page write it, where it is stated in UTC: of two days that it falls on, theirs.
fn local(page: &Page<'_>, time: Timestamp) -> Timestamp {
    if time.offset().fix().local_minus_utc() != 0 || time.time() == NaiveTime::MIN {
        return time;
    }
    if let Some(zone) = page.timezone {
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
    dashed.or_else(whole).and_then(|text| plausible(page, date::parse(&text, page.timezone, page.fetched_at)))
}

/// A page was not published before the web, nor after it was fetched.
fn plausible(page: &Page<'_>, time: Option<Timestamp>) -> Option<Timestamp> {
    let time = time?;
    let future = page.fetched_at.is_some_and(|now| time.to_utc() > now + chrono::Duration::days(2));
    (time.year() >= 1990 && time.year() < 2100 && !future).then_some(time)
}
