//! What the desk has to know of its own machinery: one alarm for each thing that can be wrong with each feed and digest,
//! with the store and with the configuration.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Instant;

/// A condition of a subject, from the time that it was first seen. It stays, ended, when it is over, and begins again when it comes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    pub condition: Condition,
    /// The feed's id; `store` for the store, `configuration` for that; of a digest, `digest/`, its topic and whom it is for.
    pub subject: String,
    /// A sentence that says what is wrong and what can be done.
    pub detail: String,
    /// When it began, for the last time.
    pub since: Instant,
    /// When something in it changed.
    pub updated: Instant,
    pub ended: Option<Instant>,
    /// How often it began.
    pub times: u32,
}

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// The feed is read and brings nothing for much longer than it usually does.
    Silent,
    /// The feed cannot be read for long.
    Failing,
    /// The feed's server said that it is gone for good.
    Gone,
    /// The feed answers from another address for good.
    Moved,
    /// Entries may have come and gone between two polls.
    Gap,
    /// Old texts came as new entries, and were recognised.
    Flood,
    /// Far fewer of the site's pages yield their article than before.
    Extraction,
    /// The store's disk is nearly full.
    LowDisk,
    /// The mail relay does not take a digest.
    Undelivered,
    /// A changed configuration has mistakes and was not taken up.
    Refused,
    /// The store could not be read: it was put aside, and another took its place.
    Damaged,
    /// The daily backup cannot be made.
    NoBackup,
}

impl Condition {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Failing => "failing",
            Self::Gone => "gone",
            Self::Moved => "moved",
            Self::Gap => "gap",
            Self::Flood => "flood",
            Self::Extraction => "extraction",
            Self::LowDisk => "low-disk",
            Self::Undelivered => "undelivered",
            Self::Refused => "refused",
            Self::Damaged => "damaged",
            Self::NoBackup => "no-backup",
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}
