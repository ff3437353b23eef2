//! Who is due: whom something is carried to, and in which order.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use url::Url;

use super::{Hub, REST, lock};
use crate::desk::digest_outlet;
use crate::model::{Follower, Instant, Progress, Scope, TopicId};
use crate::publish;
use crate::store;

/// Whom something is carried to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outlet {
    /// A subscriber of our hub, by its name.
    Follower(String),
    Webhook(TopicId),
    /// Another hub, which is told that a wire changed.
    Outside(Scope),
    /// Who is sent a topic's digest, by address.
    Digest(TopicId, String),
}

impl Hub {
    /// Who is to be sent something now, the operator's own first and one of each host, and how long until there may be more.
    pub(super) fn due(&self, busy: &BTreeSet<Outlet>, now: Instant) -> Result<(Vec<Outlet>, Duration), store::Error> {
        let over: Vec<String> = lock(&self.followers).values().filter(|follower| follower.until <= now).map(Follower::name).collect();
        for name in over {
            self.forget(&name)?;
        }
        let mut all: Vec<(Outlet, Progress)> = lock(&self.progress).clone().into_iter().collect();
        all.extend(lock(&self.followers).iter().map(|(name, follower)| (Outlet::Follower(name.clone()), follower.progress)));
        let mut hosts: BTreeSet<String> = busy.iter().filter_map(|outlet| self.host(outlet)).collect();
        let (mut due, mut rest, mut waiting) = (Vec::new(), REST, 0);
        let mut arrivals: BTreeMap<Scope, u64> = BTreeMap::new();
        for (outlet, progress) in all {
            let Some(scope) = self.scope(&outlet) else { continue };
            let arrived = match arrivals.get(&scope) {
                Some(arrived) => *arrived,
                None => self.store.wire_state(&scope)?.arrivals,
            };
            arrivals.insert(scope, arrived);
            if let Some(wait) =
                self.digest_time(&outlet, progress).and_then(|time| (time - now).to_std().ok()).filter(|wait| !wait.is_zero())
            {
                rest = rest.min(wait);
                continue;
            }
            waiting += arrived.saturating_sub(progress.next);
            if busy.contains(&outlet) {
                continue;
            }
            if progress.next >= arrived {
                rest = rest.min(self.pass_over(&outlet, progress, now)?);
                continue;
            }
            match (progress.retry - now).to_std() {
                Ok(wait) if !wait.is_zero() => rest = rest.min(wait),
                // Another one of that host has its turn when this one is done.
                _ if self.host(&outlet).is_some_and(|host| !hosts.insert(host)) => {}
                _ => due.push(outlet),
            }
        }
        self.metrics.to_deliver(waiting);
        Ok((due, rest))
    }

    /// Where it is carried to.
    fn host(&self, outlet: &Outlet) -> Option<String> {
        let origin = |url: &Url| url.origin().ascii_serialization();
        match outlet {
            Outlet::Follower(name) => lock(&self.followers).get(name).map(|follower| origin(&follower.callback)),
            Outlet::Webhook(topic) => self.webhooks.iter().find(|webhook| webhook.topic == *topic).map(|webhook| origin(&webhook.url)),
            Outlet::Outside(_) => self.address.as_ref().map(|hub| origin(hub.address())),
            Outlet::Digest(..) => self.post.as_ref().map(|post| format!("smtp:{}", post.email().relay)),
        }
    }

    fn scope(&self, outlet: &Outlet) -> Option<Scope> {
        match outlet {
            Outlet::Follower(name) => Some(publish::named(&lock(&self.followers).get(name)?.wire)?.0),
            Outlet::Webhook(_) | Outlet::Outside(_) | Outlet::Digest(..) => outlet.scope(),
        }
    }
}

impl Outlet {
    /// Its name in the store.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Follower(name) => name.clone(),
            Self::Webhook(topic) => format!("webhook/{topic}"),
            Self::Outside(scope) => format!("hub/{}", scope.path()),
            Self::Digest(topic, to) => digest_outlet(topic, to),
        }
    }

    /// Whether the operator chose it.
    pub(super) fn is_own(&self) -> bool {
        match self {
            Self::Follower(_) => false,
            Self::Webhook(_) | Self::Outside(_) | Self::Digest(..) => true,
        }
    }

    pub(super) fn scope(&self) -> Option<Scope> {
        match self {
            Self::Follower(_) => None,
            Self::Webhook(topic) | Self::Digest(topic, _) => Some(Scope::Topic(topic.clone())),
            Self::Outside(scope) => Some(scope.clone()),
        }
    }

    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Follower(_) => "websub",
            Self::Webhook(_) => "webhook",
            Self::Outside(_) => "hub",
            Self::Digest(..) => "digest",
        }
    }
}
