//! One pass over the feeds, as it is asked for and as it is told while it goes on.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Refusal;
use crate::config::{Config, Feed};
use crate::daemon;
use crate::model::{FeedId, FeedState, Health, Instant};
use crate::poll::Report;

/// Asks for a pass.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Pass {
    /// The feeds by their ids; all when none is named.
    pub feeds: Vec<String>,
    /// Poll also what is not due yet, and of those that are named what is paused.
    pub force: bool,
}

/// What a pass will do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub due: Vec<FeedId>,
    pub left: Left,
}

/// The feeds that are left alone, by the reason for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    pub not_due: Vec<FeedId>,
    pub paused: Vec<FeedId>,
    pub gone: Vec<FeedId>,
}

/// What happens in a pass: first the plan, then a report for each feed that is due, and last the end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    Planned(Plan),
    Polled(Box<Report>),
    Ended,
}

impl Pass {
    /// Which feeds to poll.
    ///
    /// # Errors
    /// When it names a feed that does not exist.
    pub fn plan(&self, config: &Config, states: &BTreeMap<FeedId, FeedState>, now: Instant) -> Result<Plan, Refusal> {
        let mut plan = Plan::default();
        for feed in self.named(config)? {
            let state = states.get(&feed.id);
            let forced = self.force && !(feed.paused && self.feeds.is_empty());
            let same = if forced || daemon::is_due(feed, state, now) {
                &mut plan.due
            } else if feed.paused {
                &mut plan.left.paused
            } else if state.is_some_and(|state| matches!(state.health, Health::Gone { .. })) {
                &mut plan.left.gone
            } else {
                &mut plan.left.not_due
            };
            same.push(feed.id.clone());
        }
        Ok(plan)
    }

    fn named<'a>(&self, config: &'a Config) -> Result<Vec<&'a Feed>, Refusal> {
        if self.feeds.is_empty() {
            return Ok(config.feeds.iter().map(AsRef::as_ref).collect());
        }
        let find = |name: &String| {
            let feed = FeedId::new(name.as_str()).ok().and_then(|id| config.feed(&id));
            let unknown = || Refusal::Wrong(format!("there is no feed `{name}`; `topicwire feed list` names them"));
            feed.map(AsRef::as_ref).ok_or_else(unknown)
        };
        let mut seen = BTreeSet::new();
        self.feeds.iter().filter(|name| seen.insert(*name)).map(find).collect()
    }
}
