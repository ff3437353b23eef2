//! What goes wrong around the program: a full disk, a clock that jumps, names that do not resolve, agencies that drip. Each says what
//! happened, and nothing that was acknowledged is lost.

use std::fs;
use std::process::Command;
use std::time::Duration;

use axum::Router;
use axum::http::Uri;
use chrono::TimeDelta;
use tempfile::TempDir;
use topicwire::config::Config;
use topicwire::daemon::is_due;
use topicwire::model::{FeedState, Instant};

use crate::daemon::{Daemon, TOPIC, feed, origin};
use crate::origin::Reply;

/// A feed whose ten entries have long texts that hardly compress.
fn large_feed(number: &str) -> String {
    let item = |entry: u32| {
        let mut bytes = vec![0; 40_000];
        blake3::Hasher::new().update(format!("{number} {entry}").as_bytes()).finalize_xof().fill(&mut bytes);
        let text: String = bytes.chunks(5).map(|bytes| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>() + " ").collect();
        format!("<item><title>Article {number} {entry}</title><link>/{number}/{entry}</link><description>{text}</description></item>")
    };
    format!("<rss version=\"2.0\"><channel>{}</channel></rss>", (0..10).map(item).collect::<String>())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_loses_nothing_acknowledged() {
    // A small disk of its own, without being root where the system allows that.
    let with_disk = |script: &str| Command::new("unshare").args(["--map-root-user", "--mount", "bash", "-ec", script]).output();
    if !with_disk("mount -t tmpfs tmpfs /mnt").is_ok_and(|probe| probe.status.success()) {
        println!("no file system can be mounted here: a full disk is not tried");
        return;
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().fallback(async |uri: Uri| large_feed(uri.path().trim_start_matches('/')));
    let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });

    let folder = TempDir::new().unwrap();
    let feed =
        |number| format!("[[feed]]\nid = \"f{number}\"\nurl = \"http://{address}/{number}\"\nallow_private = true\nfull_text = false\n");
    let feeds: String = (0..30).map(feed).collect();
    fs::write(folder.path().join("feeds.toml"), format!("[fetch]\npause = \"0s\"\nconcurrency = 2\n{feeds}")).unwrap();
    fs::create_dir(folder.path().join("disk")).unwrap();
    let program = env!("CARGO_BIN_EXE_topicwire");
    let script = format!(
        "cd '{}'; mount -t tmpfs -o size=12m tmpfs disk
         topicwire() {{ RUST_LOG=topicwire=info '{program}' --store disk/store \"$@\"; }}
         topicwire fetch >first.out 2>first.err && exit 3
         topicwire fetch >second.out 2>second.err && exit 4
         mount -o remount,size=400m disk
         topicwire store verify
         topicwire --json store stats
         topicwire fetch --force >third.out 2>third.err
         topicwire store verify
         topicwire --json store stats",
        folder.path().display()
    );
    let output =
        tokio::task::spawn_blocking(move || Command::new("unshare").args(["--map-root-user", "--mount", "bash", "-ec", &script]).output());
    let output = output.await.unwrap().unwrap();
    server.abort();
    let said = |file: &str| fs::read_to_string(folder.path().join(file)).unwrap_or_default();
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{out}{}\n{}\n{}", String::from_utf8_lossy(&output.stderr), said("first.err"), said("second.err"));
    assert!(said("first.err").contains("is full"), "{}", said("first.err"));
    assert!(!said("second.err").contains("panicked"), "{}", said("second.err"));
    let acknowledged = [said("first.err"), said("second.err")].concat().lines().filter(|line| line.contains("polled feed.id")).count() * 10;
    let articles = |line: &str| serde_json::from_str::<serde_json::Value>(line).ok()?["articles"].as_u64();
    let articles: Vec<u64> = out.lines().filter_map(articles).collect();
    assert!(acknowledged > 0 && articles[0] >= acknowledged as u64, "{acknowledged} acknowledged, {articles:?} there");
    assert_eq!(articles[1], 300);
}

#[test]
fn a_clock_that_was_wrong_silences_no_feed() {
    let config = Config::parse("[[feed]]\nid = \"a\"\nurl = \"https://a.kz/rss\"\n").unwrap();
    let (feed, now) = (&config.feeds[0], Instant::from_timestamp(1_800_000_000, 0).unwrap());
    let check = |next_due: Instant, expected: bool| {
        let state = FeedState { url: Some(feed.url.as_url().clone()), next_due: Some(next_due), ..FeedState::default() };
        assert_eq!(is_due(feed, Some(&state), now), expected, "{next_due}");
    };
    check(now - TimeDelta::days(4000), true);
    check(now, true);
    check(now + TimeDelta::hours(4), false);
    check(now + TimeDelta::hours(26), false);
    check(now + TimeDelta::days(3650), true);
}

#[tokio::test(flavor = "multi_thread")]
async fn agencies_that_drip_or_have_no_address_keep_no_other_waiting() {
    let folder = TempDir::new().unwrap();
    let good = origin().await;
    let slow = origin().await;
    let bad = |number: usize, url: &str| format!("[[feed]]\nid = \"bad-{number}\"\nurl = \"{url}\"\nallow_private = true\n");
    let drips: String = (0..3).map(|number| bad(number, slow.url(&format!("/slow?{number}")).as_str())).collect();
    let nameless: String = (3..6).map(|number| bad(number, "http://no-such-agency.invalid/rss")).collect();
    for number in 0..3 {
        slow.on(&format!("/slow?{number}"), Reply::ok("<rss><channel><item>".repeat(2000)).drip(Duration::from_millis(100)));
    }
    let text = format!("[fetch]\ntimeout = \"5s\"\npause = \"0s\"\n{drips}{nameless}{}{TOPIC}", feed(&good));
    let mut daemon = Daemon::start(folder.path(), &text);
    daemon.wait_for("/topics/rights.atom", |text| text.contains("<entry>")).await;
    daemon.wait_for("/metrics", |text| text.contains("topicwire_polls_total{outcome=\"failed\"} 6")).await;
    daemon.wait_for("/readyz", |text| text.contains("\"ready\":true")).await;
    let list = String::from_utf8(daemon.command(&["feed", "list"]).stdout).unwrap();
    assert!(list.contains("no-such-agency.invalid") && list.contains("healthy"), "{list}");
    assert_eq!(daemon.stop("-TERM"), Some(0));
}
