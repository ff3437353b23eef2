//! All subscriptions, in memory and in the store, and the requests to hubs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use ring::rand::{SecureRandom, SystemRandom};
use tokio::sync::mpsc;
use url::Url;
use url::form_urlencoded::Serializer;

use super::life::{self, Keys, LEASE, Mode, Outlook, Sighting};
use crate::clock;
use crate::config::{Config, Feed};
use crate::fetch::Client;
use crate::model::{FeedId, Instant, Subscription};
use crate::poll::blocking;
use crate::store::{self, Store};

/// Pushes that wait to be taken in; hubs keep further ones and come again.
const MAX_WAITING: usize = 64;

/// What a hub sent, once its signature was found to be right.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub feed: FeedId,
    pub topic: Url,
    pub content_type: Option<String>,
    pub body: Bytes,
}

/// Holds the subscriptions. What it changes is durable before anybody hears of it.
#[derive(Debug)]
pub struct Subscriber {
    store: Store,
    /// The address under which each subscription has its callback.
    callbacks: Url,
    pub(super) max_body: usize,
    register: Mutex<BTreeMap<FeedId, Vec<Subscription>>>,
    /// Held by whoever changes it, until that is on the disk: whoever only looks does not wait for that.
    turn: Mutex<()>,
    pub(super) outbox: mpsc::Sender<Delivery>,
    inbox: tokio::sync::Mutex<mpsc::Receiver<Delivery>>,
}

impl Subscriber {
    /// None where hubs cannot reach us, by the configuration.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn open(config: &Config, store: Store) -> Result<Option<Self>, store::Error> {
        let Some(callbacks) = config.serve.callbacks.clone() else { return Ok(None) };
        let register = Mutex::new(store.subscriptions()?);
        let (outbox, inbox) = mpsc::channel(MAX_WAITING);
        let max_body = config.fetch.max_body;
        Ok(Some(Self { store, callbacks, max_body, register, turn: Mutex::default(), outbox, inbox: inbox.into() }))
    }

    /// The next push. Whoever drops this half way loses none.
    pub async fn next(&self) -> Option<Delivery> {
        self.inbox.lock().await.recv().await
    }

    /// Takes note of what a poll saw; says what that means for the next one. Blocks on the store when something changed.
    pub(crate) fn attend(&self, feed: &FeedId, seen: &Sighting, unpushed: bool, now: Instant) -> Result<Outlook, store::Error> {
        self.change(feed, |subscriptions| {
            life::after_poll(subscriptions, seen, unpushed, keys(), now);
            life::outlook(subscriptions, now)
        })
    }

    /// Gives up the subscriptions of the feeds that are not polled any more, and says so to their hubs.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn leave_others(self: &Arc<Self>, feeds: &[Arc<Feed>], client: &Client) -> Result<(), store::Error> {
        let is_polled = |id: &FeedId| feeds.iter().any(|feed| feed.id == *id && !feed.paused);
        let others: Vec<FeedId> = self.lock().keys().filter(|id| !is_polled(id)).cloned().collect();
        for id in others {
            let (subscriber, feed, now) = (Arc::clone(self), id.clone(), clock::now());
            let leave = move |subscriptions: &mut Vec<Subscription>| {
                for subscription in subscriptions.iter_mut() {
                    subscription.leave(now);
                }
                subscriptions.retain(|subscription| !subscription.is_over(now));
            };
            blocking(move || subscriber.change(&feed, leave)).await?;
            let allow_private = feeds.iter().any(|feed| feed.id == id && feed.allow_private);
            self.ask(&id, allow_private, client).await?;
        }
        Ok(())
    }

    /// Asks all hubs for what is due: a lease may end before its feed is polled again.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn ask_all(self: &Arc<Self>, feeds: &[Arc<Feed>], client: &Client) -> Result<(), store::Error> {
        let now = clock::now();
        let is_due = |feed: &&Arc<Feed>| self.lock().get(&feed.id).is_some_and(|all| all.iter().any(|one| one.due(now).is_some()));
        let due: Vec<&Arc<Feed>> = feeds.iter().filter(is_due).collect();
        for feed in due {
            self.ask(&feed.id, feed.allow_private, client).await?;
        }
        Ok(())
    }

    /// Asks the hubs of a feed for what is due.
    pub(crate) async fn ask(self: &Arc<Self>, feed: &FeedId, allow_private: bool, client: &Client) -> Result<(), store::Error> {
        let now = clock::now();
        let subscriptions = self.lock().get(feed).cloned().unwrap_or_default();
        for (mode, subscription) in subscriptions.into_iter().filter_map(|subscription| Some((subscription.due(now)?, subscription))) {
            // Hubs may call back before they answer, and somebody else may be asking already.
            let ask = move |subscription: &mut Subscription| subscription.due(now).inspect(|_| subscription.asked = Some(now)).is_some();
            if !self.note(feed, &subscription.token, ask).await? {
                continue;
            }
            let refusal = client.post(&subscription.hub, &self.form(&subscription, mode), allow_private).await.err();
            if let Some(reason) = &refusal {
                tracing::info!(feed.id = %feed, "the hub did not accept a request: {reason}");
            }
            let refusal = refusal.map(|failure| failure.to_string());
            self.note(feed, &subscription.token, move |subscription| subscription.answered(refusal.as_deref())).await?;
        }
        Ok(())
    }

    /// What a hub is asked for (`WebSub`, section 5.1).
    fn form(&self, subscription: &Subscription, mode: Mode) -> String {
        let mut form = Serializer::new(String::new());
        form.append_pair("hub.callback", &format!("{}{}", self.callbacks, subscription.token));
        form.append_pair("hub.topic", subscription.topic.as_str());
        match mode {
            Mode::Subscribe => form
                .append_pair("hub.mode", "subscribe")
                .append_pair("hub.lease_seconds", &LEASE.num_seconds().to_string())
                .append_pair("hub.secret", &subscription.secret),
            Mode::Unsubscribe => form.append_pair("hub.mode", "unsubscribe"),
        };
        form.finish()
    }

    /// The subscription with this token, and whose it is.
    pub(super) fn find(&self, token: &str) -> Option<(FeedId, Subscription)> {
        let register = self.lock();
        let mut all = register.iter().flat_map(|(feed, subscriptions)| subscriptions.iter().map(move |subscription| (feed, subscription)));
        let (feed, subscription) = all.find(|(_, subscription)| subscription.token == token)?;
        Some((feed.clone(), subscription.clone()))
    }

    /// Changes the subscription with this token, if it is still there.
    pub(super) async fn note<T: Default + Send + 'static>(
        self: &Arc<Self>,
        feed: &FeedId,
        token: &str,
        note: impl FnOnce(&mut Subscription) -> T + Send + 'static,
    ) -> Result<T, store::Error> {
        let (subscriber, feed, token) = (Arc::clone(self), feed.clone(), token.to_owned());
        blocking(move || {
            subscriber.change(&feed, |subscriptions| {
                let subscription = subscriptions.iter_mut().find(|subscription| subscription.token == token);
                subscription.map(note).unwrap_or_default()
            })
        })
        .await
    }

    /// Changes a feed's subscriptions, here and in the store.
    fn change<T>(&self, feed: &FeedId, change: impl FnOnce(&mut Vec<Subscription>) -> T) -> Result<T, store::Error> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.lock().get(feed).cloned().unwrap_or_default();
        let mut after = before.clone();
        let changed = change(&mut after);
        if after != before {
            self.store.put_subscriptions(feed, &after)?;
            self.lock().insert(feed.clone(), after);
        }
        Ok(changed)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<FeedId, Vec<Subscription>>> {
        // It is changed in one step, by an insertion.
        self.register.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// None when the system has no randomness to give.
fn keys() -> Option<Keys> {
    let mut chance = [0; 48];
    SystemRandom::new().fill(&mut chance).ok()?;
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    let (token, secret) = chance.split_at(16);
    Some(Keys { token: hex(token), secret: hex(secret) })
}
