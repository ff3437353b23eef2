//! Manners towards a host: one connection at a time, a rest after each answer, and silence for as long as it asks for.
//!
//! The rest adapts: at least the configured pause, at least as long as the host took to answer (it never works for us more than half
//! of the time), doubled by each "too many requests" and halved again by good answers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use tokio::time::{Instant, sleep_until};
use url::Url;

/// The rest is at most this many pauses long.
const LONGEST_REST: u32 = 32;

/// A host that says "too many requests" without a time is left alone this long, and longer the more often it says so.
const SILENCE: Duration = Duration::from_mins(10);

/// However long a host asks for silence, it is asked again after this.
const LONGEST_SILENCE: Duration = Duration::from_hours(48);

/// Above this many hosts, those that nobody is waiting for are forgotten.
const REMEMBERED: usize = 1024;

/// All hosts that were asked lately.
#[derive(Debug, Default)]
pub(super) struct Hosts {
    paces: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Pace>>>>,
    silent: Arc<Silent>,
}

/// The hosts that are silent, each until when: few, and asked for often.
#[derive(Debug, Default)]
struct Silent(Mutex<HashMap<String, Instant>>);

impl Silent {
    /// For how much longer each is silent.
    fn left(&self) -> Vec<(String, Duration)> {
        let now = Instant::now();
        let mut silent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        silent.retain(|_, until| *until > now);
        silent.iter().map(|(host, until)| (host.clone(), *until - now)).collect()
    }

    fn left_of(&self, host: &str) -> Option<Duration> {
        let until = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(host).copied()?;
        Some(until.saturating_duration_since(Instant::now())).filter(|left| !left.is_zero())
    }

    fn add(&self, host: String, left: Duration) {
        let until = Instant::now() + left.min(LONGEST_SILENCE);
        let mut silent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        silent.entry(host).and_modify(|known| *known = until.max(*known)).or_insert(until);
    }
}

/// What is known of one host.
#[derive(Debug, Default)]
struct Pace {
    /// Resting until then.
    rested: Option<Instant>,
    /// How long it takes to answer: a moving average.
    usual: Duration,
    /// How often in a row it said "too many requests", less the good answers since.
    strain: u32,
}

/// The right to ask a host now: a lock that is meant to be held while waiting for the answer. Whoever drops it, even half way, leaves the
/// host its rest.
#[derive(Debug)]
pub(super) struct Turn {
    host: String,
    silent: Arc<Silent>,
    pace: OwnedMutexGuard<Pace>,
    pause: Duration,
    began: Instant,
}

impl Hosts {
    /// Waits until the host is free and rested; afterwards it is to rest for `pause` at least. Fails, without asking, with the time for
    /// which the host still wants silence.
    pub(super) async fn turn(&self, url: &Url, pause: Duration) -> Result<Turn, Duration> {
        let host = name(url);
        let pace = self.pace(&host).lock_owned().await;
        if let Some(left) = self.silent.left_of(&host) {
            return Err(left);
        }
        if let Some(rested) = pace.rested {
            sleep_until(rested).await;
        }
        Ok(Turn { host, silent: Arc::clone(&self.silent), pace, pause, began: Instant::now() })
    }

    /// The hosts that are silent, and for how much longer.
    pub(super) fn silences(&self) -> Vec<(String, Duration)> {
        self.silent.left()
    }

    /// Leaves a host alone that asked for it before this process was started.
    pub(super) fn silence(&self, host: String, left: Duration) {
        self.silent.add(host, left);
    }

    fn pace(&self, host: &str) -> Arc<tokio::sync::Mutex<Pace>> {
        let mut paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        if paces.len() >= REMEMBERED && !paces.contains_key(host) {
            let now = Instant::now();
            paces.retain(|host, pace| {
                let is_idle = || pace.try_lock().is_ok_and(|pace| pace.rested.is_none_or(|rested| rested <= now));
                Arc::strong_count(pace) > 1 || self.silent.left_of(host).is_some() || !is_idle()
            });
        }
        Arc::clone(paces.entry(host.to_owned()).or_default())
    }
}

/// Hosts differ by name and, so that two servers on one machine are two, by a port other than the usual ones.
fn name(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

impl Pace {
    fn rest(&self, pause: Duration) -> Duration {
        let strained = self.usual.max(pause).saturating_mul(1 << self.strain.min(LONGEST_REST.ilog2()));
        strained.min(pause.saturating_mul(LONGEST_REST))
    }
}

impl Turn {
    /// The host answered as it should.
    pub(super) fn answered(&mut self) {
        self.pace.strain = self.pace.strain.saturating_sub(1);
    }

    /// The host wants to be left alone: by everybody, not just by who asked.
    pub(super) fn silence(&mut self, wanted: Option<Duration>) {
        self.pace.strain = self.pace.strain.saturating_add(1);
        let default = SILENCE.saturating_mul(1 << (self.pace.strain - 1).min(LONGEST_REST.ilog2()));
        self.silent.add(self.host.clone(), wanted.unwrap_or(default));
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let now = Instant::now();
        self.pace.usual = (self.pace.usual * 3 + (now - self.began)) / 4;
        self.pace.rested = Some(now + self.pace.rest(self.pause));
    }
}
