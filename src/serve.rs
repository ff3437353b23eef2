//! HTTP: what readers and monitors see, and the admin socket.
//!
//! Whoever connects is a stranger: there is a bound on how many are heard at once, from one address too, how long they may take to ask,
//! and how long they may stay. Who comes beyond a bound is told so.

pub mod admin;
mod encoding;
mod health;
mod lab;
pub mod metrics;
mod ops;
mod pages;
mod patience;
mod rendered;
mod token;
mod wires;

use std::collections::HashMap;
use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::serve::Listener;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::watch;
use tokio::task::{Id, JoinSet};
use tokio_io_timeout::TimeoutStream;

use self::metrics::Metrics;
pub use self::token::Token;
pub use self::wires::Wires;

/// How long a request may take to arrive, from its first byte or from the answer before it.
const REQUEST: Duration = Duration::from_secs(10);
/// How long a reader may take none of what is sent.
const UNREAD: Duration = Duration::from_secs(30);
/// The most headers of a request.
const MOST_HEADERS: usize = 100;
/// How long a connection may still take when it is to end.
const GRACE: Duration = Duration::from_secs(5);
/// How long who is turned away may take to hear it.
const FAREWELL: Duration = Duration::from_secs(1);

/// What a server bears.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at the same time.
    pub connections: usize,
    /// Of these, from one address. This machine's own addresses are not counted: a reverse proxy has one for all its clients.
    pub per_address: usize,
    /// How long a connection may stay open.
    pub connection: Duration,
}

impl Limits {
    /// For readers.
    pub const PUBLIC: Self = Self { connections: 1024, per_address: 64, connection: Duration::from_mins(5) };
    /// For commands on this machine: they may watch a pass over all feeds.
    pub const ADMIN: Self = Self { connections: 64, per_address: 64, connection: Duration::from_hours(24) };
}

/// Something to listen on, and from whom its connections come.
pub trait Door: Listener {
    /// The address that is counted, if it is.
    fn counted(address: &Self::Addr) -> Option<IpAddr>;
}

impl Door for tokio::net::TcpListener {
    fn counted(address: &Self::Addr) -> Option<IpAddr> {
        Some(address.ip().to_canonical()).filter(|address| !address.is_loopback())
    }
}

impl Door for tokio::net::UnixListener {
    fn counted(_: &Self::Addr) -> Option<IpAddr> {
        None
    }
}

/// Answers with `router` until `stop` comes; then lets begun answers end within a few seconds.
pub async fn serve<D: Door>(mut door: D, router: Router, limits: Limits, metrics: Arc<Metrics>, stop: impl Future<Output = ()>) {
    let (stopping, stopped) = watch::channel(());
    let mut connections = Connections::default();
    let (counting, bounding) = (Arc::clone(&metrics), Arc::clone(&metrics));
    let router = router.layer(middleware::from_fn(move |request, next| patience::bounded(Arc::clone(&bounding), request, next)));
    let router = router.layer(middleware::map_response(move |answer: Response| {
        counting.answered(answer.status().as_u16());
        std::future::ready(answer)
    }));
    let mut stop = std::pin::pin!(stop);
    loop {
        // Each branch may be dropped half way: neither `next` nor `accept` loses a connection.
        tokio::select! {
            () = &mut stop => break,
            Some(()) = connections.next() => {}
            // Those who are turned away take room too, for a moment.
            (stream, address) = door.accept(), if connections.tasks.len() < 2 * limits.connections => {
                let address = D::counted(&address);
                if let Some(refusal) = connections.refusal(address, limits) {
                    metrics.turned_away(refusal.as_u16());
                    connections.tasks.spawn(turn_away(stream, refusal));
                } else {
                    let answered = connection(stream, router.clone(), limits.connection, Arc::clone(&metrics), stopped.clone());
                    connections.add(address, answered);
                }
            }
        }
    }
    drop((door, stopping));
    while connections.next().await.is_some() {}
}

/// Who is connected.
#[derive(Default)]
struct Connections {
    tasks: JoinSet<()>,
    /// Of those that were let in.
    addresses: HashMap<Id, Option<IpAddr>>,
}

impl Connections {
    fn refusal(&self, address: Option<IpAddr>, limits: Limits) -> Option<StatusCode> {
        let from_there = || self.addresses.values().filter(|other| **other == address).count();
        if self.addresses.len() >= limits.connections {
            Some(StatusCode::SERVICE_UNAVAILABLE)
        } else if address.is_some() && from_there() >= limits.per_address {
            Some(StatusCode::TOO_MANY_REQUESTS)
        } else {
            None
        }
    }

    fn add(&mut self, address: Option<IpAddr>, connection: impl Future<Output = ()> + Send + 'static) {
        let task = self.tasks.spawn(connection);
        self.addresses.insert(task.id(), address);
    }

    /// Waits until one ends; none when there is none.
    async fn next(&mut self) -> Option<()> {
        let ended = self.tasks.join_next_with_id().await?;
        self.addresses.remove(&ended.map_or_else(|error| error.id(), |(id, ())| id));
        Some(())
    }
}

/// Answers one connection until it ends, has lasted too long or the server stops. What goes wrong is the client's own affair, and counted.
async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    longest: Duration,
    metrics: Arc<Metrics>,
    mut stopped: watch::Receiver<()>,
) {
    let _here = Here::new(&metrics);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(UNREAD));
    let service = TowerToHyperService::new(router);
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(REQUEST).max_buf_size(patience::LONGEST_HEAD).max_headers(MOST_HEADERS);
    let connection = builder.serve_connection(TokioIo::new(Box::pin(stream)), service);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        ended = &mut connection => return ended.err().as_ref().and_then(fault).into_iter().for_each(|reason| metrics.cut(reason)),
        // Nothing is ever sent: this ends when the sender is gone.
        _ = stopped.changed() => {}
        () = tokio::time::sleep(longest) => metrics.cut("stayed too long"),
    }
    connection.as_mut().graceful_shutdown();
    let _ = tokio::time::timeout(GRACE, connection).await;
}

/// What the client did that ended its connection, if it is worth counting: many just go.
fn fault(error: &hyper::Error) -> Option<&'static str> {
    let source = || std::error::Error::source(error)?.downcast_ref::<std::io::Error>();
    if error.is_parse_too_large() {
        Some("asked at too great length")
    } else if error.is_parse() {
        Some("made no sense")
    } else if error.is_timeout() {
        Some("did not ask in time")
    } else if source().is_some_and(|error| error.kind() == std::io::ErrorKind::TimedOut) {
        Some("did not read in time")
    } else {
        None
    }
}

/// Someone who is connected, for as long as this is there.
struct Here<'a>(&'a Metrics);

impl<'a> Here<'a> {
    fn new(metrics: &'a Metrics) -> Self {
        metrics.connected(1);
        Self(metrics)
    }
}

impl Drop for Here<'_> {
    fn drop(&mut self) {
        self.0.connected(-1);
    }
}

/// Says why nobody listens. What was asked is read and dropped, so that the answer is not lost with it.
async fn turn_away(mut stream: impl AsyncRead + AsyncWrite + Unpin + Send, refusal: StatusCode) {
    let answer = format!(
        "HTTP/1.1 {} {}\r\ncontent-type: text/plain\r\nretry-after: 60\r\ncontent-length: 30\r\nconnection: close\r\n\r\ntoo many connections just now\n",
        refusal.as_u16(),
        refusal.canonical_reason().unwrap_or_default()
    );
    let farewell = async {
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await?;
        let mut dropped = [0; 1024];
        while stream.read(&mut dropped).await? > 0 {}
        Ok::<(), std::io::Error>(())
    };
    let _ = tokio::time::timeout(FAREWELL, farewell).await;
}

/// What readers find.
pub fn router(wires: Arc<Wires>) -> Router {
    wires::routes(Arc::clone(&wires))
        .merge(pages::routes(Arc::clone(&wires)))
        .route("/robots.txt", get(async || crate::publish::ROBOTS))
        .fallback(async move |address: Uri, headers: HeaderMap| pages::nothing_there(&wires, &address, headers).await)
}

/// What monitors ask.
pub fn monitoring(metrics: Arc<Metrics>) -> Router {
    health::routes(metrics)
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "there is nothing at this address; the wires are listed at /\n").into_response()
}
