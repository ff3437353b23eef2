//! Carries what is new to those who asked, each at its own pace: who is slow or away holds up nobody else.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use chrono::TimeDelta;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use ring::rand::{SecureRandom, SystemRandom};
use tokio::sync::mpsc;
use url::Url;

use super::life::{self, Wish};
use crate::clock;
use crate::config::{self, Config};
use crate::desk::{Desk, Refusal};
use crate::fetch::{Answer, Client, Parcel, Purpose, Request, Sent};
use crate::model::{Follower, Instant, Progress, Scope, TopicId};
use crate::poll::blocking;
use crate::publish::{self, Format};
use crate::serve::Wires;
use crate::serve::metrics::Metrics;
use crate::store::{self, Store};
use crate::websub::signature;

/// Errands at the same time.
const MOST_ERRANDS: usize = 16;
/// Requests that wait to be looked into.
const MAX_WISHES: usize = 256;
/// Subscribers of our hub; who comes beyond is not taken.
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

/// Whom something is carried to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outlet {
    /// A subscriber of our hub, by its name.
    Follower(String),
    Webhook(TopicId),
    /// Another hub, which is told that a wire changed.
    Outside(Scope),
}

/// What is sent, and the number to go on from when it was taken.
struct Load {
    url: Url,
    parcels: Vec<Parcel>,
    allow_private: bool,
    next: u64,
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
    /// Between the first failure of a delivery and the next try.
    patience: TimeDelta,
    followers: Mutex<BTreeMap<String, Follower>>,
    /// Of all others.
    progress: Mutex<BTreeMap<Outlet, Progress>>,
    pub(super) wishes: mpsc::Sender<Wish>,
    inbox: tokio::sync::Mutex<mpsc::Receiver<Wish>>,
}

impl Hub {
    /// Who is new in the configuration is sent what comes from now on. Blocks.
    ///
    /// # Errors
    /// When the store fails.
    pub fn open(
        config: &Config,
        webhooks: Vec<Webhook>,
        wires: Arc<Wires>,
        store: Store,
        client: Client,
        metrics: Arc<Metrics>,
    ) -> Result<Self, store::Error> {
        let (wishes, inbox) = mpsc::channel(MAX_WISHES);
        let outside = matches!(config.serve.hub, Some(config::Hub::Outside(_)));
        let scopes = config.scopes().filter(|_| outside).map(Outlet::Outside);
        let mut progress = BTreeMap::new();
        for outlet in webhooks.iter().map(|webhook| Outlet::Webhook(webhook.topic.clone())).chain(scopes) {
            let known = store.progress(&outlet.name())?;
            let begins = match (&known, outlet.scope()) {
                (None, Some(scope)) => life::taken(store.wire_state(&scope)?.arrivals),
                (known, _) => known.unwrap_or_default(),
            };
            if known.is_none() {
                store.put_progress(&outlet.name(), begins)?;
            }
            progress.insert(outlet, begins);
        }
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
            patience: life::PATIENCE,
            wishes,
            inbox: inbox.into(),
        })
    }

    /// The same, with another time to wait after a first failure.
    #[must_use]
    pub fn with_patience(self, patience: TimeDelta) -> Self {
        Self { patience, ..self }
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
            for outlet in due.into_iter().take(MOST_ERRANDS.saturating_sub(errands.len())) {
                busy.insert(outlet.clone());
                errands.push(Box::pin(self.carry(outlet)));
            }
            // Each branch may be dropped half way: none of them holds anything.
            tokio::select! {
                () = &mut stop => break,
                Some(done) = errands.next(), if !errands.is_empty() => busy.retain(|outlet| Some(outlet) != done.as_ref()),
                Some(wish) = inbox.recv(), if errands.len() < MOST_ERRANDS => errands.push(Box::pin(self.grant(wish))),
                () = self.wires.news() => {}
                () = tokio::time::sleep(rest) => {}
            }
        }
    }

    /// Who is to be sent something now, and how long until there may be more.
    fn due(&self, busy: &BTreeSet<Outlet>, now: Instant) -> Result<(Vec<Outlet>, Duration), store::Error> {
        let over: Vec<String> = lock(&self.followers).values().filter(|follower| follower.until <= now).map(Follower::name).collect();
        for name in over {
            self.forget(&name)?;
        }
        let followers = lock(&self.followers).iter().map(|(name, follower)| (Outlet::Follower(name.clone()), follower.progress)).collect();
        let all: Vec<(Outlet, Progress)> = [followers, lock(&self.progress).clone().into_iter().collect::<Vec<_>>()].concat();
        let (mut due, mut rest, mut waiting) = (Vec::new(), REST, 0);
        let mut arrivals: BTreeMap<Scope, u64> = BTreeMap::new();
        for (outlet, progress) in all {
            let Some(scope) = self.scope(&outlet) else { continue };
            let arrived = match arrivals.get(&scope) {
                Some(arrived) => *arrived,
                None => self.store.wire_state(&scope)?.arrivals,
            };
            arrivals.insert(scope, arrived);
            waiting += arrived.saturating_sub(progress.next);
            if progress.next >= arrived || busy.contains(&outlet) {
                continue;
            }
            match (progress.retry - now).to_std() {
                Ok(wait) if !wait.is_zero() => rest = rest.min(wait),
                _ => due.push(outlet),
            }
        }
        self.metrics.to_deliver(waiting);
        Ok((due, rest))
    }

    /// One delivery, and the note of what became of it.
    async fn carry(self: &Arc<Self>, outlet: Outlet) -> Option<Outlet> {
        let (hub, of) = (Arc::clone(self), outlet.clone());
        let done = match blocking(move || hub.load(&of)).await {
            Ok(Some(load)) => {
                let sent = self.send(&load).await;
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
        for parcel in &load.parcels {
            match self.client.send(&load.url, parcel, load.allow_private).await {
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
        let before = match outlet {
            Outlet::Follower(name) => lock(&self.followers).get(name).map(|follower| follower.progress),
            Outlet::Webhook(_) | Outlet::Outside(_) => lock(&self.progress).get(outlet).copied(),
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
            (Outlet::Webhook(_) | Outlet::Outside(_), after) => {
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

    /// What is to be sent; none when there is nothing after all.
    fn load(&self, outlet: &Outlet) -> Result<Option<Load>, Refusal> {
        let desk = self.wires.desk();
        match outlet {
            Outlet::Follower(name) => {
                let follower = lock(&self.followers).get(name).cloned();
                let load = follower.map(|follower| self.load_follower(&follower, &desk)).transpose()?.flatten();
                if load.is_none() {
                    self.forget(name)?;
                }
                Ok(load)
            }
            Outlet::Webhook(topic) => self.load_webhook(outlet, topic, &desk),
            Outlet::Outside(scope) => Ok(self.load_outside(scope)?),
        }
    }

    /// The wire as readers get it (`WebSub`, section 7); for who was away for long, what it has missed, a part at a time.
    fn load_follower(&self, follower: &Follower, desk: &Desk) -> Result<Option<Load>, Refusal> {
        let Some((scope, format)) = publish::named(&follower.wire) else { return Ok(None) };
        let state = self.store.wire_state(&scope)?;
        let whole = follower.progress.next >= state.rest();
        let (body, next) = if whole {
            (self.wires.whole(&scope, format)?, state.arrivals)
        } else {
            let part = desk.lay_out_part(&scope, follower.progress.next, MOST_ENTRIES)?;
            part.map_or((None, 0), |(wire, next)| (Some(Bytes::from(wire.render(format, publish::Tongue::default()))), next))
        };
        let Some(body) = body else { return Ok(None) };
        let topic = format!("{}{}", self.site, follower.wire);
        let own = self.address.as_ref().map(|hub| hub.address().to_string()).unwrap_or_default();
        let mut headers = vec![
            ("content-type", format.content_type().to_owned()),
            ("link", format!("<{own}>; rel=\"hub\", <{topic}>; rel=\"self\"")),
            ("idempotency-key", key(&follower.wire, next)),
        ];
        headers.extend(follower.secret.as_ref().map(|secret| ("x-hub-signature", signature::sign(secret, &body))));
        let allow_private = matches!(self.address, Some(config::Hub::Own { private: true, .. }));
        Ok(Some(Load { url: follower.callback.clone(), parcels: vec![Parcel { headers, body }], allow_private, next }))
    }

    /// The next entry that is still in the topic.
    fn load_webhook(&self, outlet: &Outlet, topic: &TopicId, desk: &Desk) -> Result<Option<Load>, Refusal> {
        let scope = Scope::Topic(topic.clone());
        let Some(webhook) = self.webhooks.iter().find(|webhook| webhook.topic == *topic) else { return Ok(None) };
        let mut progress = lock(&self.progress).get(outlet).copied().unwrap_or_default();
        let arrivals = self.store.wire_state(&scope)?.arrivals;
        while progress.next < arrivals {
            let (arrived, next) = self.store.arrived(&scope, progress.next, 1)?;
            if let Some(body) = arrived.first().and_then(|arrival| desk.entry_as_json(&scope, &arrival.entry)) {
                let body = Bytes::from(body);
                let headers = vec![
                    ("content-type", "application/json".to_owned()),
                    ("idempotency-key", key(&scope.path(), next)),
                    ("x-hub-signature-256", signature::sign(&webhook.secret, &body)),
                ];
                let parcels = vec![Parcel { headers, body }];
                return Ok(Some(Load { url: webhook.url.clone(), parcels, allow_private: webhook.allow_private, next }));
            }
            // Purged, or taken off the topic again.
            progress.next = if next == progress.next { arrivals } else { next };
            self.store.put_progress(&outlet.name(), progress)?;
            lock(&self.progress).insert(outlet.clone(), progress);
        }
        Ok(None)
    }

    /// That the wire changed, in each of its forms. That hub's address is the operator's own choice: it may be a private one.
    fn load_outside(&self, scope: &Scope) -> Result<Option<Load>, store::Error> {
        let Some(config::Hub::Outside(url)) = &self.address else { return Ok(None) };
        let next = self.store.wire_state(scope)?.arrivals;
        let parcel = |format| {
            let topic = format!("{}{}", self.site, publish::file(scope, format));
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            form.append_pair("hub.mode", "publish").append_pair("hub.url", &topic).append_pair("hub.topic", &topic);
            let headers = vec![("content-type", "application/x-www-form-urlencoded".to_owned())];
            Parcel { headers, body: form.finish().into() }
        };
        Ok(Some(Load { url: url.clone(), parcels: FORMS.map(parcel).into(), allow_private: true, next }))
    }

    /// Asks whether a request is meant, and then does what it asks for.
    async fn grant(self: &Arc<Self>, wish: Wish) -> Option<Outlet> {
        let (challenge, (scope, format)) = challenge().zip(self.wire(&wish.topic))?;
        let allow_private = matches!(self.address, Some(config::Hub::Own { private: true, .. }));
        let question = wish.question(&challenge);
        let request = Request { url: &question, purpose: Purpose::Feed, validators: None, allow_private, credentials: None };
        match self.client.get(request).await {
            Answer::Fresh(response) if response.body.trim_ascii() == challenge.as_bytes() => {}
            _ => {
                tracing::info!("a request to the hub was not confirmed by its callback");
                return None;
            }
        }
        let hub = Arc::clone(self);
        let granted = blocking(move || hub.take_up(wish, &scope, format)).await;
        if let Err(error) = granted {
            tracing::error!(%error, "a subscription at the hub cannot be stored");
        }
        None
    }

    fn take_up(&self, wish: Wish, scope: &Scope, format: Format) -> Result<(), store::Error> {
        let now = clock::now();
        let mut follower = Follower {
            callback: wish.callback,
            wire: publish::file(scope, format),
            secret: wish.secret,
            until: now,
            progress: life::taken(self.store.wire_state(scope)?.arrivals),
        };
        let name = follower.name();
        let Some(lease) = wish.lease else { return self.forget(&name) };
        follower.until = now + lease;
        {
            let mut followers = lock(&self.followers);
            match followers.get(&name) {
                // Who asks again goes on where it was.
                Some(known) => follower.progress = known.progress,
                None if followers.len() >= MAX_FOLLOWERS => return Ok(()),
                None => {}
            }
            followers.insert(name, follower.clone());
        }
        self.store.put_follower(&follower)
    }

    /// The wire with this address, in a form that can be followed.
    pub(super) fn wire(&self, topic: &str) -> Option<(Scope, Format)> {
        let (scope, format) = publish::named(topic.strip_prefix(self.site.as_str())?)?;
        let is_there = FORMS.contains(&format) && self.wires.desk().config.channel(&scope).is_some();
        is_there.then_some((scope, format))
    }

    fn scope(&self, outlet: &Outlet) -> Option<Scope> {
        match outlet {
            Outlet::Follower(name) => Some(publish::named(&lock(&self.followers).get(name)?.wire)?.0),
            Outlet::Webhook(_) | Outlet::Outside(_) => outlet.scope(),
        }
    }
}

impl Outlet {
    /// Its name in the store.
    fn name(&self) -> String {
        match self {
            Self::Follower(name) => name.clone(),
            Self::Webhook(topic) => format!("webhook/{topic}"),
            Self::Outside(scope) => format!("hub/{}", scope.path()),
        }
    }

    fn scope(&self) -> Option<Scope> {
        match self {
            Self::Follower(_) => None,
            Self::Webhook(topic) => Some(Scope::Topic(topic.clone())),
            Self::Outside(scope) => Some(scope.clone()),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Follower(_) => "websub",
            Self::Webhook(_) => "webhook",
            Self::Outside(_) => "hub",
        }
    }
}

/// The same for the same delivery, however often it is tried.
fn key(wire: &str, next: u64) -> String {
    blake3::hash(format!("{wire} {next}").as_bytes()).to_hex().chars().take(32).collect()
}

/// None when the system has no randomness to give.
fn challenge() -> Option<String> {
    let mut chance = [0; 16];
    SystemRandom::new().fill(&mut chance).ok()?;
    Some(chance.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What they hold is changed in one step.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
