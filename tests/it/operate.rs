//! The daemon beside other commands: who has the store answers, whoever asks; a changed configuration holds without a new start.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;
use topicwire::store::Store;

use crate::daemon::{Daemon, TOPIC, feed, origin};
use crate::origin::Reply;

#[track_caller]
fn check(output: &Output, code: i32, on_stdout: &str, on_stderr: &str) {
    let [out, err] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    assert_eq!(output.status.code(), Some(code), "{out}\n{err}");
    assert!(out.contains(on_stdout), "no `{on_stdout}` in: {out}");
    assert!(err.contains(on_stderr), "no `{on_stderr}` in: {err}");
}

fn topicwire(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_topicwire")).args(arguments).current_dir(folder).output().unwrap()
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
    check(&daemon.command(&["export", "none", "--out", "out"]), 2, "", "there is no topic `none`");
    check(&daemon.command(&["run"]), 1, "", &format!("in use by process {}", daemon.id()));

    check(&daemon.command(&["fetch", "nobody"]), 2, "", "there is no feed `nobody`");
    check(&daemon.command(&["fetch"]), 0, "0 feeds polled, 0 new articles, 0 on a topic; 1 feed is not due yet", "");
    assert_eq!(origin.asked("/rss").len(), 1);
    check(&daemon.command(&["fetch", "--force"]), 0, "1 feed polled", "");
    assert_eq!(origin.asked("/rss").len(), 2, "the daemon fetched");
    origin.on("/rss", Reply::status(500));
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

    // One that is wrong changes nothing, and is said.
    daemon.configure(&(first.clone() + "[[topic]]\nid = \"wrong\"\nrules = \"(\"\n"));
    while !daemon.log().contains("the configuration is not taken up") {
        daemon.wait_for("/topics/care.atom", |text| text.contains("<entry>")).await;
    }

    // A feed that is gone from it is not polled; a new one is, at once.
    let second = first.replace("\"a\"", "\"b\"").replace("/rss", "/second");
    daemon.configure(&(second + care));
    daemon.signal("-HUP");
    while origin.asked("/second").is_empty() {
        daemon.wait_for("/healthz", |_| true).await;
    }
    check(&daemon.command(&["fetch", "--force", "a"]), 2, "", "there is no feed `a`");
    assert_eq!(origin.asked("/rss").len(), 1);
    daemon.wait_for("/topics/care.atom", |text| text.contains("<entry>")).await;
    assert_eq!(daemon.stop("-TERM"), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn topics_that_changed_while_nothing_ran_are_matched_at_the_next_start() {
    let folder = TempDir::new().unwrap();
    let origin = origin().await;
    let mut daemon = Daemon::start(folder.path(), &(feed(&origin) + TOPIC));
    daemon.wait_for("/topics/rights.atom", |text| text.contains("<entry>")).await;
    assert_eq!(daemon.stop("-TERM"), Some(0));
    let care = "[[topic]]\nid = \"care\"\nrules = \"ru 20: опека\"\n";
    let mut daemon = Daemon::start(folder.path(), &(feed(&origin) + care));
    daemon.wait_for("/topics/care.atom", |text| text.contains("<entry>")).await;
    assert_eq!(origin.asked("/rss").len(), 1);
}
