//! Serving strangers: who says nothing or says it slowly is in nobody's way, and who is one too many is told.

use std::future::{Future, pending};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use axum::serve::Listener;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use topicwire::serve::metrics::Metrics;
use topicwire::serve::{Door, Limits, serve};

/// A door behind which all come from one address that is counted.
struct OneAddress(TcpListener);

impl Listener for OneAddress {
    type Io = TcpStream;
    type Addr = SocketAddr;

    fn accept(&mut self) -> impl Future<Output = (TcpStream, SocketAddr)> + Send {
        Listener::accept(&mut self.0)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Door for OneAddress {
    fn counted(_: &SocketAddr) -> Option<IpAddr> {
        Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)))
    }
}

async fn ask(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let _ = stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    answer
}

/// Connects so many that say half of what they want, and waits until all are heard.
async fn loiter(address: SocketAddr, many: usize) -> Vec<TcpStream> {
    let mut loiterers = Vec::new();
    for _ in 0..many {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTT").await.unwrap();
        loiterers.push(stream);
    }
    loiterers
}

async fn check(limits: Limits, loiterers: usize, door: impl Door, address: SocketAddr, expected: &str) {
    let metrics: Arc<Metrics> = Arc::default();
    let router = Router::new().route("/", get(async || "here\n"));
    let guests = async {
        let _loiterers = loiter(address, loiterers).await;
        let answer = ask(address).await;
        assert!(answer.starts_with(expected), "{answer}");
        let refused = metrics.render().lines().any(|line| line.starts_with("topicwire_connections_refused_total{"));
        assert_eq!(refused, !expected.ends_with("200"), "{}", metrics.render());
        let answered = metrics.render().contains("topicwire_answers_total{status=\"200\"} 1");
        assert_eq!(answered, expected.ends_with("200"), "{}", metrics.render());
    };
    tokio::select! {
        () = serve(door, router, limits, Arc::clone(&metrics), pending()) => {}
        done = tokio::time::timeout(Duration::from_mins(1), guests) => done.unwrap(),
    }
}

#[tokio::test]
async fn who_is_one_too_many_is_told() {
    let few = Limits { connections: 4, per_address: 2, ..Limits::PUBLIC };
    for (loiterers, expected) in [(3, "HTTP/1.1 200"), (4, "HTTP/1.1 503")] {
        let door = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = door.local_addr().unwrap();
        check(few, loiterers, door, address, expected).await;
    }
    for (loiterers, expected) in [(1, "HTTP/1.1 200"), (2, "HTTP/1.1 429")] {
        let door = OneAddress(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap());
        let address = door.local_addr().unwrap();
        check(few, loiterers, door, address, expected).await;
    }
}

#[tokio::test]
async fn a_thousand_who_loiter_keep_nobody_out() {
    let door = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = door.local_addr().unwrap();
    check(Limits::PUBLIC, 1000, door, address, "HTTP/1.1 200").await;
}

/// Serves strangers by a clock that turns as soon as all wait, and returns what `guest` was told, and the figures.
async fn visit(guest: impl AsyncFnOnce(TcpStream) -> String) -> (String, String) {
    let metrics: Arc<Metrics> = Arc::default();
    let large: &'static str = "x".repeat(32 << 20).leak();
    let router = Router::new().route("/", get(async || "here\n")).route("/large", get(async move || large));
    let router = router.route("/in", post(async |body: String| body));
    let door = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = door.local_addr().unwrap();
    let visit = async { guest(TcpStream::connect(address).await.unwrap()).await };
    let told = tokio::select! {
        () = serve(door, router, Limits::PUBLIC, Arc::clone(&metrics), pending()) => unreachable!("it serves for ever"),
        told = visit => told,
    };
    // It is counted when the connection is gone.
    (told, metrics.render())
}

async fn send(mut stream: TcpStream, request: &str) -> String {
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(start_paused = true)]
async fn who_asks_at_too_great_length_or_too_slowly_is_cut() {
    let long = format!("GET / HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "x".repeat(300 << 10));
    let longer = format!("GET / HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "x".repeat(64 << 10));
    let address = format!("GET /?{} HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "x".repeat(60_000), "x".repeat(6000));
    let many = format!("GET / HTTP/1.1\r\nhost: a\r\n{}\r\n", "x: y\r\n".repeat(101));
    for (request, answer, counted) in [
        (long.as_str(), "HTTP/1.1 431 ", "asked at too great length"),
        (longer.as_str(), "HTTP/1.1 431 ", "asked at too great length"),
        (address.as_str(), "HTTP/1.1 431 ", "asked at too great length"),
        (many.as_str(), "HTTP/1.1 431 ", "asked at too great length"),
        ("POST /in HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nx", "HTTP/1.1 408 ", "did not send in time"),
        ("\u{1}\u{2}\r\n\r\n", "HTTP/1.1 400 ", "made no sense"),
        ("GET / HTT", "", "did not ask in time"),
        ("", "", "did not ask in time"),
    ] {
        let (told, figures) = visit(async |stream| send(stream, request).await).await;
        assert!(told.starts_with(answer) && (told.is_empty() == answer.is_empty()), "{request:.20}: {told}");
        let line = format!("topicwire_connections_cut_total{{reason=\"{counted}\"}} 1");
        assert!(figures.contains(&line) && figures.contains("topicwire_connections 0"), "{request:.20}: {figures}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_does_not_read_what_it_asked_for_is_cut() {
    let (_, figures) = visit(async |mut stream| {
        stream.write_all(b"GET /large HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        tokio::time::sleep(Duration::from_mins(1)).await;
        String::new()
    })
    .await;
    assert!(figures.contains("topicwire_connections_cut_total{reason=\"did not read in time\"} 1"), "{figures}");
}

#[tokio::test(start_paused = true)]
async fn who_sends_letter_by_letter_is_told_in_time_and_who_sends_enough_is_heard() {
    let began = tokio::time::Instant::now();
    let (told, figures) = visit(async |stream| {
        let (mut ear, mut mouth) = stream.into_split();
        let talk = async {
            let _ = mouth.write_all(b"POST /in HTTP/1.1\r\nhost: a\r\ncontent-length: 4000\r\n\r\n").await;
            while mouth.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            pending::<()>().await;
        };
        let mut answer = [0; 12];
        tokio::select! {
            () = talk => unreachable!("it never ends"),
            read = ear.read_exact(&mut answer) => drop(read.unwrap()),
        }
        String::from_utf8_lossy(&answer).into_owned()
    })
    .await;
    assert_eq!(told, "HTTP/1.1 408");
    assert!((10..20).contains(&began.elapsed().as_secs()), "after {:?}", began.elapsed());
    assert!(figures.contains("topicwire_answers_total{status=\"408\"} 1"), "{figures}");

    let head = format!("POST /in HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx: {}\r\ncontent-length: 5\r\n\r\n", "x".repeat(60_000));
    let (told, _) = visit(async |stream| send(stream, &(head + "hello")).await).await;
    assert!(told.starts_with("HTTP/1.1 200 ") && told.ends_with("hello"), "{told}");
}
