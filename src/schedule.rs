//! What a poll taught, and now: when and where to poll next. Pure: the time and the jitter are parameters.
//!
//! The aim is the least mean delay between publication and pickup for a given number of requests. That asks for polls in proportion to
//! the *square root* of a feed's rate (Sia, Cho and Cho, "Efficient Monitoring Algorithm for Fast News Alerts"); in proportion to the rate
//! itself they would be no better than polls of all feeds alike. The rate and its rhythm over the day are learned per feed
//! (`schedule/rhythm.rs`); what the server and the document ask for is a floor under that (`schedule/floor.rs`). Where to poll is
//! here, too (`schedule/moved.rs`); and when a letter is due that comes once a day (`schedule/calendar.rs`). `benches/schedule.rs` measures it.

mod calendar;
mod floor;
mod moved;
mod rhythm;

use std::time::Duration;

use chrono::TimeDelta;

use self::rhythm::Rhythm;
use crate::model::{FeedState, Instant, UrlHash};

pub use self::calendar::Calendar;
pub use self::moved::{address, sighted};
pub use self::rhythm::remember;

/// The bounds between which a feed is polled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    pub min: Duration,
    pub max: Duration,
}

/// How bad a failure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The name could not be resolved: as often our own network's fault.
    Dns,
    /// The server is there but not well: time-outs, 5xx, a document that cannot be read.
    Soft,
    /// The server does not want to give us this: 4xx, a forbidden address.
    Hard,
}

/// A feed that fails is asked at least this often: no feed is given up.
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// And one whose server wants to be left alone, at least this often.
const LONGEST_SILENCE: Duration = Duration::from_hours(48);

/// A server that says "too many requests" without a time is asked again after this.
const THROTTLED: Duration = Duration::from_hours(1);

/// The spread that keeps feeds from being polled in step: up to this part of the interval is added.
const SPREAD: f64 = 0.1;

/// When a feed whose last poll was answered is to be polled next: within `interval`, plus the spread.
///
/// `max_age` is what the server said of this answer; `jitter` is from 0 to 1.
#[must_use]
pub fn after_success(state: &FeedState, interval: Interval, max_age: Option<Duration>, now: Instant, jitter: f64) -> Instant {
    let learned = Rhythm::of(state, now).interval(now, interval.max);
    // Entries may have been missed: the feed turns over faster than it was thought to.
    let learned = if state.missed { learned / 4 } else { learned };
    let floor = floor::duration(&state.pacing, max_age);
    let due = later(now, learned.max(interval.min).max(floor).min(interval.max));
    let open = floor::next_open(&state.pacing, due).min(later(now, interval.max));
    spread(now, open, jitter)
}

/// When a feed whose last `failures` polls failed, the last one with `trouble`, is to be polled next: later each time, up to a day.
#[must_use]
pub fn after_failure(trouble: Trouble, failures: u32, interval: Interval, now: Instant, jitter: f64) -> Instant {
    let (first, growth): (u64, f64) = match trouble {
        Trouble::Dns => (120, 1.5),
        Trouble::Soft => (300, 2.0),
        Trouble::Hard => (3600, 2.0),
    };
    let times = growth.powi(i32::try_from(failures.saturating_sub(1)).unwrap_or(i32::MAX));
    let longest = LONGEST_WAIT.max(interval.min);
    let wait = Duration::from_secs(first).max(interval.min).as_secs_f64() * times;
    spread(now, later(now, Duration::try_from_secs_f64(wait).unwrap_or(longest).min(longest)), jitter)
}

/// When a feed whose server asked to be left alone is to be polled next. That is no failure of the feed's.
#[must_use]
pub fn after_throttling(retry_after: Option<Duration>, interval: Interval, now: Instant, jitter: f64) -> Instant {
    let wait = retry_after.unwrap_or(THROTTLED).min(LONGEST_SILENCE).max(interval.min);
    spread(now, later(now, wait), jitter)
}

/// Whether two successive documents of a feed, as [`FeedState::listed`] keeps them, leave no room for entries in between: they share one,
/// or one of them lists nothing at all. What both begin with is pinned there and shows nothing.
#[must_use]
pub fn overlaps(before: &[UrlHash], after: &[UrlHash]) -> bool {
    let pinned = before.iter().zip(after).take_while(|(before, after)| before == after).count();
    let [before, after] = [before, after].map(|listed| listed.get(pinned..).unwrap_or_default());
    before.is_empty() || after.is_empty() || after.iter().any(|entry| before.contains(entry))
}

/// Whether to ask once without validators, because "not modified" has been heard for so long that it may not be true: for a week, or for a
/// day from a feed that publishes several articles on most.
#[must_use]
pub fn doubts_validators(state: &FeedState, now: Instant) -> bool {
    let longest = if Rhythm::of(state, now).articles_a_day() >= 5.0 { TimeDelta::days(1) } else { TimeDelta::days(7) };
    state.last_document.is_some_and(|read| now - read >= longest)
}

fn spread(now: Instant, due: Instant, jitter: f64) -> Instant {
    let wait = (due - now).to_std().unwrap_or_default();
    // A jitter that is not a number adds nothing.
    later(due, Duration::try_from_secs_f64(wait.as_secs_f64() * SPREAD * jitter.clamp(0.0, 1.0)).unwrap_or_default())
}

fn later(now: Instant, wait: Duration) -> Instant {
    TimeDelta::from_std(wait).ok().and_then(|wait| now.checked_add_signed(wait)).unwrap_or(Instant::MAX_UTC)
}
