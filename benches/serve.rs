//! What serving costs: a wire of fifty entries, for who has it already (304) and compressed (200), by our server and by one that does nothing
//! but hand out the same bytes; and what memory 10,000 wires take.
//!
//! `cargo bench --bench serve [wires [seconds]]`. Needs `wrk`, a Debian package. Both servers are in this process; they are asked in turns,
//! so that what else the machine does meets both.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints, and may stop")]
#![expect(clippy::disallowed_methods, reason = "a benchmark is a shell of its own")]

use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::routing::get;
use chrono::{DateTime, TimeDelta};
use tokio::net::TcpListener;
use topicwire::config::Config;
use topicwire::model::{
    Article, BodySource, CanonicalUrl, Evidence, FeedId, FeedState, Field, Match, Republish, StoredArticle, TopicId, UrlHash,
};
use topicwire::serve::metrics::Metrics;
use topicwire::serve::{self, Limits, Wires};
use topicwire::store::{PollCommit, Store};
use tower::ServiceExt;
use url::Url;

const ENTRIES: usize = 50;
/// Topics that an article is on.
const TOPICS: usize = 100;
/// Articles of one commit.
const STEP: usize = 50;
/// Measurements of each server, in turns.
const ROUNDS: usize = 5;
const CONNECTIONS: &str = "32";
const LEAST: f64 = 0.8;
const MEMORY: u64 = 1024;

fn main() {
    let numbers: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let number = |place: usize, default| numbers.get(place).copied().unwrap_or(default);
    let (wires, seconds) = (number(0, 10_000), number(1, 3));
    if Command::new("wrk").arg("--version").output().is_err() {
        println!("this needs `wrk`: apt-get install wrk");
        std::process::exit(1);
    }
    let folder = tempfile::TempDir::new().unwrap();
    let config = Arc::new(Config::parse(&configuration(wires)).unwrap());
    let store = Store::open(folder.path()).unwrap();
    fill(&store, wires);
    let router = serve::router(Arc::new(Wires::new(config, store)));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let bytes = runtime.block_on(async { ask_all(&router, wires).await });
    println!("{wires} wires of {ENTRIES} entries, {} MiB as text: {} MiB resident (at most {MEMORY})", bytes >> 20, resident());
    let (ours, bare) = runtime.block_on(async { (start(router.clone()).await, start_bare(&router).await) });
    for (what, more) in [("304", "if-none-match"), ("200, br", "accept-encoding"), ("200, gzip", "accept-encoding")] {
        let value = runtime.block_on(async { if what == "304" { tag(&router).await } else { what[5..].to_owned() } });
        let header = format!("{more}: {value}");
        let mut ratios: Vec<(f64, f64, f64)> = (0..ROUNDS)
            .map(|_| {
                let [ours, bare] = [ours, bare].map(|address| wrk(address, &header, seconds));
                (ours / bare, ours, bare)
            })
            .collect();
        ratios.sort_by(|one, other| one.0.total_cmp(&other.0));
        let (ratio, ours, bare) = ratios[ROUNDS / 2];
        println!("{what:<10} {ours:>9.0} requests/s, bare {bare:>9.0}: {ratio:.2} (at least {LEAST})");
    }
}

fn configuration(wires: usize) -> String {
    let mut text = "[[feed]]\nid = \"agency\"\nurl = \"https://a.kz/rss\"\n".to_owned();
    for number in 0..wires {
        writeln!(text, "[[topic]]\nid = \"t{number}\"\nrules = \"ru 20: право\"").unwrap();
    }
    text
}

/// So many articles that each wire has its fifty.
fn fill(store: &Store, wires: usize) {
    let articles = wires * ENTRIES / TOPICS.min(wires);
    let groups = (wires / TOPICS).max(1);
    for start in (0..articles).step_by(STEP) {
        let articles = (start..(start + STEP).min(articles)).map(|number| article(number, number % groups, wires)).collect();
        store.commit(&PollCommit::new(FeedId::new("agency").unwrap(), FeedState::default(), articles)).unwrap();
    }
}

/// An article of some length, with words of its own.
fn article(number: usize, group: usize, wires: usize) -> StoredArticle {
    let link = Url::parse(&format!("https://a.kz/{number}")).unwrap();
    let (url, mut html, mut text) = (CanonicalUrl::of(&link).unwrap(), String::new(), String::new());
    let key = UrlHash::of(&url);
    for part in 0..5_usize {
        let words: Vec<String> =
            (0..40_usize).map(|word| WORDS[(number * 31 + part * 17 + word * word * 7) % WORDS.len()].to_owned()).collect();
        let paragraph = format!("{} {number}.", words.join(" "));
        write!(html, "<p>{paragraph}</p>").unwrap();
        text += &(paragraph + "\n");
    }
    let time = DateTime::from_timestamp(1_700_000_000, 0).unwrap() + TimeDelta::seconds(number.try_into().unwrap());
    let evidence =
        vec![Evidence { field: Field::Title, start: 0, end: 5, text: "Права".into(), term: "право".into(), weight: 3.5 }];
    let topics = (group * TOPICS..(group + 1) * TOPICS).take_while(|topic| *topic < wires);
    let matches = topics.map(|topic| Match { topic: TopicId::new(format!("t{topic}")).unwrap(), score: 20.0, evidence: evidence.clone() });
    StoredArticle {
        key,
        url,
        link,
        feed: FeedId::new("agency").unwrap(),
        agency: "Агентство".into(),
        entry_id: number.to_string(),
        first_seen: time,
        updated: time,
        article: Article {
            title: format!("Права детей {number}"), published: Some(time.fixed_offset()), text, html, ..Article::default()
        },
        body_source: BodySource::Page,
        republish: Republish::Full,
        note: None,
        matches: matches.collect(),
        story: key,
        fingerprint: Vec::new(),
        words: None,
        page: None,
        corrections: 0,
        withdrawn: None,
    }
}

const WORDS: [&str; 32] = [
    "право",
    "ребенок",
    "школа",
    "министерство",
    "заявил",
    "республика",
    "помощь",
    "семья",
    "закон",
    "проект",
    "область",
    "защита",
    "город",
    "уполномоченный",
    "встреча",
    "развитие",
    "центр",
    "специалист",
    "который",
    "также",
    "рассказал",
    "новый",
    "программа",
    "год",
    "работа",
    "организация",
    "международный",
    "совет",
    "вопрос",
    "решение",
    "поддержка",
    "доступ",
];

/// Asks for every wire, compressed; returns how long they are otherwise.
async fn ask_all(router: &Router, wires: usize) -> usize {
    let mut bytes = 0;
    for number in 0..wires {
        let path = format!("/topics/t{number}.atom");
        let (_, _, body) = ask(router, &path, "accept-encoding", "br").await;
        assert!(!body.is_empty());
        if number % 100 == 0 {
            bytes += ask(router, &path, "accept-encoding", "identity").await.2.len() * 100.min(wires);
        }
    }
    bytes
}

async fn ask(router: &Router, path: &str, name: &'static str, value: &str) -> (StatusCode, HeaderMap, Bytes) {
    let request = Request::get(path).header(name, value).body(Body::empty()).unwrap();
    let (head, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    (head.status, head.headers, to_bytes(body, 1 << 26).await.unwrap())
}

async fn tag(router: &Router) -> String {
    let (_, headers, _) = ask(router, "/topics/t0.atom", "accept-encoding", "identity").await;
    headers[header::ETAG].to_str().unwrap().to_owned()
}

async fn start(router: Router) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve::serve(listener, router, Limits::PUBLIC, Arc::<Metrics>::default(), std::future::pending()));
    address
}

/// A server that knows three answers by heart: status, headers and bytes are those of ours.
async fn start_bare(router: &Router) -> SocketAddr {
    let known = ask(router, "/topics/t0.atom", "if-none-match", &tag(router).await).await;
    let brotli = ask(router, "/topics/t0.atom", "accept-encoding", "br").await;
    let gzip = ask(router, "/topics/t0.atom", "accept-encoding", "gzip").await;
    assert_eq!([known.0, brotli.0, gzip.0], [StatusCode::NOT_MODIFIED, StatusCode::OK, StatusCode::OK]);
    let answer = async move |headers: HeaderMap| {
        let encoding = headers.get(header::ACCEPT_ENCODING).map(axum::http::HeaderValue::as_bytes);
        match encoding {
            Some(b"br") => brotli.clone(),
            Some(_) => gzip.clone(),
            None => known.clone(),
        }
    };
    let router = Router::new().route("/topics/t0.atom", get(answer));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

/// Requests a second.
fn wrk(address: SocketAddr, header: &str, seconds: usize) -> f64 {
    let arguments = ["-t1", "-c", CONNECTIONS, "-d", &format!("{seconds}s"), "-H", header, &format!("http://{address}/topics/t0.atom")];
    let output = Command::new("wrk").args(arguments).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains("Non-2xx or 3xx") && !text.contains("Socket errors"), "{text}");
    let line = text.lines().find_map(|line| line.strip_prefix("Requests/sec:")).unwrap();
    line.trim().parse().unwrap()
}

/// In mebibytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<u64>().unwrap() >> 10
}
