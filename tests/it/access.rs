//! Feeds whose servers want to know who asks: they are shown it, nobody else is, and nothing prints it.

use std::fs;

use insta::assert_snapshot;
use tempfile::TempDir;
use topicwire::config::{Access, Auth, Config, Secret};
use topicwire::fetch::{Client, Credentials, Purpose, Request};

use crate::cli::check;
use crate::daemon::{Daemon, TOPIC, origin};
use crate::origin::{Origin, Reply, settings};

/// `open:sesame`, as a header says it.
const BASIC: &str = "Basic b3BlbjpzZXNhbWU=";

fn mistakes(keys: &str) -> String {
    let mistakes = Config::parse(&format!("[[feed]]\nid = \"a\"\nurl = \"https://a.kz/rss\"\n{keys}\n")).unwrap_err();
    mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_configuration_says_where_they_are() {
    let text = "[[feed]]\nid = \"a\"\nurl = \"https://a.kz/rss\"\nheaders = { \"X-Key\" = \"file:/etc/key\" }\n\
                [feed.auth]\nuser = \"desk\"\npassword = \"env:PASSWORD\"\n";
    let auth = Auth { user: "desk".to_owned(), password: Secret::Environment("PASSWORD".to_owned()) };
    let headers = vec![("x-key".to_owned(), Secret::File("/etc/key".into()))];
    assert_eq!(Config::parse(text).unwrap().feeds[0].access, Access { auth: Some(auth), headers });

    assert_snapshot!(mistakes("auth = { user = \"a:b\", password = \"hunter2\" }\nheaders = { Host = \"env:A\", \"a b\" = \"env:A\", ok = 5, key = \"hunter2\" }"), @r#"
    4:17: a user's name has no colon in it: the password has a key of its own
    4:35: secrets do not stand here: write where it is, as in "file:/etc/topicwire/token" or "env:TOPICWIRE_TOKEN"
    5:13: topicwire itself writes the header `Host`: leave it out
    5:29: `a b` is not the name of a header: write one as in "X-Api-Key"
    5:51: `ok` is text: write it in quotes
    5:60: secrets do not stand here: write where it is, as in "file:/etc/topicwire/token" or "env:TOPICWIRE_TOKEN"
    "#);
    assert_snapshot!(mistakes("auth = { user = \"a\", password = \"env:A\" }\nheaders = { Authorization = \"env:A\", authorization = \"env:A\" }"), @r"
    1:1: `auth` is a header `Authorization` too: write one of them
    5:38: there is another header `authorization`: give each once
    ");
    assert_snapshot!(mistakes("sitemap = \"https://open:sesame@a.kz/map.xml\""), @"4:11: an address with a user or password in it is printed in many places: leave them out, feeds have `auth` for them");
}

#[tokio::test]
async fn only_their_own_origin_is_shown_them() {
    let (own, other) = (Origin::start().await, Origin::start().await);
    own.on("/feed", Reply::redirect(302, other.url("/away").as_str()));
    other.on("/away", Reply::redirect(307, own.url("/back").as_str()));
    own.on("/back", Reply::ok("<rss/>")).on("/page", Reply::ok("<p>"));
    other.on("/page", Reply::ok("<p>"));
    let url = own.url("/feed");
    let credentials = Credentials::of(&url).with_password("open", "sesame").unwrap().with_header("x-key", "hunter2").unwrap();
    let client = Client::new(settings()).unwrap();
    for (url, purpose) in [(&url, Purpose::Feed), (&own.url("/page"), Purpose::Page), (&other.url("/page"), Purpose::Page)] {
        client.get(Request { url, purpose, validators: None, allow_private: true, credentials: Some(&credentials) }).await;
    }
    for path in ["/feed", "/back", "/page"] {
        let asked = own.asked(path).remove(0);
        assert_eq!((asked.header("authorization"), asked.header("x-key")), (Some(BASIC), Some("hunter2")), "{path}");
    }
    let strangers = other.seen();
    assert_eq!(strangers.len(), 3, "the redirect, robots.txt and the page");
    for asked in strangers {
        assert_eq!((asked.header("authorization"), asked.header("x-key")), (None, None), "{}", asked.path);
    }
    let printed = format!("{credentials:?}");
    assert!(!printed.contains("b3Blb") && !printed.contains("hunter2"), "{printed}");
    let refused = Credentials::of(&url).with_header("x-key", "hunter2\n").unwrap_err().to_string();
    assert!(refused.contains("no header `x-key`") && !refused.contains("hunter2"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daemon_shows_them_and_prints_them_nowhere() {
    let folder = TempDir::new().unwrap();
    let origin = origin().await;
    let feed = |password: &str| {
        let url = origin.url("/rss");
        format!(
            "[[feed]]\nid = \"a\"\nurl = \"{url}\"\nallow_private = true\nauth = {{ user = \"open\", password = \"{password}\" }}\n{TOPIC}"
        )
    };
    fs::write(folder.path().join("password"), "sesame\n").unwrap();
    let mut daemon = Daemon::start(folder.path(), &feed("file:password"));
    daemon.wait_for("/topics/rights.atom", |text| text.contains("<entry>")).await;
    for path in ["/rss", "/1"] {
        assert_eq!(origin.asked(path)[0].header("authorization"), Some(BASIC), "{path}");
    }

    // Another password holds from the next poll on; one that cannot be read changes nothing.
    fs::write(folder.path().join("password"), "barley\n").unwrap();
    daemon.configure(&feed("file:nowhere"));
    while !daemon.log().contains("the configuration is not taken up") {
        daemon.wait_for("/healthz", |_| true).await;
    }
    daemon.configure(&(feed("file:password") + "# Saved again.\n"));
    while !daemon.log().contains("another configuration holds") {
        daemon.wait_for("/healthz", |_| true).await;
    }
    origin.set("/rss", Reply::status(401).header("www-authenticate", "Basic"));
    check(&daemon.command(&["fetch", "--force", "--json"]), 1, "\"outcome\":\"failed\"", "none of the feeds could be read");
    assert_eq!(origin.asked("/rss")[1].header("authorization"), Some("Basic b3BlbjpiYXJsZXk="));
    let mut printed = daemon.log();
    for arguments in [&["feed", "list", "--json"][..], &["feed", "export"], &["check", "--json"]] {
        printed += &String::from_utf8(daemon.command(arguments).stdout).unwrap();
    }
    printed += &daemon.wait_for("/metrics", |_| true).await;
    for secret in ["sesame", "barley", "b3Blb"] {
        assert!(!printed.contains(secret), "`{secret}` is printed");
    }
}
