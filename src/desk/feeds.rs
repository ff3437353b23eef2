//! The feeds of the configuration and what their polls taught.

use serde::{Deserialize, Serialize};
use url::Url;

use super::{Desk, Question, Refusal};
use crate::config::{Feed, Kind};
use crate::model::{FeedId, FeedState, FeedUrl, Gap, Health, Instant, Moved, Standing, Subscription};
use crate::store::Store;

/// Asks for every feed.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Feeds {}

/// A feed as lists show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeedRow {
    pub id: FeedId,
    pub name: String,
    pub url: FeedUrl,
    pub kind: String,
    pub paused: bool,
    pub health: Health,
    pub polls: u64,
    pub articles: u64,
    /// Entries that wait for their page.
    pub pending: usize,
    pub last_poll: Option<Instant>,
    pub last_success: Option<Instant>,
    pub next_due: Option<Instant>,
    pub moved: Option<Moved>,
    /// When entries may have been missed.
    pub gaps: Vec<Gap>,
    /// What a hub promised to push.
    pub push: Option<Push>,
    /// When each of the newest articles appeared, oldest first.
    #[serde(default)]
    pub recent: Vec<Instant>,
    /// Whether each of the last pages yielded its article, oldest first.
    #[serde(default)]
    pub bodies: Vec<bool>,
}

/// A subscription at a hub, without what only the hub may know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Push {
    pub hub: Url,
    pub topic: Url,
    pub standing: Standing,
    pub works: bool,
    pub last_push: Option<Instant>,
    pub refusal: Option<String>,
}

impl Question for Feeds {
    const NAME: &'static str = "feeds";
    type Answer = Vec<FeedRow>;

    fn answer(&self, desk: &Desk) -> Result<Vec<FeedRow>, Refusal> {
        let mut states = desk.store.as_ref().map(Store::feed_states).transpose()?.unwrap_or_default();
        let mut subscriptions = desk.store.as_ref().map(Store::subscriptions).transpose()?.unwrap_or_default();
        let mut row = |feed: &Feed| {
            let push = subscriptions.remove(&feed.id).unwrap_or_default().into_iter().find(Subscription::is_wanted);
            row(feed, states.remove(&feed.id).unwrap_or_default(), push)
        };
        Ok(desk.config.feeds.iter().map(|feed| row(feed)).collect())
    }
}

fn row(feed: &Feed, state: FeedState, push: Option<Subscription>) -> FeedRow {
    let push = push.map(|Subscription { hub, topic, standing, works, last_push, refusal, .. }| Push {
        hub,
        topic,
        standing,
        works,
        last_push,
        refusal,
    });
    FeedRow {
        id: feed.id.clone(),
        name: feed.name.clone(),
        url: feed.url.clone(),
        kind: kind(&feed.kind).to_owned(),
        paused: feed.paused,
        health: state.health,
        polls: state.polls,
        articles: state.articles,
        pending: state.pending.len(),
        last_poll: state.last_poll,
        last_success: state.last_success,
        next_due: state.next_due,
        moved: state.moved,
        gaps: state.gaps,
        push,
        recent: state.recent,
        bodies: state.bodies,
    }
}

fn kind(kind: &Kind) -> &'static str {
    match kind {
        Kind::Feed => "feed",
        Kind::Listing(_) => "listing",
        Kind::Sitemap => "sitemap",
    }
}
