//! The topics of the configuration and how much is in them.

use serde::{Deserialize, Serialize};

use super::{Desk, Question, Refusal};
use crate::model::{Instant, TopicId};
use crate::store::Store;

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
}

impl Question for Topics {
    const NAME: &'static str = "topics";
    type Answer = Vec<TopicRow>;

    fn answer(&self, desk: &Desk) -> Result<Vec<TopicRow>, Refusal> {
        let entries = desk.store.as_ref().map(Store::stats).transpose()?.map(|stats| stats.topics).unwrap_or_default();
        let mut rows = Vec::with_capacity(desk.config.wires.len());
        for wire in &desk.config.wires {
            let id = &wire.topic.id;
            let newest = desk.store.as_ref().map(|store| store.newest(id, 1, None)).transpose()?.unwrap_or_default();
            rows.push(TopicRow {
                id: id.clone(),
                title: wire.title.clone(),
                description: wire.description.clone(),
                entries: entries.get(id).copied().unwrap_or(0),
                newest: newest.first().map(|published| published.article.time().to_utc()),
            });
        }
        Ok(rows)
    }
}
