//! `topicwire feed list`, `topicwire topic list`, `topicwire store stats`: what there is, as tables or JSON.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use serde_json::{Value, json};

use super::{Failure, open};
use crate::config::{Feed, Kind};
use crate::desk;
use crate::model::{FeedState, Health, Instant};
use crate::store::Store;

/// The feeds of the configuration and what their polls taught.
pub(super) fn feeds(config: &Path, store: &Path, json: bool) -> Result<(), Failure> {
    let config = open::config(config)?;
    let states = open::store_if_any(store)?.map_or_else(|| Ok(BTreeMap::new()), |store| store.feed_states());
    let states = states.context("cannot read the feeds' states")?;
    let rows: Vec<(&Feed, FeedState)> =
        config.feeds.iter().map(|feed| (feed.as_ref(), states.get(&feed.id).cloned().unwrap_or_default())).collect();
    if json {
        let feeds: Vec<Value> = rows.iter().map(|(feed, state)| feed_as_json(feed, state)).collect();
        return print(&json!({"feeds": feeds}).to_string());
    }
    let mut table = super::table(&["feed", "kind", "state", "articles", "last read", "next", "address"]);
    for (feed, state) in rows {
        table.add_row([
            feed.id.to_string(),
            kind(&feed.kind).to_owned(),
            if feed.paused { "paused".to_owned() } else { health(&state) },
            state.articles.to_string(),
            moment(state.last_success),
            moment(state.next_due),
            feed.url.to_string(),
        ]);
    }
    print(&table.to_string())
}

fn feed_as_json(feed: &Feed, state: &FeedState) -> Value {
    json!({
        "id": feed.id,
        "name": feed.name,
        "url": feed.url,
        "kind": kind(&feed.kind),
        "paused": feed.paused,
        "health": state.health,
        "polls": state.polls,
        "articles": state.articles,
        "pending": state.pending.len(),
        "last_poll": state.last_poll,
        "last_success": state.last_success,
        "next_due": state.next_due,
    })
}

fn kind(kind: &Kind) -> &'static str {
    match kind {
        Kind::Feed => "feed",
        Kind::Listing(_) => "listing",
        Kind::Sitemap => "sitemap",
    }
}

fn health(state: &FeedState) -> String {
    match &state.health {
        // Neither an answer nor a failure: what came was "too many requests".
        Health::New if state.last_poll.is_some() => "asked to wait".to_owned(),
        Health::New => "not polled yet".to_owned(),
        Health::Healthy => "healthy".to_owned(),
        Health::Failing { failures, reason, .. } => format!("failed {failures}×: {reason}"),
        Health::Gone { since } => format!("gone since {}", moment(Some(*since))),
    }
}

fn moment(moment: Option<Instant>) -> String {
    moment.map_or_else(|| "–".to_owned(), |moment| moment.format("%Y-%m-%d %H:%M UTC").to_string())
}

/// The topics of the configuration and how much is in them.
pub(super) fn topics(config: &Path, store: &Path, json: bool) -> Result<(), Failure> {
    let config = open::config(config)?;
    let store = open::store_if_any(store)?;
    let stats = store.as_ref().map(Store::stats).transpose().context("cannot count the entries")?;
    let entries = stats.map_or_else(BTreeMap::new, |stats| stats.topics);
    let mut rows = Vec::with_capacity(config.wires.len());
    for wire in &config.wires {
        let id = &wire.topic.id;
        let newest = store.as_ref().map_or_else(|| Ok(Vec::new()), |store| store.newest(id, 1, None));
        let newest = newest.context("cannot read the newest entry")?;
        let newest = newest.first().map(|published| published.article.time().to_utc());
        rows.push((wire, entries.get(id).copied().unwrap_or(0), newest));
    }
    if json {
        let topics: Vec<Value> = rows
            .iter()
            .map(|(wire, entries, newest)| {
                json!({"id": wire.topic.id, "title": wire.title, "description": wire.description, "entries": entries, "newest": newest})
            })
            .collect();
        return print(&json!({"topics": topics}).to_string());
    }
    let mut table = super::table(&["topic", "entries", "newest", "title"]);
    for (wire, entries, newest) in rows {
        table.add_row([wire.topic.id.to_string(), entries.to_string(), moment(newest), wire.title.clone()]);
    }
    print(&table.to_string())
}

/// The store in figures.
pub(super) fn store(config: &Path, store: &Path, json: bool) -> Result<(), Failure> {
    let stats = open::ask(open::config_if_any(config)?, store, &desk::Stats {})?;
    if json {
        return print(&serde_json::to_string(&stats).context("cannot write the figures")?);
    }
    let mut table = super::table(&["what", "how much"]);
    let mut row = |what: &str, how_much: String| {
        table.add_row([what.to_owned(), how_much]);
    };
    row("articles", stats.articles.to_string());
    for (topic, entries) in &stats.topics {
        row(&format!("entries of {topic}"), entries.to_string());
    }
    row("commits", stats.sequence.to_string());
    row("on disk", indicatif::HumanBytes(stats.bytes_on_disk).to_string());
    if stats.lost_commits > 0 {
        row("commits lost before this start", stats.lost_commits.to_string());
    }
    if stats.blobs > 0 {
        row("files that are not durable (please report)", stats.blobs.to_string());
    }
    print(&table.to_string())
}

fn print(text: &str) -> Result<(), Failure> {
    Ok(writeln!(std::io::stdout().lock(), "{text}").context("cannot write the result")?)
}
