//! When a feed is to be polled, by the configuration and what its polls taught.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;

use crate::config::{Config, Feed};
use crate::model::{FeedId, FeedState, Health, Instant};

/// No feed waits longer than this, or than its own longest interval, by much.
const LONGEST: Duration = Duration::from_hours(24);

/// Whether a feed is to be polled now.
#[must_use]
pub fn is_due(feed: &Feed, state: Option<&FeedState>, now: Instant) -> bool {
    time(feed, state, now).is_some_and(|due| due <= now)
}

/// The feeds that are to be polled at some time.
pub(super) fn times(config: &Config, states: &BTreeMap<FeedId, FeedState>, now: Instant) -> BTreeMap<FeedId, Instant> {
    let due = |feed: &Arc<Feed>| time(feed, states.get(&feed.id), now).map(|due| (feed.id.clone(), due));
    config.feeds.iter().filter_map(due).collect()
}

fn time(feed: &Feed, state: Option<&FeedState>, now: Instant) -> Option<Instant> {
    let at_once = Some(Instant::UNIX_EPOCH);
    let Some(state) = state.filter(|state| state.url.as_ref() == Some(feed.url.as_url())) else {
        return at_once.filter(|_| !feed.paused);
    };
    let gone = matches!(state.health, Health::Gone { .. });
    // What is further ahead was written by a clock that was wrong.
    let believable = |due: &Instant| *due - now <= longest(feed);
    if feed.paused || gone { None } else { state.next_due.filter(believable).or(at_once) }
}

/// The spread of intervals included.
fn longest(feed: &Feed) -> TimeDelta {
    TimeDelta::from_std(feed.interval.max.max(feed.interval.min).max(LONGEST) * 2).unwrap_or(TimeDelta::MAX)
}
