//! What goes wrong around the program: a full disk, a clock that jumps, names that do not resolve, agencies that drip. Each says what
//! happened, and nothing that was acknowledged is lost.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Uri};
use chrono::TimeDelta;
use tempfile::TempDir;
use topicwire::config::Config;
use topicwire::daemon::{self, is_due};
use topicwire::fetch::{Client, Settings};
use topicwire::model::{Condition, FeedId, FeedState, Health, Instant};
use topicwire::poll::Tools;
use topicwire::serve::metrics::Metrics;
use topicwire::serve::{self, Wires};
use topicwire::store::{Error, Store};
use topicwire::story::Window;
use tower::ServiceExt;

use crate::daemon::{Daemon, TOPIC, feed, origin};
use crate::origin::{Origin, Reply, settings};

/// What the machine does not allow is not tried; where all is to be tried, that is a failure.
fn leave_out(what: &str) {
    let all = ["CI", "TOPICWIRE_CI"].into_iter().any(|variable| std::env::var_os(variable).is_some());
    assert!(!all, "{what}");
    println!("{what}");
}

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
        leave_out("no file system can be mounted here: a full disk is not tried");
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
    fs::write(folder.path().join("feeds.toml"), format!("[store]\nmin_free_mib = 0\n[fetch]\npause = \"0s\"\nconcurrency = 2\n{feeds}"))
        .unwrap();
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

#[tokio::test(flavor = "multi_thread")]
async fn where_every_agency_drips_the_daemon_serves_and_stops() {
    let (folder, slow) = (TempDir::new().unwrap(), origin().await);
    let mut text = "[fetch]\ntimeout = \"60s\"\npause = \"0s\"\nconcurrency = 4\n".to_owned();
    for number in 0..8 {
        let path = format!("/slow?{number}");
        slow.on(&path, Reply::ok("<rss><channel><item>".repeat(2000)).drip(Duration::from_millis(100)));
        write!(text, "[[feed]]\nid = \"slow-{number}\"\nurl = \"{}\"\nallow_private = true\n", slow.url(&path)).unwrap();
    }
    let mut daemon = Daemon::start(folder.path(), &(text + TOPIC));
    daemon.wait_for("/metrics", |text| text.lines().any(|line| line == "topicwire_polls_running 4")).await;
    daemon.wait_for("/topics/rights.atom", |text| text.contains("<feed")).await;
    daemon.wait_for("/readyz", |text| text.contains("\"ready\":true")).await;
    let list = String::from_utf8(daemon.command(&["feed", "list"]).stdout).unwrap();
    assert!(list.contains("slow-7"), "{list}");
    // Twice: what drips is not waited for. Two that come at once are one.
    daemon.signal("-TERM");
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    while !daemon.log().contains("stopping: running polls may end") {
        assert!(std::time::Instant::now() < deadline, "{}", daemon.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(daemon.stop("-TERM"), Some(0));
}

/// Each time that something has been found damaged it is said, and a backup that is whole takes its place: also when the damage is where
/// nobody looks before the daemon is under way.
#[tokio::test(flavor = "multi_thread")]
async fn damage_that_is_met_under_way_costs_one_start() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().fallback(async |uri: Uri| large_feed(uri.path().trim_start_matches('/')));
    let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let (root, folder) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let feed =
        |number| format!("[[feed]]\nid = \"f{number}\"\nurl = \"http://{address}/{number}\"\nallow_private = true\nfull_text = false\n");
    let feeds = (0..12).map(feed).collect::<String>() + "[ops]\ntoken = \"file:token\"\n";
    let text = |rules: &str| format!("[fetch]\npause = \"0s\"\n{feeds}[[topic]]\nid = \"all\"\nrules = \"{rules}\"\n");
    let program = env!("CARGO_BIN_EXE_topicwire");
    for path in [root.path(), folder.path()] {
        fs::write(path.join("token"), "secret").unwrap();
        fs::write(path.join("feeds.toml"), "[serve]\nlisten = \"127.0.0.1:0\"\n".to_owned() + &text("en 20: article")).unwrap();
    }
    let fetched = Command::new(program).arg("fetch").current_dir(root.path()).output();
    assert!(fetched.unwrap().status.success());
    // The day's backup, and then damage.
    let mut daemon = Daemon::start(root.path(), &text("en 20: article"));
    let has_backup = |path: &Path| fs::read_dir(path).into_iter().flatten().any(|file| file.unwrap().path().extension().is_some());
    daemon.wait_for("/healthz", |_| has_backup(&root.path().join("store/backups"))).await;
    assert_eq!(daemon.stop("-TERM"), Some(0));
    damage_unseen(&root.path().join("store"), &folder.path().join("store"));

    // Other rules: all articles are read.
    let other = "[serve]\nlisten = \"127.0.0.1:0\"\n".to_owned() + &text("en 20: (article OR text)");
    fs::write(folder.path().join("feeds.toml"), other).unwrap();
    let first = Command::new("timeout").args(["60", program, "run"]).current_dir(folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&first.stderr);
    assert!(first.status.code() == Some(1) && said.contains("the daemon's next start puts it aside"), "{:?}: {said}", first.status);
    let refused = Command::new(program).args(["fetch", "--force"]).current_dir(folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(refused.status.code() == Some(1) && said.contains("the store was found damaged"), "{said}");

    let mut daemon = Daemon::start(folder.path(), &text("en 20: (article OR text)"));
    daemon.wait_for("/topics/all.atom", |text| text.contains("<entry>")).await;
    daemon.wait_for("/ops.atom?token=secret", |text| text.contains("store: damaged") && text.contains("is restored from")).await;
    assert!(daemon.log().contains("the store is restored from"), "{}", daemon.log());
    let verified = daemon.command(&["store", "verify"]);
    assert!(verified.status.success(), "{verified:?}");
    let figures = String::from_utf8(daemon.command(&["--json", "store", "stats"]).stdout).unwrap();
    assert!(figures.contains("\"articles\":120"), "{figures}");
    assert_eq!(daemon.stop("-TERM"), Some(0));
    let mut daemon = Daemon::start(folder.path(), &text("en 20: (article OR text)"));
    daemon.wait_for("/topics/all.atom", |text| text.contains("<entry>")).await;
    assert_eq!(daemon.log().matches("the store is restored from").count(), 1, "once is enough: {}", daemon.log());
    assert_eq!(daemon.stop("-TERM"), Some(0));

    // And one whose end is cut.
    let log = fs::File::options().write(true).open(root.path().join("store/db")).unwrap();
    log.set_len(log.metadata().unwrap().len() / 2).unwrap();
    let mut daemon = Daemon::start(root.path(), &text("en 20: article"));
    daemon.wait_for("/topics/all.atom", |text| text.contains("<feed")).await;
    let said = daemon.log();
    assert!(said.contains("its last commits are missing") || said.contains("it was put aside as"), "{said}");
    assert!(daemon.command(&["fetch", "--force"]).status.success());
    assert!(daemon.command(&["store", "verify"]).status.success());
    let figures = String::from_utf8(daemon.command(&["--json", "store", "stats"]).stdout).unwrap();
    assert!(figures.contains("\"articles\":120"), "{figures}");
    assert_eq!(daemon.stop("-TERM"), Some(0));
    server.abort();
}

/// Makes a copy of a store with one byte of it turned, so that it opens and not all of its articles can be read.
fn damage_unseen(whole: &Path, copy: &Path) {
    let bytes = fs::read(whole.join("db")).unwrap();
    for part in (2..40).rev() {
        fs::remove_dir_all(copy).unwrap_or_default();
        let copied = Command::new("cp").args(["-r".as_ref(), whole.as_os_str(), copy.as_os_str()]).status();
        assert!(copied.unwrap().success());
        let mut damaged = bytes.clone();
        damaged[bytes.len() / 40 * part + 777] ^= 0x55;
        fs::write(copy.join("db"), damaged).unwrap();
        let Ok(store) = Store::open(copy) else { continue };
        if store.feed_states().is_ok() && matches!(store.newest_of_all(10_000, None), Err(Error::Corrupt { .. })) {
            return;
        }
    }
    panic!("no byte that is turned is missed when the store is opened");
}

/// Runs `work` by a clock that turns as soon as all wait: for tasks on this thread, hours pass in a moment.
fn by_a_turned_clock<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(work)
}

const HOUR: Duration = Duration::from_hours(1);
/// Further ahead than any feed is due.
const LEAP: Duration = Duration::from_hours(100);

/// What the daemon's loop works with, over feeds of the agency `agency.example`.
fn parts(folder: &Path, origin: &Origin, text: &str) -> (Arc<Config>, Arc<Tools>) {
    let config = Config::parse(&format!("[store]\nkeep_backups = 0\n{text}")).unwrap();
    let here = SocketAddr::from((Ipv4Addr::LOCALHOST, origin.port()));
    let client = Client::new(Settings { hosts: BTreeMap::from([("agency.example".to_owned(), here)]), ..settings() }).unwrap();
    let tools = Arc::new(Tools::new(&config, client, Store::open(folder).unwrap()));
    (Arc::new(config), tools)
}

/// The daemon's loop, for so long.
async fn live(folder: &Path, origin: &Origin, feeds: &str, time: Duration) -> (Store, Arc<Metrics>) {
    let (config, tools) = parts(folder, origin, &format!("[fetch]\npause = \"0s\"\n{feeds}"));
    let (store, metrics) = (tools.store.clone(), Arc::<Metrics>::default());
    let wires = Arc::new(Wires::new(Arc::clone(&config), store.clone()));
    let (_orders, received) = tokio::sync::mpsc::channel(1);
    daemon::run(config, tools, wires, Arc::clone(&metrics), received, tokio::time::sleep(time)).await.unwrap();
    (store, metrics)
}

fn agency(name: &str) -> String {
    format!(
        "[[feed]]\nid = \"{name}\"\nurl = \"http://agency.example/{name}\"\nallow_private = true\nfull_text = false\ninterval = \"10m\"\nmax_interval = \"1h\"\n"
    )
}

/// A feed that lists its last ten articles.
fn listing(articles: usize) -> Reply {
    let item = |number: usize| {
        format!("<item><title>Article {number}</title><link>/{number}</link><description>Text {number}.</description></item>")
    };
    let items: String = (0..articles).rev().take(10).map(item).collect();
    Reply::ok(format!("<rss version=\"2.0\"><channel>{items}</channel></rss>"))
}

#[test]
fn agencies_that_fail_for_days_are_asked_rarely_told_of_and_never_given_up() {
    let folder = TempDir::new().unwrap();
    by_a_turned_clock(async {
        let origin = Origin::start().await;
        let garbage: Vec<u8> = (0..4000_u32).map(|number| blake3::hash(&number.to_le_bytes()).as_bytes()[0]).collect();
        origin.on("/broken", Reply::status(500)).on("/busy", Reply::status(429)).on("/garbage", Reply::ok(garbage));
        origin.on("/empty", Reply::ok("")).on("/slow", Reply::ok("<rss><channel><item>".repeat(99)).drip(Duration::from_secs(1)));
        let publish = async {
            for hour in 0.. {
                origin.set("/good", listing(hour + 1));
                tokio::time::sleep(HOUR).await;
            }
        };
        let bad = ["broken", "garbage", "empty", "slow"];
        let feeds: String = bad.iter().chain(&["busy", "good"]).map(|name| agency(name)).collect();
        let (store, metrics) = tokio::select! {
            () = publish => unreachable!("it publishes for ever"),
            lived = live(folder.path(), &origin, &feeds, 60 * HOUR) => lived,
        };
        assert!(store.stats().unwrap().articles >= 58, "what the good agency published is there: {}", store.stats().unwrap().articles);
        let (states, alarms) = (store.feed_states().unwrap(), store.alarms(None).unwrap());
        for name in bad {
            let asked = origin.asked(&format!("/{name}")).len();
            assert!((5..150).contains(&asked), "{name} was asked {asked} times in 60 hours");
            let health = &states[&FeedId::new(name).unwrap()].health;
            assert!(matches!(health, Health::Failing { failures, .. } if failures.get() >= 5), "{name}: {health:?}");
            let told = alarms.iter().any(|alarm| alarm.subject == name && alarm.condition == Condition::Failing && alarm.ended.is_none());
            assert!(told, "nobody is told that `{name}` cannot be read: {alarms:?}");
        }
        let asked = origin.asked("/busy").len();
        assert!((10..70).contains(&asked), "who is busy was asked {asked} times in 60 hours");
        assert!(!alarms.iter().any(|alarm| alarm.subject == "good" || alarm.subject == "busy"), "{alarms:?}");
        assert!(metrics.render().contains("topicwire_polls_running 0"));
        assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    });
}

/// Keeps all who would commit waiting, until what is returned is dropped.
fn hold(stories: Arc<Mutex<Window>>) -> mpsc::Sender<()> {
    let (release, released) = mpsc::channel();
    let (held, is_held) = mpsc::channel();
    std::thread::spawn(move || {
        let _held = stories.lock().unwrap();
        held.send(()).unwrap();
        let _ = released.recv();
    });
    is_held.recv().unwrap();
    release
}

#[test]
fn a_poll_that_never_ends_is_told_of_although_no_feed_waits() {
    let folder = TempDir::new().unwrap();
    by_a_turned_clock(async {
        let origin = Origin::start().await;
        origin.set("/a", listing(3));
        let fetch = "[fetch]\npause = \"0s\"\ntimeout = \"1s\"\nmax_pages = 1\n";
        let (config, tools) = parts(folder.path(), &origin, &format!("{fetch}{}", agency("a").replace("1h", "10m")));
        let wires = Arc::new(Wires::new(Arc::clone(&config), tools.store.clone()));
        let (stories, metrics) = (Arc::clone(&tools.stories), Arc::<Metrics>::default());
        let (_orders, received) = tokio::sync::mpsc::channel(1);
        let ready = async || {
            let asked = Request::get("/readyz").body(Body::empty()).unwrap();
            let answer = serve::monitoring(Arc::clone(&metrics)).oneshot(asked).await.unwrap();
            String::from_utf8(axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap()
        };
        let observed = async {
            while !metrics.render().contains("topicwire_polls_total{outcome=\"read\"} 1") {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            origin.set("/a", listing(5));
            let release = hold(stories);
            let mut said = Vec::new();
            // The poll blocks a thread: from then on the clock does not turn by itself.
            for _ in 0..45 {
                tokio::time::advance(Duration::from_mins(1)).await;
                for _ in 0..20 {
                    std::thread::sleep(Duration::from_millis(1));
                    tokio::task::yield_now().await;
                }
                said.push((metrics.render().contains("topicwire_polls_running 1"), ready().await));
            }
            drop(release);
            said
        };
        let said = tokio::select! {
            ended = daemon::run(config, tools, wires, Arc::clone(&metrics), received, std::future::pending()) => panic!("{ended:?}"),
            said = observed => said,
        };
        let (_, first) = said.iter().find(|(_, said)| said.contains("\"ready\":false")).unwrap();
        assert!(first.contains("1 of the polls do not end, the oldest has been running for 1"), "{first}");
        let borne = said.iter().filter(|(running, said)| *running && said.contains("\"ready\":true")).count();
        assert!((14..18).contains(&borne), "no poll is late before a quarter of an hour: {borne} minutes");
    });
}

#[test]
fn a_clock_that_leaps_ahead_and_is_put_back_loses_nothing_and_doubles_nothing() {
    let folder = TempDir::new().unwrap();
    by_a_turned_clock(async {
        let origin = Origin::start().await;
        origin.set("/a", listing(3));
        let feed = agency("a");
        let leap = async {
            tokio::time::sleep(HOUR).await;
            origin.set("/a", listing(5));
            tokio::time::advance(LEAP).await;
            std::future::pending::<()>().await;
        };
        let (store, _) = tokio::select! {
            () = leap => unreachable!("it never ends"),
            lived = live(folder.path(), &origin, &feed, LEAP + 3 * HOUR) => lived,
        };
        assert_eq!(store.stats().unwrap().articles, 5);
    });
    // Back in the present: the feed is due in days.
    by_a_turned_clock(async {
        let origin = Origin::start().await;
        origin.set("/a", listing(7));
        let (store, _) = live(folder.path(), &origin, &agency("a"), HOUR).await;
        assert_eq!((origin.seen().len() > 1, store.stats().unwrap().articles), (true, 7));
        assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_put_back_under_the_daemon_keeps_no_feed_waiting() {
    let mut folders = fs::read_dir("/usr/lib").unwrap().map(|entry| entry.unwrap().path().join("faketime/libfaketimeMT.so.1"));
    let Some(library) = folders.find(|library| library.exists()) else {
        leave_out("no other clock can be had here (the Debian package libfaketime): one that is put back is not tried");
        return;
    };
    let origin = origin().await;
    let folder = TempDir::new().unwrap();
    let clock = folder.path().join("clock");
    let turn = |offset: &str| {
        let aside = folder.path().join(".clock");
        fs::write(&aside, offset).unwrap();
        fs::rename(aside, &clock).unwrap();
    };
    turn("+100d");
    let mut command = Command::new(env!("CARGO_BIN_EXE_topicwire"));
    command.env("LD_PRELOAD", library).env("FAKETIME_TIMESTAMP_FILE", &clock).env("FAKETIME_NO_CACHE", "1");
    // What timers go by goes on.
    command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("DONT_FAKE_MONOTONIC", "1");
    let mut daemon = Daemon::start_by(command, folder.path(), &format!("[fetch]\npause = \"0s\"\n{}{TOPIC}", feed(&origin)));
    daemon.wait_for("/topics/rights.atom", |text| text.contains("<entry>")).await;
    let asked = origin.asked("/rss").len();
    turn("+0d");
    daemon.wait_for("/metrics", |_| origin.asked("/rss").len() > asked).await;
    assert!(daemon.log().contains("the clock was put back"), "{}", daemon.log());
    assert_eq!(daemon.stop("-TERM"), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_whose_disk_fills_ends_and_the_next_start_throws_the_ballast_away() {
    let with_disk = |script: &str| Command::new("unshare").args(["--map-root-user", "--mount", "bash", "-ec", script]).output();
    if !with_disk("mount -t tmpfs tmpfs /mnt").is_ok_and(|probe| probe.status.success()) {
        leave_out("no file system can be mounted here: a daemon on a full disk is not tried");
        return;
    }
    let origin = origin().await;
    // The second poll brings more than there is room for.
    origin.on("/rss", Reply::ok(large_feed("more")));
    let folder = TempDir::new().unwrap();
    let text = format!("[serve]\nlisten = \"127.0.0.1:0\"\n[store]\nmin_free_mib = 0\n{}{TOPIC}", feed(&origin));
    fs::write(folder.path().join("feeds.toml"), text).unwrap();
    fs::create_dir(folder.path().join("disk")).unwrap();
    let program = env!("CARGO_BIN_EXE_topicwire");
    let script = format!(
        "cd '{}'; mount -t tmpfs -o size=200m tmpfs disk
         topicwire() {{ '{program}' --store disk/store \"$@\"; }}
         wait_for() {{ for _ in $(seq 600); do if eval \"$1\"; then return; fi; sleep 0.1; done; echo \"never: $1\" >&2; kill $daemon; exit 9; }}
         '{program}' --store disk/store run 2>first.err & daemon=$!
         wait_for '[ -S disk/store/admin.sock ]'
         wait_for 'topicwire --json store stats 2>/dev/null | grep -q articles..1'
         wait_for '[ -e disk/store/ballast ]'
         dd if=/dev/zero of=disk/filler bs=1M 2>/dev/null || true
         topicwire fetch --force >fetch.out 2>&1 || true
         ended=0; wait $daemon || ended=$?
         rm -f disk/store/admin.sock
         '{program}' --store disk/store run 2>second.err & daemon=$!
         wait_for '[ -S disk/store/admin.sock ]'
         wait_for 'topicwire --json store stats >stats.out 2>/dev/null'
         kill -TERM $daemon; wait $daemon
         [ ! -e disk/store/ballast ]
         echo $ended",
        folder.path().display()
    );
    let output =
        tokio::task::spawn_blocking(move || Command::new("unshare").args(["--map-root-user", "--mount", "bash", "-ec", &script]).output());
    let output = output.await.unwrap().unwrap();
    let said = |file: &str| fs::read_to_string(folder.path().join(file)).unwrap_or_default();
    assert!(output.status.success(), "{}{}{}", String::from_utf8_lossy(&output.stderr), said("first.err"), said("second.err"));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "1\n", "it ends as failed, so that it is started again");
    assert!(said("first.err").contains("the store failed: the disk of the store `disk/store` is full"), "{}", said("first.err"));
    assert!(said("second.err").contains("the ballast file was removed to open the store"), "{}", said("second.err"));
    assert!(said("stats.out").contains("\"articles\":1"), "{}", said("stats.out"));
}
