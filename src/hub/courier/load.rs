//! What is sent: to a subscriber the wire, to a webhook an entry, to another hub that there is something. Letters are in `digest`.

use bytes::Bytes;
use lettre::Message;
use url::Url;

use super::outlet::Outlet;
use super::{FORMS, Hub, MOST_ENTRIES, lock};
use crate::config;
use crate::desk::{Desk, Refusal};
use crate::fetch::Parcel;
use crate::model::{Follower, Scope, TopicId};
use crate::publish;
use crate::store;
use crate::websub::signature;

/// What is sent, and the number to go on from when it was taken.
pub(super) struct Load {
    pub(super) freight: Freight,
    pub(super) next: u64,
}

/// What is sent, and how.
pub(super) enum Freight {
    Parcels { url: Url, parcels: Vec<Parcel>, allow_private: bool },
    Letter(Box<Message>),
}

impl Hub {
    /// What is to be sent; none when there is nothing after all.
    pub(super) fn load(&self, outlet: &Outlet) -> Result<Option<Load>, Refusal> {
        let desk = self.wires.desk();
        match outlet {
            Outlet::Follower(name) => {
                let follower = lock(&self.followers).get(name).cloned();
                // A topic may have been closed to strangers since.
                let load = follower.map(|follower| self.load_follower(&follower, &self.wires.public_desk())).transpose()?.flatten();
                if load.is_none() {
                    self.forget(name)?;
                }
                Ok(load)
            }
            Outlet::Webhook(topic) => self.load_webhook(outlet, topic, &desk),
            Outlet::Outside(scope) => Ok(self.load_outside(scope)?),
            Outlet::Digest(topic, to) => self.load_digest(outlet, topic, to, &desk),
        }
    }

    /// The wire as readers get it (`WebSub`, section 7); for who was away for long, what it has missed, a part at a time.
    fn load_follower(&self, follower: &Follower, desk: &Desk) -> Result<Option<Load>, Refusal> {
        let Some((scope, format)) = publish::named(&follower.wire) else { return Ok(None) };
        let state = self.store.wire_state(&scope)?;
        let from = follower.progress.next;
        let is_there = desk.config.channel(&scope).is_some();
        let whole = if from >= state.rest() && is_there { self.wires.whole(&scope, format)? } else { None };
        // What is kept for readers may be from just before the arrival that is due.
        let load = match whole.filter(|(_, next)| *next > from) {
            Some(load) => Some(load),
            None => desk
                .lay_out_part(&scope, from, MOST_ENTRIES)?
                .map(|(wire, next)| (Bytes::from(wire.render(format, publish::Tongue::default())), next)),
        };
        let Some((body, next)) = load else { return Ok(None) };
        let topic = format!("{}{}", self.site, follower.wire);
        let own = self.address.as_ref().map(|hub| hub.address().to_string()).unwrap_or_default();
        let mut headers = vec![
            ("content-type", format.content_type().to_owned()),
            ("link", format!("<{own}>; rel=\"hub\", <{topic}>; rel=\"self\"")),
            ("idempotency-key", key(&follower.wire, next)),
        ];
        headers.extend(follower.secret.as_ref().map(|secret| ("x-hub-signature", signature::sign(secret, &body))));
        let allow_private = matches!(self.address, Some(config::Hub::Own { private: true, .. }));
        let freight = Freight::Parcels { url: follower.callback.clone(), parcels: vec![Parcel { headers, body }], allow_private };
        Ok(Some(Load { freight, next }))
    }

    /// The next entry that is still in the topic.
    fn load_webhook(&self, outlet: &Outlet, topic: &TopicId, desk: &Desk) -> Result<Option<Load>, Refusal> {
        let scope = Scope::Topic(topic.clone());
        let Some(webhook) = self.webhooks.iter().find(|webhook| webhook.topic == *topic) else { return Ok(None) };
        let mut progress = lock(&self.progress).get(outlet).copied().unwrap_or_default();
        let arrivals = self.store.wire_state(&scope)?.arrivals;
        while progress.next < arrivals {
            let (arrived, next) = self.store.arrived(&scope, progress.next, 1)?;
            let entry = arrived.first().map(|arrival| &arrival.entry);
            if let Some((entry, body)) = entry.and_then(|entry| Some((entry, desk.entry_as_json(&scope, entry)?))) {
                let body = Bytes::from(body);
                // After a restore a number may be given again, to another entry.
                let what = format!("{} {} {}", scope.path(), entry.article.key, entry.article.updated);
                let headers = vec![
                    ("content-type", "application/json".to_owned()),
                    ("idempotency-key", key(&what, next)),
                    ("x-hub-signature-256", signature::sign(&webhook.secret, &body)),
                ];
                let (url, parcels) = (webhook.url.clone(), vec![Parcel { headers, body }]);
                return Ok(Some(Load { freight: Freight::Parcels { url, parcels, allow_private: webhook.allow_private }, next }));
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
        let freight = Freight::Parcels { url: url.clone(), parcels: FORMS.map(parcel).into(), allow_private: true };
        Ok(Some(Load { freight, next }))
    }
}

/// The same for the same delivery, however often it is tried.
fn key(what: &str, next: u64) -> String {
    blake3::hash(format!("{what} {next}").as_bytes()).to_hex().chars().take(32).collect()
}
