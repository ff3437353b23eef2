//! `feed discover`, `feed import` and `feed export` from outside.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;
use topicwire::config::{self, Addition, Config};
use topicwire::model::FeedUrl;

use crate::origin::{Origin, Reply};

/// Runs the program without keeping the origin from answering it.
async fn topicwire(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_topicwire"));
    command.args(arguments).current_dir(folder).env_remove("RUST_LOG");
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

const PAUSE: &str = "[fetch]\npause = \"0s\"\n";

#[tokio::test]
async fn the_feeds_of_a_site_are_found_and_read_before_they_are_shown() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("feeds.toml"), PAUSE).unwrap();
    let origin = Origin::start().await;
    let page = "<html><link rel=alternate type=application/rss+xml href=/feeds/all><link rel=alternate type=application/rss+xml href=/dead>\
        <a href=/private/rss>x</a></html>";
    let item = "<item><title>1</title><link>/1</link><pubDate>Wed, 26 Nov 2025 10:22:00 +0500</pubDate></item>";
    origin.on("/", Reply::ok(page));
    origin.on("/feeds/all", Reply::ok(format!("<rss><channel><title>Агентство</title>{item}</channel></rss>")));
    origin.on("/rss", Reply::redirect(302, "/feeds/all"));
    origin.on("/robots.txt", Reply::ok("User-agent: *\nDisallow: /private\nSitemap: /news.xml"));
    origin.on("/news.xml", Reply::ok("<urlset><url><loc>/2</loc></url><url><loc>/3</loc></url></urlset>"));
    origin.on("/private/rss", Reply::ok("<rss><channel/></rss>"));
    let address = origin.url("/").to_string();
    let output = topicwire(folder.path(), &["feed", "discover", &address, "--allow-private", "--json"]).await;
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
    let rows = answer["found"].as_array().unwrap();
    let [feed, sitemap] = rows.as_slice() else { panic!("{answer}") };
    assert_eq!((&feed["kind"], &feed["title"], &feed["entries"]), (&"feed".into(), &"Агентство".into(), &1.into()));
    assert_eq!(feed["newest"], "2025-11-26T10:22:00+05:00");
    assert_eq!((&sitemap["kind"], &sitemap["entries"]), (&"sitemap".into(), &2.into()));
    assert_eq!(origin.asked("/private/rss").len(), 0, "robots.txt holds for looking around");
    let output = topicwire(folder.path(), &["feed", "discover", &address, "--allow-private"]).await;
    let shown = text(&output.stdout);
    let lines = &shown[shown.find("[[feed]]").unwrap()..];
    let feeds = Config::parse(lines).unwrap().feeds;
    assert_eq!(feeds.iter().map(|feed| feed.id.as_str()).collect::<Vec<_>>(), ["agentstvo", "127-0-0-1"], "{shown}");
}

#[tokio::test]
async fn a_feed_is_its_own_discovery_and_the_guard_holds() {
    let folder = TempDir::new().unwrap();
    let origin = Origin::start().await;
    origin.on("/rss", Reply::ok("<rss><channel><title>A</title></channel></rss>")).on("/empty", Reply::ok("<html></html>"));
    let output = topicwire(folder.path(), &["feed", "discover", origin.url("/rss").as_str(), "--allow-private"]).await;
    assert!(text(&output.stdout).contains("id = \"a\""), "{output:?}");
    let output = topicwire(folder.path(), &["feed", "discover", origin.url("/rss").as_str()]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("not a public address"), "{output:?}");
    assert_eq!(topicwire(folder.path(), &["feed", "discover", "file:///etc/passwd"]).await.status.code(), Some(2));
}

#[tokio::test]
async fn a_page_that_is_refused_hides_no_feed() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("feeds.toml"), PAUSE).unwrap();
    let feed = || Reply::ok("<rss><channel><title>A</title></channel></rss>");
    let origin = Origin::start().await;
    origin.on("/", Reply::status(403)).on("/rss", feed()).on("/robots.txt", Reply::ok("Sitemap: /news.xml"));
    origin.on("/news.xml", Reply::ok("<urlset><url><loc>/2</loc></url></urlset>"));
    let output = topicwire(folder.path(), &["feed", "discover", origin.url("/").as_str(), "--allow-private", "--json"]).await;
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    let kinds: Vec<_> = answer["found"].as_array().unwrap().iter().map(|found| found["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["feed", "sitemap"]);
    assert!(text(&output.stderr).contains("the page itself could not be read") && text(&output.stderr).contains("403"), "{output:?}");

    let silent = Origin::start().await;
    silent.on("/", Reply::status(429)).on("/rss", feed());
    let output = topicwire(folder.path(), &["feed", "discover", silent.url("/").as_str(), "--allow-private"]).await;
    assert_eq!((output.status.code(), silent.asked("/rss").len()), (Some(1), 0), "{output:?}");

    let header = Origin::start().await;
    header.on("/", Reply::ok("<html></html>").header("link", "</x>; rel=\"alternate\"; type=\"application/rss+xml\", </y>; rel=next"));
    header.on("/x", feed());
    let output = topicwire(folder.path(), &["feed", "discover", header.url("/").as_str(), "--allow-private"]).await;
    assert!(text(&output.stdout).contains("/x\""), "{output:?}");
    assert_eq!(header.asked("/y").len(), 0);
}

const BEFORE: &str = "# Our desk.\n[site]\ntitle = \"Desk\" # of ours\n\n# The first.\n[[feed]]\nid = \"agentstvo\"\nurl = \"https://a.kz/rss\"\n\
    article = { body = \".b\" }\n\n# Topics below.\n";
const LIST: &str = "<opml><body><outline text='Агентство' xmlUrl='https://www.a.kz/rss?utm_source=x'/><outline text='Бұқара'>\
    <outline text='Өңір'><outline text='Агентство' xmlUrl='https://b.kz/rss'/></outline><outline text='???' xmlUrl='https://c.kz/rss'/></outline>\
    <outline text='no' xmlUrl='nowhere'/></body></opml>";

#[tokio::test]
async fn a_list_is_added_and_the_rest_of_the_file_stays() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("feeds.toml");
    fs::write(&file, BEFORE).unwrap();
    fs::write(folder.path().join("list.opml"), LIST).unwrap();
    let output = topicwire(folder.path(), &["feed", "import", "list.opml", "--dry-run"]).await;
    assert!(text(&output.stderr).contains("`nowhere` is not a web address"), "{output:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), BEFORE);
    insta::assert_snapshot!(text(&output.stdout), @r#"
    # there already: https://www.a.kz/rss?utm_source=x
    [[feed]]
    id = "agentstvo-2"
    name = "Агентство"
    url = "https://b.kz/rss"
    folder = ["Бұқара", "Өңір"]

    [[feed]]
    id = "c-kz"
    name = "???"
    url = "https://c.kz/rss"
    folder = "Бұқара"

    # 2 feeds to add, 1 there already
    "#);
    topicwire(folder.path(), &["feed", "import", "list.opml"]).await;
    let after = fs::read_to_string(&file).unwrap();
    assert!(after.starts_with(BEFORE.trim_end_matches("\n# Topics below.\n")), "{after}");
    assert!(after.contains("# Topics below."), "{after}");
    assert_eq!(Config::parse(&after).unwrap().feeds.len(), 3);
    let again = topicwire(folder.path(), &["feed", "import", "list.opml", "--json"]).await;
    let answer: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!((answer["added"].as_array().unwrap().len(), answer["known"].as_array().unwrap().len()), (0, 3));
    assert_eq!(fs::read_to_string(&file).unwrap(), after);
    let out = topicwire(folder.path(), &["feed", "export"]).await;
    insta::assert_snapshot!(text(&out.stdout), @r#"
    <?xml version="1.0" encoding="utf-8"?>
    <opml version="2.0">
      <head>
        <title>Desk</title>
      </head>
      <body>
        <outline type="rss" text="agentstvo" title="agentstvo" xmlUrl="https://a.kz/rss"/>
        <outline text="Бұқара">
          <outline text="Өңір">
            <outline type="rss" text="Агентство" title="Агентство" xmlUrl="https://b.kz/rss"/>
          </outline>
          <outline type="rss" text="???" title="???" xmlUrl="https://c.kz/rss"/>
        </outline>
      </body>
    </opml>
    "#);
    let wrong = topicwire(folder.path(), &["feed", "import", "feeds.toml"]).await;
    assert_eq!(wrong.status.code(), Some(1));
}

#[test]
fn every_form_of_a_configuration_takes_additions() {
    let additions = ["x", "x", "й"].map(|title| Addition {
        title: title.to_owned(),
        url: url(title),
        is_sitemap: false,
        allow_private: false,
        folder: Vec::new(),
    });
    for before in
        ["", "feed = [{ id = \"x\", url = \"https://z.kz/\" }]\n", "[[topic]]\nid = \"t\"\ntitle = \"T\"\nrules = \"ru 10: дети\"\n"]
    {
        let Ok(added) = config::add_feeds(before, &additions) else { panic!("{before}: {:?}", Config::parse(before)) };
        let (was, is) = (Config::parse(before).unwrap(), Config::parse(&added.text).unwrap());
        assert_eq!(is.feeds.len(), was.feeds.len() + 2, "{}", added.text);
        assert_eq!(is.wires.len(), was.wires.len());
        assert_eq!((added.added.len(), added.known.len()), (2, 1), "the same address counts once");
    }
    assert!(config::add_feeds("[[feed]]\nid = \"x\"\n", &additions).is_err());
}

fn url(title: &str) -> FeedUrl {
    FeedUrl::new(if title == "x" { "https://x.kz/" } else { "https://y.kz/" }).unwrap()
}
