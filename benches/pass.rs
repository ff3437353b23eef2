//! A pass over a thousand feeds, store and all, beside a bare loop over the same feeds: `reqwest` asks, `feed-rs` reads, nothing is kept.
//!
//! `cargo bench --bench pass [rounds] [latency]`. The feeds are at as many addresses of one origin on loopback, which takes so many
//! milliseconds (50 if nothing is said) for each answer: 20 entries on the cold pass, 304 on the warm one. Both run at the same concurrency,
//! in turn; of the rounds, the median ratio counts.
//! Beside the time stands what the processors worked, the origin's part in it: on a machine that does other things too, that is
//! what two runs are compared by.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints, and may stop")]

use std::fmt::Write as _;
use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use cpu_time::ProcessTime;
use tokio::task::JoinSet;
use topicwire::config::{Config, Feed};
use topicwire::daemon;
use topicwire::fetch::{Client, Settings};
use topicwire::poll::{Outcome, Tools};
use topicwire::store::Store;

const FEEDS: usize = 1000;
const ENTRIES: u64 = 20;
const ETAG: &str = "\"1\"";
const SHIPPED: &str = include_str!("../feeds.toml");

fn main() {
    let mut numbers = std::env::args().filter_map(|argument| argument.parse().ok());
    let (rounds, latency) = (numbers.next().unwrap_or(5), Duration::from_millis(numbers.next().unwrap_or(50)));
    let origin = start_origin(latency);
    let config = config(origin);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    println!("{FEEDS} feeds of {ENTRIES} entries, {} at the same time, {latency:?} each", config.fetch.concurrency);
    println!("round  cold: bare     topicwire     times   warm: bare     topicwire     times");
    let (mut cold, mut warm) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        let folder = tempfile::TempDir::new().unwrap();
        let tools = Arc::new(tools(&config, &folder));
        let client = reqwest::Client::new();
        let times = runtime.block_on(async {
            [
                timed(bare(&client, &config, false)).await,
                timed(ours(&config, &tools, &Outcome::Read)).await,
                timed(bare(&client, &config, true)).await,
                timed(ours(&config, &tools, &Outcome::Unchanged)).await,
            ]
        });
        let [bare_cold, our_cold, bare_warm, our_warm] = times;
        let times = |ours: Spent, bare: Spent| ours.time.as_secs_f64() / bare.time.as_secs_f64();
        cold.push(times(our_cold, bare_cold));
        warm.push(times(our_warm, bare_warm));
        println!(
            "{round:<5}  {bare_cold}  {our_cold}  {:>5.2}   {bare_warm}  {our_warm}  {:>5.2}",
            times(our_cold, bare_cold),
            times(our_warm, bare_warm)
        );
    }
    println!("median: cold {:.2} times (at most 1.5), warm {:.2} times (at most 1.2)", median(cold), median(warm));
}

/// What a pass took, and what all processors together worked for it.
#[derive(Clone, Copy)]
struct Spent {
    time: Duration,
    work: Duration,
}

impl std::fmt::Display for Spent {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:>5.2} s ({:>5.2} s)", self.time.as_secs_f64(), self.work.as_secs_f64())
    }
}

async fn timed(pass: impl Future<Output = ()>) -> Spent {
    let (start, worked) = (Instant::now(), ProcessTime::now());
    pass.await;
    Spent { time: start.elapsed(), work: worked.elapsed() }
}

fn median(mut ratios: Vec<f64>) -> f64 {
    ratios.sort_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied().unwrap_or_default()
}

/// The pass of `topicwire fetch`.
async fn ours(config: &Config, tools: &Arc<Tools>, expected: &Outcome) {
    let mut polls = 0;
    let each = |polled: topicwire::poll::Polled| {
        assert_eq!(polled.report.outcome, *expected);
        polls += 1;
    };
    daemon::pass(&config.feeds, config.fetch.concurrency, tools, each).await.unwrap();
    assert_eq!(polls, FEEDS);
}

/// The least that any reader does.
async fn bare(client: &reqwest::Client, config: &Config, conditional: bool) {
    let mut running = JoinSet::new();
    for feed in &config.feeds {
        if running.len() >= config.fetch.concurrency.get() {
            running.join_next().await.unwrap().unwrap();
        }
        running.spawn(read(client.clone(), Arc::clone(feed), conditional));
    }
    while let Some(read) = running.join_next().await {
        read.unwrap();
    }
}

async fn read(client: reqwest::Client, feed: Arc<Feed>, conditional: bool) {
    let request = client.get(feed.url.as_url().clone());
    let request = if conditional { request.header(header::IF_NONE_MATCH, ETAG) } else { request };
    let response = request.send().await.unwrap();
    assert_eq!(response.status() == StatusCode::NOT_MODIFIED, conditional);
    let body = response.bytes().await.unwrap();
    if !conditional {
        assert_eq!(feed_rs::parser::parse(body.as_ref()).unwrap().entries.len() as u64, ENTRIES);
    }
}

/// A thousand feeds and the shipped topics.
fn config(origin: SocketAddr) -> Config {
    let mut text = String::new();
    for number in 0..FEEDS {
        let address = Ipv4Addr::new(127, 1, u8::try_from(number / 200).unwrap(), u8::try_from(number % 200 + 1).unwrap());
        write!(text, "[[feed]]\nid = \"feed-{number}\"\nurl = \"http://{address}:{}/{number}\"\n", origin.port()).unwrap();
        text.push_str("full_text = false\nallow_private = true\n");
    }
    let shipped = Config::parse(SHIPPED).unwrap();
    Config { wires: shipped.wires, ..Config::parse(&text).unwrap() }
}

fn tools(config: &Config, folder: &tempfile::TempDir) -> Tools {
    Tools::new(config, Client::new(Settings::of(&config.fetch)).unwrap(), Store::open(folder.path()).unwrap())
}

/// Answers at every address of loopback, from a thread of its own.
fn start_origin(latency: Duration) -> SocketAddr {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(NonZeroUsize::MIN.get()).enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0))).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        runtime.block_on(async {
            axum::serve(listener, Router::new().fallback(move |uri, headers| answer(uri, headers, latency))).await.unwrap();
        });
    });
    address
}

async fn answer(uri: Uri, headers: HeaderMap, latency: Duration) -> Response {
    tokio::time::sleep(latency).await;
    // Polls are far apart: no connection lives from one to the next.
    let common = [(header::ETAG, ETAG), (header::CONNECTION, "close"), (header::CONTENT_TYPE, "application/rss+xml; charset=utf-8")];
    if headers.contains_key(header::IF_NONE_MATCH) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    (common, document(uri.path())).into_response()
}

/// Entries as agencies write them: a headline and a lead of forty words, in no two the same.
fn document(path: &str) -> String {
    let mut state = path.bytes().fold(7_u64, |state, byte| state.wrapping_mul(31).wrapping_add(byte.into()));
    let mut words = |count: usize| {
        let mut text = String::new();
        for _ in 0..count {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let index = usize::try_from(state >> 33).unwrap_or_default() % WORDS.len();
            write!(text, "{} ", WORDS.get(index).unwrap()).unwrap();
        }
        text
    };
    let items = (0..ENTRIES).fold(String::new(), |mut items, entry| {
        let (title, lead) = (words(9), words(40));
        let time = "Wed, 26 Nov 2025 10:22:00 +0500";
        write!(
            items,
            "<item><title>{title}</title><link>https://agency.example{path}/{entry}</link><guid>{path}/{entry}</guid>\
             <pubDate>{time}</pubDate><description>{lead}</description></item>"
        )
        .unwrap();
        items
    });
    format!("<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Agency</title>{items}</channel></rss>")
}

#[rustfmt::skip]
const WORDS: &[&str] = &[
    "министерство", "просвещения", "сообщило", "о", "новых", "правилах", "приёма", "детей", "в", "школы", "столицы", "и", "областей",
    "президент", "подписал", "закон", "по", "вопросам", "защиты", "прав", "ребенка", "на", "заседании", "правительства", "обсудили",
    "строительство", "дорог", "больниц", "курс", "доллара", "вырос", "за", "неделю", "погода", "завтра", "ожидается", "снег", "полиция",
    "задержала", "подозреваемого", "суд", "вынес", "приговор", "бывшему", "чиновнику", "компания", "открыла", "завод", "работы", "для",
    "жителей", "региона", "год", "миллион", "тенге", "врачи", "вакцина", "учителя", "зарплата", "экзамен", "река", "уровень", "воды",
    "экология", "воздух", "парламент", "депутат", "запрос", "ответ", "город", "акимат", "проект", "бюджет", "спорт", "команда", "матч",
];
