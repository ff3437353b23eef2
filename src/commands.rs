//! The command line: one file per subcommand. Results go to standard output, progress and logs to standard error.
//!
//! Exit codes: 0 done, 1 it could not be done, 2 the command line or the configuration is wrong.

mod article;
pub mod batch;
mod check;
mod demo;
mod digest;
mod edit;
mod export;
mod extract;
mod feed;
mod fetch;
mod files;
mod lists;
mod manual;
mod matching;
mod open;
mod prune;
mod recover;
mod run;
mod running;
mod search;
mod store;
mod story;
mod supervisor;
mod topic;
mod watch;

use std::io::{IsTerminal, Stderr, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, anyhow};
use clap::{Parser, Subcommand};
use comfy_table::{ContentArrangement, Table, presets};
use futures_util::future::select_all;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::desk::Refusal;

/// How long work that blocks may go on when all else has ended.
const AFTER_THE_END: Duration = Duration::from_secs(2);

/// The longest line of the log, in bytes.
const LONGEST_LINE: usize = 16 << 10;

/// The longest text in a table that is not on a terminal, in characters.
const LONGEST_CELL: usize = 70;

/// Watches news agencies and publishes, for each topic, one clean full-text feed.
#[derive(Debug, Parser)]
#[command(name = "topicwire", version = crate::VERSION, max_term_width = 100)]
pub struct Arguments {
    /// The configuration: agencies, topics, where to listen
    #[arg(long, global = true, default_value = "feeds.toml", value_name = "FILE")]
    pub config: PathBuf,
    /// The folder that the articles live in
    #[arg(long, global = true, default_value = "store", value_name = "DIR")]
    pub store: PathBuf,
    /// Print results as JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// How the log on standard error is written
    #[arg(long, global = true, default_value = "pretty", value_name = "FORMAT")]
    pub log_format: LogFormat,
    #[command(subcommand)]
    pub command: Command,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people, with colours on a terminal
    Pretty,
    /// One JSON object a line
    Json,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// The daemon: poll on schedule, match, publish and serve until SIGTERM or Ctrl-C
    Run,
    /// Poll the feeds once and say what happened
    Fetch(fetch::Fetch),
    /// Show the whole pipeline on a small recorded agency: no network, no configuration needed
    Demo(demo::Demo),
    /// Read the configuration and say every mistake
    Check,
    /// Look at feeds, find them, change them
    #[command(subcommand)]
    Feed(feed::Feed),
    /// Look at topics, try them, teach them
    #[command(subcommand)]
    Topic(topic::Topic),
    /// Print the cleaned article of pages
    Extract(extract::Extract),
    /// Match articles against the topics
    Match(matching::Match),
    /// Group articles that tell the same text
    Story(story::Story),
    /// Print everything that is known of an article
    Article(article::Article),
    /// Search the stored articles
    Search(search::Search),
    /// Write a wire as files, for a static host
    Export(export::Export),
    /// Print the letters of a topic's digest, or send them
    Digest(digest::Digest),
    /// Look after the data
    #[command(subcommand)]
    Store(store::Store),
    /// Write the manual pages
    #[command(hide = true)]
    Man {
        /// The folder to write to
        folder: PathBuf,
    },
    /// Print a shell's completions
    #[command(hide = true)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// What went wrong, and with it the exit code.
pub(crate) enum Failure {
    /// Exit code 1.
    NotDone(anyhow::Error),
    /// Exit code 2: the command line or the configuration.
    Wrong(anyhow::Error),
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::NotDone(error)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Wrong(reason) => Self::Wrong(anyhow!(reason)),
            Refusal::NotDone(reason) => Self::NotDone(anyhow!(reason)),
        }
    }
}

/// Does what the command line says.
#[must_use]
pub fn run(arguments: Arguments) -> ExitCode {
    let Arguments { config, store, json, log_format, command } = arguments;
    log(matches!(command, Command::Run), log_format);
    let done = match command {
        Command::Run => run::run(config, &store),
        Command::Fetch(fetch) => fetch.run(&config, &store, json),
        Command::Demo(demo) => demo.run(),
        Command::Check => check::run(&config, json),
        Command::Feed(feed) => feed.run(&config, &store, json),
        Command::Topic(topic) => topic.run(&config, &store, json),
        Command::Extract(extract) => extract.run(&config, json),
        Command::Match(matching) => matching.run(&config, json),
        Command::Story(story) => story.run(json),
        Command::Article(article) => article.run(&config, &store, json),
        Command::Search(search) => search.run(&config, &store, json),
        Command::Export(export) => export.run(&config, &store, json),
        Command::Digest(digest) => digest.run(&config, &store, json),
        Command::Store(command) => command.run(&config, &store, json),
        Command::Man { folder } => manual::pages(&folder),
        Command::Completions { shell } => manual::completions(shell),
    };
    let (error, code) = match done {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::NotDone(error)) => (error, ExitCode::from(1)),
        Err(Failure::Wrong(error)) => (error, ExitCode::from(2)),
    };
    if broken_pipe(&error) {
        return ExitCode::SUCCESS;
    }
    complain(&error);
    code
}

#[expect(clippy::print_stderr, reason = "why a command, or a part of it, failed")]
fn complain(error: &anyhow::Error) {
    eprintln!("topicwire: {error:#}");
}

/// Does the same for all that the command line names: what fails is said, and the rest is done.
fn for_each<T>(items: &[T], mut work: impl FnMut(&T) -> Result<(), Failure>) -> Result<(), Failure> {
    let mut failed = 0_usize;
    for item in items {
        match work(item) {
            Err(Failure::NotDone(error)) if items.len() > 1 && !broken_pipe(&error) => {
                complain(&error);
                failed += 1;
            }
            done => done?,
        }
    }
    if failed == 0 { Ok(()) } else { Err(Failure::NotDone(anyhow!("{failed} of {} could not be read", items.len()))) }
}

/// Whoever reads our output has read enough (`topicwire … | head`): nothing went wrong.
fn broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe))
}

/// Logs go to standard error. `RUST_LOG` says how much; by default the daemon tells each poll, commands only what is wrong.
fn log(daemon: bool, format: LogFormat) {
    // The HTML parser's own warnings are about what agencies write, line by line.
    let default = if daemon { "topicwire=info,html5ever=error,warn" } else { "html5ever=error,warn" };
    let filter = match std::env::var_os(EnvFilter::DEFAULT_ENV).map(|wanted| EnvFilter::try_new(wanted.to_string_lossy())) {
        Some(Ok(filter)) => filter,
        Some(Err(error)) => {
            complain(&anyhow!("the variable `{}` is not used: {error}", EnvFilter::DEFAULT_ENV));
            EnvFilter::new(default)
        }
        None => EnvFilter::new(default),
    };
    let colour = std::io::stderr().is_terminal();
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(Short::stderr).with_ansi(colour).with_target(false);
    match format {
        LogFormat::Pretty => log.init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
}

/// Standard error for the log: what somebody elsewhere wrote at great length is cut.
struct Short(Stderr);

impl Short {
    fn stderr() -> Self {
        Self(std::io::stderr())
    }
}

impl Write for Short {
    /// Writes a line, or as much of it as anybody reads.
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        match line.get(..LONGEST_LINE) {
            Some(beginning) if line.len() > LONGEST_LINE => {
                let cut = String::from_utf8_lossy(beginning);
                self.0.write_all(format!("{}… (cut)\n", cut.trim_end_matches(char::REPLACEMENT_CHARACTER)).as_bytes())?;
            }
            _ => self.0.write_all(line)?,
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

/// Runs `work` to its end. What still blocks then may end too for a moment: a commit takes less, an extraction is not waited for.
fn block_on<T>(work: impl Future<Output = T>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start the runtime")?;
    let done = runtime.block_on(work);
    runtime.shutdown_timeout(AFTER_THE_END);
    Ok(done)
}

/// Ends when the process is asked to stop: by SIGTERM, by SIGINT from Ctrl-C, or by SIGHUP from a terminal that is closed, unless
/// somebody who started it said that it is to outlive the terminal (`nohup`).
async fn stop_signal() {
    let hangup = (!ignores_hangup()).then(SignalKind::hangup);
    Stops::heard([SignalKind::terminate(), SignalKind::interrupt()].into_iter().chain(hangup)).next().await;
}

/// The signals that ask the process to stop: heard from when this is made, not only while somebody waits for the next.
struct Stops(Vec<Signal>);

impl Stops {
    /// As [`stop_signal`] for the daemon, which SIGHUP does not stop: it reads the configuration again.
    fn of_daemon() -> Self {
        Self::heard([SignalKind::terminate(), SignalKind::interrupt()].into_iter())
    }

    fn heard(kinds: impl Iterator<Item = SignalKind>) -> Self {
        let signals: std::io::Result<Vec<Signal>> = kinds.map(signal).collect();
        Self(signals.unwrap_or_else(|error| {
            tracing::error!(%error, "signals cannot be heard: the process can only be killed");
            Vec::new()
        }))
    }

    async fn next(&mut self) {
        if self.0.is_empty() {
            std::future::pending::<()>().await;
        }
        drop(select_all(self.0.iter_mut().map(|signal| Box::pin(signal.recv()))).await);
    }
}

/// Whether SIGHUP (signal 1) was ignored when the process was started; proc(5) has the mask.
fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).map(str::trim);
    mask.and_then(|mask| u64::from_str_radix(mask, 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

/// A text for a table that is as wide as its longest text, because no terminal breaks its lines. `--json` has it whole.
fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_CELL) {
        Some((end, _)) if !std::io::stdout().is_terminal() => format!("{}…", text.get(..end).unwrap_or(text).trim_end()),
        _ => text.to_owned(),
    }
}

/// A table as all commands print it: plain columns, cut to the terminal's width where there is one.
fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_header(header);
    table
}
