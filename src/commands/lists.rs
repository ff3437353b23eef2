//! `topicwire feed list`, `topicwire topic list`, `topicwire store stats`: what there is, as tables or JSON.

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use serde_json::json;

use super::{Failure, open};
use crate::desk::{self, FeedRow, Push};
use crate::model::{Gap, Health, Instant, Standing};

/// The feeds of the configuration and what their polls taught.
pub(super) fn feeds(config: &Path, store: &Path, json: bool) -> Result<(), Failure> {
    let rows = open::ask(|| open::config(config), store, &desk::Feeds {})?;
    if json {
        return print(&json!({"feeds": rows}).to_string());
    }
    let mut table = super::table(&["feed", "kind", "state", "articles", "last read", "next", "push", "may miss", "address"]);
    for row in rows {
        table.add_row([
            row.id.to_string(),
            row.kind.clone(),
            if row.paused { "paused".to_owned() } else { super::cut(&health(&row)) },
            row.articles.to_string(),
            moment(row.last_success),
            moment(row.next_due),
            row.push.as_ref().map_or("–", pushes).to_owned(),
            gaps(&row.gaps),
            row.url.to_string(),
        ]);
    }
    print(&table.to_string())
}

fn health(row: &FeedRow) -> String {
    match &row.health {
        // Neither an answer nor a failure: what came was "too many requests".
        Health::New if row.last_poll.is_some() => "asked to wait".to_owned(),
        Health::New => "not polled yet".to_owned(),
        Health::Healthy => "healthy".to_owned(),
        Health::Failing { failures, reason, .. } => format!("failed {failures}×: {reason}"),
        Health::Gone { since } => format!("gone since {}", moment(Some(*since))),
    }
}

/// Whether a hub pushes what is new.
fn pushes(push: &Push) -> &'static str {
    match push.standing {
        Standing::Active { .. } if push.works => "works",
        Standing::Active { .. } => "agreed",
        Standing::Asked if push.refusal.is_some() => "refused",
        Standing::Asked => "asked",
        Standing::Denied { .. } => "denied",
        Standing::Leaving { .. } => "given up",
    }
}

/// The newest of the times in which entries may have been missed.
fn gaps(gaps: &[Gap]) -> String {
    let Some(Gap { from, until }) = gaps.last() else { return "–".to_owned() };
    let end = if from.date_naive() == until.date_naive() { "%H:%M UTC" } else { "%Y-%m-%d %H:%M UTC" };
    let earlier = gaps.len() - 1;
    let earlier = if earlier > 0 { format!(" and {earlier} before") } else { String::new() };
    format!("{} to {}{earlier}", from.format("%Y-%m-%d %H:%M"), until.format(end))
}

fn moment(moment: Option<Instant>) -> String {
    moment.map_or_else(|| "–".to_owned(), |moment| moment.format("%Y-%m-%d %H:%M UTC").to_string())
}

/// The topics of the configuration and how much is in them.
pub(super) fn topics(config: &Path, store: &Path, json: bool) -> Result<(), Failure> {
    let rows = open::ask(|| open::config(config), store, &desk::Topics {})?;
    if json {
        return print(&json!({"topics": rows}).to_string());
    }
    let mut table = super::table(&["topic", "entries", "newest", "title"]);
    for row in rows {
        table.add_row([row.id.to_string(), row.entries.to_string(), moment(row.newest), row.title]);
    }
    print(&table.to_string())
}

/// The store in figures.
pub(super) fn store(config: &Path, store: &Path, json: bool) -> Result<(), Failure> {
    let stats = open::ask(|| open::config_if_any(config), store, &desk::Stats {})?;
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
