//! The daemon beside other commands: who has the store answers, whoever asks; a changed configuration holds without a new start.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;
use topicwire::store::Store;

use crate::cli::check;
use crate::daemon::{Daemon, TOPIC, feed, origin};
use crate::origin::Reply;

fn topicwire(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_topicwire")).args(arguments).current_dir(folder).output().unwrap()
}

/// A pass by this configuration, without the daemon.
fn topicwire_with(folder: &Path, text: &str) -> Output {
    fs::write(folder.join("feeds.toml"), text).unwrap();
    topicwire(folder, &["fetch"])
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_ask_the_daemon_that_has_the_store() {
    let folder = TempDir::new().unwrap();
    let origin = origin().await;
    let mut daemon = Daemon::start(folder.path(), &(feed(&origin) + TOPIC));
    daemon.wait_for("/topics/rights.atom", |text| text.contains("<entry>")).await;

    let socket = folder.path().join("store/admin.sock");
    assert_eq!(fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o600);
    check(&daemon.command(&["feed", "list"]), 0, "healthy", "");
    check(&daemon.command(&["topic", "list", "--json"]), 0, "\"entries\":1", "");
    check(&daemon.command(&["store", "stats", "--json"]), 0, "\"articles\":1", "");
    check(&daemon.command(&["export", "rights", "--out", "out"]), 0, "out/rights.atom", "");
    let wire = daemon.wait_for("/topics/rights.atom", |_| true).await;
    assert_eq!(fs::read_to_string(folder.path().join("out/rights.atom")).unwrap(), wire);
    check(&daemon.command(&["export", "none", "--out", "out"]), 2, "", "there is no wire `none`");
    check(&daemon.command(&["run"]), 1, "", &format!("in use by process {}", daemon.id()));

    check(&daemon.command(&["fetch", "nobody"]), 2, "", "there is no feed `nobody`");
    check(&daemon.command(&["fetch"]), 0, "0 feeds polled, 0 new articles, 0 on a topic; 1 feed is not due yet", "");
    assert_eq!(origin.asked("/rss").len(), 1);
    origin.on("/rss", Reply::status(500));
    check(&daemon.command(&["fetch", "--force"]), 0, "1 feed polled", "");
    assert_eq!(origin.asked("/rss").len(), 2, "the daemon fetched");
    check(&daemon.command(&["fetch", "--force", "--json", "a"]), 1, "\"outcome\":\"failed\"", "none of the feeds could be read");

    assert_eq!(daemon.stop("-TERM"), Some(0));
    assert!(!socket.exists());
    check(&topicwire(folder.path(), &["feed", "list"]), 0, "failed 1×", "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_nobody_listens_on_is_in_nobodys_way() {
    let folder = TempDir::new().unwrap();
    let origin = origin().await;
    let text = feed(&origin) + TOPIC;
    let mut daemon = Daemon::start(folder.path(), &text);
    daemon.wait_for("/topics/rights.atom", |text| text.contains("<entry>")).await;
    daemon.stop("-KILL");
    assert!(folder.path().join("store/admin.sock").exists());
    check(&topicwire(folder.path(), &["store", "stats", "--json"]), 0, "\"articles\":1", "");
    let mut daemon = Daemon::start(folder.path(), &text);
    daemon.wait_for("/healthz", |_| true).await;
    check(&daemon.command(&["store", "stats", "--json"]), 0, "\"articles\":1", "");
}

#[test]
fn a_store_that_another_program_has_is_said_to_be_its() {
    let folder = TempDir::new().unwrap();
    let _store = Store::open(&folder.path().join("store")).unwrap();
    fs::write(folder.path().join("feeds.toml"), "").unwrap();
    let said = format!("in use by process {}, which does not answer at `store/admin.sock`", std::process::id());
    for arguments in [&["store", "stats"][..], &["fetch"], &["feed", "list"], &["run"]] {
        check(&topicwire(folder.path(), arguments), 1, "", &said);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_configuration_holds_without_a_new_start() {
    let folder = TempDir::new().unwrap();
    let origin = origin().await;
    origin.on("/second", Reply::ok("<rss version=\"2.0\"><channel><title>B</title></channel></rss>"));
    let first = feed(&origin);
    let mut daemon = Daemon::start(folder.path(), &(first.clone() + TOPIC));
    daemon.wait_for("/topics/rights.atom", |text| text.contains("<entry>")).await;

    // What was stored before is on the new topic, and on the old one no more.
    let care = "[[topic]]\nid = \"care\"\nrules = \"ru 20: опека\"\n";
    daemon.configure(&(first.clone() + care));
    daemon.wait_for("/topics/care.atom", |text| text.contains("<entry>")).await;
    daemon.wait_for("/topics/rights.atom", |text| text.contains("nothing at this address")).await;
    daemon.wait_for("/", |text| text.contains("care.html") && !text.contains("rights.html")).await;
    check(&daemon.command(&["store", "stats", "--json"]), 0, "\"topics\":{\"care\":1}", "");

    // What counts from the start is said; `[serve]` stands first in the file.
    daemon.configure(&("connections_per_address = 9\n".to_owned() + &first + care));
    while !daemon.log().contains("it needs a restart") {
        daemon.wait_for("/topics/care.atom", |text| text.contains("<entry>")).await;
    }

    // One that is wrong changes nothing, and is said.
    daemon.configure(&(first.clone() + "[[topic]]\nid = \"wrong\"\nrules = \"(\"\n"));
    while !daemon.log().contains("the configuration is not taken up") {
        daemon.wait_for("/topics/care.atom", |text| text.contains("<entry>")).await;
    }

    check(&daemon.command(&["feed", "list"]), 0, "healthy", "");
    check(&daemon.command(&["topic", "list"]), 0, "care", "");

    // A feed that is gone from it is not polled; a new one is, at once.
    let second = first.replace("\"a\"", "\"b\"").replace("/rss", "/second");
    daemon.configure(&(second + care));
    check(&daemon.command(&["fetch", "--force", "a"]), 2, "", "there is no feed `a`");
    daemon.signal("-HUP");
    while origin.asked("/second").is_empty() {
        daemon.wait_for("/healthz", |_| true).await;
    }
    assert_eq!(origin.asked("/rss").len(), 1);
    daemon.wait_for("/topics/care.atom", |text| text.contains("<entry>")).await;
    assert_eq!(daemon.stop("-TERM"), Some(0));
}

/// An editor cuts the file before it writes it, a full disk leaves it so, and a command in between wants it read.
#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_is_being_written_is_waited_for_and_an_empty_one_is_none() {
    let folder = TempDir::new().unwrap();
    let origin = origin().await;
    let mut daemon = Daemon::start(folder.path(), &(feed(&origin) + TOPIC));
    daemon.wait_for("/topics/rights.atom", |text| text.contains("<entry>")).await;
    let path = folder.path().join("feeds.toml");
    let text = fs::read_to_string(&path).unwrap();

    // What it holds in the middle is right, and not what is meant.
    let (serve, rest) = text.split_once("[[feed]]").unwrap();
    fs::write(&path, serve).unwrap();
    let writer = std::thread::spawn({
        let (path, text) = (path.clone(), text.clone());
        move || {
            std::thread::sleep(std::time::Duration::from_millis(30));
            fs::write(path, text + "[[topic]]\nid = \"care\"\nrules = \"ru 20: опека\"\n").unwrap();
        }
    });
    check(&daemon.command(&["topic", "list"]), 0, "care", "");
    writer.join().unwrap();
    assert!(!daemon.log().contains("feeds=0"), "{}", daemon.log());

    fs::write(&path, "").unwrap();
    check(&daemon.command(&["topic", "list"]), 0, "care", "");
    while !daemon.log().contains("feeds.toml` is empty") {
        daemon.wait_for("/topics/rights.atom", |text| text.contains("<entry>")).await;
    }
    fs::write(&path, format!("{serve}[[feed]]{rest}")).unwrap();
    check(&daemon.command(&["store", "stats", "--json"]), 0, "\"topics\":{", "");
    assert_eq!(daemon.stop("-TERM"), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn topics_that_changed_while_nothing_ran_are_matched_at_the_next_start() {
    let folder = TempDir::new().unwrap();
    let origin = origin().await;
    let mut daemon = Daemon::start(folder.path(), &(feed(&origin) + TOPIC));
    daemon.wait_for("/topics/rights.atom", |text| text.contains("<entry>")).await;
    assert_eq!(daemon.stop("-TERM"), Some(0));
    // Without the daemon, `fetch` does it.
    let other = "[serve]\nlisten = \"127.0.0.1:0\"\n".to_owned() + &feed(&origin) + "[[topic]]\nid = \"other\"\nrules = \"ru 20: опека\"\n";
    fs::write(folder.path().join("feeds.toml"), other).unwrap();
    check(&topicwire(folder.path(), &["fetch"]), 0, "1 feed is not due yet", "");
    check(&topicwire(folder.path(), &["topic", "list", "--json"]), 0, "\"entries\":1", "");
    let care = "[[topic]]\nid = \"care\"\nrules = \"ru 20: опека\"\n";
    let mut daemon = Daemon::start(folder.path(), &(feed(&origin) + care));
    daemon.wait_for("/topics/care.atom", |text| text.contains("<entry>")).await;
    assert_eq!(origin.asked("/rss").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daemon_says_how_it_is() {
    let folder = TempDir::new().unwrap();
    let origin = origin().await;
    let mut daemon = Daemon::start(folder.path(), &(feed(&origin) + TOPIC));
    daemon.wait_for("/topics/rights.atom", |text| text.contains("<entry>")).await;
    daemon.wait_for("/readyz", |text| text == "{\"ready\":true,\"reasons\":[]}\n").await;
    let figures = daemon.wait_for("/metrics", |text| text.contains("topicwire_polls_total{outcome=\"read\"} 1")).await;
    for line in [
        "topicwire_new_articles_total{feed=\"a\",text=\"whole\"} 1",
        "topicwire_matched_articles_total 1",
        "topicwire_feeds 1",
        "topicwire_delay_seconds_count 0",
        "# TYPE topicwire_delay_seconds histogram",
    ] {
        assert!(figures.lines().any(|other| other == line), "no `{line}` in: {figures}");
    }
    assert!(figures.contains("topicwire_build_info{version=\"0."), "{figures}");
    let dashboard = include_str!("../../docs/grafana.json");
    let dashboard: serde_json::Value = serde_json::from_str(dashboard).unwrap();
    for panel in dashboard["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().unwrap() {
            let asked = target["expr"].as_str().unwrap();
            for name in asked.split(|other: char| !other.is_ascii_lowercase() && other != '_').filter(|name| name.starts_with("topicwire_"))
            {
                assert!(
                    figures.contains(&format!("# HELP {} ", name.trim_end_matches("_bucket"))),
                    "the dashboard shows `{name}`, which is not measured"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn few_files_mean_few_readers_and_not_fewer_polls() {
    let folder = TempDir::new().unwrap();
    let origin = origin().await;
    let mut command = Command::new("bash");
    command.args(["-c", "ulimit -S -n 64; ulimit -H -n 450; exec \"$@\"", "bash", env!("CARGO_BIN_EXE_topicwire")]);
    let mut daemon = Daemon::start_by(command, folder.path(), &(feed(&origin) + TOPIC));
    daemon.wait_for("/topics/rights.atom", |text| text.contains("<entry>")).await;
    daemon.wait_for("/metrics", |text| text.contains("topicwire_most_open_files 450")).await;
    // 450 less 128 for itself and 8 for each of 32 polls, by two.
    assert!(daemon.log().contains("few files open") && daemon.log().contains("connections=33"), "{}", daemon.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_nearly_full_pauses_fetching_and_nothing_else() {
    let folder = TempDir::new().unwrap();
    let origin = origin().await;
    let text = feed(&origin) + TOPIC;
    // No disk has so much.
    let mut daemon = Daemon::start(folder.path(), &("[store]\nmin_free_mib = 1048576\n".to_owned() + &text));
    daemon.wait_for("/readyz", |text| text.contains("\"ready\":false") && text.contains("the disk is nearly full")).await;
    daemon.wait_for("/topics/rights.atom", |text| text.contains("<feed")).await;
    assert_eq!(origin.asked("/rss").len(), 0);
    daemon.configure(&text);
    daemon.wait_for("/topics/rights.atom", |text| text.contains("<entry>")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_disk_that_is_nearly_full_nothing_is_fetched_without_the_daemon_either() {
    let (folder, origin) = (TempDir::new().unwrap(), origin().await);
    let fetch = |floor: u64| {
        fs::write(folder.path().join("feeds.toml"), format!("[store]\nmin_free_mib = {floor}\n{}", feed(&origin))).unwrap();
        topicwire(folder.path(), &["fetch"])
    };
    check(&fetch(1 << 20), 1, "", "the disk is nearly full");
    assert_eq!(origin.asked("/rss").len(), 0);
    check(&fetch(0), 0, "1 new article", "");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ops_wire_tells_of_a_refused_configuration_and_of_a_backup_that_cannot_be_made() {
    let (folder, origin) = (TempDir::new().unwrap(), origin().await);
    fs::write(folder.path().join("token"), "secret").unwrap();
    fs::write(folder.path().join("no-folder"), "").unwrap();
    let text = |backups: &str| format!("{}{TOPIC}[ops]\ntoken = \"file:token\"\n[store]\nbackups = \"{backups}\"\n", feed(&origin));
    check(&topicwire_with(folder.path(), &text("backups")), 0, "1 new article", "");
    let mut daemon = Daemon::start(folder.path(), &text("no-folder"));
    let wire = "/ops.atom?token=secret";
    let open = |text: &str, title: &str| text.contains(&format!("<title>{title}</title>"));
    daemon.wait_for(wire, |text| open(text, "store: no-backup") && text.contains("no-folder")).await;
    daemon.configure(&(text("no-folder") + "[[topic]]\nid = \"wrong\"\nrules = \"(\"\n"));
    daemon.wait_for(wire, |text| open(text, "configuration: refused")).await;
    daemon.configure(&text("backups"));
    daemon.wait_for(wire, |text| open(text, "configuration: refused (over)") && open(text, "store: no-backup")).await;
    assert_eq!(daemon.stop("-TERM"), Some(0));
    let mut daemon = Daemon::start(folder.path(), &text("backups"));
    daemon.wait_for(wire, |text| open(text, "store: no-backup (over)")).await;
    assert_eq!(daemon.stop("-TERM"), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_of_feeds_that_are_not_read_any_more_wait_for_nothing() {
    let (folder, origin) = (TempDir::new().unwrap(), origin().await);
    let item = |number: u32| format!("<item><title>Number {number}</title><link>/page/{number}</link></item>");
    let items: String = (0..5).map(item).collect();
    // Their pages are not there yet.
    origin.set("/rss", Reply::ok(format!("<rss version=\"2.0\"><channel>{items}</channel></rss>")));
    let mut daemon = Daemon::start(folder.path(), &(feed(&origin) + TOPIC));
    let waiting = |text: &str, many: u32| text.lines().any(|line| line == format!("topicwire_pages_waiting {many}"));
    daemon.wait_for("/metrics", |text| waiting(text, 5)).await;
    daemon.configure(&(feed(&origin) + "paused = true\n" + TOPIC));
    daemon.wait_for("/metrics", |text| waiting(text, 0)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn feeds_and_topics_are_added_and_removed_by_commands() {
    let folder = TempDir::new().unwrap();
    let origin = origin().await;
    let mut daemon = Daemon::start(folder.path(), "# Nothing yet.\n");
    daemon.wait_for("/healthz", |_| true).await;
    let url = origin.url("/rss");
    check(&daemon.command(&["feed", "add", url.as_str(), "--id", "a", "--allow-private"]), 0, "added the feed `a`", "");
    check(&daemon.command(&["topic", "add", "rights", "ru 20: право NEAR/3 ребенок"]), 0, "added the topic `rights`", "");
    daemon.wait_for("/topics/rights.atom", |text| text.contains("<entry>")).await;
    check(&daemon.command(&["topic", "add", "rights", "ru 20: опека"]), 2, "", "there is a topic `rights` already");
    check(&daemon.command(&["topic", "add", "other", "("]), 2, "", "is left as it was");
    check(&daemon.command(&["feed", "pause", "a"]), 0, "paused the feed `a`", "");
    check(&daemon.command(&["feed", "list"]), 0, "paused", "");
    check(&daemon.command(&["fetch", "--force"]), 0, "0 feeds polled, 0 new articles, 0 on a topic; 1 feed is paused", "");
    check(&daemon.command(&["fetch", "--force", "a"]), 0, "1 feed polled", "");
    check(&daemon.command(&["feed", "resume", "a"]), 0, "polled again", "");
    check(&daemon.command(&["feed", "remove", "a", "b"]), 2, "", "there is no feed `b`");
    check(&daemon.command(&["feed", "remove", "a"]), 0, "removed the feed `a`", "");
    assert!(fs::read_to_string(folder.path().join("feeds.toml")).unwrap().contains("# Nothing yet."));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_cannot_be_read_is_put_aside_and_restored() {
    let folder = TempDir::new().unwrap();
    let origin = origin().await;
    let text = feed(&origin) + TOPIC;
    let mut daemon = Daemon::start(folder.path(), &text);
    daemon.wait_for("/topics/rights.atom", |text| text.contains("<entry>")).await;
    check(&daemon.command(&["store", "backup", "own.zst"]), 0, "own.zst: ", "");
    check(&daemon.command(&["store", "verify"]), 0, "and agrees", "");
    check(&daemon.command(&["store", "restore", "own.zst"]), 1, "", "the daemon has the store");
    assert_eq!(daemon.stop("-TERM"), Some(0));

    // The daily backup is made at the start: there was nothing to save at the first.
    let daily = folder.path().join("store/backups");
    let mut daemon = Daemon::start(folder.path(), &text);
    while !fs::read_dir(&daily)
        .is_ok_and(|mut files| files.any(|file| file.unwrap().file_name().to_string_lossy().ends_with(".backup.zst")))
    {
        daemon.wait_for("/healthz", |_| true).await;
    }
    assert_eq!(daemon.stop("-TERM"), Some(0));

    let log = folder.path().join("store/db");
    fs::write(&log, vec![0x5a; fs::metadata(&log).unwrap().len().try_into().unwrap()]).unwrap();
    check(&topicwire(folder.path(), &["store", "verify"]), 1, "", "cannot be read");
    let mut daemon = Daemon::start(folder.path(), &text);
    daemon.wait_for("/topics/rights.atom", |text| text.contains("<entry>")).await;
    let log = daemon.log();
    assert!(log.contains("it was put aside as `store/aside-") && log.contains("the store is restored from"), "{log}");
    assert_eq!(origin.asked("/rss").len(), 1, "the feed's state came back too");
    assert_eq!(daemon.stop("-TERM"), Some(0));

    // By hand, where there is none.
    fs::rename(folder.path().join("store"), folder.path().join("old")).unwrap();
    check(&topicwire(folder.path(), &["store", "restore", "own.zst"]), 0, "as it was at commit", "");
    check(&topicwire(folder.path(), &["topic", "list", "--json"]), 0, "\"entries\":1", "");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_the_token_asks_over_http() {
    let folder = TempDir::new().unwrap();
    let origin = origin().await;
    fs::write(folder.path().join("token"), "open sesame\n").unwrap();
    // `[serve]` stands first in the file.
    let text = "admin_token = \"file:token\"\n".to_owned() + &feed(&origin) + TOPIC;
    let mut daemon = Daemon::start(folder.path(), &text);
    daemon.wait_for("/topics/rights.atom", |text| text.contains("<entry>")).await;
    let client = reqwest::Client::new();
    let ask = |path: &str, token: &str| client.post(daemon.url(path)).bearer_auth(token).body("{}");
    assert_eq!(ask("/admin/stats", "open barley").send().await.unwrap().status(), 401);
    assert_eq!(client.post(daemon.url("/admin/stats")).body("{}").send().await.unwrap().status(), 401);
    let figures = ask("/admin/stats", "open sesame").send().await.unwrap().text().await.unwrap();
    assert!(figures.contains("\"articles\":1"), "{figures}");
    let told = ask("/admin/fetch", "open sesame").body("{\"feeds\":[\"a\"],\"force\":true}").send().await.unwrap().text().await.unwrap();
    let lines: Vec<&str> = told.lines().collect();
    assert!(
        matches!(lines.as_slice(), [plan, report, end] if plan.contains("planned") && report.contains("polled") && end.contains("ended")),
        "{told}"
    );
    let wrong = ask("/admin/wire", "open sesame").send().await.unwrap();
    assert_eq!(wrong.status(), 400);
    let large = ask("/admin/stats", "open sesame").body(vec![b' '; (32 << 20) + 1]).send().await.unwrap();
    assert_eq!(large.status(), 413);

    let other = TempDir::new().unwrap();
    let mut daemon = Daemon::start(other.path(), &feed(&origin));
    daemon.wait_for("/healthz", |_| true).await;
    assert_eq!(client.post(daemon.url("/admin/stats")).body("{}").send().await.unwrap().status(), 404);
}
