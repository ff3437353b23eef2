//! A thousand slow or broken clients beside a good one: what a wire and a poll cost then, and what they cost in quiet.
//!
//! `cargo bench --bench clients [requests]`. The daemon is the program itself, with one agency on loopback. Of the thousand, a fifth each
//! stops half way through a request, writes one letter by letter, asks for much and reads nothing, keeps back most of what it is to send, and
//! says what makes no sense; whoever is cut comes again.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints, and may stop")]

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const CLIENTS: usize = 1000;
/// So many wires are asked for between two polls.
const BETWEEN_POLLS: usize = 20;
/// At most so many times as long as in quiet.
const MOST: f64 = 3.0;

fn main() {
    let requests = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(2000);
    let (_folder, _daemon, address) = start();
    let quiet = measure(address, requests);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    for number in 0..CLIENTS {
        runtime.spawn(misbehave(address, number));
    }
    // All are there, and the first ones were cut already.
    std::thread::sleep(Duration::from_secs(15));
    let crowded = measure(address, requests);
    let figures = ask(address, "GET", "/metrics", "");
    for line in figures.lines().filter(|line| line.starts_with("topicwire_connections")) {
        println!("{line}");
    }
    println!("\n{:<28}{:>12}{:>12}{:>12}{:>12}", "", "quiet p50", "p99", "crowd p50", "p99");
    for (what, quiet, crowded) in [("a wire", quiet.0, crowded.0), ("a poll ordered over HTTP", quiet.1, crowded.1)] {
        let [a, b, c, d] = [(&quiet, 50), (&quiet, 99), (&crowded, 50), (&crowded, 99)].map(|(times, part)| milliseconds(times, part));
        println!("{what:<28}{a:>9.2} ms{b:>9.2} ms{c:>9.2} ms{d:>9.2} ms   p99 {:.2} times as long (at most {MOST})", d / b);
    }
}

/// The daemon; it is killed when this is dropped.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn start() -> (TempDir, Daemon, SocketAddr) {
    let (folder, agency) = (TempDir::new().unwrap(), start_agency());
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    std::fs::write(folder.path().join("token"), "token").unwrap();
    let text = format!(
        "[serve]\nlisten = \"{address}\"\nadmin_token = \"file:token\"\n[store]\nkeep_backups = 0\n[fetch]\npause = \"0s\"\n\
         [[feed]]\nid = \"a\"\nurl = \"http://{agency}/\"\nallow_private = true\nfull_text = false\n\
         [[topic]]\nid = \"all\"\nrules = \"ru 20: отчет\"\n"
    );
    std::fs::write(folder.path().join("feeds.toml"), text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_topicwire"));
    let daemon = Daemon(command.arg("run").current_dir(folder.path()).stderr(Stdio::null()).spawn().unwrap());
    while TcpStream::connect(address).is_err() || !ask(address, "GET", "/topics/all.atom", "").contains("<entry>") {
        std::thread::sleep(Duration::from_millis(50));
    }
    (folder, daemon, address)
}

/// An agency with fifty articles, at once.
fn start_agency() -> SocketAddr {
    let mut items = String::new();
    for number in 0..50 {
        let text = format!("Отчет {number} о правах детей. ").repeat(40);
        write!(items, "<item><title>Отчет {number}</title><link>/{number}</link><description>{text}</description></item>").unwrap();
    }
    let document = format!("<rss version=\"2.0\"><channel>{items}</channel></rss>");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _ = stream.read(&mut [0; 4096]);
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-type: application/rss+xml\r\ncontent-length: {}\r\nconnection: close", document.len());
            let _ = stream.write_all(format!("{head}\r\n\r\n{document}").as_bytes());
        }
    });
    address
}

/// How long each of so many wires took, and each of the polls between them.
fn measure(address: SocketAddr, requests: usize) -> (Vec<Duration>, Vec<Duration>) {
    let (mut wires, mut polls) = (Vec::new(), Vec::new());
    for number in 0..requests {
        let began = Instant::now();
        assert!(ask(address, "GET", "/topics/all.atom", "").contains("<entry>"));
        wires.push(began.elapsed());
        if number % BETWEEN_POLLS == 0 {
            let began = Instant::now();
            assert!(ask(address, "POST", "/admin/fetch", "{\"feeds\":[\"a\"],\"force\":true}").contains("\"ended\""));
            polls.push(began.elapsed());
        }
    }
    (wires, polls)
}

/// Asks as a good client does, over a connection of its own.
fn ask(address: SocketAddr, method: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer token\r\nconnection: close\r\ncontent-length: {}",
        body.len()
    );
    stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// What a good client never does, again and again.
async fn misbehave(address: SocketAddr, number: usize) {
    loop {
        if let Ok(mut stream) = tokio::net::TcpStream::connect(address).await {
            // It is cut in the middle: that is what it is here for.
            let _ = misbehave_once(&mut stream, number).await;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn misbehave_once(stream: &mut tokio::net::TcpStream, number: usize) -> std::io::Result<()> {
    const REQUEST: &[u8] = b"GET /topics/all.atom HTTP/1.1\r\nhost: a\r\n\r\n";
    const FORM: &[u8] = b"POST /lab HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\nx";
    match number % 5 {
        0 => {
            stream.write_all(b"GET /topics/al").await?;
            stream.read(&mut [0]).await.map(drop)
        }
        1 => {
            for letter in REQUEST {
                stream.write_all(&[*letter]).await?;
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Ok(())
        }
        2 => {
            for _ in 0..200 {
                stream.write_all(REQUEST).await?;
            }
            tokio::time::sleep(Duration::from_mins(2)).await;
            Ok(())
        }
        3 => {
            stream.write_all(FORM).await?;
            stream.read(&mut [0]).await.map(drop)
        }
        _ => stream.write_all(b"\x16\x03\x01\x00\xa5 nonsense\r\n\r\n").await,
    }
}

fn milliseconds(times: &[Duration], part: usize) -> f64 {
    let mut times = times.to_vec();
    times.sort_unstable();
    times.get(times.len() * part / 100).copied().unwrap_or_default().as_secs_f64() * 1e3
}
