//! The desk's own alarms: what a poll says of its feed, judged against what is usual, and what befalls the store and the configuration.
//! Pure.
//!
//! Each condition of a feed is one [`Alarm`], which begins, changes and ends; what was seen in a poll becomes durable with it.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::config::Feed;
use crate::model::{Alarm, Condition, FeedState, Health, Instant};

/// The subject of alarms about the store.
pub const STORE: &str = "store";
/// The subject of alarms about the configuration.
pub const CONFIGURATION: &str = "configuration";

/// The times of publication from which it is known how long a feed's pauses are.
const ENOUGH_ARTICLES: usize = 8;
/// A feed is silent when a pause is so many times as long as its longest one, and as long as this at least.
const LONGER: i32 = 2;
const SILENCE: TimeDelta = TimeDelta::hours(24);
/// A feed that cannot be read for so long is told of.
const FAILING: TimeDelta = TimeDelta::hours(24);
/// A permanent redirect is told of when so many answers came by it.
const SIGHTINGS: u32 = 3;
/// The last pages, and those before them, whose yields are compared.
const PAGES: usize = 60;
const LAST_PAGES: usize = 10;
const ENOUGH_PAGES: usize = 20;
/// What is told of a condition that goes on changes once a day at most.
const PATIENCE: TimeDelta = TimeDelta::days(1);
/// The most that is told of the mistakes in a configuration, in characters.
const LONGEST: usize = 1000;

/// What a poll showed beside the feed's state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// A document was read.
    pub document: bool,
    /// It shared nothing with the one before.
    pub gap: bool,
    /// So many known articles came as new ones; 0 when that is not worth telling.
    pub flood: usize,
}

/// What becomes of a condition.
enum Verdict {
    /// It holds: what to tell of it.
    Holds(String),
    Over,
    /// This poll does not show it.
    Unknown,
}

/// The alarms of a feed that begin, change or end with a poll, after which its state is `state`. `known` are its alarms so far.
#[must_use]
pub fn after_poll(feed: &Feed, state: &FeedState, seen: Seen, known: &[Alarm], now: Instant) -> Vec<Alarm> {
    let verdicts = [
        (Condition::Silent, silent(state, now)),
        (Condition::Failing, failing(state, now)),
        (Condition::Gone, gone(state)),
        (Condition::Moved, moved(state)),
        (Condition::Gap, gap(seen)),
        (Condition::Flood, flood(seen)),
        (Condition::Extraction, extraction(state)),
    ];
    verdicts.into_iter().filter_map(|(condition, verdict)| change(feed.id.as_str(), condition, verdict, known, now)).collect()
}

/// The alarm about the store's disk, when it begins, changes or ends. `floor` is how many bytes have to be free.
#[must_use]
pub fn low_disk(free: u64, floor: u64, known: &[Alarm], now: Instant) -> Option<Alarm> {
    let mebibytes = |bytes: u64| bytes >> 20;
    let detail = || {
        format!(
            "the store's disk has {} MiB left of the {} MiB that should be free: make room, or keep articles less long",
            mebibytes(free),
            mebibytes(floor)
        )
    };
    let verdict = if free < floor { Verdict::Holds(detail()) } else { Verdict::Over };
    change(STORE, Condition::LowDisk, verdict, known, now)
}

/// The alarm about mail that is not taken, when it begins, changes or ends. `detail` says why it is not.
#[must_use]
pub fn undelivered(digest: &str, detail: Option<&str>, known: &[Alarm], now: Instant) -> Option<Alarm> {
    let hint = "it is tried again, nothing is lost; see `[email]` and `digest` in the configuration";
    let verdict = detail.map_or(Verdict::Over, |detail| Verdict::Holds(format!("{detail}; {hint}")));
    change(digest, Condition::Undelivered, verdict, known, now)
}

/// The alarm about a configuration that is not taken up, when it begins, changes or ends. `mistakes` says why it is not.
#[must_use]
pub fn refused(mistakes: Option<&str>, known: &[Alarm], now: Instant) -> Option<Alarm> {
    let detail = |mistakes: &str| {
        let mistakes: String = mistakes.chars().take(LONGEST).collect();
        format!("the configuration as it was saved is not taken up, the one before holds; `topicwire check` says it too: {mistakes}")
    };
    let verdict = mistakes.map_or(Verdict::Over, |mistakes| Verdict::Holds(detail(mistakes)));
    change(CONFIGURATION, Condition::Refused, verdict, known, now)
}

/// The alarm about a store that was put aside. It begins anew each time: each store that is lost is another.
#[must_use]
pub fn put_aside(detail: &str, known: &[Alarm], now: Instant) -> Option<Alarm> {
    let over: Vec<Alarm> = known.iter().map(|alarm| Alarm { ended: alarm.ended.or(Some(now)), ..alarm.clone() }).collect();
    change(STORE, Condition::Damaged, Verdict::Holds(detail.to_owned()), &over, now)
}

/// What a backup came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Copied {
    Made,
    /// It was not due, or none is wanted.
    NotDue,
    /// For this reason.
    Failed(String),
}

/// The alarms about the store that begin, change or end with a backup that was made, or not. The store that took the place of another is
/// an ordinary one when it has a backup of its own, or has served for a day.
#[must_use]
pub fn after_backup(copied: &Copied, known: &[Alarm], now: Instant) -> Vec<Alarm> {
    let (backup, damaged) = match copied {
        Copied::Made => (Verdict::Over, Verdict::Over),
        Copied::NotDue => (Verdict::Over, if is_old(known, now) { Verdict::Over } else { Verdict::Unknown }),
        Copied::Failed(reason) => {
            let hint = "it is tried again within the hour; see `backups` under [store] in the configuration";
            (Verdict::Holds(format!("the daily backup cannot be made: {reason}; {hint}")), Verdict::Unknown)
        }
    };
    let verdicts = [(Condition::NoBackup, backup), (Condition::Damaged, damaged)];
    verdicts.into_iter().filter_map(|(condition, verdict)| change(STORE, condition, verdict, known, now)).collect()
}

fn is_old(known: &[Alarm], now: Instant) -> bool {
    known.iter().any(|alarm| alarm.subject == STORE && alarm.condition == Condition::Damaged && now - alarm.since >= PATIENCE)
}

/// Ends the alarms of feeds that are not read any more, and of digests that are not sent any more.
pub fn without_subject<'a>(subjects: &'a BTreeSet<String>, known: &'a [Alarm], now: Instant) -> impl Iterator<Item = Alarm> + 'a {
    let is_own = |alarm: &Alarm| alarm.subject == STORE || alarm.subject == CONFIGURATION;
    let is_void = move |alarm: &&Alarm| alarm.ended.is_none() && !is_own(alarm) && !subjects.contains(&alarm.subject);
    known.iter().filter(is_void).map(move |alarm| Alarm { updated: now, ended: Some(now), ..alarm.clone() })
}

/// Remembers whether the pages of a poll yielded their articles, oldest first.
pub fn remember(bodies: &mut Vec<bool>, yields: impl IntoIterator<Item = bool>) {
    bodies.extend(yields);
    bodies.drain(..bodies.len().saturating_sub(PAGES));
}

fn change(subject: &str, condition: Condition, verdict: Verdict, known: &[Alarm], now: Instant) -> Option<Alarm> {
    let known = known.iter().find(|alarm| alarm.condition == condition && alarm.subject == subject);
    let open = known.filter(|alarm| alarm.ended.is_none());
    match (verdict, open) {
        (Verdict::Unknown, _) | (Verdict::Over, None) => None,
        (Verdict::Over, Some(open)) => Some(Alarm { updated: now, ended: Some(now), ..open.clone() }),
        (Verdict::Holds(detail), Some(open)) => {
            // Somebody works at the configuration, and wants to know what came of the last attempt.
            let at_once = condition == Condition::Refused;
            let worth_telling = open.detail != detail && (at_once || now - open.updated >= PATIENCE);
            worth_telling.then(|| Alarm { detail, updated: now, ..open.clone() })
        }
        (Verdict::Holds(detail), None) => {
            let times = known.map_or(1, |known| known.times.saturating_add(1));
            Some(Alarm { condition, subject: subject.to_owned(), detail, since: now, updated: now, ended: None, times })
        }
    }
}

fn silent(state: &FeedState, now: Instant) -> Verdict {
    if state.health != Health::Healthy || state.last_success != Some(now) {
        return Verdict::Unknown;
    }
    let Some(last) = state.recent.last() else { return Verdict::Unknown };
    let pauses = state.recent.iter().zip(state.recent.iter().skip(1)).map(|(one, next)| *next - *one);
    let longest = pauses.max().unwrap_or_default();
    if state.recent.len() < ENOUGH_ARTICLES || now - *last <= (longest * LONGER).max(SILENCE) {
        return Verdict::Over;
    }
    let hours = longest.num_hours().max(1);
    let since = last.format("%Y-%m-%d %H:%M");
    Verdict::Holds(format!(
        "nothing new since {since} GMT, although its longest pause was about {hours} h: look whether the agency has another feed now"
    ))
}

fn failing(state: &FeedState, now: Instant) -> Verdict {
    match &state.health {
        Health::Failing { since, reason, .. } if now - *since >= FAILING => {
            Verdict::Holds(format!("it could not be read since {} GMT: {reason}", since.format("%Y-%m-%d %H:%M")))
        }
        Health::Failing { .. } => Verdict::Unknown,
        Health::New | Health::Healthy | Health::Gone { .. } => Verdict::Over,
    }
}

fn gone(state: &FeedState) -> Verdict {
    match &state.health {
        Health::Gone { .. } => Verdict::Holds(
            "its server says that it is gone for good (410), and it is not asked again: remove it or change its address".to_owned(),
        ),
        Health::New | Health::Healthy | Health::Failing { .. } => Verdict::Over,
    }
}

fn moved(state: &FeedState) -> Verdict {
    match &state.moved {
        Some(moved) if moved.sightings >= SIGHTINGS => {
            Verdict::Holds(format!("it moved to `{}`: write that address into the configuration", moved.to))
        }
        Some(_) => Verdict::Unknown,
        None => Verdict::Over,
    }
}

fn gap(seen: Seen) -> Verdict {
    match seen {
        Seen { gap: true, .. } => Verdict::Holds(
            "nothing that it listed at one poll was listed at the next: entries in between may be missing; a shorter `interval` helps"
                .to_owned(),
        ),
        Seen { document: true, .. } => Verdict::Over,
        Seen { .. } => Verdict::Unknown,
    }
}

fn flood(seen: Seen) -> Verdict {
    match seen {
        Seen { flood: 1.., .. } => Verdict::Holds(format!(
            "{} articles came again with other addresses or ids; they were recognised and are not in the wires a second time",
            seen.flood
        )),
        Seen { document: true, .. } => Verdict::Over,
        Seen { .. } => Verdict::Unknown,
    }
}

fn extraction(state: &FeedState) -> Verdict {
    let Some(before) = state.bodies.len().checked_sub(LAST_PAGES).filter(|before| *before >= ENOUGH_PAGES) else {
        return Verdict::Unknown;
    };
    let (before, last) = state.bodies.split_at(before);
    let percent = |bodies: &[bool]| bodies.iter().filter(|body| **body).count() * 100 / bodies.len().max(1);
    let (before, last) = (percent(before), percent(last));
    if last * 2 >= before {
        return Verdict::Over;
    }
    Verdict::Holds(format!(
        "only {last} % of the last {LAST_PAGES} pages yielded an article, of those before {before} %: the site may have changed, or keeps us out; \
         rules under `article` in the configuration can help"
    ))
}
