//! When the article was published and last changed. What the page says to machines comes first, then what it shows near the
//! headline, then its address; never a date of another article.

use std::ops::Range;

use chrono::{FixedOffset, NaiveTime, Offset, Timelike};
use chrono_tz::Tz;

use super::Page;
use super::hint::Hint;
use super::metadata::Metadata;
use super::outline::{Content, Node, Outline, Tag, push_collapsed};
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
    let earlier = |stated: Stated| told().filter(|told| told.0.date_naive() < stated.0.date_naive()).unwrap_or(stated);
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

/// The first time in an element that says that it holds one: of publication, or of an `update`.
fn marked(page: &Page<'_>, outline: &Outline<'_>, weights: &Weights, near: &Range<usize>, update: bool) -> Option<Stated> {
    let marked = near.clone().filter(|index| {
        let is_marked = outline.get(*index).is_some_and(|node| (node.tag == Tag::Time || node.hint == Hint::Date) && !is_clock(node));
        is_marked && !weights.is_elsewhere(*index) && !is_of_teaser(outline, weights, *index) && is_update(outline, *index) == update
    });
    let machine = marked.clone().find_map(|index| {
        let node = outline.get(index)?;
        let time = in_text(page, ["datetime", "content", "title"].iter().find_map(|name| node.attribute(name))?)?;
        Some((time, node.origin()))
    });
    let short = |index: &usize| weights.whole(*index).characters < 200;
    let written = |index| Some((in_text(page, &outline.text(index, 200))?, outline.get(index)?.origin()));
    machine.or_else(|| marked.filter(short).find_map(written))
}

/// Whether an element shows what time it is.
fn is_clock(node: &Node<'_>) -> bool {
    ["class", "id"].into_iter().filter_map(|name| node.attribute(name)).any(|name| name.contains("current") || name.contains("today"))
}

/// Whether an element stands in a heading or beside a linked headline: it is about another article.
fn is_of_teaser(outline: &Outline<'_>, weights: &Weights, index: usize) -> bool {
    let is_headline = |link: usize| {
        let of_date = outline.get(link).is_some_and(|node| (link..node.end).contains(&index));
        !of_date && outline.text(link, 200).chars().count() >= HEADLINE
    };
    outline.ancestors(index).take(2).any(|around| {
        let is_heading = outline.get(around).is_some_and(|node| matches!(node.tag, Tag::Heading(2..)));
        let mut links = outline.subtree(around).filter(|(_, node)| node.tag == Tag::Link).map(|(link, _)| link);
        is_heading || (weights.whole(around).runs <= 3 && weights.whole(around).is_linked(50) && links.any(is_headline))
    })
}

/// Shorter links, in characters, name authors and sections.
const HEADLINE: usize = 30;

/// The first time in a short line: of publication, or of an `update`.
fn in_line(page: &Page<'_>, outline: &Outline<'_>, weights: &Weights, near: &Range<usize>, update: bool) -> Option<Stated> {
    let lines = near.clone().filter(|index| {
        let weight = weights.whole(*index);
        let is_line = |tag| match tag {
            Tag::Script | Tag::Title | Tag::Control | Tag::Text => false,
            // A heading that says more than a day is about another one.
            Tag::Heading(2..) => weight.characters < 40,
            _ => true,
        };
        // And a sentence is about what happened.
        let sentence = weight.characters > 100 && weight.is_prose(60);
        weight.runs == 1
            && (4..200).contains(&weight.characters)
            && !sentence
            && outline.get(*index).is_some_and(|node| is_line(node.tag) && !is_clock(node))
    });
    let lines = lines.filter(|index| !weights.is_elsewhere(*index) && !is_of_teaser(outline, weights, *index)).take(60);
    let lines = lines.filter(|index| is_update(outline, *index) == update);
    lines.map(|index| outline.text(index, 200)).find_map(|line| Some((in_text(page, &line)?, Origin::VisibleText)))
}

/// The first time in a short line that begins by saying that it tells when the article was published.
fn labelled(page: &Page<'_>, outline: &Outline<'_>, weights: &Weights, range: &Range<usize>) -> Option<Stated> {
    let is_line = |index: &usize| (8..60).contains(&weights.whole(*index).characters) && weights.whole(*index).runs == 1;
    let lines = range.clone().filter(is_line).filter(|index| !weights.is_elsewhere(*index)).take(300);
    let told = lines.map(|index| (index, outline.text(index, 120))).filter(|(index, line)| {
        let line = line.to_lowercase();
        let tells = LABELS.iter().any(|label| line.strip_prefix(label).is_some_and(|rest| !rest.starts_with(char::is_alphabetic)));
        tells && !is_of_teaser(outline, weights, *index)
    });
    told.take(60).find_map(|(_, line)| Some((in_text(page, &line)?, Origin::VisibleText)))
}

/// How lines begin that tell when the article was published, lower case.
const LABELS: [&str; 30] = [
    "published",
    "published on",
    "publication date",
    "date published",
    "first published",
    "posted",
    "posted on",
    "date",
    "опубликовано",
    "опубликована",
    "дата публикации",
    "дата",
    "размещено",
    "опубліковано",
    "дата публікації",
    "жарияланды",
    "жарияланған",
    "жарияланған күні",
    "жарыяланды",
    "e'lon qilingan",
    "e’lon qilingan",
    "veröffentlicht",
    "erschienen",
    "datum",
    "publié",
    "publicado",
    "fecha",
    "opublikowano",
    "data publikacji",
    "yayınlanma tarihi",
];

/// Whether an element speaks of the last change, by its name or its first words.
fn is_update(outline: &Outline<'_>, index: usize) -> bool {
    let attribute = |name| outline.get(index).and_then(|node| node.attribute(name)).unwrap_or_default().to_lowercase();
    let (property, class) = (attribute("itemprop"), attribute("class"));
    let speaks = |name: &str| name.contains("updat") || name.contains("modif");
    match (property.contains("publi"), speaks(&property), class.contains("publi"), speaks(&class)) {
        (true, ..) => false,
        (_, true, ..) | (_, _, false, true) => true,
        _ => {
            let text = outline.text(index, 60).to_lowercase();
            UPDATED.iter().any(|word| text.starts_with(word))
        }
    }
}

/// How lines about the last change begin, lower case.
const UPDATED: [&str; 18] = [
    "updated",
    "last updated",
    "last modified",
    "modified",
    "обновлен",
    "обновлён",
    "изменен",
    "последнее обновление",
    "последнее изменение",
    "оновлен",
    "жаңартыл",
    "yangilan",
    "aktualisiert",
    "zuletzt aktualisiert",
    "mis à jour",
    "actualizado",
    "aktualizacja",
    "güncelleme",
];

/// The nodes from the headline to the third paragraph: where bylines stand.
fn byline(outline: &Outline<'_>, weights: &Weights, near: &Range<usize>) -> Range<usize> {
    let is_paragraph = |index: &usize| {
        let weight = weights.whole(*index);
        weight.runs == 1 && weight.prose >= 150 && outline.get(*index).is_some_and(|node| node.tag != Tag::Text)
    };
    near.start..near.clone().filter(is_paragraph).nth(2).unwrap_or(near.end)
}

/// `26.11.2025` for the `11/26/2025` or `11-26-2025` that a text begins with.
fn day_first(text: &str) -> Option<String> {
    let (date, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
    let mut parts = date.split(['/', '-']);
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    let is_number = |part: &str| part.len() <= 2 && part.parse::<u8>().is_ok();
    (is_number(month) && is_number(day) && year.len() == 4 && parts.next().is_none()).then(|| format!("{day}.{month}.{year} {rest}"))
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
