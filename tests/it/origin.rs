//! An HTTP origin on loopback for tests: gives the answers that it was told to give, and remembers what it was asked.
//!
//! ```ignore
//! let origin = Origin::start().await;
//! origin.on("/rss", Reply::ok("<rss/>").header("etag", "\"1\""));
//! client.get(&origin.url("/rss")).await;
//! assert_eq!(origin.asked("/rss").len(), 1);
//! ```

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use futures_util::stream;
use topicwire::fetch::Settings;
use url::Url;

/// A running origin; it stops when it is dropped.
pub(crate) struct Origin {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    server: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct State {
    /// By path and query. The last answer of each is given again and again.
    script: HashMap<String, VecDeque<Reply>>,
    seen: Vec<Seen>,
    busy: usize,
    most_busy: usize,
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) began: Instant,
    /// When its answer was handed over.
    pub(crate) ended: Option<Instant>,
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// An answer to give.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    delay: Duration,
    drip: Option<Duration>,
}

impl Origin {
    /// On `127.0.0.1` and any free port.
    pub(crate) async fn start() -> Self {
        Self::at(Ipv4Addr::LOCALHOST.into()).await
    }

    /// On another loopback address: `127.0.0.2`, `::1`.
    pub(crate) async fn at(ip: IpAddr) -> Self {
        let listener = tokio::net::TcpListener::bind((ip, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::<Mutex<State>>::default();
        let answering = Arc::clone(&state);
        let router = Router::new().fallback(move |request: Request| answer(Arc::clone(&answering), request));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, state, server }
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}{path}", self.address)).unwrap()
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Gives `reply` to the next request for this path and query, after those told before. What nobody spoke of is 404.
    pub(crate) fn on(&self, path: &str, reply: Reply) -> &Self {
        self.state.lock().unwrap().script.entry(path.to_owned()).or_default().push_back(reply);
        self
    }

    /// Gives `reply` to all requests for this path from now on, whatever was told before.
    pub(crate) fn set(&self, path: &str, reply: Reply) -> &Self {
        self.state.lock().unwrap().script.insert(path.to_owned(), VecDeque::from([reply]));
        self
    }

    /// Everything that was asked, in order.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.state.lock().unwrap().seen.clone()
    }

    /// What was asked of one path.
    pub(crate) fn asked(&self, path: &str) -> Vec<Seen> {
        self.seen().into_iter().filter(|seen| seen.path == path).collect()
    }

    /// Forgets what was told for a path: the next [`Origin::on`] begins anew.
    pub(crate) fn forget(&self, path: &str) -> &Self {
        self.state.lock().unwrap().script.remove(path);
        self
    }

    /// How many requests were being answered at the same time, at most.
    pub(crate) fn most_busy(&self) -> usize {
        self.state.lock().unwrap().most_busy
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

impl Reply {
    pub(crate) fn status(code: u16) -> Self {
        let status = StatusCode::from_u16(code).unwrap();
        Self { status, headers: HeaderMap::new(), body: Bytes::new(), delay: Duration::ZERO, drip: None }
    }

    pub(crate) fn ok(body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..Self::status(200) }
    }

    pub(crate) fn with_status(mut self, code: u16) -> Self {
        self.status = StatusCode::from_u16(code).unwrap();
        self
    }

    pub(crate) fn redirect(code: u16, to: &str) -> Self {
        Self::status(code).header("location", to)
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl AsRef<[u8]>) -> Self {
        self.headers.append(name, HeaderValue::from_bytes(value.as_ref()).unwrap());
        self
    }

    /// Waits before it answers.
    pub(crate) fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Gives the body byte by byte, with this time before each.
    pub(crate) fn drip(mut self, pause: Duration) -> Self {
        self.drip = Some(pause);
        self
    }

    fn into_response(self) -> Response {
        let body = match self.drip {
            None => Body::from(self.body),
            Some(pause) => Body::from_stream(stream::unfold((self.body, 0), move |(body, at)| async move {
                tokio::time::sleep(pause).await;
                (at < body.len()).then(|| (Ok::<_, std::io::Error>(body.slice(at..=at)), (body, at + 1)))
            })),
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

async fn answer(state: Arc<Mutex<State>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let path = head.uri.path_and_query().unwrap().to_string();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let (reply, index) = {
        let mut state = state.lock().unwrap();
        state.busy += 1;
        state.most_busy = state.most_busy.max(state.busy);
        let (method, headers) = (head.method, head.headers);
        state.seen.push(Seen { began: Instant::now(), ended: None, method, path: path.clone(), headers, body });
        let replies = state.script.entry(path).or_default();
        let reply = if replies.len() > 1 { replies.pop_front() } else { replies.front().cloned() };
        (reply.unwrap_or_else(|| Reply::status(404)), state.seen.len() - 1)
    };
    tokio::time::sleep(reply.delay).await;
    let mut state = state.lock().unwrap();
    state.busy -= 1;
    state.seen[index].ended = Some(Instant::now());
    reply.into_response()
}

/// How to ask an origin: without pauses, and without patience.
pub(crate) fn settings() -> Settings {
    Settings {
        contact: None,
        pause: Duration::ZERO,
        connect_timeout: Duration::from_secs(2),
        read_timeout: Duration::from_secs(2),
        total_timeout: Duration::from_secs(5),
        max_body: 1 << 20,
        hosts: BTreeMap::new(),
    }
}
