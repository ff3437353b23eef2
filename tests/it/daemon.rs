//! `topicwire run` from outside: it polls, serves, stops when it is told to, and does not ask again before its time.

use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::header::{ETAG, IF_NONE_MATCH};
use tempfile::TempDir;

use crate::origin::{Origin, Reply};

const RSS: &str = "<rss version=\"2.0\"><channel><item><title>Права ребенка</title><link>/1</link></item></channel></rss>";
const PAGE: &str = "<html lang=ru><body><article><h1>Права ребенка</h1><p>Уполномоченный по правам ребенка рассказал о защите прав детей, \
                    оставшихся без попечения родителей, и о работе органов опеки в регионах страны.</p></article></body></html>";

struct Daemon {
    child: Child,
    address: SocketAddr,
}

impl Daemon {
    fn start(folder: &TempDir, origin: &Origin) -> Self {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
        let feed = origin.url("/rss");
        let text = format!(
            "[serve]\nlisten = \"{address}\"\n[[feed]]\nid = \"a\"\nurl = \"{feed}\"\nallow_private = true\n\
             [[topic]]\nid = \"rights\"\nrules = \"ru 20: право NEAR/3 ребенок\"\n"
        );
        fs::write(folder.path().join("feeds.toml"), text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_topicwire"));
        let child = command.arg("run").current_dir(folder.path()).stderr(Stdio::null()).spawn().unwrap();
        Self { child, address }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Asks until `done` says of the answer's text that it is the one waited for.
    async fn wait_for(&mut self, path: &str, done: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            assert!(Instant::now() < deadline && self.child.try_wait().unwrap().is_none(), "the daemon never answered");
            if let Ok(answer) = reqwest::get(self.url(path)).await {
                let text = answer.text().await.unwrap();
                if done(&text) {
                    return text;
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Stops it and returns its exit code.
    fn stop(mut self, signal: &str) -> Option<i32> {
        Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
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

#[tokio::test(flavor = "multi_thread")]
async fn the_daemon_serves_what_it_read_and_stops_when_told_to() {
    // The first of the tests in this process to do so wins; they all want the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = TempDir::new().unwrap();
    let origin = Origin::start().await;
    origin.on("/rss", Reply::ok(RSS)).on("/1", Reply::ok(PAGE).header("content-type", "text/html; charset=utf-8"));

    let mut daemon = Daemon::start(&folder, &origin);
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

    let second = Command::new(env!("CARGO_BIN_EXE_topicwire")).args(["fetch"]).current_dir(folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(1), "{said}");
    assert!(said.contains(&format!("in use by process {}", daemon.child.id())), "{said}");

    assert_eq!(daemon.stop("-TERM"), Some(0));
    let mut daemon = Daemon::start(&folder, &origin);
    daemon.wait_for("/topics/rights.atom", |text| text.contains("<entry>")).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    // Whoever does not say what it wants is not waited for.
    let mut silent = TcpStream::connect(daemon.address).unwrap();
    silent.write_all(b"GET /topics/ri").unwrap();
    assert_eq!(daemon.stop("-HUP"), Some(0));
    assert_eq!(origin.asked("/rss").len(), 1, "a restart does not poll again");
}
