//! Carries what is new to those who asked, each at its own pace: who is slow or away holds up nobody else.

mod digest;
mod grant;
mod load;
mod outlet;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::mpsc;
use tokio::time::timeout;
use url::Url;

use self::load::{Freight, Load};
use self::outlet::Outlet;
use super::life::{self, Wish};
use super::post::Post;
use crate::clock;
use crate::config::{self, Config};
use crate::desk::Refusal;
use crate::fetch::{Client, Failure, Sent};
use crate::model::{Follower, Progress, TopicId};
use crate::poll::blocking;
use crate::publish::Format;
use crate::serve::Wires;
use crate::serve::metrics::Metrics;
use crate::store::{self, Store};

/// Errands at the same time; of these, to followers, and to all whom the operator does not know.
const MOST_ERRANDS: usize = 16;
const MOST_TO_FOLLOWERS: usize = 12;
const MOST_TO_STRANGERS: usize = 14;
/// How long somebody whom the operator does not know may keep an errand busy.
const STRANGERS_TAKE: Duration = Duration::from_secs(10);
/// Requests that wait to be looked into.
const MAX_WISHES: usize = 256;
/// Subscribers of our hub; who comes beyond is told to come again.
const MAX_FOLLOWERS: usize = 10_000;
/// The entries that are sent at once to who was away.
const MOST_ENTRIES: usize = 200;
/// How long to wait when there is nothing to wait for.
const REST: Duration = Duration::from_mins(10);
/// After the store failed.
const AFTER_TROUBLE: Duration = Duration::from_secs(30);

/// The forms that hubs are told of.
const FORMS: [Format; 3] = [Format::Atom, Format::Rss, Format::Json];

/// Somebody who is sent each entry of a topic.
#[derive(Clone, Debug)]
pub struct Webhook {
    pub topic: TopicId,
    pub url: Url,
    pub secret: String,
    pub allow_private: bool,
}

/// Whom the operator wants to be told, and how, as the configuration of the start has it.
#[derive(Debug, Default)]
pub struct Targets {
    pub webhooks: Vec<Webhook>,
    /// What takes the mail of digests; without it there are none.
    pub post: Option<Post>,
}

/// Knows whom to send what.
#[derive(Debug)]
pub struct Hub {
    store: Store,
    wires: Arc<Wires>,
    client: Client,
    metrics: Arc<Metrics>,
    site: Url,
    address: Option<config::Hub>,
    webhooks: Vec<Webhook>,
    digests: BTreeMap<TopicId, config::Digest>,
    post: Option<Post>,
    /// Between the first failure of a delivery and the next try.
    patience: TimeDelta,
    /// For so many followers.
    room: usize,
    followers: Mutex<BTreeMap<String, Follower>>,
    /// Of all others.
    progress: Mutex<BTreeMap<Outlet, Progress>>,
    pub(super) wishes: mpsc::Sender<Wish>,
    inbox: tokio::sync::Mutex<mpsc::Receiver<Wish>>,
}

impl Hub {
    /// Who is new in the configuration, or in it again, is sent what comes from now on. Blocks.
    ///
    /// # Errors
    /// When the store fails.
    pub fn open(
        config: &Config,
        targets: Targets,
        wires: Arc<Wires>,
        store: Store,
        client: Client,
        metrics: Arc<Metrics>,
    ) -> Result<Self, store::Error> {
        let (wishes, inbox) = mpsc::channel(MAX_WISHES);
        let Targets { webhooks, post } = targets;
        let outside = matches!(config.serve.hub, Some(config::Hub::Outside(_)));
        let public = config.public();
        let scopes = public.scopes().filter(|_| outside).map(Outlet::Outside);
        let digests: BTreeMap<TopicId, config::Digest> =
            config.digests().filter(|_| post.is_some()).map(|(topic, digest)| (topic.clone(), digest.clone())).collect();
        let letters = digests.iter().flat_map(|(topic, digest)| digest.to.iter().map(|to| Outlet::Digest(topic.clone(), to.to_string())));
        let mut progress = BTreeMap::new();
        for outlet in webhooks.iter().map(|webhook| Outlet::Webhook(webhook.topic.clone())).chain(scopes).chain(letters) {
            let begins = begins(&store, &outlet)?;
            progress.insert(outlet, begins);
        }
        store.keep_progress(&progress.keys().map(Outlet::name).collect())?;
        Ok(Self {
            followers: Mutex::new(store.followers()?),
            progress: Mutex::new(progress),
            site: config.site.address.clone(),
            address: config.serve.hub.clone(),
            store,
            wires,
            client,
            metrics,
            webhooks,
            digests,
            post,
            patience: life::PATIENCE,
            room: MAX_FOLLOWERS,
            wishes,
            inbox: inbox.into(),
        })
    }

    /// The same, with another time to wait after a first failure.
    #[must_use]
    pub fn with_patience(self, patience: TimeDelta) -> Self {
        Self { patience, ..self }
    }

    /// The same, for so many subscribers at most.
    #[must_use]
    pub fn with_room(self, room: usize) -> Self {
        Self { room, ..self }
    }

    /// Carries until `stop` comes. What is cut off then is carried again at the next start.
    pub async fn run(self: &Arc<Self>, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        let mut errands: FuturesUnordered<BoxFuture<'_, Option<Outlet>>> = FuturesUnordered::new();
        let mut busy: BTreeSet<Outlet> = BTreeSet::new();
        let mut inbox = self.inbox.lock().await;
        loop {
            let (hub, engaged) = (Arc::clone(self), busy.clone());
            let (due, rest) = blocking(move || hub.due(&engaged, clock::now())).await.unwrap_or_else(|error| {
                tracing::error!(%error, "it cannot be read from the store what is to be sent");
                (Vec::new(), AFTER_TROUBLE)
            });
            let mut own = busy.iter().filter(|outlet| outlet.is_own()).count();
            for outlet in due {
                let has_room = errands.len() < MOST_ERRANDS && (outlet.is_own() || busy.len() - own < MOST_TO_FOLLOWERS);
                if !has_room {
                    // Who comes after it has no more of a right.
                    break;
                }
                own += usize::from(outlet.is_own());
                busy.insert(outlet.clone());
                errands.push(Box::pin(self.carry(outlet)));
            }
            let hears_wishes = errands.len() < MOST_ERRANDS && errands.len() - own < MOST_TO_STRANGERS;
            // Each branch may be dropped half way: none of them holds anything.
            tokio::select! {
                () = &mut stop => break,
                Some(done) = errands.next(), if !errands.is_empty() => busy.retain(|outlet| Some(outlet) != done.as_ref()),
                Some(wish) = inbox.recv(), if hears_wishes => errands.push(Box::pin(self.grant(wish))),
                () = self.wires.news() => {}
                () = tokio::time::sleep(rest) => {}
            }
        }
    }

    /// One delivery, and the note of what became of it.
    async fn carry(self: &Arc<Self>, outlet: Outlet) -> Option<Outlet> {
        let (hub, of) = (Arc::clone(self), outlet.clone());
        let done = match blocking(move || hub.load(&of)).await {
            Ok(Some(load)) => {
                let sent = if outlet.is_own() {
                    self.send(&load).await
                } else {
                    let slow = |_| Sent::Refused(Failure::Temporary(format!("it took more than {} s", STRANGERS_TAKE.as_secs())));
                    timeout(STRANGERS_TAKE, self.send(&load)).await.unwrap_or_else(slow)
                };
                let (hub, of) = (Arc::clone(self), outlet.clone());
                blocking(move || hub.note(&of, &sent, load.next)).await
            }
            // The wire is no more, or what was to be sent.
            Ok(None) => Ok(()),
            Err(refusal) => Err(refusal),
        };
        if let Err(error) = done {
            tracing::error!(%error, "a delivery cannot be made or noted");
            tokio::time::sleep(AFTER_TROUBLE).await;
        }
        Some(outlet)
    }

    async fn send(&self, load: &Load) -> Sent {
        let (url, parcels, allow_private) = match (&load.freight, &self.post) {
            (Freight::Parcels { url, parcels, allow_private }, _) => (url, parcels, *allow_private),
            (Freight::Letter(message), Some(post)) => return post.send(message.as_ref().clone()).await,
            (Freight::Letter(_), None) => return Sent::Refused(Failure::Permanent("there is no relay".to_owned())),
        };
        for parcel in parcels {
            match self.client.send(url, parcel, allow_private).await {
                Sent::Taken => {}
                other => return other,
            }
        }
        Sent::Taken
    }

    fn note(&self, outlet: &Outlet, sent: &Sent, next: u64) -> Result<(), Refusal> {
        self.metrics.delivered(outlet.kind(), matches!(sent, Sent::Taken));
        let now = clock::now();
        if let (Sent::Gone, Outlet::Follower(name)) = (sent, outlet) {
            return Ok(self.forget(name)?);
        }
        if matches!(outlet, Outlet::Digest(..)) {
            return Ok(self.note_digest(outlet, sent, next, now)?);
        }
        let before = match outlet {
            Outlet::Follower(name) => lock(&self.followers).get(name).map(|follower| follower.progress),
            Outlet::Webhook(_) | Outlet::Outside(_) | Outlet::Digest(..) => lock(&self.progress).get(outlet).copied(),
        };
        let Some(before) = before else { return Ok(()) };
        let after = match sent {
            Sent::Taken => Some(life::taken(next)),
            Sent::Gone | Sent::Refused(_) => life::failed(before, self.patience, now),
        };
        if let Sent::Refused(failure) = sent {
            tracing::info!(kind = outlet.kind(), "a delivery was not taken, and is tried again: {failure}");
        }
        match (outlet, after) {
            (Outlet::Follower(name), None) => self.forget(name)?,
            (Outlet::Follower(name), Some(after)) => {
                self.store.put_progress(name, after)?;
                if let Some(follower) = lock(&self.followers).get_mut(name) {
                    follower.progress = after;
                }
            }
            (Outlet::Webhook(_) | Outlet::Outside(_) | Outlet::Digest(..), after) => {
                if after.is_none() {
                    tracing::error!(kind = outlet.kind(), "a delivery was refused for ten days: it is left out");
                }
                let after = after.unwrap_or(life::taken(next));
                self.store.put_progress(&outlet.name(), after)?;
                lock(&self.progress).insert(outlet.clone(), after);
            }
        }
        Ok(())
    }

    fn forget(&self, name: &str) -> Result<(), store::Error> {
        self.store.forget_follower(name)?;
        lock(&self.followers).remove(name);
        Ok(())
    }
}

/// Where somebody's deliveries go on: who is new is sent what comes from now on.
fn begins(store: &Store, outlet: &Outlet) -> Result<Progress, store::Error> {
    match store.progress(&outlet.name()) {
        Ok(Some(known)) => return Ok(known),
        Ok(None) => {}
        Err(error @ store::Error::Damaged { .. }) => {
            tracing::error!("what was sent so far is not known, what comes from now on is sent: {error}");
        }
        Err(error) => return Err(error),
    }
    let arrivals = outlet.scope().map_or(Ok(0), |scope| store.wire_state(&scope).map(|state| state.arrivals))?;
    let begins = match outlet {
        Outlet::Digest(..) => life::posted(arrivals, clock::now()),
        Outlet::Follower(_) | Outlet::Webhook(_) | Outlet::Outside(_) => life::taken(arrivals),
    };
    store.put_progress(&outlet.name(), begins)?;
    Ok(begins)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What they hold is changed in one step.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
