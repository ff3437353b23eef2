//! The keys of the indexes: bytes whose order is the order in which wires are read.

use std::ops::Range;

use crate::model::{Condition, FeedId, Instant, Scope, TopicId, UrlHash};

use super::Place;

/// The bytes of a [`Place`].
const PLACE: usize = 24;

/// Time, then key: sorts as places do.
pub(super) fn of_place(place: Place) -> Vec<u8> {
    let mut bytes = of_time(place.time).to_vec();
    bytes.extend(place.key.as_bytes());
    bytes
}

/// The least key of all places of that time.
pub(super) fn of_time(time: Instant) -> [u8; 8] {
    // The sign bit is turned, so that times before 1970 sort before those after it.
    (time.timestamp_micros().cast_unsigned() ^ (1 << 63)).to_be_bytes()
}

/// An entry of a topic: the topic's name and a zero, which no name contains, then the place.
pub(super) fn of_entry(topic: &TopicId, place: Place) -> Vec<u8> {
    let mut bytes = topic.as_str().as_bytes().to_vec();
    bytes.push(0);
    bytes.extend(of_place(place));
    bytes
}

/// An entry of an agency, as one of a topic.
pub(super) fn of_agency(feed: &FeedId, place: Place) -> Vec<u8> {
    [feed.as_str().as_bytes(), &[0], &of_place(place)].concat()
}

/// The keys of the agency's entries that stand before a place.
pub(super) fn range_of_agency(feed: &FeedId, before: Option<Place>) -> Range<Vec<u8>> {
    let edge = |end: u8| [feed.as_str().as_bytes(), &[end]].concat();
    edge(0)..before.map_or_else(|| edge(1), |before| of_agency(feed, before))
}

/// A wire as a whole.
pub(super) fn of_wire(scope: &Scope) -> Vec<u8> {
    scope.path().into_bytes()
}

/// Arrivals in a row: the wire and a zero, which no path contains, then the number of the first.
pub(super) fn of_arrivals(scope: &Scope, first: u64) -> Vec<u8> {
    of_numbered(&of_wire(scope), first)
}

/// The wire of arrivals, as [`of_wire`], and the number of the first.
pub(super) fn arrivals(bytes: &[u8]) -> Option<(&[u8], u64)> {
    let (rest, number) = bytes.split_last_chunk::<8>()?;
    let (_, wire) = rest.split_last()?;
    Some((wire, u64::from_be_bytes(*number)))
}

/// An archive of a wire.
pub(super) fn of_archive(wire: &[u8], number: u64) -> Vec<u8> {
    of_numbered(wire, number)
}

fn of_numbered(wire: &[u8], number: u64) -> Vec<u8> {
    [wire, &[0], &number.to_be_bytes()].concat()
}

/// A mark: the topic's name and a zero, then the article.
pub(super) fn of_mark(topic: &TopicId, article: UrlHash) -> Vec<u8> {
    [&of_marks(topic), article.as_bytes().as_slice()].concat()
}

/// What the keys of all marks of a topic begin with.
pub(super) fn of_marks(topic: &TopicId) -> Vec<u8> {
    [topic.as_str().as_bytes(), &[0]].concat()
}

/// The keys of the topic's entries that stand before a place.
pub(super) fn range_of_topic(topic: &TopicId, before: Option<Place>) -> Range<Vec<u8>> {
    let edge = |end: u8| [topic.as_str().as_bytes(), &[end]].concat();
    edge(0)..before.map_or_else(|| edge(1), |before| of_entry(topic, before))
}

/// The keys of the topic's entries of that time and later.
pub(super) fn range_of_topic_since(topic: &TopicId, since: Instant) -> Range<Vec<u8>> {
    let edge = |end: &[u8]| [topic.as_str().as_bytes(), end].concat();
    edge(&[&[0], &of_time(since)[..]].concat())..edge(&[1])
}

/// The place at the end of an index key.
pub(super) fn place(bytes: &[u8]) -> Option<Place> {
    let (_, bytes) = bytes.split_at_checked(bytes.len().checked_sub(PLACE)?)?;
    let (time, key) = bytes.split_first_chunk::<8>()?;
    let micros = (u64::from_be_bytes(*time) ^ (1 << 63)).cast_signed();
    Some(Place { time: Instant::from_timestamp_micros(micros)?, key: UrlHash::from_stored(key.try_into().ok()?) })
}

/// The topic at the beginning of an entry's key.
pub(super) fn topic(bytes: &[u8]) -> Option<TopicId> {
    let name = bytes.get(..bytes.len().checked_sub(PLACE + 1)?)?;
    TopicId::new(std::str::from_utf8(name).ok()?).ok()
}

/// A further part of a record: the kind of record, its key, the part's number.
pub(super) fn of_part(kind: u8, key: &[u8], part: u16) -> Vec<u8> {
    [&[kind], key, &part.to_be_bytes()].concat()
}

/// An older version of an article.
pub(super) fn of_version(article: UrlHash, number: u32) -> Vec<u8> {
    [article.as_bytes(), &number.to_be_bytes()[..]].concat()
}

/// An alarm: its subject's name and a zero, which no name contains, then the condition.
pub(super) fn of_alarm(subject: &str, condition: Condition) -> Vec<u8> {
    [subject.as_bytes(), &[0], condition.as_str().as_bytes()].concat()
}
