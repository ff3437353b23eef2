//! The times that a page shows its readers: in elements that say that they hold one, in short lines, in its first words; never what
//! stands where another article may be spoken of, nor what a sentence tells.

use std::iter;
use std::ops::Range;

use super::place::Place;
use super::{Stated, as_written, in_text, local, plausible};
use crate::extract::Page;
use crate::extract::hint::Hint;
use crate::extract::outline::{Content, Node, Outline, Tag, push_collapsed};
use crate::extract::weigh::is_stop;
use crate::model::{Origin, Timestamp};
use crate::text::date;

/// How far into the article a date that nothing marks is looked for, in bytes.
const BEGINNING: usize = 1500;
/// So many times and lines of a page are looked at, and so many elements around one.
const MANY: usize = 1000;
const AROUND: usize = 100;
/// A longer text, in bytes, is a sentence, and what stands before the dash of one is no place and day.
const REPORT: usize = 160;
/// Stands for the rest of a sentence: what is before it and what is after it are not one date.
const GAP: &str = " ¶";

/// The first time in an element that says that it holds one: of publication, or of an `update`.
pub(super) fn marked(page: &Page<'_>, place: &Place<'_>, near: &Range<usize>, update: bool) -> Option<Stated> {
    let outline = place.outline;
    let is_marked = |node: &Node<'_>| (node.tag == Tag::Time || node.hint == Hint::Date) && !is_clock(node);
    let marked = near.clone().filter(|index| place.get(*index).is_some_and(is_marked)).take(MANY);
    let marked = marked.filter(|index| place.is_own(*index) && !is_of_another(place, *index) && is_update(outline, *index) == update);
    let machine = marked.clone().find_map(|index| Some((for_machines(page, outline, index)?, place.get(index)?.origin())));
    let short = |index: &usize| place.weights.whole(*index).characters < 200;
    let written = |index| Some((in_text(page, &outline.text(index, 200))?, place.get(index)?.origin()));
    machine.or_else(|| marked.filter(short).find_map(written))
}

/// What the element says that is marked as a time of the article, such as `datePublished`, wherever it stands, unless it is part of
/// what is said about another thing. Several may be of several articles.
pub(super) fn microdata(page: &Page<'_>, place: &Place<'_>, property: &str) -> Option<Stated> {
    let is_marked = |node: &Node<'_>| node.attribute("itemprop").is_some_and(|name| name.trim() == property);
    let marked = place.nodes().filter(|index| place.get(*index).is_some_and(is_marked) && !is_of_another(place, *index));
    the_one_day(marked.filter_map(|index| time_of(page, place.outline, index)))
}

/// Whether a property is that of a thing which the page shows beside the article. One that has only properties may be the article.
fn is_of_another(place: &Place<'_>, index: usize) -> bool {
    let is_thing = |around: &usize| place.get(*around).is_some_and(|node| node.attribute("itemscope").is_some());
    let thing = place.outline.ancestors(index).take(AROUND).find(is_thing);
    thing.is_some_and(|thing| !place.holds_article(thing) && place.weights.whole(thing).characters > 0)
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

/// The first time in a short line: of publication, or of an `update`.
pub(super) fn in_line(page: &Page<'_>, place: &Place<'_>, near: &Range<usize>, update: bool) -> Option<Stated> {
    let lines = near.clone().filter(|index| {
        let weight = place.weights.whole(*index);
        let is_line = |tag| match tag {
            Tag::Script | Tag::Title | Tag::Control | Tag::Text => false,
            // A heading that says more than a day is about another one.
            Tag::Heading(2..) => weight.characters < 40,
            _ => true,
        };
        let sentence = weight.characters > 100 && weight.is_prose(60);
        weight.runs == 1
            && (4..200).contains(&weight.characters)
            && !sentence
            && place.get(*index).is_some_and(|node| is_line(node.tag) && !is_clock(node))
    });
    let lines =
        lines.take(MANY).filter(|index| place.is_own_line(*index)).take(60).filter(|index| is_update(place.outline, *index) == update);
    let lines = lines.map(|index| place.outline.text(index, 200)).filter(|line| !is_sentence(line));
    let mut lines = lines;
    lines.find_map(|line| Some((in_text(page, &line)?, Origin::VisibleText)))
}

/// Whether a text tells what happened: its words are more than those of a byline, and end as a sentence does.
fn is_sentence(text: &str) -> bool {
    let words = text.split(|character: char| !character.is_alphabetic()).filter(|word| word.chars().count() >= 3).count();
    let ends = text.trim_end_matches(|character: char| "»”\"')".contains(character)).ends_with(is_stop);
    words >= SENTENCE && ends
}

/// Fewer words of three letters and more are no sentence that need not be read.
const SENTENCE: usize = 5;

/// The first time in a short line that begins with one of `labels`.
pub(super) fn labelled(page: &Page<'_>, place: &Place<'_>, range: &Range<usize>, labels: &[&str]) -> Option<Stated> {
    let weight = |index: usize| place.weights.whole(index);
    let is_line = |index: &usize| (8..60).contains(&weight(*index).characters) && weight(*index).runs == 1;
    let lines = range.clone().filter(is_line).filter(|index| !place.weights.is_elsewhere(*index)).take(300);
    let told = lines
        .map(|index| (index, place.outline.text(index, 120).to_lowercase()))
        .filter(|(index, line)| after_label(line, labels).next().is_some() && place.is_own(*index));
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
pub(super) fn byline(place: &Place<'_>, near: &Range<usize>) -> Range<usize> {
    let is_paragraph = |index: &usize| {
        let weight = place.weights.whole(*index);
        weight.runs == 1 && weight.prose >= 150 && place.get(*index).is_some_and(|node| node.tag != Tag::Text)
    };
    near.start..near.clone().filter(is_paragraph).nth(2).unwrap_or(near.end)
}

/// The first words shown from the headline on, whatever they stand in, but of sentences only what stands before a dash: the place
/// and the day of a report.
pub(super) fn beginning(place: &Place<'_>, near: &Range<usize>) -> String {
    let mut text = String::new();
    for index in near.clone() {
        let Some(node) = place.get(index) else { continue };
        let is_shown = || place.get(node.parent).is_some_and(|parent| !matches!(parent.tag, Tag::Script | Tag::Title));
        if let Content::Text(part) = node.content
            && text.len() < BEGINNING
            && is_shown()
            && place.is_own_line(index)
        {
            text.push_str(&of_report(place, index, part));
            text.push(' ');
        }
    }
    text
}

/// What a text may tell of the day of a report: all of it, if it is no part of a sentence. Of a sentence, what stands before the first
/// dash, in brackets or in bold letters at its beginning.
fn of_report(place: &Place<'_>, index: usize, text: &str) -> String {
    let (mut part, mut around) = (String::new(), place.outline.ancestors(index));
    push_collapsed(&mut part, text.trim());
    let block = around.find(|around| place.get(*around).is_some_and(|node| !node.tag.is_inline())).unwrap_or(0);
    let line = if place.weights.whole(block).runs == 1 { place.outline.text(block, 400) } else { part.clone() };
    if line.len() < REPORT && !is_sentence(&line) {
        return part;
    }
    if !line.starts_with(&part) {
        return GAP.to_owned();
    }
    let end = match line.strip_prefix('(') {
        Some(_) => line.find(')'),
        None => ["–", "—", " - ", "--"].iter().filter_map(|dash| line.find(dash)).min(),
    };
    let is_bold = || place.outline.ancestors(index).take_while(|around| *around > block).any(|around| is_bold(place, around));
    match end.filter(|end| *end < REPORT) {
        Some(end) => part.truncate(end.min(part.len())),
        None if part.len() < REPORT && is_bold() => {}
        None => part.clear(),
    }
    part.push_str(GAP);
    part
}

fn is_bold(place: &Place<'_>, index: usize) -> bool {
    place.get(index).is_some_and(|node| matches!(node.tag, Tag::Strong | Tag::Emphasis))
}
