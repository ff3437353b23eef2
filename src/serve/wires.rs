//! The wires and the pages around them. Rendered wires are kept until a commit or another configuration changes them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use bytes::Bytes;
use tokio::sync::{Notify, Semaphore};

use super::encoding::Encoding;
use super::lab;
use super::not_found;
use super::ops::{self, Token};
use super::pages;
use super::rendered::{Encoded, Rendered, arrivals_known, takes_deltas};
use crate::clock;
use crate::config::Config;
use crate::desk::{Desk, Refusal};
use crate::model::{Instant, Scope, TopicId};
use crate::poll::blocking;
use crate::publish::{self, Format, Tongue, View};
use crate::store::Store;

/// The most bytes that are kept of whole wires; and of narrowed ones and archives, of which readers may ask for any number.
const MAX_WHOLE: usize = 384 << 20;
const MAX_NARROWED: usize = 32 << 20;

/// Narrowed wires that are laid out at the same time.
const MAX_LAID_OUT: usize = 2;

/// How long an archive may be kept: only what is purged leaves it, or may not be published any more.
const FOR_A_DAY: &str = "public, max-age=86400";
const FOR_A_MINUTE: &str = "public, max-age=60";

/// What is said of an answer that has the new entries only: who keeps answers without knowing what that is must not keep it (RFC 3229,
/// section 10.5.3).
const NEWS_HEADERS: [(&str, &str); 3] =
    [("im", "feed"), ("cache-control", "no-store, im"), ("vary", "accept-encoding, a-im, if-none-match")];

/// The wires, rendered when first asked for and then kept until they change.
#[derive(Debug)]
pub struct Wires {
    store: Store,
    ops: Option<Token>,
    /// What the rule lab asks for.
    admin: Option<Token>,
    /// Whether only this machine is served, by the configuration of the start: what listens is not replaced.
    at_home: bool,
    /// Turns in laying out narrowed wires.
    turns: Semaphore,
    kept: Mutex<Kept>,
    /// Rung when something changes.
    bell: Notify,
}

#[derive(Debug)]
struct Kept {
    config: Arc<Config>,
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

impl Wires {
    #[must_use]
    pub fn new(config: Arc<Config>, store: Store) -> Self {
        Self {
            store,
            ops: None,
            admin: None,
            at_home: lab::is_at_home(&config),
            turns: Semaphore::new(MAX_LAID_OUT),
            bell: Notify::new(),
            kept: Mutex::new(Kept { look: publish::look(&config), config, changes: 0, rendered: BTreeMap::new() }),
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

    /// From now on another configuration holds.
    pub fn configured(&self, config: Arc<Config>) {
        let mut kept = self.lock();
        kept.changes += 1;
        kept.look = publish::look(&config);
        kept.config = config;
        kept.rendered.clear();
    }

    /// Forgets everything: much may have changed.
    pub fn forget(&self) {
        let mut kept = self.lock();
        kept.changes += 1;
        kept.rendered.clear();
    }

    /// Forgets what a commit changed: the wires of these topics, and those that any article is in.
    pub fn changed(&self, topics: &BTreeSet<TopicId>) {
        let mut kept = self.lock();
        kept.changes += 1;
        let reads_the_same =
            |asked: &Asked| asked.archive.is_some() || matches!(&asked.scope, Scope::Topic(topic) if !topics.contains(topic));
        kept.rendered.retain(|asked, _| reads_the_same(asked));
        self.bell.notify_one();
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

    /// A wire as it is asked for; none when there is no such wire. Blocks on the store.
    fn get(&self, asked: &Asked, view: &View) -> Result<Option<Found>, Refusal> {
        let (changes, config, look) = {
            let kept = self.lock();
            if let Some(rendered) = kept.rendered.get(asked) {
                return Ok(Some(Found::Document(Arc::clone(rendered))));
            }
            (kept.changes, Arc::clone(&kept.config), kept.look.clone())
        };
        let desk = Desk { config, store: Some(self.store.clone()) };
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
        let rendered = Rendered::new(wire.render(asked.format, Tongue::default()));
        let rendered = Arc::new(if asked.archive.is_none() { rendered.since(since, state.arrivals) } else { rendered });
        let mut kept = self.lock();
        if kept.changes == changes {
            kept.keep(asked.clone(), &rendered);
        }
        Ok(Some(Found::Document(rendered)))
    }

    /// A wire that can be sent as it is, without looking into the store or compressing it.
    fn at_hand(&self, asked: &Asked, encoding: Encoding) -> Option<Encoded> {
        self.lock().rendered.get(asked)?.at_hand(encoding)
    }

    /// The document of what came to a wire from arrival `from` on; none when that is not worth it. Blocks on the store.
    fn newer(&self, asked: &Asked, view: &View, from: u64) -> Result<Option<String>, Refusal> {
        let wire = self.desk().lay_out_news(&asked.scope, view, from)?;
        Ok(wire.map(|wire| wire.render(asked.format, Tongue::default())))
    }

    /// What is said in a header of the hub at which a wire can be subscribed to, and of the name that the hub knows it by.
    fn links(&self, asked: &Asked, view: &View) -> Option<String> {
        let kept = self.lock();
        let hub = kept.config.serve.hub.as_ref().filter(|_| view.is_whole() && asked.archive.is_none())?;
        let own = format!("{}{}", kept.config.site.address, publish::file(&asked.scope, asked.format));
        Some(format!("<{}>; rel=\"hub\", <{own}>; rel=\"self\"", hub.address()))
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Nothing panics while the lock is held half way through a change.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
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

/// Where readers find them.
pub(super) fn routes(wires: Arc<Wires>) -> Router {
    Router::new()
        .route("/ops.atom", get(ops::wire))
        .route("/wires.opml", get(opml))
        .route("/topics/{file}", get(wire))
        .route("/agencies/{file}", get(wire))
        .route("/{file}", get(wire))
        .route("/topics/{wire}/archive/{file}", get(wire))
        .route("/agencies/{wire}/archive/{file}", get(wire))
        .route("/all/archive/{file}", get(wire))
        .with_state(wires)
}

async fn opml(State(wires): State<Arc<Wires>>, headers: HeaderMap) -> Response {
    let config = Arc::clone(&wires.lock().config);
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("text/x-opml; charset=utf-8"))];
    (kind, publish::opml(&config, tongue(&headers))).into_response()
}

async fn wire(State(wires): State<Arc<Wires>>, address: Uri, headers: HeaderMap) -> Response {
    let path = address.path().trim_start_matches('/');
    let Some((scope, archive, format)) = named(path) else { return not_found() };
    if format == Format::Html {
        return pages::wire(&wires, scope, address.query().map(str::to_owned), headers).await;
    }
    let view = match View::parse(address.query().unwrap_or_default()) {
        Ok(view) => view,
        Err(mistake) => return (StatusCode::BAD_REQUEST, mistake + "\n").into_response(),
    };
    let asked = Asked { scope, archive, format, query: view.to_string() };
    let encoding = Encoding::asked_for(&headers);
    let around = (wires.links(&asked, &view).map(|links| [(header::LINK, links)]), wire_headers(format, archive.is_some()));
    let now = clock::now();
    // Whoever has seen the wire before and can make do with what is new since then.
    let takes_news = takes_deltas(&headers) && archive.is_none() && matches!(format, Format::Atom | Format::Rss);
    let seen = arrivals_known(&headers).filter(|_| takes_news);
    let at_hand = wires.at_hand(&asked, encoding).filter(|encoded| seen.is_none() || encoded.is_known(&headers, now));
    if let Some(encoded) = at_hand {
        return reply(encoded, encoding, &headers, now, around);
    }
    let turns = Arc::clone(&wires);
    // The semaphore is never closed.
    let _turn = if view.is_whole() && archive.is_none() { None } else { turns.turns.acquire().await.ok() };
    // From where the archive is: that works below any prefix.
    let name = path.split('/').rev().nth(2).unwrap_or_default();
    let subscription = format!("../../{name}.{format}{}", address.query().map(|query| format!("?{query}")).unwrap_or_default());
    let answer = blocking(move || {
        let rendered = match wires.get(&asked, &view)? {
            Some(Found::Document(rendered)) => rendered,
            Some(Found::Subscription) => return Ok(Redirect::temporary(&subscription).into_response()),
            None => return Ok(not_found()),
        };
        let encoded = rendered.encoded(encoding);
        let seen = seen.filter(|_| !encoded.is_known(&headers, now));
        if let Some(news) = seen.map(|seen| wires.newer(&asked, &view, seen)).transpose()?.flatten() {
            return Ok((StatusCode::IM_USED, [(header::ETAG, encoded.etag)], around, NEWS_HEADERS, news).into_response());
        }
        Ok(reply(encoded, encoding, &headers, now, around))
    });
    answer.await.unwrap_or_else(|refusal: Refusal| {
        tracing::error!(error = %refusal, "a wire cannot be read from the store");
        (StatusCode::INTERNAL_SERVER_ERROR, "the wire cannot be read just now; the log says why\n").into_response()
    })
}

/// What is said of a wire beside what tells it from those before.
type Around = (Option<[(HeaderName, String); 1]>, [(HeaderName, HeaderValue); 6]);

/// The wire, or that the client has it already.
fn reply(encoded: Encoded, encoding: Encoding, request: &HeaderMap, now: Instant, around: Around) -> Response {
    let modified = encoded.last_modified(now).map(|modified| [(header::LAST_MODIFIED, modified)]);
    let is_known = encoded.is_known(request, now);
    let shared = ([(header::ETAG, encoded.etag)], modified, around);
    if is_known {
        return (StatusCode::NOT_MODIFIED, shared).into_response();
    }
    let encoding = encoding.name().map(|name| [(header::CONTENT_ENCODING, HeaderValue::from_static(name))]);
    (shared, encoding, Body::from(encoded.bytes)).into_response()
}

/// The wire, the archive of it and the form that a path names.
fn named(path: &str) -> Option<(Scope, Option<u64>, Format)> {
    let (path, end) = path.rsplit_once('.')?;
    let format = Format::of_extension(end)?;
    match path.split_once("/archive/") {
        // Pages show what is new.
        Some((wire, number)) if format != Format::Html => Some((Scope::of_path(wire)?, Some(publish::archive_number(number)?), format)),
        Some(_) => None,
        None => Some((Scope::of_path(path)?, None, format)),
    }
}

pub(super) fn tongue(headers: &HeaderMap) -> Tongue {
    let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    asked.map(Tongue::of_accept_language).unwrap_or_default()
}

fn wire_headers(format: Format, lasts: bool) -> [(HeaderName, HeaderValue); 6] {
    [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.content_type())),
        (header::CACHE_CONTROL, HeaderValue::from_static(if lasts { FOR_A_DAY } else { FOR_A_MINUTE })),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex")),
    ]
}
