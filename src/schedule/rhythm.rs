//! How often, and at which hours, a feed publishes: learned from when its newest articles appeared, with a prior for what is not yet known.
//!
//! Articles are taken to appear as a Poisson process whose rate is one number for the feed times a weight for the hour of the day. Both are
//! means of Gamma posteriors: (prior count + articles seen) / (prior time + time watched). The past fades with a half-life.

use std::time::Duration;

use chrono::{DurationRound, TimeDelta, Timelike};

use crate::model::{FeedState, Instant};

/// As many times of publication as a feed's memory keeps.
const REMEMBERED: usize = 128;

/// How long what was learned counts: after this, half.
const HALF_LIFE: f64 = 14.0 * 24.0;

/// Of a feed of which nothing is known: ten articles a day, as if one had been seen.
const PRIOR_HOURS: f64 = 2.4;
const PRIOR_ARTICLES: f64 = 1.0;

/// An hour's weight is taken to be 1 as if so many articles had been seen in it.
const PRIOR_WEIGHT: f64 = 4.0;

/// The interval of a feed that publishes one article an hour. The others' are to this as 1 to the square root of their hourly rate.
const HOURS_AT_ONE_AN_HOUR: f64 = 0.25;

/// What is known of a feed's rate.
#[derive(Debug)]
pub(super) struct Rhythm {
    /// Articles an hour, the mean over the day.
    rate: f64,
    /// By hour of the day, GMT.
    weights: [f64; 24],
}

/// Adds the times at which new articles appeared to [`FeedState::recent`], given those at which they claim to have been published. To be
/// called before the state's `last_success` moves.
///
/// What claims no time, or one before the last poll, which did not show it, appeared somewhere between that poll and this.
pub fn remember(state: &mut FeedState, published: impl IntoIterator<Item = Option<Instant>>, now: Instant) {
    let last = state.last_success;
    let appeared = |claimed: Option<Instant>| match (claimed, last) {
        (Some(claimed), Some(last)) if (last..=now).contains(&claimed) => Some(claimed),
        (_, Some(last)) => Some(last + (now - last) / 2),
        (claimed, None) => claimed.map(|claimed| claimed.min(now)),
    };
    state.recent.extend(published.into_iter().filter_map(appeared));
    state.recent.sort_unstable();
    let surplus = state.recent.len().saturating_sub(REMEMBERED);
    state.recent.drain(..surplus);
}

impl Rhythm {
    pub(super) fn of(state: &FeedState, now: Instant) -> Self {
        // Without the oldest few: agencies pin old articles.
        let recent = state.recent.get(state.recent.len() / 8..).unwrap_or_default();
        let ages = || recent.iter().map(|&time| hours(now - time));
        // A feed that never had an article has been watched since its first poll.
        let watched = ages().next().unwrap_or_else(|| f64::from(u32::try_from(state.polls).unwrap_or(u32::MAX)) * HOURS_AT_ONE_AN_HOUR);
        // The oldest article only marks where watching began.
        let articles: f64 = ages().skip(1).map(|age| (-age / HALF_LIFE).exp2()).sum();
        let time = HALF_LIFE / std::f64::consts::LN_2 * (1.0 - (-watched / HALF_LIFE).exp2());
        let rate = (PRIOR_ARTICLES + articles) / (PRIOR_HOURS + time);
        Self { rate, weights: weights(recent, now) }
    }

    pub(super) fn articles_a_day(&self) -> f64 {
        self.rate * 24.0
    }

    /// The time over which the square root of the rate adds up to what it does in [`HOURS_AT_ONE_AN_HOUR`] at one article an hour, so that
    /// polls are dense by day and sparse by night; at most `longest`.
    pub(super) fn interval(&self, now: Instant, longest: Duration) -> Duration {
        let longest = longest.as_secs_f64() / 3600.0;
        let (mut elapsed, mut left) = (0.0, HOURS_AT_ONE_AN_HOUR);
        let mut step = 1.0 - hours(now - hour_of(now));
        for weight in self.weights.iter().cycle().skip(now.hour() as usize) {
            let density = (self.rate * weight).sqrt();
            if density * step >= left || elapsed + step >= longest {
                elapsed += left / density;
                break;
            }
            left -= density * step;
            elapsed += step;
            step = 1.0;
        }
        Duration::try_from_secs_f64(elapsed.min(longest) * 3600.0).unwrap_or_default()
    }
}

/// The weight of each hour of the day: how much more than the mean was published in it and its neighbours.
fn weights(recent: &[Instant], now: Instant) -> [f64; 24] {
    let mut seen = [0.0; 24];
    for time in recent.iter().skip(1) {
        seen[time.hour() as usize] += 1.0;
    }
    let watched = recent.first().map_or([0.0; 24], |&first| watched(first, now));
    let around = |counts: &[f64; 24], hour: usize| counts[(hour + 23) % 24] / 2.0 + counts[hour] + counts[(hour + 1) % 24] / 2.0;
    let mean = seen.iter().sum::<f64>() / watched.iter().sum::<f64>().max(1.0);
    std::array::from_fn(|hour| (PRIOR_WEIGHT + around(&seen, hour)) / (PRIOR_WEIGHT + mean * around(&watched, hour)))
}

/// How long each hour of the day was watched from `first` to `now`.
fn watched(first: Instant, now: Instant) -> [f64; 24] {
    let whole_days = (now - first).num_days().max(0);
    let mut watched = [f64::from(u32::try_from(whole_days).unwrap_or(u32::MAX)); 24];
    let mut time = first + TimeDelta::days(whole_days);
    while time < now {
        let next = (hour_of(time) + TimeDelta::hours(1)).min(now);
        watched[time.hour() as usize] += hours(next - time);
        time = next;
    }
    watched
}

fn hour_of(time: Instant) -> Instant {
    time.duration_trunc(TimeDelta::hours(1)).unwrap_or(time)
}

fn hours(span: TimeDelta) -> f64 {
    span.as_seconds_f64().max(0.0) / 3600.0
}
