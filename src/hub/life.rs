//! What somebody asks of our hub, how long that holds, and when to try again. Pure.

use chrono::TimeDelta;
use url::Url;

use crate::model::{Instant, Progress};

/// A subscription lasts this long, unless a shorter time is asked for, and at least as long as that.
const LONGEST_LEASE: TimeDelta = TimeDelta::days(10);
const SHORTEST_LEASE: TimeDelta = TimeDelta::minutes(5);
/// Secrets are shorter than this (`WebSub`, section 5.1).
const MAX_SECRET: usize = 200;
const MAX_CALLBACK: usize = 2048;
/// The first wait after a failure, and the longest.
pub(super) const PATIENCE: TimeDelta = TimeDelta::seconds(10);
const MOST_PATIENCE: TimeDelta = TimeDelta::hours(1);
/// After so many failures in a row, ten days, nobody is there any more.
const MAX_FAILURES: u32 = 240;
/// After so many, some ten minutes, it is more than a bad moment.
const WORRYING: u32 = 6;

/// What somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) callback: Url,
    /// The wire's address, as it was written.
    pub(super) topic: String,
    pub(super) secret: Option<String>,
    /// None to be sent no more.
    pub(super) lease: Option<TimeDelta>,
}

impl Wish {
    /// Reads a request's form; what we do not know is passed over.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub(super) fn parse(form: &[u8]) -> Result<Self, String> {
        let mut mode = String::new();
        let (mut callback, mut topic, mut secret, mut lease) = (String::new(), String::new(), None, None);
        for (name, value) in url::form_urlencoded::parse(form) {
            match name.as_ref() {
                "hub.mode" => mode = value.into_owned(),
                "hub.callback" => callback = value.into_owned(),
                "hub.topic" => topic = value.into_owned(),
                "hub.secret" => secret = Some(value.into_owned()).filter(|secret| !secret.is_empty()),
                "hub.lease_seconds" => lease = value.parse::<u32>().ok(),
                _ => {}
            }
        }
        let lease = lease.map_or(LONGEST_LEASE, |seconds| TimeDelta::seconds(seconds.into()));
        let lease = match mode.as_str() {
            "subscribe" => Some(lease.clamp(SHORTEST_LEASE, LONGEST_LEASE)),
            "unsubscribe" => None,
            _ => return Err("`hub.mode` is `subscribe` or `unsubscribe`".to_owned()),
        };
        let url = Url::parse(&callback).ok().filter(|url| matches!(url.scheme(), "http" | "https") && callback.len() <= MAX_CALLBACK);
        let callback = url.ok_or("`hub.callback` is no http or https address")?;
        if secret.as_ref().is_some_and(|secret| secret.len() >= MAX_SECRET) {
            return Err(format!("`hub.secret` is shorter than {MAX_SECRET} bytes"));
        }
        Ok(Self { callback, topic, secret, lease })
    }

    /// Where to ask whether it is meant (`WebSub`, section 5.3).
    pub(super) fn question(&self, challenge: &str) -> Url {
        let mut url = self.callback.clone();
        let mode = if self.lease.is_some() { "subscribe" } else { "unsubscribe" };
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("hub.mode", mode).append_pair("hub.topic", &self.topic).append_pair("hub.challenge", challenge);
            if let Some(lease) = self.lease {
                query.append_pair("hub.lease_seconds", &lease.num_seconds().to_string());
            }
        }
        url
    }
}

/// After something was taken: what comes next is number `next`.
pub(super) fn taken(next: u64) -> Progress {
    Progress { next, ..Progress::default() }
}

/// After something was not taken: the same again, later. None when it was tried often enough.
pub(super) fn failed(progress: Progress, patience: TimeDelta, now: Instant) -> Option<Progress> {
    Some(later(progress, patience, now)).filter(|later| later.failures < MAX_FAILURES)
}

/// The same again, later, however often it was tried.
pub(super) fn later(progress: Progress, patience: TimeDelta, now: Instant) -> Progress {
    let wait = patience * 2_i32.saturating_pow(progress.failures.min(20));
    Progress { failures: progress.failures.saturating_add(1), retry: now + wait.min(MOST_PATIENCE), ..progress }
}

/// After a letter was taken, or there was nothing to write at its time: what comes next is number `next`, at the time after this.
pub(super) fn posted(next: u64, now: Instant) -> Progress {
    Progress { last: Some(now), ..taken(next) }
}

/// After a letter was refused for good: what was in it goes into the next one.
pub(super) fn put_off(progress: Progress, now: Instant) -> Progress {
    Progress { failures: progress.failures.saturating_add(1), until: None, ..posted(progress.next, now) }
}

/// Whether somebody should look why letters are not taken.
pub(super) fn is_worrying(progress: Progress) -> bool {
    progress.failures >= WORRYING || progress.failures > 0 && progress.until.is_none()
}
