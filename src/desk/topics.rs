//! The topics of the configuration and how much is in them.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{Desk, Question, Refusal};
use crate::clock;
use crate::model::{Instant, TopicId};
use crate::store::{self, Store};

/// Asks for every topic.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Topics {}

/// A topic as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicRow {
    pub id: TopicId,
    pub title: String,
    pub description: Option<String>,
    pub entries: u64,
    /// When the newest entry was published.
    pub newest: Option<Instant>,
    /// Entries of the last 24 hours and of the last 7 days.
    #[serde(default)]
    pub last_day: u64,
    #[serde(default)]
    pub last_week: u64,
}

impl Question for Topics {
    const NAME: &'static str = "topics";
    type Answer = Vec<TopicRow>;

    fn answer(&self, desk: &Desk) -> Result<Vec<TopicRow>, Refusal> {
        let now = clock::now();
        let row = |wire: &crate::config::Wire| {
            let id = &wire.topic.id;
            let store = desk.store.as_ref();
            let newest = store.map(|store| newest(store, id)).transpose()?.flatten();
            let since = |since| store.map_or(Ok(0), |store: &Store| store.count(id, since));
            Ok(TopicRow {
                id: id.clone(),
                title: wire.title.clone(),
                description: wire.description.clone(),
                entries: since(Instant::MIN_UTC)?,
                newest,
                last_day: since(now - TimeDelta::hours(24))?,
                last_week: since(now - TimeDelta::days(7))?,
            })
        };
        desk.config.wires.values().map(|wire| row(wire)).collect()
    }
}

fn newest(store: &Store, topic: &TopicId) -> Result<Option<Instant>, store::Error> {
    Ok(store.newest(topic, 1, None)?.first().map(|published| published.article.time().to_utc()))
}
