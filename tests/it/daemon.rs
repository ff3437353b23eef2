//! `topicwire run` from outside: it polls, serves, stops when it is told to, and does not ask again before its time.

use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use reqwest::header::{ETAG, IF_NONE_MATCH};
use tempfile::TempDir;

use crate::origin::{Origin, Reply};

const RSS: &str = "<rss version=\"2.0\"><channel><item><title>Права ребенка</title><link>/1</link></item></channel></rss>";
const PAGE: &str = "<html lang=ru><body><article><h1>Права ребенка</h1><p>Уполномоченный по правам ребенка рассказал о защите прав детей, \
                    оставшихся без попечения родителей, и о работе органов опеки в регионах страны.</p></article></body></html>";

/// A daemon that runs in a folder; it is killed when it is dropped.
pub(crate) struct Daemon {
    child: Child,
    address: SocketAddr,
    folder: PathBuf,
}

/// The feed `a` of an origin.
pub(crate) fn feed(origin: &Origin) -> String {
    format!("[[feed]]\nid = \"a\"\nurl = \"{}\"\nallow_private = true\n", origin.url("/rss"))
}

/// The topic `rights`.
pub(crate) const TOPIC: &str = "[[topic]]\nid = \"rights\"\nrules = \"ru 20: право NEAR/3 ребенок\"\n";

/// An origin with one article, on that topic.
pub(crate) async fn origin() -> Origin {
    // The first of the tests in this process to do so wins; they all want the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let origin = Origin::start().await;
    origin.on("/rss", Reply::ok(RSS)).on("/1", Reply::ok(PAGE).header("content-type", "text/html; charset=utf-8"));
    origin
}

impl Daemon {
    /// Starts one with this configuration, which needs no `[serve]`.
    pub(crate) fn start(folder: &Path, text: &str) -> Self {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
        Self::start_at(folder, address, text)
    }

    pub(crate) fn start_at(folder: &Path, address: SocketAddr, text: &str) -> Self {
        Self::begin(Command::new(env!("CARGO_BIN_EXE_topicwire")), folder, address, text)
    }

    /// As [`Daemon::start`], by a command that runs the program with the arguments that it gets.
    pub(crate) fn start_by(command: Command, folder: &Path, text: &str) -> Self {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
        Self::begin(command, folder, address, text)
    }

    fn begin(mut command: Command, folder: &Path, address: SocketAddr, text: &str) -> Self {
        configure(folder, address, text);
        let log = fs::File::options().create(true).append(true).open(folder.join("log")).unwrap();
        let child = command.arg("run").current_dir(folder).stderr(log).spawn().unwrap();
        Self { child, address, folder: folder.to_owned() }
    }

    /// Writes another configuration.
    pub(crate) fn configure(&self, text: &str) {
        configure(&self.folder, self.address, text);
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Runs a command beside it.
    pub(crate) fn command(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_topicwire")).args(arguments).current_dir(&self.folder).stdin(Stdio::null()).output().unwrap()
    }

    /// Asks until `done` says of the answer's text that it is the one waited for.
    pub(crate) async fn wait_for(&mut self, path: &str, done: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + Duration::from_secs(30);
        let mut last = String::new();
        loop {
            let running = self.child.try_wait().unwrap().is_none();
            assert!(Instant::now() < deadline && running, "the daemon never answered: {last}\n{}", self.log());
            if let Ok(answer) = reqwest::get(self.url(path)).await {
                last = answer.text().await.unwrap();
                if done(&last) {
                    return last;
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) fn signal(&self, signal: &str) {
        Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
    }

    /// Whether SIGHUP (signal 1) does not end it; proc(5) has the mask.
    fn catches_hangup(&self) -> bool {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
        u64::from_str_radix(mask.trim(), 16).unwrap() & 1 == 1
    }

    /// Stops it and returns its exit code.
    pub(crate) fn stop(mut self, signal: &str) -> Option<i32> {
        self.signal(signal);
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the daemon did not stop");
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        self.child.wait().unwrap();
    }
}

fn configure(folder: &Path, address: SocketAddr, text: &str) {
    let saved = folder.join(".feeds.toml");
    fs::write(&saved, format!("[serve]\nlisten = \"{address}\"\n{text}")).unwrap();
    fs::rename(saved, folder.join("feeds.toml")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daemon_serves_what_it_read_and_stops_when_told_to() {
    let folder = TempDir::new().unwrap();
    let origin = origin().await;
    let text = feed(&origin) + TOPIC;
    let mut daemon = Daemon::start(folder.path(), &text);
    daemon.wait_for("/topics/rights.atom", |text| text.contains("<entry>")).await;
    assert!(daemon.wait_for("/", |_| true).await.contains("topics/rights.html"));
    assert_eq!(daemon.wait_for("/healthz", |_| true).await, "ok\n");

    let client = reqwest::Client::new();
    let wire = client.get(daemon.url("/topics/rights.atom")).send().await.unwrap();
    assert_eq!(wire.headers()["content-type"], "application/atom+xml; charset=utf-8");
    let again = client.get(daemon.url("/topics/rights.atom")).header(IF_NONE_MATCH, "\"other\"");
    let again = again.header(IF_NONE_MATCH, &wire.headers()[ETAG]).send().await.unwrap();
    assert_eq!(again.status(), 304);
    let later = "Fri, 01 Jan 2100 00:00:00 GMT";
    let again = client.get(daemon.url("/topics/rights.atom")).header("if-modified-since", later).send().await.unwrap();
    assert_eq!(again.status(), 200, "a date does not tell whether a wire has changed");
    for missing in ["/topics/other.atom", "/topics/rights.exe", "/topics/%ff.atom", "/topics/..%2f..%2ffeeds.toml", "/nothing"] {
        let answer = client.get(daemon.url(missing)).send().await.unwrap();
        assert_eq!(answer.status(), 404, "{missing}");
        assert!(answer.text().await.unwrap().starts_with("there is nothing at this address"), "{missing}");
    }

    assert_eq!(daemon.stop("-TERM"), Some(0));
    let mut daemon = Daemon::start(folder.path(), &text);
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let has_store = fs::read_to_string(folder.path().join("store/pid")).is_ok_and(|text| text.trim() == daemon.id().to_string());
        if daemon.catches_hangup() {
            break;
        }
        assert!(!has_store && Instant::now() < deadline, "SIGHUP would end it while it opens the store");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // It is on its way: a configuration to be read again does not end it.
    daemon.signal("-HUP");
    daemon.wait_for("/topics/rights.atom", |text| text.contains("<entry>")).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    // Whoever does not say what it wants is not waited for.
    let mut silent = TcpStream::connect(daemon.address).unwrap();
    silent.write_all(b"GET /topics/ri").unwrap();
    assert_eq!(daemon.stop("-INT"), Some(0));
    assert_eq!(origin.asked("/rss").len(), 1, "a restart does not poll again");
}
