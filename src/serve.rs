//! HTTP: the wires and the pages around them. Rendered wires are kept until a commit changes them.
//!
//! Whoever connects is a stranger: there is a bound on how many are heard at once, how long they may take to ask, and how long they
//! may stay.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::config::Config;
use crate::model::{Scope, TopicId};
use crate::poll::blocking;
use crate::publish::{self, Format, Tongue, View, Wire};
use crate::store::{self, Store};

/// Connections at the same time; who comes then waits.
const MAX_CONNECTIONS: usize = 1024;
/// How long a request may take to arrive, from its first byte or from the answer before it.
const REQUEST: Duration = Duration::from_secs(10);
/// How long a connection may stay open.
const CONNECTION: Duration = Duration::from_mins(5);
/// How long a connection may still take when it is to end.
const GRACE: Duration = Duration::from_secs(5);
/// How long to leave the system alone when it can accept no connection.
const AFTER_REFUSAL: Duration = Duration::from_secs(1);

/// The wires, rendered when first asked for and then kept until they change.
#[derive(Debug)]
pub struct Wires {
    config: Arc<Config>,
    store: Store,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// Counts the changes, so that what was rendered from an older state is not kept.
    changes: u64,
    rendered: BTreeMap<(TopicId, Format), Arc<Rendered>>,
}

/// A wire as it goes out.
#[derive(Debug)]
pub struct Rendered {
    pub bytes: Bytes,
    format: Format,
    etag: String,
}

impl Wires {
    #[must_use]
    pub fn new(config: Arc<Config>, store: Store) -> Self {
        Self { config, store, kept: Mutex::default() }
    }

    /// Forgets what a commit changed.
    pub fn changed(&self, topics: &BTreeSet<TopicId>) {
        if topics.is_empty() {
            return;
        }
        let mut kept = self.lock();
        kept.changes += 1;
        kept.rendered.retain(|(topic, _), _| !topics.contains(topic));
    }

    /// The topic's wire in a format; none when there is no such topic. Blocks on the store.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn get(&self, topic: &TopicId, format: Format) -> Result<Option<Arc<Rendered>>, store::Error> {
        let Some(channel) = self.config.channel(&Scope::Topic(topic.clone())) else { return Ok(None) };
        let key = (topic.clone(), format);
        let changes = {
            let kept = self.lock();
            if let Some(rendered) = kept.rendered.get(&key) {
                return Ok(Some(Arc::clone(rendered)));
            }
            kept.changes
        };
        let published = self.store.newest(topic, channel.entries, None)?;
        let rendered = Arc::new(Rendered::new(&Wire::new(&self.config, &channel, &View::default(), &published), format));
        let mut kept = self.lock();
        if kept.changes == changes {
            kept.rendered.insert(key, Arc::clone(&rendered));
        }
        Ok(Some(rendered))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        // Nothing panics while the lock is held half way through a change.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rendered {
    fn new(wire: &Wire, format: Format) -> Self {
        let bytes = Bytes::from(wire.render(format, Tongue::default()));
        let etag = format!("\"{}\"", &blake3::hash(&bytes).to_hex()[..32]);
        Self { bytes, format, etag }
    }

    /// Whether the client has these bytes already (RFC 9110, section 13.1.2). Their time would not tell: a wire can change twice in a
    /// second, and by an entry that is older than what was read before it.
    fn is_known(&self, request: &HeaderMap) -> bool {
        let lines = request.get_all(header::IF_NONE_MATCH).into_iter().filter_map(|line| line.to_str().ok());
        let mut tags = lines.flat_map(|line| line.split(',')).map(str::trim);
        tags.any(|tag| tag == "*" || tag.trim_start_matches("W/") == self.etag)
    }
}

/// Answers with `router` until `stop` comes; then lets begun answers end within a few seconds.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let (stopping, stopped) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        // Each branch may be dropped half way: neither `join_next` nor `accept` loses a connection.
        tokio::select! {
            () = &mut stop => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if connections.len() < MAX_CONNECTIONS => match accepted {
                Ok((stream, _)) => drop(connections.spawn(connection(stream, router.clone(), stopped.clone()))),
                Err(error) => {
                    tracing::warn!(%error, "a connection cannot be accepted");
                    tokio::time::sleep(AFTER_REFUSAL).await;
                }
            },
        }
    }
    drop((listener, stopping));
    while connections.join_next().await.is_some() {}
}

/// Answers one connection until it ends, has lasted too long or the server stops. What goes wrong is the client's own affair.
async fn connection(stream: TcpStream, router: Router, mut stopped: watch::Receiver<()>) {
    let service = TowerToHyperService::new(router);
    let mut builder = http1::Builder::new();
    let connection = builder.timer(TokioTimer::new()).header_read_timeout(REQUEST).serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        _ = &mut connection => return,
        // Nothing is ever sent: this ends when the sender is gone.
        _ = stopped.changed() => {}
        () = tokio::time::sleep(CONNECTION) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = tokio::time::timeout(GRACE, connection).await;
}

/// The handlers.
pub fn router(wires: Arc<Wires>) -> Router {
    Router::new()
        .route("/", get(index))
        .route("/topics/{file}", get(wire))
        .route("/healthz", get(async || "ok\n"))
        .route("/robots.txt", get(async || "User-agent: *\nDisallow: /\n"))
        .fallback(async || not_found())
        .with_state(wires)
}

async fn index(State(wires): State<Arc<Wires>>) -> Response {
    let page = publish::index(&wires.config, Tongue::default());
    (page_headers(Format::Html), page).into_response()
}

async fn wire(State(wires): State<Arc<Wires>>, file: Result<Path<String>, PathRejection>, headers: HeaderMap) -> Response {
    // What is not UTF-8 is the name of nothing.
    let Ok(Path(file)) = file else { return not_found() };
    let asked = file.rsplit_once('.').and_then(|(topic, end)| TopicId::new(topic).ok().zip(Format::of_extension(end)));
    let Some((topic, format)) = asked else { return not_found() };
    let rendered = match blocking(move || wires.get(&topic, format)).await {
        Ok(Some(rendered)) => rendered,
        Ok(None) => return not_found(),
        Err(error) => {
            tracing::error!(error = %error, "a wire cannot be read from the store");
            return (StatusCode::INTERNAL_SERVER_ERROR, "the wire cannot be read just now; the log says why\n").into_response();
        }
    };
    let validator = [(header::ETAG, rendered.etag.clone())];
    if rendered.is_known(&headers) {
        return (StatusCode::NOT_MODIFIED, validator, page_headers(format)).into_response();
    }
    (validator, page_headers(rendered.format), Body::from(rendered.bytes.clone())).into_response()
}

fn page_headers(format: Format) -> [(HeaderName, HeaderValue); 5] {
    [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.content_type())),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=60")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'")),
        (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex")),
    ]
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "there is nothing at this address; the wires are listed at /\n").into_response()
}
