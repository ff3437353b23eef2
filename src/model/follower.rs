//! Who is sent what comes to our wires, and how far that has come.

use serde::{Deserialize, Serialize};
use url::Url;

use super::Instant;

/// How far a wire was sent to somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The number of the first arrival at the wire that was not taken yet.
    pub next: u64,
    /// How often in a row that failed.
    pub failures: u32,
    /// Not before this.
    pub retry: Instant,
    /// For what is sent at its time: when that last came.
    #[serde(default)]
    pub last: Option<Instant>,
    /// What was begun to be sent ends before this number: it is not known whether it was taken.
    #[serde(default)]
    pub until: Option<u64>,
}

/// Somebody who asked our hub for a wire (W3C `WebSub`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Follower {
    pub callback: Url,
    /// The wire and its form, as in `topics/child-rights.atom`.
    pub wire: String,
    /// What its deliveries are signed with.
    pub secret: Option<String>,
    /// The end of its lease.
    pub until: Instant,
    pub progress: Progress,
}

impl Follower {
    /// Its name: the same for who asks again for the same wire.
    #[must_use]
    pub fn name(&self) -> String {
        blake3::hash(format!("{}\n{}", self.wire, self.callback).as_bytes()).to_hex().chars().take(32).collect()
    }
}
