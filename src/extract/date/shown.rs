//! The times that a page shows its readers: in elements that say that they hold one, in short lines, in its first words; never what
//! stands in the side column or beside another article's headline.

use std::iter;
use std::ops::Range;

use super::{Stated, as_written, in_text, local, plausible};
use crate::extract::Page;
use crate::extract::hint::Hint;
use crate::extract::outline::{Content, Node, Outline, Tag, push_collapsed};
use crate::extract::weigh::Weights;
use crate::model::{Origin, Timestamp};
use crate::text::date;

/// How far into the article a date that nothing marks is looked for, in bytes.
const BEGINNING: usize = 1500;

/// The first time in an element that says that it holds one: of publication, or of an `update`.
pub(super) fn marked(page: &Page<'_>, outline: &Outline<'_>, weights: &Weights, near: &Range<usize>, update: bool) -> Option<Stated> {
    let marked = near.clone().filter(|index| {
        let is_marked = outline.get(*index).is_some_and(|node| (node.tag == Tag::Time || node.hint == Hint::Date) && !is_clock(node));
        is_marked && !weights.is_elsewhere(*index) && !is_of_teaser(outline, weights, *index) && is_update(outline, *index) == update
    });
    let machine = marked.clone().find_map(|index| {
        let node = outline.get(index)?;
        Some((for_machines(page, outline, index)?, node.origin()))
    });
    let short = |index: &usize| weights.whole(*index).characters < 200;
    let written = |index| Some((in_text(page, &outline.text(index, 200))?, outline.get(index)?.origin()));
    machine.or_else(|| marked.filter(short).find_map(written))
}

/// What the element says that is marked as the time of publication, wherever it stands. Several may be of several articles.
pub(super) fn microdata(page: &Page<'_>, outline: &Outline<'_>) -> Option<Stated> {
    let is_marked = |node: &Node<'_>| node.attribute("itemprop").is_some_and(|property| property.trim() == "datePublished");
    let marked = outline.nodes.iter().enumerate().filter(|(_, node)| is_marked(node));
    the_one_day(marked.filter_map(|(index, _)| time_of(page, outline, index)))
}

/// What all times of the page name, if it is one day, wherever they stand.
pub(super) fn alone(page: &Page<'_>, outline: &Outline<'_>, weights: &Weights) -> Option<Stated> {
    let is_time = |index: usize, node: &Node<'_>| {
        (node.tag == Tag::Time || node.hint == Hint::Date) && weights.whole(index).characters < 60 && !is_clock(node)
    };
    let marked = outline.nodes.iter().enumerate().filter(|(index, node)| is_time(*index, node));
    the_one_day(marked.filter_map(|(index, _)| time_of(page, outline, index)))
}

/// The first of several times, if all are of one day.
fn the_one_day(mut times: impl Iterator<Item = Stated>) -> Option<Stated> {
    let first = times.next()?;
    times.take(SEVERAL).all(|(time, _)| time.date_naive() == first.0.date_naive()).then_some(first)
}

/// The time of an element: what it states to machines, or else what it shows.
fn time_of(page: &Page<'_>, outline: &Outline<'_>, index: usize) -> Option<Stated> {
    let time = for_machines(page, outline, index).or_else(|| in_text(page, &outline.text(index, 100)))?;
    Some((time, outline.get(index)?.origin()))
}

/// What an attribute of an element states. Of two days that it falls on, that of the readers, or the one which the element shows.
fn for_machines(page: &Page<'_>, outline: &Outline<'_>, index: usize) -> Option<Timestamp> {
    let node = outline.get(index)?;
    let time = as_written(page, ["datetime", "content", "title"].iter().find_map(|name| node.attribute(name))?)?;
    let shown = in_text(page, &outline.text(index, 100)).map(|shown| shown.date_naive());
    Some(if shown == Some(time.date_naive()) { time } else { local(page, time) })
}

/// So many times tell whether all are of one day.
const SEVERAL: usize = 100;

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
pub(super) fn in_line(page: &Page<'_>, outline: &Outline<'_>, weights: &Weights, near: &Range<usize>, update: bool) -> Option<Stated> {
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

/// The first time in a short line that begins with one of `labels`.
pub(super) fn labelled(page: &Page<'_>, outline: &Outline<'_>, weights: &Weights, range: &Range<usize>, labels: &[&str]) -> Option<Stated> {
    let is_line = |index: &usize| (8..60).contains(&weights.whole(*index).characters) && weights.whole(*index).runs == 1;
    let lines = range.clone().filter(is_line).filter(|index| !weights.is_elsewhere(*index)).take(300);
    let told = lines
        .map(|index| (index, outline.text(index, 120).to_lowercase()))
        .filter(|(index, line)| after_label(line, labels).next().is_some() && !is_of_teaser(outline, weights, *index));
    told.take(60).find_map(|(_, line)| Some((after_label(&line, labels).find_map(|rest| in_front(page, rest))?, Origin::VisibleText)))
}

/// What follows the labels that a line in lower case begins with: `date` and `date published` may both be one.
fn after_label<'a>(line: &'a str, labels: &[&str]) -> impl Iterator<Item = &'a str> {
    labels.iter().filter_map(move |label| line.strip_prefix(label)).filter(|rest| !rest.starts_with(char::is_alphabetic))
}

/// The time that a text begins with. Another word before it makes it a time of something else: `рождения: 12.03.2012`.
fn in_front(page: &Page<'_>, text: &str) -> Option<Timestamp> {
    let text = text.trim_start_matches(|character: char| character.is_whitespace() || ":-–—([".contains(character));
    let mut ends = iter::once(text.len()).chain(text.rmatch_indices(char::is_whitespace).map(|(end, _)| end));
    // The date is parsed behind a label, so that no word of the text is taken for one.
    let time = ends.find_map(|end| date::parse(&format!("date: {}", text.get(..end)?), page.timezone, page.fetched_at));
    plausible(page, time).map(|time| local(page, time))
}

/// How lines begin that tell a day, most often that of the article, lower case.
pub(super) const DAY: [&str; 4] = ["date", "дата", "datum", "fecha"];

/// How lines begin that tell when the article was published, lower case.
pub(super) const PUBLICATION: [&str; 26] = [
    "published",
    "published on",
    "publication date",
    "date published",
    "first published",
    "posted",
    "posted on",
    "опубликовано",
    "опубликована",
    "дата публикации",
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
    "publié",
    "publicado",
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
pub(super) fn byline(outline: &Outline<'_>, weights: &Weights, near: &Range<usize>) -> Range<usize> {
    let is_paragraph = |index: &usize| {
        let weight = weights.whole(*index);
        weight.runs == 1 && weight.prose >= 150 && outline.get(*index).is_some_and(|node| node.tag != Tag::Text)
    };
    near.start..near.clone().filter(is_paragraph).nth(2).unwrap_or(near.end)
}

/// The first words shown from the headline on, whatever they stand in.
pub(super) fn beginning(outline: &Outline<'_>, weights: &Weights, near: &Range<usize>) -> String {
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
