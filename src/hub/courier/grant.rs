//! What is asked of our hub, once it is known to be meant.

use std::sync::Arc;

use ring::rand::{SecureRandom, SystemRandom};
use tokio::time::timeout;

use super::outlet::Outlet;
use super::{FORMS, Hub, STRANGERS_TAKE, lock};
use crate::clock;
use crate::config;
use crate::fetch::{Answer, Purpose, Request};
use crate::hub::life::{self, Wish};
use crate::model::{Follower, Scope};
use crate::poll::blocking;
use crate::publish::{self, Format};
use crate::store;

impl Hub {
    /// Asks whether a request is meant, and then does what it asks for.
    pub(super) async fn grant(self: &Arc<Self>, wish: Wish) -> Option<Outlet> {
        let (challenge, (scope, format)) = challenge().zip(self.wire(&wish.topic))?;
        let allow_private = matches!(self.address, Some(config::Hub::Own { private: true, .. }));
        let question = wish.question(&challenge);
        let request = Request { url: &question, purpose: Purpose::Challenge, validators: None, allow_private, credentials: None };
        match timeout(STRANGERS_TAKE, self.client.get(request)).await {
            // A redirect is no yes (`WebSub`, section 5.3): it may lead to somebody who did not mean it.
            Ok(Answer::Fresh(response)) if response.url == question && response.body.trim_ascii() == challenge.as_bytes() => {}
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
                None if followers.len() >= self.room => {
                    tracing::warn!("a subscriber of the hub is not taken: there are too many");
                    return Ok(());
                }
                None => {}
            }
            followers.insert(name, follower.clone());
        }
        self.store.put_follower(&follower)
    }

    /// Whether there is room for what somebody asks for.
    pub(in crate::hub) fn has_room(&self, wish: &Wish) -> bool {
        let followers = lock(&self.followers);
        let path = wish.topic.strip_prefix(self.site.as_str());
        let is_known = |follower: &Follower| follower.callback == wish.callback && Some(follower.wire.as_str()) == path;
        wish.lease.is_none() || followers.len() < self.room || followers.values().any(is_known)
    }

    /// The wire with this address, in a form that can be followed.
    pub(in crate::hub) fn wire(&self, topic: &str) -> Option<(Scope, Format)> {
        let (scope, format) = publish::named(topic.strip_prefix(self.site.as_str())?)?;
        let is_there = FORMS.contains(&format) && self.wires.public_desk().config.channel(&scope).is_some();
        is_there.then_some((scope, format))
    }
}

/// None when the system has no randomness to give.
fn challenge() -> Option<String> {
    let mut chance = [0; 16];
    SystemRandom::new().fill(&mut chance).ok()?;
    Some(chance.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat())
}
