//! A feed's subscription at a hub, kept between its polls and the hub's calls.

use serde::{Deserialize, Serialize};
use url::Url;

use super::Instant;

/// What was agreed with a hub (W3C `WebSub`): it sends what is new in a feed to a callback of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    pub hub: Url,
    /// The feed's address, as the hub knows it.
    pub topic: Url,
    /// The end of the callback's address, which nobody can guess.
    pub token: String,
    /// What the hub signs with.
    pub secret: String,
    pub standing: Standing,
    /// When the hub was last asked for what it has not done yet.
    pub asked: Option<Instant>,
    /// How often in a row it refused, and why.
    pub refusals: u32,
    pub refusal: Option<String>,
    pub last_push: Option<Instant>,
    /// Since the last push, no poll has found what should have been pushed.
    pub works: bool,
}

/// How a subscription stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "standing", rename_all = "snake_case")]
pub enum Standing {
    /// The hub has not confirmed it yet.
    Asked,
    Active {
        since: Instant,
        until: Instant,
    },
    Denied {
        since: Instant,
        reason: String,
    },
    /// Not wanted any more: the hub is to forget it, and does so by itself at the end of its lease.
    Leaving {
        until: Instant,
    },
}
