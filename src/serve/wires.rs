//! The wires: rendered when first asked for, and kept until a commit or another configuration changes them. How they are asked for over
//! HTTP is in `routes`.

mod routes;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use axum::http::{HeaderMap, Uri};
use bytes::Bytes;
use chrono::TimeDelta;
use tokio::sync::{Notify, OwnedMutexGuard, Semaphore};

pub(super) use self::routes::{reply, routes, tongue};
use super::encoding::Encoding;
use super::lab;
use super::rendered::{Encoded, Rendered};
use super::token::{self, Token};
use crate::clock;
use crate::config::Config;
use crate::desk::{Desk, Question, Refusal, TopicRow, Topics};
use crate::model::{Instant, Scope, TopicId};
use crate::publish::{self, Format, Tongue, View};
use crate::store::Store;

/// The most bytes that are kept of whole wires; and of narrowed ones and archives, of which readers may ask for any number.
const MAX_WHOLE: usize = 384 << 20;
const MAX_NARROWED: usize = 32 << 20;

/// How long the first page's numbers count, if nothing changes.
const COUNTED_FOR: TimeDelta = TimeDelta::minutes(1);

/// Narrowed wires that are laid out at the same time.
const MAX_LAID_OUT: usize = 2;

/// The wires, rendered when first asked for and then kept until they change.
#[derive(Debug)]
pub struct Wires {
    store: Store,
    ops: Option<Token>,
    /// What the rule lab asks for.
    admin: Option<Token>,
    /// What readers of those wires have to know that are not for everybody.
    tokens: BTreeMap<Scope, Vec<Token>>,
    /// Whether only this machine is served, by the configuration of the start: what listens is not replaced.
    at_home: bool,
    /// Turns in laying out narrowed wires.
    turns: Semaphore,
    kept: Mutex<Kept>,
    /// What is being made just now, so that nothing is made twice at the same time.
    flights: Mutex<BTreeMap<Asked, Weak<tokio::sync::Mutex<Made>>>>,
    /// Counts the documents that were made.
    made: AtomicU64,
    /// Rung when something changes.
    bell: Notify,
}

/// What was made of a wire for those who waited for it, and after how many changes it was begun.
type Made = Option<(u64, Arc<Rendered>)>;

/// A reader's turn in making a document: whoever else asks for the same waits until this is dropped.
struct Flight {
    /// The changes when the reader asked: what was begun later is as new as it may expect.
    asked: u64,
    made: OwnedMutexGuard<Made>,
}

#[derive(Debug)]
struct Kept {
    /// What the first page says of the topics, and since when.
    topics: Option<(Instant, Arc<Vec<TopicRow>>)>,
    config: Arc<Config>,
    /// As far as it is for everybody.
    public: Arc<Config>,
    /// A name for how wires look by it.
    look: String,
    /// Counts the changes, so that what was rendered from an older state is not kept.
    changes: u64,
    rendered: BTreeMap<Asked, Arc<Rendered>>,
}

/// What a reader finds.
enum Found {
    Document(Arc<Rendered>),
    /// What comes after the last archive: as yet what readers subscribe to.
    Subscription,
}

/// What a reader asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Asked {
    scope: Scope,
    /// None for the document that readers subscribe to.
    archive: Option<u64>,
    format: Format,
    /// The view, as its query.
    query: String,
}

/// Why somebody may read a wire.
enum Pass {
    /// It is for everybody.
    Public,
    /// By a token; it stands here if it is in the address.
    Private(Option<String>),
}

impl Wires {
    #[must_use]
    pub fn new(config: Arc<Config>, store: Store) -> Self {
        Self {
            store,
            ops: None,
            admin: None,
            tokens: BTreeMap::new(),
            at_home: lab::is_at_home(&config),
            turns: Semaphore::new(MAX_LAID_OUT),
            flights: Mutex::default(),
            made: AtomicU64::new(0),
            bell: Notify::new(),
            kept: Mutex::new(Kept {
                look: publish::look(&config),
                public: config.public().into(),
                config,
                changes: 0,
                topics: None,
                rendered: BTreeMap::new(),
            }),
        }
    }

    /// Lets whoever knows `token` read the ops wire.
    #[must_use]
    pub fn with_ops(self, token: Option<Token>) -> Self {
        Self { ops: token, ..self }
    }

    /// Asks whoever uses the rule lab for `token`.
    #[must_use]
    pub fn with_admin(self, token: Option<Token>) -> Self {
        Self { admin: token, ..self }
    }

    /// Lets whoever knows one of a wire's tokens read it, if that is not for everybody.
    #[must_use]
    pub fn with_tokens(self, tokens: BTreeMap<Scope, Vec<Token>>) -> Self {
        Self { tokens, ..self }
    }

    pub(super) fn has_admin(&self) -> bool {
        self.admin.is_some()
    }

    pub(super) fn began_at_home(&self) -> bool {
        self.at_home
    }

    pub(super) fn is_admin(&self, token: &str) -> bool {
        self.admin.as_ref().is_some_and(|admin| admin.is(token))
    }

    /// What a reader of the ops wire has to know; none where that wire is not served.
    pub(super) fn ops(&self) -> Option<&Token> {
        self.ops.as_ref()
    }

    /// The configuration that holds now, and the store: what questions are answered from.
    #[must_use]
    pub fn desk(&self) -> Desk {
        Desk { config: Arc::clone(&self.lock().config), store: Some(self.store.clone()) }
    }

    /// As [`Wires::desk`], without the wires that are not for everybody: what strangers are answered from.
    #[must_use]
    pub fn public_desk(&self) -> Desk {
        Desk { config: Arc::clone(&self.lock().public), store: Some(self.store.clone()) }
    }

    /// As [`Wires::public_desk`], for whoever knows tokens of these wires.
    pub(super) fn desk_knowing(&self, opened: &[Scope]) -> Desk {
        if opened.is_empty() { self.public_desk() } else { Desk { config: self.desk().config.known_to(opened).into(), ..self.desk() } }
    }

    /// As [`Wires::public_desk`], for the readers of a wire.
    pub(super) fn desk_of(&self, scope: &Scope) -> Desk {
        if self.lock().is_open(scope) { self.public_desk() } else { self.desk_knowing(std::slice::from_ref(scope)) }
    }

    /// From now on another configuration holds.
    pub fn configured(&self, config: Arc<Config>) {
        let mut kept = self.lock();
        kept.changes += 1;
        kept.look = publish::look(&config);
        kept.public = config.public().into();
        kept.config = config;
        kept.topics = None;
        kept.rendered.clear();
    }

    /// Forgets everything: much may have changed.
    pub fn forget(&self) {
        let mut kept = self.lock();
        kept.changes += 1;
        kept.topics = None;
        kept.rendered.clear();
    }

    /// Forgets what a commit changed: the wires of these topics, and those that any article is in.
    pub fn changed(&self, topics: &BTreeSet<TopicId>) {
        let mut kept = self.lock();
        kept.changes += 1;
        kept.topics = None;
        let reads_the_same =
            |asked: &Asked| asked.archive.is_some() || matches!(&asked.scope, Scope::Topic(topic) if !topics.contains(topic));
        kept.rendered.retain(|asked, _| reads_the_same(asked));
        self.bell.notify_one();
    }

    /// The topics for the first page: counted when something has changed, and once a minute, for days pass. Blocks on the store.
    pub(super) fn topics(&self) -> Result<Arc<Vec<TopicRow>>, Refusal> {
        let changes = self.lock().changes;
        let (now, desk) = (clock::now(), self.public_desk());
        if let Some((_, topics)) = self.lock().topics.as_ref().filter(|(since, _)| (now - *since).abs() < COUNTED_FOR) {
            return Ok(Arc::clone(topics));
        }
        let topics = Arc::new(Topics {}.answer(&desk)?);
        let mut kept = self.lock();
        if kept.changes == changes {
            kept.topics = Some((now, Arc::clone(&topics)));
        }
        Ok(topics)
    }

    /// Returns when something has changed since it was last asked.
    pub(crate) async fn news(&self) {
        self.bell.notified().await;
    }

    /// A whole wire, byte for byte as readers get it, and the number of the first arrival that may be missing in it: what is kept may be
    /// older than the store by a moment. None when there is no such wire. Blocks on the store.
    pub(crate) fn whole(&self, scope: &Scope, format: Format) -> Result<Option<(Bytes, u64)>, Refusal> {
        let asked = Asked { scope: scope.clone(), archive: None, format, query: String::new() };
        Ok(self.get(&asked, &View::default())?.and_then(|found| match found {
            Found::Document(rendered) => Some((rendered.encoded(Encoding::Identity).bytes, rendered.arrivals)),
            Found::Subscription => None,
        }))
    }

    /// How many documents were made since the start, for those who asked.
    #[must_use]
    pub fn made(&self) -> u64 {
        self.made.load(Ordering::Relaxed)
    }

    /// Waits for the turn to make a document. Different documents do not wait for each other.
    async fn flight(&self, asked: &Asked) -> Flight {
        let changes = self.lock().changes;
        let gate = {
            let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
            let gate = flights.get(asked).and_then(Weak::upgrade).unwrap_or_default();
            flights.retain(|_, gate| gate.strong_count() > 0);
            flights.insert(asked.clone(), Arc::downgrade(&gate));
            gate
        };
        Flight { asked: changes, made: gate.lock_owned().await }
    }

    /// As [`Wires::get`], or what the one before made while this one waited.
    fn get_in_turn(&self, asked: &Asked, view: &View, flight: &mut Flight) -> Result<Option<Found>, Refusal> {
        if let Some((_, rendered)) = flight.made.as_ref().filter(|(begun, _)| *begun >= flight.asked) {
            return Ok(Some(Found::Document(Arc::clone(rendered))));
        }
        let begun = self.lock().changes;
        let found = self.get(asked, view)?;
        if let Some(Found::Document(rendered)) = &found {
            *flight.made = Some((begun, Arc::clone(rendered)));
        }
        Ok(found)
    }

    /// A wire as it is asked for; none when there is no such wire. Blocks on the store.
    fn get(&self, asked: &Asked, view: &View) -> Result<Option<Found>, Refusal> {
        let (changes, look) = {
            let kept = self.lock();
            if let Some(rendered) = kept.rendered.get(asked) {
                return Ok(Some(Found::Document(Arc::clone(rendered))));
            }
            (kept.changes, kept.look.clone())
        };
        let desk = self.desk_of(&asked.scope);
        // Read before the wire: if it changes meanwhile, the next reader is told so.
        let state = self.store.wire_state(&asked.scope)?;
        let wire = match asked.archive {
            Some(number) => desk.lay_out_archive(&asked.scope, number, view)?,
            None => desk.lay_out(&asked.scope, view)?,
        };
        let Some(wire) = wire else {
            let is_next = asked.archive == Some(state.archives()) && desk.config.channel(&asked.scope).is_some();
            return Ok(is_next.then_some(Found::Subscription));
        };
        let since = state.changed.max(self.store.looks_so(&look, clock::now())?);
        self.made.fetch_add(1, Ordering::Relaxed);
        let rendered = Rendered::new(wire.render(asked.format, Tongue::default()));
        // An archive says nothing of arrivals, so that its tag stays the same when there are more.
        let rendered = if asked.archive.is_none() { rendered.since(since, state.arrivals) } else { rendered.changed(since) };
        let rendered = Arc::new(rendered.packed());
        let mut kept = self.lock();
        if kept.changes == changes {
            kept.keep(asked.clone(), &rendered);
        }
        Ok(Some(Found::Document(rendered)))
    }

    /// Whether somebody may read a wire; none when not.
    fn admit(&self, scope: &Scope, uri: &Uri, headers: &HeaderMap) -> Option<Pass> {
        let is_public = {
            let kept = self.lock();
            // Where nothing is closed, what does not exist is no secret either.
            let no_topic_is_closed = kept.public.wires.len() == kept.config.wires.len();
            (matches!(scope, Scope::Topic(_)) && no_topic_is_closed) || kept.is_open(scope)
        };
        if is_public {
            return Some(Pass::Public);
        }
        let tokens = self.tokens.get(scope)?;
        let address = token::in_address(uri).find(|shown| tokens.iter().any(|token| token.is(shown)));
        let is_shown = || tokens.iter().any(|token| token.is_shown(uri, headers));
        (address.is_some() || is_shown()).then_some(Pass::Private(address))
    }

    /// The wires whose tokens a request shows, and one of these tokens if its address has it.
    pub(super) fn opened(&self, uri: &Uri, headers: &HeaderMap) -> (Vec<Scope>, Option<String>) {
        let opened: Vec<(&Scope, &Token)> = self
            .tokens
            .iter()
            .flat_map(|(scope, tokens)| tokens.iter().map(move |token| (scope, token)))
            .filter(|(_, token)| token.is_shown(uri, headers))
            .collect();
        let address = token::in_address(uri).find(|shown| opened.iter().any(|(_, token)| token.is(shown)));
        (opened.into_iter().map(|(scope, _)| scope.clone()).collect(), address)
    }

    /// What can be answered without looking into the store and without compressing anything: that the client has the wire already, or the
    /// wire.
    fn at_hand(&self, asked: &Asked, encoding: Encoding, headers: &HeaderMap, now: Instant) -> Option<Encoded> {
        let rendered = Arc::clone(self.lock().rendered.get(asked)?);
        let head = rendered.head(encoding);
        if head.is_known(headers, now) { Some(head) } else { rendered.at_hand(encoding) }
    }

    /// The document of what came to a wire from arrival `from` on; none when that is not worth it. Blocks on the store.
    fn newer(&self, asked: &Asked, view: &View, from: u64) -> Result<Option<String>, Refusal> {
        let wire = self.desk_of(&asked.scope).lay_out_news(&asked.scope, view, from)?;
        Ok(wire.map(|wire| wire.render(asked.format, Tongue::default())))
    }

    /// What is said in a header of the hub at which a wire can be subscribed to, and of the name that the hub knows it by.
    fn links(&self, asked: &Asked, view: &View, is_private: bool) -> Option<String> {
        let kept = self.lock();
        let hub = kept.config.serve.hub.as_ref().filter(|_| !is_private && view.is_whole() && asked.archive.is_none())?;
        let own = format!("{}{}", kept.config.site.address, publish::file(&asked.scope, asked.format));
        Some(format!("<{}>; rel=\"hub\", <{own}>; rel=\"self\"", hub.address()))
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Nothing panics while the lock is held half way through a change.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// Whether a wire is for everybody. Of an agency it is also said when there is none, where none is closed.
    fn is_open(&self, scope: &Scope) -> bool {
        match scope {
            Scope::Topic(topic) => self.public.wire(topic).is_some(),
            Scope::Agency(feed) => self.public.hidden.is_empty() || self.public.feed(feed).is_some(),
            Scope::All => self.public.everything.is_some(),
        }
    }

    fn keep(&mut self, asked: Asked, rendered: &Arc<Rendered>) {
        let narrowed = |asked: &Asked| !asked.query.is_empty() || asked.archive.is_some();
        let (kind, most) = if narrowed(&asked) { (true, MAX_NARROWED) } else { (false, MAX_WHOLE) };
        let alike = self.rendered.iter().filter(|(asked, _)| narrowed(asked) == kind);
        let bytes: usize = alike.map(|(_, rendered)| rendered.weight()).sum();
        if bytes + rendered.weight() > most {
            self.rendered.retain(|asked, _| narrowed(asked) != kind);
        }
        self.rendered.insert(asked, Arc::clone(rendered));
    }
}
