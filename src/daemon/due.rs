//! When a feed is to be polled, by the configuration and what its polls taught.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::{Config, Feed};
use crate::model::{FeedId, FeedState, Health, Instant};

/// Whether a feed is to be polled now.
#[must_use]
pub fn is_due(feed: &Feed, state: Option<&FeedState>, now: Instant) -> bool {
    time(feed, state).is_some_and(|due| due <= now)
}

/// The feeds that are to be polled at some time.
pub(super) fn times(config: &Config, states: &BTreeMap<FeedId, FeedState>) -> BTreeMap<FeedId, Instant> {
    let due = |feed: &Arc<Feed>| time(feed, states.get(&feed.id)).map(|due| (feed.id.clone(), due));
    config.feeds.iter().filter_map(due).collect()
}

fn time(feed: &Feed, state: Option<&FeedState>) -> Option<Instant> {
    let at_once = Some(Instant::UNIX_EPOCH);
    let Some(state) = state.filter(|state| state.url.as_ref() == Some(feed.url.as_url())) else {
        return at_once.filter(|_| !feed.paused);
    };
    let gone = matches!(state.health, Health::Gone { .. });
    if feed.paused || gone { None } else { state.next_due.or(at_once) }
}
