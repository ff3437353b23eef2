//! `topicwire fetch`: one pass over the feeds, a progress bar, and a table of what happened.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use comfy_table::{CellAlignment, Table};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::{Failure, open};
use crate::clock;
use crate::config::{Config, Feed};
use crate::daemon;
use crate::model::{FeedId, FeedState, Health};
use crate::poll::{Outcome, Report};

#[derive(Debug, clap::Args)]
pub struct Fetch {
    /// The feeds to fetch, by their ids; all when none is named
    #[arg(value_name = "FEED")]
    feeds: Vec<String>,
    /// Fetch also what is not due yet
    #[arg(long)]
    force: bool,
}

impl Fetch {
    pub(super) fn run(&self, config: &Path, store: &Path, json: bool) -> Result<(), Failure> {
        let config = open::config(config)?;
        let named = self.named(&config)?;
        let store = open::store(store)?;
        let states = store.feed_states().context("cannot read the feeds' states")?;
        let now = clock::now();
        let (due, not_due): (Vec<Arc<Feed>>, Vec<Arc<Feed>>) =
            named.into_iter().partition(|feed| self.force || daemon::is_due(feed, states.get(&feed.id), now));
        let left = Left::of(&not_due, &states);
        let tools = Arc::new(open::tools(&config, store, open::settings(&config))?);

        let progress = progress_bar(due.len());
        let mut reports: Vec<Report> = Vec::with_capacity(due.len());
        let pass = daemon::pass(&due, config.fetch.concurrency, &tools, |polled| {
            progress.set_message(polled.report.feed.clone());
            progress.inc(1);
            reports.push(polled.report);
        });
        let interrupted = super::block_on(async {
            // The pass may be dropped anywhere: a poll that has not committed has changed nothing.
            tokio::select! {
                done = pass => done.map(|()| false),
                () = super::stop_signal() => Ok(true),
            }
        })?;
        progress.finish_and_clear();
        let interrupted = interrupted.context("the store failed")?;

        reports.sort_by(|one, other| one.feed.cmp(&other.feed));
        print(&reports, &left, json).context("cannot write the result")?;
        if interrupted {
            return Err(Failure::NotDone(anyhow!("interrupted; what was read before is kept")));
        }
        let failed = reports.iter().filter(|report| matches!(report.outcome, Outcome::Failed { .. })).count();
        if failed > 0 && failed == reports.len() {
            return Err(Failure::NotDone(anyhow!("none of the feeds could be read")));
        }
        Ok(())
    }

    fn named(&self, config: &Config) -> Result<Vec<Arc<Feed>>, Failure> {
        if self.feeds.is_empty() {
            return Ok(config.feeds.clone());
        }
        let find = |name: &String| {
            let feed = FeedId::new(name.as_str()).ok().and_then(|id| config.feed(&id)).cloned();
            feed.ok_or_else(|| Failure::Wrong(anyhow!("there is no feed `{name}`; `topicwire feed list` names them")))
        };
        let mut seen = BTreeSet::new();
        self.feeds.iter().filter(|name| seen.insert(*name)).map(find).collect()
    }
}

/// The feeds that were left alone, by the reason for it.
#[derive(Default)]
struct Left<'a> {
    not_due: Vec<&'a FeedId>,
    paused: Vec<&'a FeedId>,
    gone: Vec<&'a FeedId>,
}

impl<'a> Left<'a> {
    fn of(feeds: &'a [Arc<Feed>], states: &BTreeMap<FeedId, FeedState>) -> Self {
        let mut left = Self::default();
        for feed in feeds {
            let gone = states.get(&feed.id).is_some_and(|state| matches!(state.health, Health::Gone { .. }));
            let same = if feed.paused {
                &mut left.paused
            } else if gone {
                &mut left.gone
            } else {
                &mut left.not_due
            };
            same.push(&feed.id);
        }
        left
    }
}

/// Shown only on a terminal.
fn progress_bar(length: usize) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{bar:30} {pos}/{len} feeds  {elapsed}  {msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(length as u64).with_style(style);
    bar.enable_steady_tick(std::time::Duration::from_millis(200));
    bar
}

fn print(reports: &[Report], left: &Left, json: bool) -> std::io::Result<()> {
    let Left { not_due, paused, gone } = left;
    let mut output = std::io::stdout().lock();
    if json {
        return writeln!(output, "{}", json!({"feeds": reports, "not_due": not_due, "paused": paused, "gone": gone}));
    }
    if !reports.is_empty() {
        writeln!(output, "{}", table(reports))?;
    }
    for report in reports {
        for warning in &report.warnings {
            writeln!(output, "{}: {warning}", report.feed)?;
        }
    }
    let (polled, new) = (reports.len(), reports.iter().map(|report| report.new).sum());
    let matched: usize = reports.iter().map(|report| report.matched).sum();
    write!(output, "{} polled, {}, {matched} on a topic", open::count(polled, "feed"), open::count(new, "new article"))?;
    for (feeds, why) in [(not_due, "not due yet"), (paused, "paused"), (gone, "gone")] {
        if !feeds.is_empty() {
            let are = if feeds.len() == 1 { "is" } else { "are" };
            write!(output, "; {} {are} {why}", open::count(feeds.len(), "feed"))?;
        }
    }
    let hint = !(not_due.is_empty() && paused.is_empty() && gone.is_empty()) && std::io::stdout().is_terminal();
    writeln!(output, "{}", if hint { " (--force fetches them all the same)" } else { "" })
}

/// What happened, a row a feed.
pub(super) fn table(reports: &[Report]) -> Table {
    let mut table = super::table(&["feed", "listed", "new", "on topic", "no page", "waiting", "result"]);
    for column in 1..=5 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for report in reports {
        let numbers = [report.listed, report.new, report.matched, report.without_page, report.pending];
        let mut row = vec![report.feed.clone()];
        row.extend(numbers.map(|number| number.to_string()));
        row.push(report.outcome.to_string());
        table.add_row(row);
    }
    table
}
