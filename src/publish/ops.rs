//! The ops wire: the desk's own alarms as Atom (RFC 4287), one entry for each condition of each feed.

use atom_syndication::{Category, Content, Entry, Feed, Generator, Link, Person, Text};
use chrono::DateTime;

use super::{identifier, plain};
use crate::config::Site;
use crate::model::Alarm;

/// The alarms that are in the wire.
const ENTRIES: usize = 200;

/// Renders alarms, the last changed first.
#[must_use]
pub fn ops(site: &Site, alarms: &[Alarm]) -> String {
    let mut alarms: Vec<&Alarm> = alarms.iter().collect();
    alarms.sort_by(|one, other| {
        other.updated.cmp(&one.updated).then_with(|| (&one.subject, one.condition).cmp(&(&other.subject, other.condition)))
    });
    alarms.truncate(ENTRIES);
    let updated = alarms.first().map_or(DateTime::UNIX_EPOCH, |alarm| alarm.updated).fixed_offset();
    let feed = Feed {
        title: Text::plain(format!("Alarms — {}", plain(&site.title))),
        id: identifier("topicwire ops"),
        updated,
        generator: Some(Generator { value: "topicwire".to_owned(), uri: None, version: Some(env!("CARGO_PKG_VERSION").to_owned()) }),
        links: vec![Link { rel: "self".to_owned(), href: format!("{}ops.atom", site.address), ..Link::default() }],
        authors: vec![Person { name: "topicwire".to_owned(), ..Person::default() }],
        entries: alarms.into_iter().map(entry).collect(),
        ..Feed::default()
    };
    feed.to_string() + "\n"
}

fn entry(alarm: &Alarm) -> Entry {
    let Alarm { condition, subject, detail, since, updated, ended, times } = alarm;
    let over = if ended.is_some() { " (over)" } else { "" };
    let time = |time: &crate::model::Instant| time.format("%Y-%m-%d %H:%M GMT").to_string();
    let until = ended.as_ref().map(|ended| format!(" until {}", time(ended))).unwrap_or_default();
    let often = if *times > 1 { format!("; it began {times} times") } else { String::new() };
    let text = format!("{}\nSince {}{until}{often}.", plain(detail), time(since));
    Entry {
        title: Text::plain(format!("{}: {condition}{over}", plain(subject))),
        id: identifier(&format!("topicwire ops {subject} {condition}")),
        updated: updated.fixed_offset(),
        published: Some(since.fixed_offset()),
        categories: vec![Category { term: condition.to_string(), ..Category::default() }],
        content: Some(Content { value: Some(text), content_type: Some("text".to_owned()), ..Content::default() }),
        ..Entry::default()
    }
}
