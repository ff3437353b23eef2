//! What the daemon does for commands, and for programs that have the token: `POST /admin/NAME` with a question as JSON is answered as
//! JSON, and `POST /admin/fetch` with a pass is answered with its events, a line each, while it goes on.
//!
//! The same handlers answer on `admin.sock` in the store's folder, where the file's mode says who may ask.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures_util::{StreamExt, stream};
use serde::Serialize;
use tokio::net::UnixListener;
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::{Metrics, Wires};
use crate::clock;
use crate::daemon::{Done, Order};
use crate::desk::{self, Clerk, Desk, Event, Pass, Plan, Prune, Question, Refusal};
use crate::poll::blocking;
use crate::site;

/// The socket's name in the store's folder.
pub const SOCKET: &str = "admin.sock";
/// Questions that are answered at the same time; who asks more waits.
const AT_ONCE: usize = 4;
/// The largest question, in bytes.
const LARGEST: usize = 32 << 20;

/// How long a question waits for a configuration that was just saved.
const PATIENCE: Duration = Duration::from_secs(5);

/// Every question that the daemon answers: a line for each.
const QUESTIONS: &[(&str, Clerk)] = &[
    desk::clerk::<desk::Archived>(),
    desk::clerk::<desk::Article>(),
    desk::clerk::<site::ArticlePages>(),
    desk::clerk::<desk::Backup>(),
    desk::clerk::<desk::Digest>(),
    desk::clerk::<desk::Eval>(),
    desk::clerk::<desk::Explain>(),
    desk::clerk::<desk::Feeds>(),
    desk::clerk::<desk::Marking>(),
    desk::clerk::<desk::Posted>(),
    desk::clerk::<desk::Prune>(),
    desk::clerk::<desk::Search>(),
    desk::clerk::<site::Site>(),
    desk::clerk::<desk::Stats>(),
    desk::clerk::<desk::Suggest>(),
    desk::clerk::<desk::Test>(),
    desk::clerk::<desk::Topics>(),
    desk::clerk::<desk::Verify>(),
    desk::clerk::<desk::Wire>(),
    desk::clerk::<site::WirePages>(),
];

/// Dropped when the configuration that was saved last holds.
pub type Answered = oneshot::Sender<()>;

/// Who answers.
#[derive(Clone, Debug)]
pub struct Office {
    wires: Arc<Wires>,
    orders: mpsc::Sender<Order>,
    /// To whoever looks at the file of the configuration.
    looks: mpsc::Sender<Answered>,
    metrics: Arc<Metrics>,
    turns: Arc<Semaphore>,
}

impl Office {
    #[must_use]
    pub fn new(wires: Arc<Wires>, orders: mpsc::Sender<Order>, looks: mpsc::Sender<Answered>, metrics: Arc<Metrics>) -> Self {
        Self { wires, orders, looks, metrics, turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    async fn answer(self, name: &'static str, clerk: Clerk, question: Bytes) -> Response {
        // The semaphore is never closed.
        let _turn = self.turns.acquire().await;
        self.catch_up().await;
        let desk = self.wires.desk();
        let answer = blocking(move || clerk(&desk, &question)).await;
        if name == Prune::NAME {
            self.wires.forget();
        }
        match answer {
            Ok(answer) => ([(header::CONTENT_TYPE, "application/json")], answer).into_response(),
            Err(refusal) => refused(&refusal),
        }
    }

    /// Waits until the configuration holds that the file holds: whoever changed it and asks means that one.
    async fn catch_up(&self) {
        let (answered, answer) = oneshot::channel();
        let caught_up = async {
            if self.looks.send(answered).await.is_ok() {
                // Dropped or told, that is the same.
                let _ = answer.await;
            }
        };
        // If it takes longer, what holds by then answers.
        let _ = tokio::time::timeout(PATIENCE, caught_up).await;
    }

    async fn fetch(State(office): State<Self>, asked: Bytes) -> Response {
        office.catch_up().await;
        let desk = office.wires.desk();
        let plan = match blocking(move || plan(&desk, &asked)).await {
            Ok(plan) => plan,
            Err(refusal) => return refused(&refusal),
        };
        if office.metrics.is_disk_low() {
            return refused(&Refusal::NotDone("the disk is nearly full: nothing is fetched until there is room".to_owned()));
        }
        let (feeds, many) = (plan.due.clone(), plan.due.len());
        let (done, received) = mpsc::channel(many.max(1));
        if office.orders.send(Order::Poll { feeds, done }).await.is_err() {
            return refused(&Refusal::NotDone("the daemon is stopping".to_owned()));
        }
        let lines = stream::once(async { Event::Planned(plan) }).chain(events(received, many)).map(|event| line(&event));
        ([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(lines)).into_response()
    }
}

/// The handlers.
pub fn router(office: &Office) -> Router {
    let ask = |router: Router<Office>, (name, clerk): &(&'static str, Clerk)| {
        let (name, clerk) = (*name, *clerk);
        router.route(&format!("/admin/{name}"), post(move |State(office): State<Office>, question| office.answer(name, clerk, question)))
    };
    let questions = QUESTIONS.iter().fold(Router::new(), ask);
    questions.route("/admin/fetch", post(Office::fetch)).layer(DefaultBodyLimit::max(LARGEST)).with_state(office.clone())
}

/// The same handlers for those who send the token.
pub fn guarded(office: &Office, token: &str) -> Router {
    // Hashes are compared in the same time wherever they differ.
    let expected = blake3::hash(format!("Bearer {token}").as_bytes());
    router(office).route_layer(middleware::from_fn(move |request: Request, next: Next| async move {
        let sent = request.headers().get(header::AUTHORIZATION).map(|value| blake3::hash(value.as_bytes()));
        if sent == Some(expected) {
            return next.run(request).await;
        }
        (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer")], "this needs the token\n").into_response()
    }))
}

fn plan(desk: &Desk, asked: &[u8]) -> Result<Plan, Refusal> {
    let pass: Pass = serde_json::from_slice(asked).map_err(|error| Refusal::Wrong(format!("a pass is asked for otherwise: {error}")))?;
    pass.plan(&desk.config, &desk.store()?.feed_states()?, clock::now())
}

/// The reports of so many polls and the end, which does not come when the daemon stops before.
fn events(done: mpsc::Receiver<Done>, many: usize) -> impl stream::Stream<Item = Event> {
    let polled = stream::unfold(done, async |mut done| Some((done.recv().await?, done)));
    let ended = stream::once(async { None });
    let counted = polled.map(Some).take(many).chain(ended).enumerate();
    counted.filter_map(move |(number, done)| {
        std::future::ready(match done {
            Some(report) => report.map(Event::Polled),
            None => (number == many).then_some(Event::Ended),
        })
    })
}

fn line(event: &impl Serialize) -> io::Result<Bytes> {
    let mut line = serde_json::to_vec(event)?;
    line.push(b'\n');
    Ok(line.into())
}

fn refused(refusal: &Refusal) -> Response {
    let status = match refusal {
        Refusal::Wrong(_) => StatusCode::BAD_REQUEST,
        Refusal::NotDone(_) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (status, [(header::CONTENT_TYPE, "application/json")], serde_json::to_string(refusal).unwrap_or_default()).into_response()
}

/// The socket in the folder of a store that this process has open; removed when dropped.
#[derive(Debug)]
pub struct Socket(PathBuf);

impl Socket {
    /// Listens. What a process that was killed left there is replaced.
    ///
    /// # Errors
    /// When the socket cannot be made, for instance because the folder's path is too long for one.
    pub fn listen(store: &Path) -> io::Result<(UnixListener, Self)> {
        let path = store.join(SOCKET);
        // Made where nobody else can reach it, and put in its place with the mode that it is to have.
        let folder = tempfile::Builder::new().prefix(".").rand_bytes(3).permissions(mode(0o700)).tempdir_in(store)?;
        let made = folder.path().join("s");
        let listener = UnixListener::bind(&made)?;
        std::fs::set_permissions(&made, mode(0o600))?;
        std::fs::rename(&made, &path)?;
        Ok((listener, Self(path)))
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // If it stays, it is found dead.
        let _ = std::fs::remove_file(&self.0);
    }
}

fn mode(mode: u32) -> std::fs::Permissions {
    std::fs::Permissions::from_mode(mode)
}
