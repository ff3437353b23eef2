//! What the daemon did and how it is, counted: for Prometheus at `/metrics`, and judged at `/readyz`.
//!
//! Labels come from the configuration only (feeds, topics, outcomes), never from what agencies write.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::model::{Instant, TopicId};
use crate::poll::{Outcome, Report};

/// No poll ended for so long although feeds wait for their turn: fetching stands still.
const STALLED: Duration = Duration::from_mins(15);
/// The loop did not look around for so long: it hangs.
const SILENT: chrono::TimeDelta = chrono::TimeDelta::minutes(2);
/// The upper bounds of the delays that are counted, in seconds.
const DELAYS: [u64; 9] = [60, 120, 300, 600, 1200, 1800, 3600, 7200, 21600];

/// Counters and the last look around. Shared by the loop, which writes, and whoever asks.
#[derive(Debug, Default)]
pub struct Metrics(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    polls: BTreeMap<&'static str, u64>,
    /// By feed, and whether their text is whole.
    articles: BTreeMap<(String, bool), u64>,
    matched: u64,
    /// How many delays were at most as long as each bound, how many there were, and their sum.
    delays: [u64; DELAYS.len()],
    delayed: u64,
    delay: u64,
    /// Entries that wait for their page, by feed.
    pending: BTreeMap<String, usize>,
    configurations: [u64; 2],
    answers: BTreeMap<u16, u64>,
    turned_away: BTreeMap<u16, u64>,
    cut: BTreeMap<&'static str, u64>,
    connections: u64,
    /// By whom they are for, and whether they were taken.
    deliveries: BTreeMap<(&'static str, bool), u64>,
    to_deliver: u64,
    last_poll_ended: Option<Instant>,
    look: Option<Look>,
    contents: Contents,
}

/// What the loop sees when it looks around.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub at: Instant,
    pub feeds: usize,
    pub running: usize,
    /// For how long the oldest of these has been running.
    pub oldest: Duration,
    /// How many of these have been running for longer than any poll may.
    pub overdue: usize,
    /// Feeds that are due and wait for their turn.
    pub waiting: usize,
    /// What hubs sent that waits for the polls of its feeds.
    pub pushes: usize,
    pub disk: Disk,
    pub process: Process,
}

/// The daemon's own process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Process {
    /// In bytes.
    pub resident: u64,
    pub open_files: u64,
    pub most_open_files: u64,
}

/// The disk that the store is on, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk {
    pub free: u64,
    /// Below this nothing is fetched.
    pub floor: u64,
}

/// What is in the store; counted from time to time.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    pub articles: u64,
    pub topics: BTreeMap<TopicId, u64>,
    pub bytes_on_disk: u64,
}

impl Disk {
    #[must_use]
    pub fn is_low(self) -> bool {
        self.free < self.floor
    }
}

impl Metrics {
    pub(crate) fn polled(&self, report: &Report, now: Instant) {
        let mut state = self.lock();
        let state = &mut *state;
        *state.polls.entry(outcome(&report.outcome)).or_default() += 1;
        let whole = report.new.saturating_sub(report.without_page);
        for (is_whole, count) in [(true, whole), (false, report.without_page)] {
            if count > 0 {
                *state.articles.entry((report.feed.clone(), is_whole)).or_default() += count as u64;
            }
        }
        state.matched += report.matched as u64;
        for delay in &report.delays {
            for (count, bound) in state.delays.iter_mut().zip(DELAYS) {
                *count += u64::from(*delay <= bound);
            }
            state.delayed += 1;
            state.delay += delay;
        }
        state.pending.insert(report.feed.clone(), report.pending);
        state.last_poll_ended = Some(now);
    }

    /// The entries of feeds that are not read any more wait for nothing.
    pub(crate) fn keep_feeds(&self, is_read: impl Fn(&str) -> bool) {
        self.lock().pending.retain(|feed, _| is_read(feed));
    }

    pub(crate) fn looked(&self, look: Look) {
        self.lock().look = Some(look);
    }

    pub(crate) fn counted(&self, contents: Contents) {
        self.lock().contents = contents;
    }

    pub(crate) fn delivered(&self, kind: &'static str, taken: bool) {
        *self.lock().deliveries.entry((kind, taken)).or_default() += 1;
    }

    /// How many arrivals wait to be sent, counted once for each who is to be sent them.
    pub(crate) fn to_deliver(&self, waiting: u64) {
        self.lock().to_deliver = waiting;
    }

    /// Another configuration was taken up, or one with mistakes was not.
    pub(crate) fn configured(&self, taken_up: bool) {
        let [taken, refused] = &mut self.lock().configurations;
        *(if taken_up { taken } else { refused }) += 1;
    }

    pub(super) fn answered(&self, status: u16) {
        *self.lock().answers.entry(status).or_default() += 1;
    }

    pub(super) fn turned_away(&self, status: u16) {
        *self.lock().turned_away.entry(status).or_default() += 1;
    }

    /// A connection was ended because of what its client did, or did not do in time.
    pub(super) fn cut(&self, reason: &'static str) {
        *self.lock().cut.entry(reason).or_default() += 1;
    }

    /// So many more are connected, or fewer.
    pub(super) fn connected(&self, change: i64) {
        let mut state = self.lock();
        state.connections = state.connections.saturating_add_signed(change);
    }

    /// Whether there was too little room on the disk at the last look.
    #[must_use]
    pub fn is_disk_low(&self) -> bool {
        self.lock().look.is_some_and(|look| look.disk.is_low())
    }

    /// Whether the loop goes round.
    #[must_use]
    pub fn is_alive(&self, now: Instant) -> bool {
        self.lock().look.is_none_or(|look| now - look.at < SILENT)
    }

    /// Why the daemon does not do what it is there for; empty when it does.
    #[must_use]
    pub fn troubles(&self, now: Instant) -> Vec<String> {
        let state = self.lock();
        let Some(look) = state.look else { return vec!["the daemon is starting".to_owned()] };
        let mut troubles = Vec::new();
        if now - look.at >= SILENT {
            troubles.push("the daemon's loop does not go round".to_owned());
        }
        if look.disk.is_low() {
            let [free, floor] = [look.disk.free, look.disk.floor].map(|bytes| bytes >> 20);
            troubles.push(format!("the disk is nearly full: {free} MiB are free, fetching pauses below {floor} MiB"));
        }
        let ended = state.last_poll_ended.is_some_and(|ended| (now - ended).to_std().is_ok_and(|ago| ago < STALLED));
        if look.oldest >= STALLED && look.waiting > 0 && !ended {
            troubles.push("fetching has stalled: no poll has ended for a quarter of an hour, or the store does not write".to_owned());
        } else if look.overdue > 0 {
            let (overdue, minutes) = (look.overdue, look.oldest.as_secs() / 60);
            troubles.push(format!(
                "fetching has stalled: {overdue} of the polls do not end, the oldest has been running for {minutes} minutes, or the store \
                 does not write"
            ));
        }
        troubles
    }

    /// As Prometheus reads it (text format 0.0.4).
    #[must_use]
    pub fn render(&self) -> String {
        let state = self.lock();
        let mut page = Page::default();
        let build = [("version", crate::VERSION)];
        page.family("build_info", "gauge", "The program.", [(labels(build), 1)]);
        page.family("polls_total", "counter", "Polls by outcome.", one("outcome", &state.polls));
        let articles = state.articles.iter();
        let articles = articles
            .map(|((feed, whole), count)| (labels([("feed", feed.as_str()), ("text", if *whole { "whole" } else { "summary" })]), *count));
        page.family("new_articles_total", "counter", "New articles by feed, and whether their page could be read.", articles);
        page.number("matched_articles_total", "counter", "New articles that are on a topic.", state.matched);
        page.delays(&state);
        page.number("pages_waiting", "gauge", "Entries that wait for their page.", state.pending.values().sum::<usize>());
        let [taken, refused] = state.configurations;
        let configurations = [(labels([("result", "taken_up")]), taken), (labels([("result", "refused")]), refused)];
        page.family("configurations_total", "counter", "Changed configurations.", configurations);
        page.family("answers_total", "counter", "Answers to readers and commands, by status.", one("status", &state.answers));
        page.family("connections_refused_total", "counter", "Clients that were turned away, by status.", one("status", &state.turned_away));
        page.family("connections_cut_total", "counter", "Connections that were cut, by what the client did.", one("reason", &state.cut));
        page.number("connections", "gauge", "Connections of readers and commands.", state.connections);
        let deliveries = state
            .deliveries
            .iter()
            .map(|((kind, taken), count)| (labels([("kind", kind), ("result", if *taken { "taken" } else { "refused" })]), *count));
        page.family("deliveries_total", "counter", "Deliveries to subscribers, webhooks and another hub, by result.", deliveries);
        page.number("deliveries_waiting", "gauge", "Entries that wait to be delivered.", state.to_deliver);
        if let Some(look) = state.look {
            page.number("feeds", "gauge", "Feeds of the configuration.", look.feeds);
            page.number("polls_running", "gauge", "Polls that are running.", look.running);
            page.number("polls_overdue", "gauge", "Of these, polls that take longer than any may.", look.overdue);
            page.number("feeds_waiting", "gauge", "Feeds that are due and wait for their turn.", look.waiting);
            page.number("pushes_waiting", "gauge", "What hubs sent that waits for its turn.", look.pushes);
            page.number("resident_bytes", "gauge", "Memory that the daemon takes.", look.process.resident);
            page.number("open_files", "gauge", "Files and connections that the daemon has open.", look.process.open_files);
            page.number("most_open_files", "gauge", "As many as it may have open.", look.process.most_open_files);
            page.number("disk_free_bytes", "gauge", "Free on the store's disk.", look.disk.free);
            page.number("disk_floor_bytes", "gauge", "Nothing is fetched when less is free.", look.disk.floor);
        }
        page.number("store_articles", "gauge", "Articles in the store.", state.contents.articles);
        page.number("store_bytes", "gauge", "The store on disk.", state.contents.bytes_on_disk);
        page.family("topic_entries", "gauge", "Entries of each topic.", one("topic", &state.contents.topics));
        page.0
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held half way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long the loop waits between two looks around.
pub(crate) const LOOK: Duration = Duration::from_secs(15);

fn outcome(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Read => "read",
        Outcome::Unchanged => "unchanged",
        Outcome::Throttled => "throttled",
        Outcome::Gone => "gone",
        Outcome::Failed { .. } => "failed",
    }
}

/// The text, family by family.
#[derive(Default)]
struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str, samples: impl IntoIterator<Item = (String, u64)>) {
        self.line(format_args!("# HELP topicwire_{name} {help}\n# TYPE topicwire_{name} {kind}"));
        for (labels, value) in samples {
            self.line(format_args!("topicwire_{name}{labels} {value}"));
        }
    }

    fn number(&mut self, name: &str, kind: &str, help: &str, value: impl TryInto<u64>) {
        self.family(name, kind, help, [(String::new(), value.try_into().unwrap_or(u64::MAX))]);
    }

    fn delays(&mut self, state: &State) {
        self.family("delay_seconds", "histogram", "From an article's publication to its pickup.", []);
        for (bound, count) in DELAYS.iter().zip(state.delays) {
            self.line(format_args!("topicwire_delay_seconds_bucket{{le=\"{bound}\"}} {count}"));
        }
        self.line(format_args!("topicwire_delay_seconds_bucket{{le=\"+Inf\"}} {}", state.delayed));
        self.line(format_args!("topicwire_delay_seconds_sum {}\ntopicwire_delay_seconds_count {}", state.delay, state.delayed));
    }

    fn line(&mut self, line: fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "{line}");
    }
}

/// A family with one label.
fn one<'a>(name: &'static str, counts: &'a BTreeMap<impl Display + 'a, u64>) -> impl Iterator<Item = (String, u64)> + 'a {
    counts.iter().map(move |(value, count)| (labels([(name, value.to_string().as_str())]), *count))
}

/// Values are ids, outcomes and numbers: nothing in them needs to be escaped.
fn labels<const N: usize>(pairs: [(&str, &str); N]) -> String {
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
    format!("{{{}}}", pairs.join(","))
}
