//! `topicwire fetch`: one pass over the feeds, a progress bar, and a table of what happened. A daemon that runs does the pass.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use comfy_table::{CellAlignment, Table};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::running::Running;
use super::{Failure, open, recover};
use crate::clock;
use crate::config::{Feed, Storage};
use crate::daemon;
use crate::desk::{Event, Left, Pass};
use crate::fetch::Settings;
use crate::poll::{Outcome, Report};

#[derive(Debug, clap::Args)]
pub struct Fetch {
    /// The feeds to fetch, by their ids; all when none is named
    #[arg(value_name = "FEED")]
    feeds: Vec<String>,
    /// Fetch also what is not due yet; and what is paused, if it is named
    #[arg(long)]
    force: bool,
}

impl Fetch {
    pub(super) fn run(self, config: &Path, store: &Path, json: bool) -> Result<(), Failure> {
        let pass = Pass { feeds: self.feeds, force: self.force };
        let mut told = Told::default();
        let ended = if let Some(daemon) = Running::find(store)? {
            daemon.fetch(&pass, |event| told.hear(event))
        } else {
            let ended = here(&pass, config, store, |event| told.hear(event));
            recover::note(store, &ended);
            ended
        };
        let Told { left, mut reports, progress } = told;
        progress.finish_and_clear();
        // Nothing happened, not even a plan: there is nothing to tell.
        let Some(left) = left else { return ended };
        reports.sort_by(|one, other| one.feed.cmp(&other.feed));
        print(&reports, &left, json).context("cannot write the result")?;
        ended?;
        let failed = reports.iter().filter(|report| matches!(report.outcome, Outcome::Failed { .. })).count();
        if failed > 0 && failed == reports.len() {
            return Err(Failure::NotDone(anyhow!("none of the feeds could be read")));
        }
        Ok(())
    }
}

/// Does the pass in this process.
fn here(pass: &Pass, config: &Path, store: &Path, mut each: impl FnMut(Event)) -> Result<(), Failure> {
    let config = Arc::new(open::config(config)?);
    // A feed that does not exist is a reason to end before a store is made.
    pass.plan(&config, &BTreeMap::new(), clock::now())?;
    recover::refuse_damaged(store)?;
    let store = open::store(store)?;
    refuse_on_a_full_disk(store.folder(), &config.storage)?;
    let states = store.feed_states().context("cannot read the feeds' states")?;
    let plan = pass.plan(&config, &states, clock::now())?;
    let due: Vec<Arc<Feed>> = plan.due.iter().filter_map(|feed| config.feed(feed)).cloned().collect();
    each(Event::Planned(plan));
    let tools = Arc::new(open::tools(&config, store, Settings::of(&config.fetch))?);
    let pass = async {
        daemon::match_again_if_changed(&config, &tools).await?;
        daemon::pass(&due, config.fetch.concurrency, &tools, |polled| each(Event::Polled(Box::new(polled.report)))).await
    };
    super::block_on(async {
        // The pass may be dropped anywhere: a poll that has not committed has changed nothing.
        tokio::select! {
            done = pass => Ok(done.context("the store failed")?),
            () = super::stop_signal() => Err(Failure::NotDone(anyhow!("interrupted; what was read before is kept"))),
        }
    })?
}

/// As for the daemon: what is free under the floor is left to others.
fn refuse_on_a_full_disk(folder: &Path, storage: &Storage) -> Result<(), Failure> {
    let disk = daemon::disk(folder, storage);
    if disk.is_low() {
        let [free, floor] = [disk.free, disk.floor].map(|bytes| bytes >> 20);
        let text = format!("the disk is nearly full: {free} MiB are free, and nothing is fetched below {floor} MiB (`min_free_mib`)");
        return Err(Failure::NotDone(anyhow!(text)));
    }
    Ok(())
}

/// What was heard of a pass so far.
struct Told {
    left: Option<Left>,
    reports: Vec<Report>,
    progress: ProgressBar,
}

impl Default for Told {
    fn default() -> Self {
        Self { left: None, reports: Vec::new(), progress: ProgressBar::hidden() }
    }
}

impl Told {
    fn hear(&mut self, event: Event) {
        match event {
            Event::Planned(plan) => {
                self.progress = progress_bar(plan.due.len());
                self.left = Some(plan.left);
            }
            Event::Polled(report) => {
                self.progress.set_message(report.feed.clone());
                self.progress.inc(1);
                self.reports.push(*report);
            }
            Event::Ended => {}
        }
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
        let outcome = report.outcome.to_string();
        if super::cut(&outcome) != outcome {
            writeln!(output, "{}: {outcome}", report.feed)?;
        }
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
    let hint = !(not_due.is_empty() && gone.is_empty()) && std::io::stdout().is_terminal();
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
        row.push(super::cut(&report.outcome.to_string()));
        table.add_row(row);
    }
    table
}
