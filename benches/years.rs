//! A daemon with years behind it: ten thousand feeds that bring nothing new and 200,000 stored articles. How long it takes to start, what
//! memory it takes and what it costs when nothing happens; and whether a simulated day makes it grow.
//!
//! `cargo bench --bench years [feeds [articles [hours]]]`. The daemon is the program itself; the day is its loop, by a clock that turns as
//! soon as all wait.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints, and may stop")]
#![expect(clippy::disallowed_methods, reason = "a benchmark has a clock of its own")]

use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::{StatusCode, header};
use chrono::{TimeDelta, Utc};
use topicwire::config::Config;
use topicwire::daemon;
use topicwire::fetch::{Client, Settings};
use topicwire::model::{
    Article, BodySource, CanonicalUrl, FeedId, FeedState, Health, Match, Republish, StoredArticle, TopicId, UrlHash, Validators,
};
use topicwire::poll::Tools;
use topicwire::search;
use topicwire::serve::Wires;
use topicwire::store::{PollCommit, Store};
use url::Url;

const ETAG: &str = "\"1\"";
/// Articles of one commit.
const STEP: usize = 100;
/// Each article is so much later than the next.
const APART: TimeDelta = TimeDelta::minutes(2);
const MEMORY: u64 = 600 << 20;
const WATCHED: Duration = Duration::from_mins(1);

fn main() {
    let numbers: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let number = |place: usize, default| numbers.get(place).copied().unwrap_or(default);
    let (feeds, articles, hours) = (number(0, 10_000), number(1, 200_000), number(2, 24));
    let folder = tempfile::TempDir::new().unwrap();
    let agency = start_agency();
    let listen = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let text = configuration(feeds, agency, listen);
    fs::write(folder.path().join("feeds.toml"), &text).unwrap();
    let config = Arc::new(Config::parse(&text).unwrap());
    let began = Instant::now();
    fill(&folder.path().join("store"), &config, articles);
    println!("{feeds} feeds and {articles} articles, stored in {:.0} s", began.elapsed().as_secs_f64());

    let began = Instant::now();
    let daemon = Daemon::start(folder.path());
    while !fetch(listen, "/readyz").contains("\"ready\":true") {
        std::thread::sleep(Duration::from_millis(20));
    }
    println!("start to ready:   {:>8.2} s (at most 5)", began.elapsed().as_secs_f64());
    std::thread::sleep(WATCHED);
    let before = daemon.cpu();
    std::thread::sleep(WATCHED);
    let cpu = (daemon.cpu() - before) / WATCHED.as_secs_f64() * 100.0;
    println!("idle:             {cpu:>8.2} % of a core (at most 2)");
    let [now, most] = ["VmRSS:", "VmHWM:"].map(|name| memory(daemon.0.id(), name));
    println!("resident memory:  {now:>8} MiB, {most} MiB at most (at most {})", MEMORY >> 20);
    drop(daemon);
    if hours > 0 {
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(simulate(
            config,
            &folder.path().join("store"),
            hours,
        ));
    }
}

/// The daemon; it is killed when this is dropped.
struct Daemon(Child);

impl Daemon {
    fn start(folder: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_topicwire"));
        Self(command.arg("run").current_dir(folder).stderr(Stdio::null()).spawn().unwrap())
    }

    /// The processor time that it took, in seconds (proc(5); a tick is a hundredth).
    fn cpu(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        [11, 12].map(|place: usize| fields.get(place).unwrap().parse::<f64>().unwrap()).iter().sum::<f64>() / 100.0
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// In mebibytes.
fn memory(process: u32, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.split_whitespace().next().unwrap().parse::<u64>().unwrap() >> 10
}

fn fetch(address: SocketAddr, path: &str) -> String {
    use std::io::{Read, Write};
    let Ok(mut stream) = std::net::TcpStream::connect(address) else { return String::new() };
    let mut answer = String::new();
    let asked = write!(stream, "GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    let _ = asked.and_then(|()| stream.read_to_string(&mut answer));
    answer
}

/// As many agencies, each at an address of its own, and nothing new from any.
fn start_agency() -> SocketAddr {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0))).unwrap();
    let address = listener.local_addr().unwrap();
    let answer = async || (StatusCode::NOT_MODIFIED, [(header::ETAG, ETAG), (header::CONNECTION, "close")]);
    std::thread::spawn(move || runtime.block_on(async { axum::serve(listener, Router::new().fallback(answer)).await.unwrap() }));
    address
}

fn configuration(feeds: usize, agency: SocketAddr, listen: SocketAddr) -> String {
    let mut text = format!("[serve]\nlisten = \"{listen}\"\n[store]\nkeep_backups = 0\nmin_free_mib = 0\n");
    for number in 0..feeds {
        let address = Ipv4Addr::new(127, 1, u8::try_from(number / 200 % 256).unwrap(), u8::try_from(number % 200 + 1).unwrap());
        write!(text, "[[feed]]\nid = \"f{number}\"\nurl = \"http://{address}:{}/{number}\"\nallow_private = true\n", agency.port())
            .unwrap();
    }
    for topic in 0..20 {
        write!(text, "[[topic]]\nid = \"t{topic}\"\nrules = \"ru 20: слово{topic}\"\n").unwrap();
    }
    text
}

/// Stores the articles, the newest of now, and the state of each feed, which is due within four hours; and indexes them, as is done while
/// they come.
fn fill(folder: &Path, config: &Arc<Config>, articles: usize) {
    let store = Store::open(folder).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    // Nothing is there yet: from now on it is known by which topics all is matched.
    runtime.block_on(daemon::match_again_if_changed(config, &tools(config, store.clone()))).unwrap();
    let feeds = config.feeds.len();
    for first in (0..articles).step_by(STEP) {
        let feed = config.feeds.get(first / STEP % feeds).unwrap();
        let articles = (first..articles.min(first + STEP)).map(|number| article(number, articles, &feed.id)).collect();
        store.commit(&PollCommit::new(feed.id.clone(), FeedState::default(), articles)).unwrap();
    }
    let now = Utc::now();
    for (number, feed) in config.feeds.iter().enumerate() {
        let offset = TimeDelta::seconds(i64::try_from(number * 4 * 3600 / feeds).unwrap());
        let state = FeedState {
            url: Some(feed.url.as_url().clone()),
            validators: Validators { etag: Some(ETAG.to_owned()), last_modified: None },
            health: Health::Healthy,
            last_poll: Some(now),
            last_success: Some(now),
            last_document: Some(now),
            next_due: Some(now + TimeDelta::minutes(1) + offset),
            ..FeedState::default()
        };
        store.apply(&PollCommit::new(feed.id.clone(), state, Vec::new()), None).unwrap();
    }
    let last = config.feeds.last().unwrap();
    let state = store.feed_state(&last.id).unwrap().unwrap();
    store.commit(&PollCommit::new(last.id.clone(), FeedState { polls: 1, ..state }, Vec::new())).unwrap();
    while search::index_some(&store).unwrap() {}
}

/// An article of some three hundred words, one of twenty of which is on a topic.
fn article(number: usize, of: usize, feed: &FeedId) -> StoredArticle {
    let mut state = number as u64;
    let mut word = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!("слово{:x} ", state >> 50)
    };
    let text: String = std::iter::repeat_with(&mut word).take(300).collect();
    let url = Url::parse(&format!("https://agency.example/{number}")).unwrap();
    let canonical = CanonicalUrl::of(&url).unwrap();
    let key = UrlHash::of(&canonical);
    let time = Utc::now() - APART * i32::try_from(of - number).unwrap();
    let on_topic = number.is_multiple_of(20).then(|| Match {
        topic: TopicId::new(format!("t{}", number / 20 % 20)).unwrap(),
        score: 20.0,
        evidence: Vec::new(),
    });
    let seed = u32::try_from(number).unwrap();
    StoredArticle {
        key,
        url: canonical,
        link: url,
        feed: feed.clone(),
        agency: "Agency".to_owned(),
        entry_id: number.to_string(),
        first_seen: time,
        updated: time,
        article: Article {
            title: word(),
            published: Some(time.fixed_offset()),
            html: format!("<p>{text}</p>"),
            text,
            ..Article::default()
        },
        body_source: BodySource::Page,
        republish: Republish::Full,
        note: None,
        matches: on_topic.into_iter().collect(),
        story: key,
        fingerprint: (0..29).map(|place| seed.wrapping_mul(2_654_435_761).rotate_left(place)).collect(),
        words: None,
        page: None,
        corrections: 0,
        withdrawn: None,
    }
}

/// The daemon's loop for so many hours, in this process.
async fn simulate(config: Arc<Config>, folder: &Path, hours: usize) {
    let store = Store::open(folder).unwrap();
    let tools = tools(&config, store.clone());
    let wires = Arc::new(Wires::new(Arc::clone(&config), store.clone()));
    let (_orders, received) = tokio::sync::mpsc::channel(1);
    let watch = async {
        for hour in 0..=hours {
            if hour % 4 == 0 {
                let (memory, stats) = (memory(std::process::id(), "VmRSS:"), store.stats().unwrap());
                println!(
                    "hour {hour:>2}: {memory:>6} MiB resident, {:>6} MiB on disk, {} commits",
                    stats.bytes_on_disk >> 20,
                    stats.sequence
                );
            }
            tokio::time::sleep(Duration::from_hours(1)).await;
        }
    };
    tokio::select! {
        ended = daemon::run(config, tools, wires, Arc::default(), received, std::future::pending()) => ended.unwrap(),
        () = watch => {}
    }
}

fn tools(config: &Config, store: Store) -> Arc<Tools> {
    Arc::new(Tools::new(config, Client::new(Settings::of(&config.fetch)).unwrap(), store))
}
