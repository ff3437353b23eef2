//! Digests: the letters with what is new in a topic, as they would be sent now.

use std::cmp::Reverse;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{Desk, Question, Refusal};
use crate::clock;
use crate::config;
use crate::model::{Progress, Published, Scope, TopicId, UrlHash};
use crate::publish::{self, Letter, Tongue, View};

/// The most arrivals that are looked at for one letter; what came before them is counted, and on the wire's page.
const MOST_LOOKED_AT: u64 = 1_000;
/// The entries of a letter that nobody has ordered.
const ENTRIES: usize = 30;

/// Asks for the letters of a topic's digest that would be sent now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Digest {
    pub topic: TopicId,
}

/// A letter, if there is anything to write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// None where the topic has no digest: as somebody would get it who was never sent one.
    pub to: Option<String>,
    /// The numbers of the arrivals that it tells of.
    pub numbers: Range<u64>,
    /// The first and the last of these articles, if they are still there.
    pub articles: Option<(UrlHash, UrlHash)>,
    pub letter: Option<Letter>,
}

/// Notes that somebody was sent a letter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Posted {
    pub topic: TopicId,
    pub to: String,
    /// The number after the last arrival that it tells of.
    pub next: u64,
}

impl Question for Digest {
    const NAME: &'static str = "digest";
    type Answer = Vec<Draft>;

    fn answer(&self, desk: &Desk) -> Result<Vec<Draft>, Refusal> {
        let hint = "`topicwire topic list` names them";
        let wire = desk.config.wire(&self.topic).ok_or_else(|| Refusal::Wrong(format!("there is no topic `{}`; {hint}", self.topic)))?;
        let store = desk.store()?;
        let scope = Scope::Topic(self.topic.clone());
        let arrivals = store.wire_state(&scope)?.arrivals;
        let draft = |to: Option<String>| {
            let known = to.as_deref().map(|to| store.progress(&digest_outlet(&self.topic, to))).transpose()?.flatten().unwrap_or_default();
            let numbers = known.next..known.until.unwrap_or(arrivals);
            let letter = desk.letter(&self.topic, wire.digest.as_ref(), numbers.clone())?;
            Ok(Draft { to, articles: store.arrival_keys(&scope, numbers.clone())?, numbers, letter })
        };
        match &wire.digest {
            Some(digest) => digest.to.iter().map(|to| draft(Some(to.to_string()))).collect(),
            None => Ok(vec![draft(None)?]),
        }
    }
}

impl Question for Posted {
    const NAME: &'static str = "posted";
    type Answer = ();

    fn answer(&self, desk: &Desk) -> Result<(), Refusal> {
        let posted = Progress { next: self.next, last: Some(clock::now()), ..Progress::default() };
        Ok(desk.store()?.put_progress_now(&digest_outlet(&self.topic, &self.to), posted)?)
    }
}

impl Desk {
    /// What arrived at a topic under these numbers, as a letter; none when nothing of it is there. Blocks.
    ///
    /// # Errors
    /// When the store cannot be read, or nothing was ever stored.
    pub fn letter(&self, topic: &TopicId, digest: Option<&config::Digest>, numbers: Range<u64>) -> Result<Option<Letter>, Refusal> {
        let scope = Scope::Topic(topic.clone());
        let Some(channel) = self.config.channel(&scope) else { return Ok(None) };
        let from = numbers.start.max(numbers.end.saturating_sub(MOST_LOOKED_AT));
        let limit = usize::try_from(numbers.end.saturating_sub(from)).unwrap_or(usize::MAX);
        let (arrived, _) = self.store()?.arrived(&scope, from, limit)?;
        let within = arrived.into_iter().filter(|arrival| numbers.contains(&arrival.number));
        let mut published: Vec<Published> = within.map(|arrival| arrival.entry).collect();
        if published.is_empty() {
            return Ok(None);
        }
        published.sort_by_key(|entry| Reverse(entry.place()));
        let entries = digest.map_or(ENTRIES, |digest| digest.entries);
        let before = usize::try_from(from - numbers.start).unwrap_or(usize::MAX);
        let more = published.len().saturating_sub(entries).saturating_add(before);
        published.truncate(entries);
        let tongue = Tongue::of(digest.and_then(|digest| digest.language.as_ref()));
        let timezone = digest.map_or(chrono_tz::UTC, |digest| digest.calendar.timezone);
        let wire = publish::Wire::new(&self.config, &channel, &View::default(), &published);
        Ok(Some(wire.letter(tongue, timezone, more)))
    }
}

/// Under what it is kept how far a digest was sent to somebody.
pub(crate) fn digest_outlet(topic: &TopicId, to: &str) -> String {
    format!("digest/{topic}/{to}")
}
