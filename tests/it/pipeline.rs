//! Whole polls against a loopback origin: the recorded article from listing to wire, and what harms only itself.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use topicwire::config::Config;
use topicwire::daemon;
use topicwire::fetch::{Client, Settings};
use topicwire::model::{BodySource, FeedState, Health, Published, RuleName, Scope, TopicId};
use topicwire::poll::{Outcome, Polled, Tools, poll};
use topicwire::publish::{Format, Tongue, View, Wire};
use topicwire::store::Store;

use crate::origin::{Origin, Reply, settings};

const SHIPPED: &str = include_str!("../../feeds.toml");
const ARTICLE: &str = include_str!("../../src/commands/demo/kazinform/article.html");
const LISTING: &str = include_str!("../../src/commands/demo/kazinform/lenta.html");
const EXPECTED: &str = include_str!("../fixtures/kazinform/expected.json");
const ARTICLE_PATH: &str = "/ru/kazahstan-primer-v-sfere-zaschiti-prav-detey-regionalniy-direktor-yunisef-a1b2c3";
const KAZINFORM: &str = r#"
[[feed]]
id = "kazinform"
name = "Kazinform"
url = "http://www.inform.kz/ru/lenta"
timezone = "Asia/Almaty"
allow_private = true
listing = { item = ".allNewsCard", title = ".allNewsCard_title", time = ".allNewsCard_time" }
"#;

/// A desk with the feeds of `feeds` and the shipped topics, whose agencies are all at one origin.
pub(crate) struct Desk {
    pub(crate) config: Config,
    pub(crate) tools: Arc<Tools>,
}

impl Desk {
    pub(crate) fn new(feeds: &str, store: &Path, origin: &Origin) -> Self {
        let config = Config { feeds: Config::parse(feeds).unwrap().feeds, ..Config::parse(SHIPPED).unwrap() };
        let address: SocketAddr = origin.url("/").socket_addrs(|| None).unwrap()[0];
        let settings = Settings { hosts: BTreeMap::from([("www.inform.kz".to_owned(), address)]), ..settings() };
        let tools = Tools::new(&config, Client::new(settings).unwrap(), Store::open(store).unwrap());
        Self { config, tools: Arc::new(tools) }
    }

    pub(crate) async fn poll(&self, feed: usize) -> Polled {
        poll(Arc::clone(&self.config.feeds[feed]), Arc::clone(&self.tools)).await.unwrap()
    }

    fn wire(&self, topic: &str) -> Vec<Published> {
        self.tools.store.newest(&TopicId::new(topic).unwrap(), 100, None).unwrap()
    }

    pub(crate) fn state(&self, feed: usize) -> FeedState {
        self.tools.store.feed_state(&self.config.feeds[feed].id).unwrap().unwrap()
    }
}

pub(crate) fn rss(items: &[(&str, &str)]) -> String {
    let items: String = items
        .iter()
        .map(|(link, title)| format!("<item><title>{title}</title><link>{link}</link><description>{title}</description></item>"))
        .collect();
    format!("<rss version=\"2.0\"><channel><title>Agency</title>{items}</channel></rss>")
}

fn page(title: &str) -> String {
    let paragraph =
        "Уполномоченный по правам ребенка рассказал о защите прав детей, оставшихся без попечения родителей, и о работе органов опеки.";
    format!(
        "<html lang=ru><head><title>{title}</title></head><body><article><h1>{title}</h1><p>{paragraph}</p><p>{title}. {paragraph} {paragraph}</p></article></body></html>"
    )
}

pub(crate) fn one_feed(url: &url::Url) -> String {
    format!("[[feed]]\nid = \"a\"\nname = \"A\"\nurl = \"{url}\"\nallow_private = true\n")
}

#[tokio::test]
async fn the_recorded_article_comes_through_whole_with_the_reason_why() {
    let folder = TempDir::new().unwrap();
    let origin = Origin::start().await;
    origin.on("/ru/lenta", Reply::ok(LISTING).header("content-type", "text/html; charset=utf-8"));
    origin.on(ARTICLE_PATH, Reply::ok(ARTICLE).header("content-type", "text/html; charset=utf-8"));
    let desk = Desk::new(KAZINFORM, folder.path(), &origin);

    let polled = desk.poll(0).await;
    assert_eq!(polled.report.outcome, Outcome::Read);
    assert_eq!(polled.report.listed, 5);

    let expected: Value = serde_json::from_str(EXPECTED).unwrap();
    let wire = desk.wire("child-rights");
    let published = wire.iter().find(|published| published.article.link.path() == ARTICLE_PATH).unwrap();
    let (stored, article) = (&published.article, &published.article.article);
    assert_eq!(article.title, expected["title"]);
    // The recording has no-break spaces in one of its paragraphs; an article has plain ones throughout.
    assert_eq!(article.text, expected["text"].as_str().unwrap().replace('\u{a0}', " "));
    assert_eq!(article.published.unwrap().to_rfc3339(), expected["published"]);
    assert_eq!(article.language.as_ref().unwrap().as_str(), expected["language"]);
    assert_eq!(article.image.as_ref().unwrap().as_str(), expected["image"]);
    assert_eq!(article.authors.join(", "), expected["author"]);
    assert_eq!(stored.body_source, BodySource::Page);
    assert_eq!(stored.url.as_str(), expected["url"].as_str().unwrap().replace("www.", ""));
    let matched = stored.matches.iter().find(|matched| matched.topic.as_str() == "child-rights").unwrap();
    assert!(matched.evidence.iter().any(|evidence| article.text.get(evidence.start..evidence.end) == Some(evidence.text.as_str())));

    for off_topic in ["Курс доллара", "футзалу", "детский сад"] {
        assert!(!wire.iter().any(|published| published.article.article.title.contains(off_topic)), "{off_topic}");
    }
    let channel = desk.config.channel(&Scope::Topic(desk.config.wires[0].topic.id.clone())).unwrap();
    let atom = Wire::new(&desk.config, &channel, &View::default(), &wire).render(Format::Atom, Tongue::English);
    let feed: atom_syndication::Feed = atom.parse().unwrap();
    let entry = feed.entries.iter().find(|entry| entry.title.value == expected["title"]).unwrap();
    assert_eq!(entry.published.unwrap().to_rfc3339(), "2025-11-26T15:22:00+05:00");
}

#[tokio::test]
async fn a_second_poll_is_conditional_and_finds_nothing_twice() {
    let folder = TempDir::new().unwrap();
    let origin = Origin::start().await;
    origin.on("/rss", Reply::ok(rss(&[("/1", "one"), ("/1?utm_source=rss", "one again")])).header("etag", "\"1\""));
    origin.on("/rss", Reply::status(304));
    origin.on("/1", Reply::ok(page("one")));
    let desk = Desk::new(&one_feed(&origin.url("/rss")), folder.path(), &origin);
    assert_eq!(desk.poll(0).await.report.new, 1);
    let polled = desk.poll(0).await;
    assert_eq!((polled.report.outcome, polled.report.new), (Outcome::Unchanged, 0));
    assert_eq!(origin.asked("/rss")[1].header("if-none-match"), Some("\"1\""));
    assert_eq!(desk.state(0).validators.etag.as_deref(), Some("\"1\""), "a 304 that names no validators clears none");
    assert_eq!(origin.asked("/1").len(), 1);
}

#[tokio::test]
async fn a_broken_page_harms_only_itself_and_is_never_an_article() {
    let folder = TempDir::new().unwrap();
    let origin = Origin::start().await;
    origin.on("/rss", Reply::ok(rss(&[("/good", "good"), ("/missing", "missing"), ("/busy", "busy"), ("/empty", "empty")])));
    origin.on("/good", Reply::ok(page("good")));
    origin.on("/busy", Reply::status(500));
    origin.on("/empty", Reply::ok("<html><body><nav>menu</nav></body></html>"));
    let desk = Desk::new(&one_feed(&origin.url("/rss")), folder.path(), &origin);

    let report = desk.poll(0).await.report;
    assert_eq!((report.new, report.without_page, report.pending), (1, 0, 3), "{report:?}");
    let report = desk.poll(0).await.report;
    assert_eq!((report.new, report.without_page, report.pending), (2, 2, 1), "no article at the second attempt either: {report:?}");
    assert!(report.warnings.iter().any(|warning| warning.contains("/missing") && warning.contains("404")), "{report:?}");
    let report = desk.poll(0).await.report;
    assert_eq!((report.new, report.pending), (1, 0), "after three attempts the entry's own text is used: {report:?}");
    for published in desk.tools.store.newest_of_all(10, None).unwrap() {
        let stored = published.article;
        let whole = stored.article.title == "good";
        assert_eq!(stored.body_source, if whole { BodySource::Page } else { BodySource::Summary }, "{stored:?}");
        assert!(whole || stored.article.text == stored.article.title, "{stored:?}");
    }
}

#[tokio::test]
async fn a_page_that_comes_back_is_read_at_the_next_poll() {
    let folder = TempDir::new().unwrap();
    let origin = Origin::start().await;
    origin.on("/rss", Reply::ok(rss(&[("/1", "one")])).header("etag", "\"1\""));
    origin.on("/rss", Reply::status(304));
    origin.on("/1", Reply::status(503));
    origin.on("/1", Reply::ok(page("one")));
    let desk = Desk::new(&one_feed(&origin.url("/rss")), folder.path(), &origin);
    assert_eq!(desk.poll(0).await.report.new, 0);
    let report = desk.poll(0).await.report;
    assert_eq!((report.outcome, report.new, report.without_page), (Outcome::Unchanged, 1, 0));
}

/// Page `number` of an article, which says where it goes on.
fn part(number: usize, next: Option<&str>) -> String {
    let head = next.map(|next| format!("<link rel=next href={next}>")).unwrap_or_default();
    let body: String = (0..4)
        .map(|line| format!("<p>On page {number}, line {line}, the council goes on to debate the repair of schools, and agrees to it.</p>"))
        .collect();
    format!("<html lang=en><head>{head}</head><body><h1>The schools of the town</h1><article>{body}</article></body></html>")
}

#[tokio::test]
async fn an_article_on_several_pages_is_stored_as_one() {
    let folder = TempDir::new().unwrap();
    let origin = Origin::start().await;
    origin.on("/rss", Reply::ok(rss(&[("/story", "story"), ("/short", "short"), ("/gone", "gone")])));
    origin.on("/story", Reply::ok(part(1, Some("/story/2"))));
    origin.on("/story/2", Reply::status(503));
    origin.on("/story/2", Reply::ok(part(2, Some("/story/3"))));
    origin.on("/story/3", Reply::ok(part(3, Some("/story"))));
    origin.on("/short", Reply::ok(part(7, Some("/story"))));
    origin.on("/gone", Reply::ok(part(8, Some("/gone/2"))));
    let desk = Desk::new(&one_feed(&origin.url("/rss")), folder.path(), &origin);

    let report = desk.poll(0).await.report;
    assert_eq!((report.new, report.pending), (1, 2), "pages that do not answer are asked for again: {report:?}");
    let report = desk.poll(0).await.report;
    assert_eq!((report.new, report.pending, report.without_page), (2, 0, 0), "{report:?}");
    assert!(report.warnings.iter().any(|warning| warning.contains("/gone` goes on") && warning.contains("404")), "{report:?}");
    let lines = |path: &str| {
        let stored = desk.tools.store.newest_of_all(10, None).unwrap().into_iter().find(|published| published.article.link.path() == path);
        stored.unwrap().article.article.text.lines().count()
    };
    assert_eq!([lines("/story"), lines("/short"), lines("/gone")], [12, 4, 4]);
    assert_eq!(origin.asked("/story/3").len(), 1);
}

#[tokio::test]
async fn rules_that_match_no_more_are_said_once_a_poll() {
    let folder = TempDir::new().unwrap();
    let origin = Origin::start().await;
    let rules = "\n[feed.article]\nbody = \".text\"\ntitle = \"h1\"\nauthor = \".who\"\n";
    let matching = part(9, None).replace("<article>", "<article class=text>");
    origin.on("/rss", Reply::ok(rss(&[("/1", "one"), ("/2", "two"), ("/3", "three")])));
    origin.on("/rss", Reply::ok(rss(&[("/4", "four")])));
    for (number, path) in [(1, "/1"), (2, "/2"), (3, "/3")] {
        origin.on(path, Reply::ok(part(number, None)));
    }
    origin.on("/4", Reply::ok(matching));
    let desk = Desk::new(&format!("{}{rules}", one_feed(&origin.url("/rss"))), folder.path(), &origin);
    let report = desk.poll(0).await.report;
    assert_eq!(report.new, 3);
    let about: Vec<&String> = report.warnings.iter().filter(|warning| warning.contains("the rule")).collect();
    assert!(matches!(about[..], [line] if line.contains("the rule `body` matched none of 3 pages")), "{about:?}");
    assert_eq!(desk.state(0).unmatched, BTreeMap::from([(RuleName::Body, 3), (RuleName::Author, 3)]));
    let report = desk.poll(0).await.report;
    assert!(!report.warnings.iter().any(|warning| warning.contains("the rule")), "{report:?}");
    assert_eq!(desk.state(0).unmatched, BTreeMap::from([(RuleName::Author, 4)]));
}

#[tokio::test]
async fn a_broken_feed_keeps_its_validators_and_is_said() {
    let folder = TempDir::new().unwrap();
    let origin = Origin::start().await;
    origin.on("/rss", Reply::ok(rss(&[])).header("etag", "\"1\""));
    origin.on("/rss", Reply::ok("<html>maintenance</html>").header("etag", "\"2\""));
    let desk = Desk::new(&one_feed(&origin.url("/rss")), folder.path(), &origin);
    desk.poll(0).await;
    let report = desk.poll(0).await.report;
    assert!(matches!(report.outcome, Outcome::Failed { .. }), "{report:?}");
    let state = desk.state(0);
    assert_eq!(state.validators.etag.as_deref(), Some("\"1\""));
    assert!(matches!(state.health, Health::Failing { .. }));
    assert!(state.next_due.is_some(), "a feed is never given up");
}

#[tokio::test]
async fn one_text_of_two_agencies_is_one_entry_in_the_wire() {
    let folder = TempDir::new().unwrap();
    let origin = Origin::start().await;
    let feeds = format!(
        "{}{}",
        one_feed(&origin.url("/a.rss")),
        one_feed(&origin.url("/b.rss")).replace("\"a\"", "\"b\"").replace("\"A\"", "\"B\"")
    );
    let report = include_str!("../../src/commands/demo/kazinform/minprosvescheniya.html");
    let copy = include_str!("../../src/commands/demo/herald/report.html");
    origin.on("/a.rss", Reply::ok(rss(&[("/a/1", "one")])));
    origin.on("/b.rss", Reply::ok(rss(&[("/b/1", "other")])));
    origin.on("/a/1", Reply::ok(report).header("content-type", "text/html; charset=utf-8"));
    origin.on("/b/1", Reply::ok(copy).header("content-type", "text/html; charset=utf-8"));
    let desk = Desk::new(&feeds, folder.path(), &origin);
    desk.poll(0).await;
    desk.poll(1).await;
    let wire = desk.wire("child-rights");
    assert_eq!(wire.len(), 1, "{wire:?}");
    assert_eq!(wire[0].article.agency, "A");
    assert_eq!(wire[0].also.iter().map(|carrier| carrier.agency.as_str()).collect::<Vec<_>>(), ["B"]);
}

#[tokio::test]
async fn a_second_start_polls_nothing_that_is_not_due() {
    let folder = TempDir::new().unwrap();
    let origin = Origin::start().await;
    origin.on("/rss", Reply::ok(rss(&[])));
    let feeds = one_feed(&origin.url("/rss"));
    for _ in 0..2 {
        let desk = Desk::new(&feeds, folder.path(), &origin);
        let config = Arc::new(desk.config.clone());
        let wires = Arc::new(topicwire::serve::Wires::new(Arc::clone(&config), desk.tools.store.clone()));
        let (_orders, received) = tokio::sync::mpsc::channel(1);
        let stop = tokio::time::sleep(Duration::from_millis(500));
        daemon::run(config, Arc::clone(&desk.tools), wires, Arc::default(), received, stop).await.unwrap();
    }
    assert_eq!(origin.asked("/rss").len(), 1);
}

#[tokio::test]
async fn an_article_that_two_feeds_list_is_stored_once() {
    let folder = TempDir::new().unwrap();
    let origin = Origin::start().await;
    let feeds = format!("{}{}", one_feed(&origin.url("/a.rss")), one_feed(&origin.url("/b.rss")).replace("\"a\"", "\"b\""));
    for path in ["/a.rss", "/b.rss"] {
        origin.on(path, Reply::ok(rss(&[("/1", "one")])));
    }
    // The second feed's page is slow: when it comes, the first feed has committed.
    origin.on("/1", Reply::ok(page("one")).after(Duration::from_millis(100)));
    let desk = Desk::new(&feeds, folder.path(), &origin);
    let (one, other) = tokio::join!(desk.poll(0), desk.poll(1));
    assert_eq!(one.report.new + other.report.new, 1);
    assert_eq!(desk.tools.store.stats().unwrap().articles, 1);
    assert_eq!(desk.poll(1).await.report.new, 0);
}

#[tokio::test]
async fn a_site_that_asks_for_rest_costs_no_attempts() {
    let folder = TempDir::new().unwrap();
    let origin = Origin::start().await;
    origin.on("/rss", Reply::ok(rss(&[("/1", "one"), ("/2", "two"), ("/3", "three")])));
    for path in ["/1", "/2", "/3"] {
        origin.on(path, Reply::status(429).header("retry-after", "3600"));
    }
    let desk = Desk::new(&one_feed(&origin.url("/rss")), folder.path(), &origin);
    for _ in 0..5 {
        let report = desk.poll(0).await.report;
        assert_eq!((report.new, report.pending), (0, 3), "{report:?}");
    }
}

#[tokio::test]
async fn news_come_before_the_backlog() {
    let folder = TempDir::new().unwrap();
    let origin = Origin::start().await;
    let backlog = ["/1", "/2", "/3", "/4"].map(|path| (path, "old"));
    origin.on("/rss", Reply::ok(rss(&backlog)));
    origin.on("/rss", Reply::ok(rss(&[&[("/new", "new")], backlog.as_slice()].concat())));
    for path in ["/1", "/2", "/3", "/4", "/new"] {
        origin.on(path, Reply::ok(page(path)));
    }
    let mut desk = Desk::new(&one_feed(&origin.url("/rss")), folder.path(), &origin);
    Arc::get_mut(&mut desk.tools).unwrap().max_pages = 2;
    assert_eq!(desk.poll(0).await.report.pending, 2);
    assert_eq!(desk.poll(0).await.report.pending, 1);
    assert_eq!(origin.asked("/new").len(), 1);
    assert_eq!(desk.poll(0).await.report.pending, 0);
    assert_eq!(desk.tools.store.stats().unwrap().articles, 5);
}

#[tokio::test]
async fn another_address_in_the_configuration_makes_validators_and_redirects_void() {
    let folder = TempDir::new().unwrap();
    let origin = Origin::start().await;
    origin.on("/old", Reply::ok(rss(&[])).header("etag", "\"1\""));
    origin.on("/new", Reply::ok(rss(&[])));
    Desk::new(&one_feed(&origin.url("/old")), folder.path(), &origin).poll(0).await;
    let desk = Desk::new(&one_feed(&origin.url("/new")), folder.path(), &origin);
    desk.poll(0).await;
    assert_eq!(origin.asked("/new")[0].header("if-none-match"), None);
    assert_eq!(desk.state(0).url, Some(origin.url("/new")));
}

#[tokio::test]
async fn a_feed_that_is_gone_leaves_nothing_waiting() {
    let folder = TempDir::new().unwrap();
    let origin = Origin::start().await;
    origin.on("/rss", Reply::ok(rss(&[("/1", "one")])));
    origin.on("/rss", Reply::status(410));
    origin.on("/1", Reply::status(500));
    let desk = Desk::new(&one_feed(&origin.url("/rss")), folder.path(), &origin);
    assert_eq!(desk.poll(0).await.report.pending, 1);
    let report = desk.poll(0).await.report;
    assert_eq!((report.outcome, report.new, report.pending), (Outcome::Gone, 1, 0));
}

#[tokio::test]
async fn a_delta_adds_to_what_was_listed_and_leaves_no_gap() {
    let folder = TempDir::new().unwrap();
    let origin = Origin::start().await;
    origin.on("/rss", Reply::ok(rss(&[("/1", "one")])).header("etag", "\"1\""));
    origin.on("/rss", Reply::ok(rss(&[("/2", "two")])).with_status(226).header("etag", "\"2\"").header("im", "feed"));
    let desk = Desk::new(&format!("{}full_text = false\n", one_feed(&origin.url("/rss"))), folder.path(), &origin);
    for new in [1, 1] {
        assert_eq!(desk.poll(0).await.report.new, new);
    }
    let state = desk.state(0);
    assert_eq!((state.listed.len(), state.missed, state.gaps.len()), (2, false, 0));
    assert_eq!(state.validators.etag.as_deref(), Some("\"2\""));
}

#[tokio::test]
async fn a_feed_that_moved_to_another_site_says_so() {
    let folder = TempDir::new().unwrap();
    let (origin, other) = (Origin::start().await, Origin::at(std::net::Ipv4Addr::new(127, 0, 0, 2).into()).await);
    origin.on("/rss", Reply::redirect(301, other.url("/rss").as_str())).on("/near", Reply::redirect(301, "/moved"));
    origin.on("/moved", Reply::ok(rss(&[])));
    other.on("/rss", Reply::ok(rss(&[])));
    let feeds = format!("{}{}", one_feed(&origin.url("/rss")), one_feed(&origin.url("/near")).replace("\"a\"", "\"b\""));
    let desk = Desk::new(&feeds, folder.path(), &origin);
    for (feed, says) in [(0, true), (1, false)] {
        let report = desk.poll(feed).await.report;
        assert_eq!(report.warnings.iter().any(|warning| warning.contains("another site")), says, "{report:?}");
        assert_eq!(desk.state(feed).moved.unwrap().sightings, 1);
    }
}

#[tokio::test]
async fn too_many_requests_is_no_fault_of_the_feed() {
    let folder = TempDir::new().unwrap();
    let origin = Origin::start().await;
    origin.on("/rss", Reply::ok(rss(&[]))).on("/rss", Reply::status(429).header("retry-after", "7200"));
    let desk = Desk::new(&one_feed(&origin.url("/rss")), folder.path(), &origin);
    for _ in 0..2 {
        desk.poll(0).await;
    }
    let state = desk.state(0);
    assert_eq!(state.health, Health::Healthy);
    assert!(state.next_due.unwrap() - state.last_poll.unwrap() >= chrono::TimeDelta::hours(2));
}

#[tokio::test]
async fn a_document_that_is_cut_off_is_asked_for_whole_and_swallowed_items_are_a_failure() {
    let folder = TempDir::new().unwrap();
    let origin = Origin::start().await;
    let whole = rss(&[("/1", "one"), ("/2", "two")]);
    let cut = &whole[..=whole.find("/2</link>").unwrap()];
    origin.on("/rss", Reply::ok(cut.to_owned()).header("etag", "\"1\"")).on("/rss", Reply::ok(whole.clone()).header("etag", "\"2\""));
    origin.on("/rss", Reply::ok(whole.replace("<item>", &format!("{}<item>", "<x>".repeat(200)))).header("etag", "\"3\""));
    let desk = Desk::new(&one_feed(&origin.url("/rss")), folder.path(), &origin);
    assert_eq!(desk.poll(0).await.report.listed, 1);
    assert_eq!(desk.poll(0).await.report.listed, 2);
    assert_eq!(origin.asked("/rss")[1].header("if-none-match"), None);
    assert!(matches!(desk.poll(0).await.report.outcome, Outcome::Failed { .. }));
    assert_eq!(desk.state(0).validators.etag.as_deref(), Some("\"2\""));
}
