//! The wires and the pages around them. Rendered wires are kept until a commit or another configuration changes them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use tokio::sync::Semaphore;

use super::encoding::Encoding;
use super::not_found;
use super::ops::{self, Token};
use super::pages;
use super::rendered::Rendered;
use crate::config::Config;
use crate::desk::{Desk, Refusal};
use crate::model::{Scope, TopicId};
use crate::poll::blocking;
use crate::publish::{self, Format, Tongue, View};
use crate::store::Store;

/// The most bytes of narrowed wires that are kept: readers may ask for any number of them.
const MAX_NARROWED: usize = 32 << 20;

/// Narrowed wires that are laid out at the same time.
const MAX_LAID_OUT: usize = 2;

/// How long an archive may be kept: it does not change.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const FOR_A_MINUTE: &str = "public, max-age=60";

/// The wires, rendered when first asked for and then kept until they change.
#[derive(Debug)]
pub struct Wires {
    store: Store,
    ops: Option<Token>,
    /// What the rule lab asks for.
    admin: Option<Token>,
    /// Turns in laying out narrowed wires.
    turns: Semaphore,
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    config: Arc<Config>,
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
            turns: Semaphore::new(MAX_LAID_OUT),
            kept: Mutex::new(Kept { config, changes: 0, rendered: BTreeMap::new() }),
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
    }

    /// A wire as it is asked for; none when there is no such wire. Blocks on the store.
    fn get(&self, asked: &Asked, view: &View) -> Result<Option<Found>, Refusal> {
        let (changes, config) = {
            let kept = self.lock();
            if let Some(rendered) = kept.rendered.get(asked) {
                return Ok(Some(Found::Document(Arc::clone(rendered))));
            }
            (kept.changes, Arc::clone(&kept.config))
        };
        let desk = Desk { config, store: Some(self.store.clone()) };
        let wire = match asked.archive {
            Some(number) => desk.lay_out_archive(&asked.scope, number, view)?,
            None => desk.lay_out(&asked.scope, view)?,
        };
        let Some(wire) = wire else {
            let is_next = || Ok::<_, Refusal>(asked.archive == Some(self.store.wire_state(&asked.scope)?.archives()));
            return Ok((desk.config.channel(&asked.scope).is_some() && is_next()?).then_some(Found::Subscription));
        };
        let rendered = Arc::new(Rendered::new(wire.render(asked.format, Tongue::default())));
        let mut kept = self.lock();
        if kept.changes == changes {
            kept.keep(asked.clone(), &rendered);
        }
        Ok(Some(Found::Document(rendered)))
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Nothing panics while the lock is held half way through a change.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn keep(&mut self, asked: Asked, rendered: &Arc<Rendered>) {
        let narrowed = |asked: &Asked| !asked.query.is_empty() || asked.archive.is_some();
        if narrowed(&asked) {
            let bytes: usize = self.rendered.iter().filter(|(asked, _)| narrowed(asked)).map(|(_, rendered)| rendered.weight()).sum();
            if bytes + rendered.weight() > MAX_NARROWED {
                self.rendered.retain(|asked, _| !narrowed(asked));
            }
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
    let turns = Arc::clone(&wires);
    // The semaphore is never closed.
    let _turn = if view.is_whole() && archive.is_none() { None } else { turns.turns.acquire().await.ok() };
    // From where the archive is: that works below any prefix.
    let name = path.split('/').rev().nth(2).unwrap_or_default();
    let subscription = format!("../../{name}.{format}{}", address.query().map(|query| format!("?{query}")).unwrap_or_default());
    let found = blocking(move || {
        Ok(wires.get(&asked, &view)?.map(|found| match found {
            Found::Document(rendered) => Ok(rendered.encoded(encoding)),
            Found::Subscription => Err(subscription),
        }))
    });
    let encoded = match found.await {
        Ok(Some(Ok(encoded))) => encoded,
        Ok(Some(Err(subscription))) => return Redirect::temporary(&subscription).into_response(),
        Ok(None) => return not_found(),
        Err::<_, Refusal>(refusal) => {
            tracing::error!(error = %refusal, "a wire cannot be read from the store");
            return (StatusCode::INTERNAL_SERVER_ERROR, "the wire cannot be read just now; the log says why\n").into_response();
        }
    };
    let validator = [(header::ETAG, encoded.etag.clone())];
    if encoded.is_known(&headers) {
        return (StatusCode::NOT_MODIFIED, validator, wire_headers(format, archive.is_some())).into_response();
    }
    let encoding = encoding.name().map(|name| [(header::CONTENT_ENCODING, HeaderValue::from_static(name))]);
    (validator, wire_headers(format, archive.is_some()), encoding, Body::from(encoded.bytes)).into_response()
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
        (header::CACHE_CONTROL, HeaderValue::from_static(if lasts { FOR_EVER } else { FOR_A_MINUTE })),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex")),
    ]
}
