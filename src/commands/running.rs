//! The daemon that has the store, if one runs: asking it over the socket in the store's folder.

use std::io;
use std::path::Path;

use anyhow::{Context, anyhow};
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Fuse};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::{Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;

use super::Failure;
use crate::desk::{Event, Pass, Question, Refusal};
use crate::serve::admin::SOCKET;

/// The largest answer that is read at once, in bytes.
const LARGEST: usize = 512 << 20;

/// A daemon that listens, connected to.
pub(super) struct Running(std::os::unix::net::UnixStream);

impl Running {
    /// The daemon that has this store; none when none listens. What a killed one left is none.
    pub(super) fn find(store: &Path) -> Result<Option<Self>, Failure> {
        let path = store.join(SOCKET);
        match std::os::unix::net::UnixStream::connect(&path) {
            Ok(stream) => Ok(Some(Self(stream))),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                Err(Failure::NotDone(anyhow!("`{}` belongs to another user: run this as the user of the daemon", path.display())))
            }
            Err(_) => Ok(None),
        }
    }

    /// Has a question answered.
    pub(super) fn ask<Q: Question>(self, question: &Q) -> Result<Q::Answer, Failure> {
        super::block_on(async {
            let mut talk = self.begin().await?;
            let answer = talk.send(Q::NAME, question).await?;
            parse(&talk.along(read(answer)).await?)
        })?
    }

    /// Has a pass done, and hands each event to `each` as it comes.
    pub(super) fn fetch(self, pass: &Pass, mut each: impl FnMut(Event)) -> Result<(), Failure> {
        super::block_on(async {
            let mut talk = self.begin().await?;
            let answer = talk.send("fetch", pass).await?;
            tokio::select! {
                told = talk.along(tell(answer, &mut each)) => told,
                () = super::stop_signal() => Err(Failure::NotDone(anyhow!("interrupted; the daemon goes on fetching"))),
            }
        })?
    }

    async fn begin(self) -> anyhow::Result<Talk> {
        self.0.set_nonblocking(true).context("cannot use the daemon's socket")?;
        let stream = UnixStream::from_std(self.0).context("cannot use the daemon's socket")?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.context("cannot talk to the daemon")?;
        // What goes wrong with it shows in the answer that does not come.
        Ok(Talk { sender, connection: connection.map(drop).boxed().fuse() })
    }
}

/// A connection, and what keeps it going while it is polled.
struct Talk {
    sender: http1::SendRequest<Full<Bytes>>,
    connection: Fuse<BoxFuture<'static, ()>>,
}

impl Talk {
    async fn send(&mut self, name: &str, question: &impl Serialize) -> Result<Response<Incoming>, Failure> {
        let body = serde_json::to_vec(question).context("the question cannot be written")?;
        let request = Request::post(format!("/admin/{name}")).header(header::HOST, "topicwire").body(Full::new(Bytes::from(body)));
        let answer = self.sender.send_request(request.context("the question cannot be written")?);
        let answer = self.along(answer).await.map_err(|_| cut())?;
        match answer.status() {
            StatusCode::OK => Ok(answer),
            StatusCode::NOT_FOUND => Err(other_version()),
            _ => Err(parse::<Refusal>(&self.along(read(answer)).await?)?.into()),
        }
    }

    /// Does `work`, which waits for what comes over the connection.
    async fn along<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        tokio::select! {
            done = &mut work => done,
            // All has come, or nothing more will: the work sees which.
            () = &mut self.connection => work.await,
        }
    }
}

async fn read(answer: Response<Incoming>) -> Result<Bytes, Failure> {
    let read = Limited::new(answer.into_body(), LARGEST).collect().await;
    Ok(read.map_err(|error| anyhow!("the daemon's answer cannot be read: {error}"))?.to_bytes())
}

/// Reads events, a line each, up to the end that must come.
async fn tell(answer: Response<Incoming>, each: &mut impl FnMut(Event)) -> Result<(), Failure> {
    let mut body = answer.into_body();
    let mut waiting = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| cut())?.into_data() else { continue };
        waiting.extend_from_slice(&data);
        while let Some(end) = waiting.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = waiting.drain(..=end).collect();
            match parse(&line)? {
                Event::Ended => return Ok(()),
                event => each(event),
            }
        }
    }
    Err(cut())
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(bytes).map_err(|_| other_version())
}

fn cut() -> Failure {
    Failure::NotDone(anyhow!("the daemon stopped before it had answered"))
}

fn other_version() -> Failure {
    Failure::NotDone(anyhow!("the daemon that runs is of another version and does not understand this: restart it"))
}
