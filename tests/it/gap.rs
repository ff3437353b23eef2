//! Nothing missed, provably: what came and went between two polls is looked for elsewhere, and where it is not found, that is said.

use std::time::Duration;

use tempfile::TempDir;
use topicwire::model::{FeedState, Gap};
use topicwire::poll::Report;
use url::Url;

use crate::origin::{Origin, Reply};
use crate::pipeline::{Desk, one_feed};

/// A document whose entries are `/first`, `/first - 1` … `/last`, with further elements in its head.
fn document(head: &str, numbers: impl IntoIterator<Item = u32>) -> String {
    let item = |number| format!("<item><title>{number}</title><link>/{number}</link></item>");
    let items: String = numbers.into_iter().map(item).collect();
    format!("<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\"><channel><title>Agency</title>{head}{items}</channel></rss>")
}

fn link(relation: &str, target: &str) -> String {
    format!("<atom:link rel=\"{relation}\" href=\"{target}\"/>")
}

/// Polls a feed that lists 1 to 3 and then, on its first page, 11 to 13; `prepare` says what else there is.
async fn turned_over(keys: &str, head: &str, prepare: impl FnOnce(&Origin)) -> (Origin, FeedState, FeedState, Report) {
    let folder = TempDir::new().unwrap();
    let origin = Origin::start().await;
    origin.on("/rss", Reply::ok(document("", (1..=3).rev()))).on("/rss", Reply::ok(document(head, (11..=13).rev())));
    prepare(&origin);
    let feed = format!("{}full_text = false\n{}", one_feed(&origin.url("/rss")), keys.replace("ORIGIN", origin.url("").as_str()));
    let desk = Desk::new(&feed, folder.path(), &origin);
    desk.poll(0).await;
    let before = desk.state(0);
    let report = desk.poll(0).await.report;
    let after = desk.state(0);
    (origin, before, after, report)
}

#[tokio::test]
async fn a_gap_is_recorded_with_its_times_and_the_interval_shortens() {
    let (_, before, after, report) = turned_over("", "", |_| {}).await;
    assert_eq!(after.gaps, [Gap { from: before.last_success.unwrap(), until: after.last_poll.unwrap() }]);
    assert!(after.missed);
    assert!(
        report.warnings.iter().any(|warning| warning.contains("entries between 20") && warning.contains("UTC may be missing")),
        "{report:?}"
    );
    let rest = |state: &FeedState| state.next_due.unwrap() - state.last_poll.unwrap();
    assert!(rest(&after) < rest(&before), "{} then {}", rest(&before), rest(&after));
}

#[tokio::test]
async fn pages_are_read_on_until_they_reach_the_last_poll() {
    for relation in ["next", "prev-archive"] {
        let (origin, _, after, report) = turned_over("", &link(relation, "/page2"), |origin| {
            origin.on("/page2", Reply::ok(document(&link(relation, "/page3"), (8..=11).rev())));
            origin.on("/page3", Reply::ok(document(&link(relation, "/page4"), (3..=7).rev())));
        })
        .await;
        assert_eq!((report.new, report.listed), (10, 11), "{relation}: 4 to 13 are new, and 3 was there: {report:?}");
        assert_eq!(after.gaps, [], "{relation}");
        assert!(after.missed, "the feed has to be polled more often all the same");
        assert_eq!(origin.asked("/page4").len(), 0, "{relation}: nothing is missing any more");
    }
}

#[tokio::test]
async fn a_page_that_lists_the_last_entries_under_new_addresses_reaches_them() {
    let folder = TempDir::new().unwrap();
    let origin = Origin::start().await;
    let items = |path: &str, numbers: std::ops::RangeInclusive<u32>| -> String {
        let item = |number| {
            format!("<item><guid isPermaLink=\"false\">{number}</guid><title>Title {number}</title><link>{path}{number}</link></item>")
        };
        numbers.rev().map(item).collect()
    };
    let rss = |head: &str, items: String| {
        let head = format!("<title>Agency</title>{head}");
        Reply::ok(format!("<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\"><channel>{head}{items}</channel></rss>"))
    };
    origin.on("/rss", rss("", items("/old/", 1..=3))).on("/rss", rss(&link("next", "/page2"), items("/new/", 6..=8)));
    origin.on("/page2", rss("", items("/new/", 2..=5)));
    let desk = Desk::new(&format!("{}full_text = false\n", one_feed(&origin.url("/rss"))), folder.path(), &origin);
    desk.poll(0).await;
    let report = desk.poll(0).await.report;
    assert_eq!((desk.state(0).gaps, report.new), (Vec::new(), 5), "2 and 3 are known by their ids");
}

#[tokio::test]
async fn pages_are_read_only_where_entries_may_be_missing() {
    let folder = TempDir::new().unwrap();
    let origin = Origin::start().await;
    let head = link("next", "/page2");
    for last in [3, 5] {
        origin.on("/rss", Reply::ok(document(&head, (last - 2..=last).rev())));
    }
    let desk = Desk::new(&format!("{}full_text = false\n", one_feed(&origin.url("/rss"))), folder.path(), &origin);
    for _ in 0..2 {
        desk.poll(0).await;
    }
    assert_eq!(origin.asked("/page2").len(), 0);
    assert_eq!((desk.state(0).gaps, desk.state(0).missed), (Vec::new(), false));
}

#[tokio::test]
async fn pages_that_lead_nowhere_end() {
    // In a circle, for ever on, to another site, to a failure.
    for (target, asked) in [("/page2", 1), ("/1?p=1", 10), ("http://127.0.0.2/page2", 0), ("/missing", 1), ("/rss", 0)] {
        let (origin, _, after, report) = turned_over("", &link("next", target), |origin| {
            origin.on("/page2", Reply::ok(document(&link("next", "/page2"), [10])));
            for page in 1..20 {
                origin.on(&format!("/1?p={page}"), Reply::ok(document(&link("next", &format!("/1?p={}", page + 1)), [100 + page])));
            }
        })
        .await;
        assert_eq!(origin.seen().len(), 2 + asked, "{target}");
        assert_eq!(after.gaps.len(), 1, "{target}: {report:?}");
        assert_eq!(report.outcome, topicwire::poll::Outcome::Read, "{target}: the feed itself was read");
    }
}

#[tokio::test]
async fn the_sitemap_is_the_last_resort() {
    let url = |number: u32, time: &str| format!("<url><loc>/{number}</loc><lastmod>{time}</lastmod></url>");
    let now = chrono::Utc::now().to_rfc3339();
    let old = "2020-01-01T00:00:00Z";
    for (listed, closed) in [(vec![url(12, &now), url(7, &now), url(2, old), url(100, old)], true), (vec![url(7, &now)], false)] {
        let (origin, _, after, report) = turned_over("sitemap = \"ORIGINsitemap.xml\"\n", &link("next", "/page2"), |origin| {
            origin.on("/page2", Reply::ok(document("", (9..=10).rev())));
            origin.on("/sitemap.xml", Reply::ok(format!("<urlset>{}</urlset>", listed.concat())));
        })
        .await;
        assert_eq!(origin.asked("/sitemap.xml").len(), 1);
        assert_eq!(report.new, 6, "7 and 9 to 13, nothing that is old: {report:?}");
        assert_eq!(after.gaps.is_empty(), closed, "{report:?}");
    }
}

#[tokio::test]
async fn what_is_pinned_hides_no_gap() {
    let folder = TempDir::new().unwrap();
    let origin = Origin::start().await;
    let next = link("next", "/page2");
    origin.on("/rss", Reply::ok(document("", [99, 3, 2, 1]))).on("/rss", Reply::ok(document(&next, [99, 13, 12, 11])));
    origin.on("/page2", Reply::ok(document("", [99, 10, 9, 8])));
    let desk = Desk::new(&format!("{}full_text = false\n", one_feed(&origin.url("/rss"))), folder.path(), &origin);
    desk.poll(0).await;
    desk.poll(0).await;
    assert_eq!(desk.state(0).gaps.len(), 1);
}

#[tokio::test]
async fn the_newest_gaps_are_remembered() {
    let folder = TempDir::new().unwrap();
    let origin = Origin::start().await;
    for number in 0..60 {
        origin.on("/rss", Reply::ok(document("", [number])));
    }
    let desk = Desk::new(&format!("{}full_text = false\n", one_feed(&origin.url("/rss"))), folder.path(), &origin);
    for _ in 0..60 {
        desk.poll(0).await;
    }
    let gaps = desk.state(0).gaps;
    assert_eq!(gaps.len(), 50);
    assert!(gaps.is_sorted_by_key(|gap| gap.from));
}

#[tokio::test]
async fn a_host_that_asked_for_silence_has_it_after_a_restart() {
    let folder = TempDir::new().unwrap();
    let origin = Origin::start().await;
    origin.on("/a", Reply::status(429).header("retry-after", "3600")).on("/b", Reply::ok(document("", [1])));
    let feeds = |paths: &[&str]| -> String {
        let feed = |path: &&str| one_feed(&origin.url(path)).replace("id = \"a\"", &format!("id = \"{}\"", path.trim_start_matches('/')));
        paths.iter().map(feed).collect()
    };
    Desk::new(&feeds(&["/a"]), folder.path(), &origin).poll(0).await;
    // Another feed of the same host, in another process.
    let desk = Desk::new(&feeds(&["/a", "/b"]), folder.path(), &origin);
    let silences = desk.state(0).silences;
    let left = silences[0].until - chrono::Utc::now();
    assert!(left.to_std().unwrap() > Duration::from_secs(3500), "{silences:?}");
    desk.tools.client.keep_silences(silences);
    assert_eq!(desk.poll(1).await.report.outcome, topicwire::poll::Outcome::Throttled);
    assert_eq!(origin.seen().len(), 1);
    assert_eq!(Url::parse(&format!("http://{}/a", desk.state(0).silences[0].host)).unwrap(), origin.url("/a"));
}

#[tokio::test]
async fn robots_txt_is_not_asked_again_after_a_restart() {
    let folder = TempDir::new().unwrap();
    let origin = Origin::start().await;
    origin.on("/robots.txt", Reply::ok("User-agent: *\nDisallow: /2\n"));
    origin.on("/rss", Reply::ok(document("", [1]))).on("/rss", Reply::ok(document("", [3, 2, 1])));
    for page in ["/1", "/2", "/3"] {
        origin.on(page, Reply::ok("<p>A page.</p>"));
    }
    Desk::new(&one_feed(&origin.url("/rss")), folder.path(), &origin).poll(0).await;
    let desk = Desk::new(&one_feed(&origin.url("/rss")), folder.path(), &origin);
    let robots = desk.state(0).robots;
    let left = robots[0].until - chrono::Utc::now();
    assert!(left.to_std().unwrap() > Duration::from_hours(23), "{robots:?}");
    desk.tools.client.keep_robots(robots.clone());
    desk.poll(0).await;
    assert_eq!(["/robots.txt", "/2", "/3"].map(|path| origin.asked(path).len()), [1, 0, 1]);
    assert_eq!(desk.state(0).robots.len(), 1);
}
