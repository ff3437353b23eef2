//! Kinds of source that take more than one document, through whole polls.

use std::io::Write as _;

use tempfile::TempDir;
use topicwire::poll::Outcome;

use crate::origin::{Origin, Reply};
use crate::pipeline::{Desk, one_feed};

fn sitemap_feed(origin: &Origin) -> String {
    format!("{}kind = \"sitemap\"\nfull_text = false\n", one_feed(&origin.url("/sitemap.xml")))
}

fn index(parts: &[(&str, &str)]) -> String {
    let parts: String =
        parts.iter().map(|(path, modified)| format!("<sitemap><loc>{path}</loc><lastmod>{modified}</lastmod></sitemap>")).collect();
    format!("<?xml version=\"1.0\"?><sitemapindex>{}</sitemapindex>", parts.replace("<lastmod></lastmod>", ""))
}

fn sitemap(path: &str) -> String {
    let news = format!("<news:news><news:publication_date>2025-11-26</news:publication_date><news:title>{path}</news:title></news:news>");
    format!("<urlset><url><loc>{path}</loc>{news}</url></urlset>")
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn the_newest_sitemaps_of_an_index_are_read() {
    let folder = TempDir::new().unwrap();
    let origin = Origin::start().await;
    let parts = [
        ("/old.xml", "2020-01-01"),
        ("/b.xml.gz", "2025-11-25"),
        ("/c.xml", "2025-11-26"),
        ("/news.xml", "2019-01-01"),
        ("https://other.example/d.xml", "2025-11-27"),
    ];
    origin.on("/sitemap.xml", Reply::ok(index(&parts)).header("etag", "\"1\""));
    origin.on("/sitemap.xml", Reply::status(304));
    origin.on("/b.xml.gz", Reply::ok(gzip(&sitemap("/b"))).header("content-type", "application/x-gzip"));
    origin.on("/c.xml", Reply::ok(sitemap("/c"))).on("/news.xml", Reply::ok(sitemap("/n")));
    let desk = Desk::new(&sitemap_feed(&origin), folder.path(), &origin);
    let report = desk.poll(0).await.report;
    assert_eq!((report.outcome, report.listed, report.new), (Outcome::Read, 3, 3), "{:?}", report.warnings);
    let paths: Vec<String> = origin.seen().into_iter().map(|seen| seen.path).collect();
    assert_eq!(paths, ["/sitemap.xml", "/news.xml", "/c.xml", "/b.xml.gz"]);
    assert_eq!(desk.poll(0).await.report.outcome, Outcome::Unchanged);
    assert_eq!(origin.seen().len(), 5, "an index that says when its parts change stands for them");
}

#[tokio::test]
async fn a_part_that_is_broken_harms_only_itself_and_is_asked_again() {
    let folder = TempDir::new().unwrap();
    let origin = Origin::start().await;
    origin.on("/sitemap.xml", Reply::ok(index(&[("/a.xml", "2025-11-26"), ("/b.xml", "2025-11-25")])).header("etag", "\"1\""));
    origin.on("/a.xml", Reply::status(500)).on("/b.xml", Reply::ok(sitemap("/b")));
    let desk = Desk::new(&sitemap_feed(&origin), folder.path(), &origin);
    let report = desk.poll(0).await.report;
    assert_eq!((report.outcome, report.new), (Outcome::Read, 1));
    assert!(report.warnings.iter().any(|warning| warning.contains("/a.xml") && warning.contains("500")), "{:?}", report.warnings);
    assert_eq!(desk.state(0).validators.etag, None);
}

#[tokio::test]
async fn an_index_without_times_is_never_taken_as_unchanged_and_one_without_parts_fails() {
    let folder = TempDir::new().unwrap();
    let origin = Origin::start().await;
    origin.on("/sitemap.xml", Reply::ok(index(&[("/a.xml", ""), ("/b.xml", "")])).header("etag", "\"1\""));
    origin.on("/sitemap.xml", Reply::ok(index(&[])).header("etag", "\"2\""));
    origin.on("/a.xml", Reply::ok(sitemap("/a"))).on("/b.xml", Reply::ok(index(&[("/sitemap.xml", "")])));
    let desk = Desk::new(&sitemap_feed(&origin), folder.path(), &origin);
    assert_eq!(desk.poll(0).await.report.new, 1, "an index in an index is left out");
    assert_eq!(desk.state(0).validators.etag, None);
    let report = desk.poll(0).await.report;
    assert_eq!(origin.asked("/sitemap.xml")[1].header("if-none-match"), None);
    assert!(matches!(report.outcome, Outcome::Failed { .. }), "{:?}", report.outcome);
}
