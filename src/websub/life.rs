//! The life of a subscription: where a feed offers one, when to ask the hub for what, what its calls mean, and whether its pushes can be
//! relied on. Pure.

use chrono::TimeDelta;
use url::Url;

use crate::fetch::Link;
use crate::model::{Document, Instant, Standing, Subscription};

/// How long a hub is asked to keep a subscription.
pub(super) const LEASE: TimeDelta = TimeDelta::days(10);
/// A longer lease is not believed.
const LONGEST_LEASE: TimeDelta = TimeDelta::days(90);
/// A hub that has not done what it was asked for is asked again after this, and later each time that it refused.
const PATIENCE: TimeDelta = TimeDelta::hours(1);
/// At most after so many times as long.
const MOST_PATIENCE: i32 = 24;
/// A hub that denied a subscription is asked again after this.
const AFTER_DENIAL: TimeDelta = TimeDelta::days(7);
/// The longest reason that is remembered, in characters.
const MAX_REASON: usize = 200;

/// Where a feed can be subscribed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Any of them will do: they are tried in turn.
    pub hubs: Vec<Url>,
    pub topic: Url,
}

/// What a poll saw of a feed's hub.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Sighting {
    /// There was no document to look into.
    #[default]
    Unknown,
    NoHub,
    Hub(Offer),
}

/// What a feed's subscription means for its next poll.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outlook {
    /// What is new will be pushed: polls are only to make sure.
    pub relied_on: bool,
    /// When the hub will have to be asked for something.
    pub attend: Option<Instant>,
}

/// Makes a new subscription's token and secret out of chance.
pub(super) struct Keys {
    pub(super) token: String,
    pub(super) secret: String,
}

/// What to ask a hub for: `hub.mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Subscribe,
    Unsubscribe,
}

/// What a hub says when it calls to verify: the parameters of its query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) mode: String,
    pub(super) topic: String,
    pub(super) lease: Option<u32>,
    pub(super) reason: String,
}

/// Where the document at `url` offers a subscription: what its headers (`links`) say goes before what it says itself.
#[must_use]
pub fn offer(links: &[Link], document: &Document, url: &Url) -> Option<Offer> {
    let linked = |wanted: &'static str| links.iter().filter(move |link| link.relation == wanted).map(|link| link.url.clone());
    let hubs: Vec<Url> = linked("hub").collect();
    let hubs = if hubs.is_empty() { document.hubs.clone() } else { hubs };
    let topic = linked("self").next().or_else(|| document.self_link.clone()).unwrap_or_else(|| url.clone());
    (!hubs.is_empty()).then_some(Offer { hubs, topic })
}

/// What a poll makes of a feed's subscriptions: it begins one, leaves one, goes to the feed's next hub where one fails, or keeps what there
/// is. `unpushed`: it found articles that nobody had pushed.
pub(super) fn after_poll(subscriptions: &mut Vec<Subscription>, seen: &Sighting, unpushed: bool, keys: Option<Keys>, now: Instant) {
    let wanted = subscriptions.iter_mut().find(|subscription| subscription.is_wanted());
    let fits = |subscription: &Subscription, offer: &Offer| offer.hubs.contains(&subscription.hub) && offer.topic == subscription.topic;
    match (wanted, seen) {
        (Some(subscription), Sighting::Hub(offer)) if fits(subscription, offer) && !subscription.gives_way(&offer.hubs, now) => {
            subscription.works &= !unpushed;
        }
        (Some(subscription), Sighting::Unknown) => subscription.works &= !unpushed,
        (Some(subscription), Sighting::NoHub) => subscription.leave(now),
        (wanted, Sighting::Hub(offer)) => {
            // Of a list that has not changed, the hub after the one that failed.
            let failed = wanted.as_deref().filter(|subscription| fits(subscription, offer));
            let refusals = failed.map_or(0, |failed| failed.refusals.max(1));
            let place = failed.and_then(|failed| offer.hubs.iter().position(|hub| *hub == failed.hub)).map_or(0, |place| place + 1);
            let hub = offer.hubs.iter().cycle().nth(place);
            if let Some(subscription) = wanted {
                subscription.leave(now);
            }
            let begun = hub.zip(keys).map(|(hub, keys)| Subscription { refusals, ..Subscription::new(hub, &offer.topic, keys) });
            subscriptions.extend(begun);
        }
        (None, Sighting::Unknown | Sighting::NoHub) => {}
    }
    subscriptions.retain(|subscription| !subscription.is_over(now));
}

/// The next poll of a feed with these subscriptions.
pub(super) fn outlook(subscriptions: &[Subscription], now: Instant) -> Outlook {
    let wanted = subscriptions.iter().find(|subscription| subscription.is_wanted());
    Outlook {
        relied_on: wanted.is_some_and(|subscription| subscription.is_active(now) && subscription.works),
        attend: wanted.and_then(|subscription| subscription.next_request(now)),
    }
}

impl Subscription {
    fn new(hub: &Url, topic: &Url, keys: Keys) -> Self {
        Self {
            hub: hub.clone(),
            topic: topic.clone(),
            token: keys.token,
            secret: keys.secret,
            standing: Standing::Asked,
            asked: None,
            refusals: 0,
            refusal: None,
            last_push: None,
            works: false,
        }
    }

    /// Whether it has not been given up.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        !matches!(self.standing, Standing::Leaving { .. })
    }

    pub(super) fn is_active(&self, now: Instant) -> bool {
        matches!(self.standing, Standing::Active { until, .. } if now < until)
    }

    /// Whether another one of the feed's hubs is to be tried: this one does not do what it is asked for. Once all have failed, with patience.
    fn gives_way(&self, hubs: &[Url], now: Instant) -> bool {
        let silent = self.asked.is_some_and(|asked| asked + PATIENCE <= now);
        let failed = self.refusals > 0 || silent || matches!(self.standing, Standing::Denied { .. });
        let untried = usize::try_from(self.refusals.max(1)).is_ok_and(|tried| tried < hubs.len());
        hubs.len() > 1 && failed && !self.is_active(now) && (untried || self.next_request(now).is_some_and(|next| next <= now))
    }

    /// Whether nothing is left of it, at the hub or here.
    pub(super) fn is_over(&self, now: Instant) -> bool {
        matches!(self.standing, Standing::Leaving { until } if until <= now)
    }

    /// Gives it up. Where the hub never confirmed it, there is nothing to take back.
    pub(super) fn leave(&mut self, now: Instant) {
        match self.standing {
            Standing::Active { until, .. } => (self.standing, self.asked) = (Standing::Leaving { until }, None),
            Standing::Asked | Standing::Denied { .. } => self.standing = Standing::Leaving { until: now },
            Standing::Leaving { .. } => {}
        }
    }

    /// What the hub is to be asked for now.
    pub(super) fn due(&self, now: Instant) -> Option<Mode> {
        if self.next_request(now)? > now {
            return None;
        }
        Some(if self.is_wanted() { Mode::Subscribe } else { Mode::Unsubscribe })
    }

    /// When the hub is to be asked next: at once for what is new or given up, and before a lease ends.
    fn next_request(&self, now: Instant) -> Option<Instant> {
        let patience = PATIENCE * 2_i32.saturating_pow(self.refusals).min(MOST_PATIENCE);
        let earliest = self.asked.map_or(now, |asked| asked + patience);
        let wanted = match self.standing {
            Standing::Asked => now,
            Standing::Active { since, until } => until - (until - since) / 3,
            Standing::Denied { since, .. } => since + AFTER_DENIAL,
            Standing::Leaving { until } if now < until => now,
            Standing::Leaving { .. } => return None,
        };
        Some(wanted.max(earliest))
    }

    /// Takes note of how the hub answered a request.
    pub(super) fn answered(&mut self, refusal: Option<&str>) {
        self.refusals = if refusal.is_some() { self.refusals.saturating_add(1) } else { 0 };
        self.refusal = refusal.map(short);
    }

    /// Whether the hub may do what it calls for: it is what was asked of it. Then that is the case from now on.
    pub(super) fn called(&mut self, call: &Call, now: Instant) -> bool {
        if call.topic != self.topic.as_str() {
            return false;
        }
        match (call.mode.as_str(), self.is_wanted()) {
            ("subscribe", true) => {
                let lease = call.lease.map_or(LEASE, |seconds| TimeDelta::seconds(seconds.into())).min(LONGEST_LEASE);
                self.standing = Standing::Active { since: now, until: now + lease };
            }
            ("unsubscribe", false) => self.standing = Standing::Leaving { until: now },
            ("denied", true) => {
                self.standing = Standing::Denied { since: now, reason: short(&call.reason) };
                self.works = false;
            }
            _ => return false,
        }
        self.asked = None;
        true
    }

    /// Takes note of a push that the hub had signed.
    pub(super) fn pushed(&mut self, now: Instant) {
        self.last_push = Some(now);
        self.works = true;
    }
}

fn short(reason: &str) -> String {
    reason.chars().filter(|character| !character.is_control()).take(MAX_REASON).collect()
}
