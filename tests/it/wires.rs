//! Wires over HTTP: every scope and form, narrowed and compressed as readers ask.

use std::io::Read;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use reqwest::header::{ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, IF_NONE_MATCH, VARY};
use reqwest::{Client, Method, StatusCode};
use tempfile::TempDir;
use topicwire::model::Language;
use topicwire::serve;
use tower::ServiceExt;

use crate::conditional::{CONFIG, Site};
use crate::daemon::{Daemon, TOPIC, feed, origin};
use crate::store::article;

/// A reader that takes bytes as they come.
fn reader() -> Client {
    Client::builder().no_gzip().no_brotli().no_zstd().build().unwrap()
}

async fn ask(daemon: &Daemon, path: &str, header: Option<(HeaderName, &str)>) -> (StatusCode, HeaderMap, Vec<u8>) {
    let request = header.into_iter().fold(reader().get(daemon.url(path)), |request, (name, value)| request.header(name, value));
    let answer = request.send().await.unwrap();
    (answer.status(), answer.headers().clone(), answer.bytes().await.unwrap().to_vec())
}

fn decoded(encoding: &str, bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    match encoding {
        "br" => brotli::Decompressor::new(bytes, 4096).read_to_end(&mut plain).unwrap(),
        "zstd" => zstd::stream::read::Decoder::new(bytes).unwrap().read_to_end(&mut plain).unwrap(),
        "gzip" => flate2::read::GzDecoder::new(bytes).read_to_end(&mut plain).unwrap(),
        other => panic!("`{other}` was not asked for"),
    };
    plain
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_get_what_they_ask_for() {
    let folder = TempDir::new().unwrap();
    let origin = origin().await;
    let mut daemon = Daemon::start(folder.path(), &(feed(&origin) + TOPIC));
    daemon.wait_for("/topics/rights.atom", |text| text.contains("<entry>")).await;

    let (_, headers, plain) = ask(&daemon, "/topics/rights.atom", None).await;
    assert_eq!(headers.get(CONTENT_ENCODING), None);
    let mut tags = vec![headers[ETAG].clone()];
    for (asked, given) in [("br", "br"), ("gzip, zstd;q=0.5", "gzip"), ("zstd", "zstd"), ("*", "br"), ("br;q=0, gzip", "gzip")] {
        let (_, headers, bytes) = ask(&daemon, "/topics/rights.atom", Some((ACCEPT_ENCODING, asked))).await;
        assert_eq!(headers[CONTENT_ENCODING], given, "{asked}");
        assert_eq!(headers[VARY], "accept-encoding");
        assert_eq!(decoded(given, &bytes), plain, "{asked}");
        tags.push(headers[ETAG].clone());
    }
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 4, "other bytes have another tag: {tags:?}");

    for tag in &tags {
        let tag = tag.to_str().unwrap();
        let (status, headers, body) = ask(&daemon, "/topics/rights.atom", Some((IF_NONE_MATCH, tag))).await;
        let known = !tag.contains('-');
        assert_eq!(status, if known { StatusCode::NOT_MODIFIED } else { StatusCode::OK }, "{tag}");
        assert_eq!(body.is_empty(), known);
        assert_eq!(headers.get(ETAG).map(|given| given == tag), Some(known));
    }
    let head = reader().request(Method::HEAD, daemon.url("/topics/rights.json")).send().await.unwrap();
    assert_eq!(head.headers()[CONTENT_TYPE], "application/feed+json; charset=utf-8");
    assert_eq!(head.headers()["access-control-allow-origin"], "*");
    assert!(head.bytes().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_scope_has_every_form_and_can_be_narrowed() {
    let folder = TempDir::new().unwrap();
    let origin = origin().await;
    let mut daemon = Daemon::start(folder.path(), &(feed(&origin) + TOPIC));
    daemon.wait_for("/topics/rights.atom", |text| text.contains("<entry>")).await;

    for scope in ["topics/rights", "agencies/a", "all"] {
        for (form, kind) in
            [("atom", "application/atom+xml"), ("rss", "application/rss+xml"), ("json", "application/feed+json"), ("html", "text/html")]
        {
            let (status, headers, _) = ask(&daemon, &format!("/{scope}.{form}"), None).await;
            assert_eq!(status, StatusCode::OK, "{scope}.{form}");
            assert!(headers[CONTENT_TYPE].to_str().unwrap().starts_with(kind));
        }
        let entries = async |query: &str| {
            let (status, _, body) = ask(&daemon, &format!("/{scope}.json{query}"), None).await;
            assert_eq!(status, StatusCode::OK, "{scope} {query}");
            serde_json::from_slice::<serde_json::Value>(&body).unwrap()["items"].as_array().unwrap().len()
        };
        assert_eq!(entries("").await, 1, "{scope}");
        assert_eq!(entries("?lang=ru&min_score=1&limit=5").await, 1, "{scope}");
        assert_eq!(entries("?lang=kk").await, 0, "{scope}");
        assert_eq!(entries("?min_score=1000").await, 0, "{scope}");
    }
    for (path, status) in [
        ("/topics/rights.atom?limit=many", StatusCode::BAD_REQUEST),
        ("/topics/other.atom", StatusCode::NOT_FOUND),
        ("/agencies/b.atom", StatusCode::NOT_FOUND),
        ("/all.pdf", StatusCode::NOT_FOUND),
        ("/%ff.atom", StatusCode::NOT_FOUND),
    ] {
        assert_eq!(ask(&daemon, path, None).await.0, status, "{path}");
    }
    let (_, headers, body) = ask(&daemon, "/", Some((ACCEPT_LANGUAGE, "kk"))).await;
    assert!(headers[VARY].to_str().unwrap().contains("accept-language"));
    assert!(String::from_utf8(body).unwrap().contains("lang=\"kk\""));
    let (_, _, opml) = ask(&daemon, "/wires.opml", None).await;
    assert!(String::from_utf8(opml).unwrap().contains("/agencies/a.atom"));
}

#[tokio::test]
async fn pages_of_other_sites_may_ask_with_what_they_know() {
    let site = Site::new(CONFIG);
    for path in ["/topics/a.json", "/agencies/agency.json", "/all.json", "/all/archive/1.json"] {
        let request = Request::builder().method("OPTIONS").uri(path).body(Body::empty()).unwrap();
        let answer = serve::router(Arc::clone(&site.wires)).oneshot(request).await.unwrap();
        assert_eq!((answer.status(), &answer.headers()["access-control-allow-origin"]), (StatusCode::NO_CONTENT, &"*".parse().unwrap()));
        assert!(answer.headers()["access-control-allow-headers"].to_str().unwrap().contains("if-none-match"), "{path}");
    }
    assert_eq!(site.get("/topics/a.json", &[]).await.1["access-control-expose-headers"], "etag, link");
}

/// An answer as it is sent.
async fn raw(site: &Site, path: &str, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap, Vec<u8>) {
    let request = headers.iter().fold(Request::get(path), |request, (name, value)| request.header(*name, *value));
    let answer = serve::router(Arc::clone(&site.wires)).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (head, body) = answer.into_parts();
    (head.status, head.headers, to_bytes(body, 1 << 24).await.unwrap().to_vec())
}

#[tokio::test]
async fn bytes_are_encoded_as_the_reader_likes_best() {
    let site = Site::new(CONFIG);
    site.bring((1..=20).map(|number| article(number, &["a"])).collect());
    for (asked, given) in [
        ("identity, gzip;q=0.3", None),
        ("gzip;q=0.3, identity;q=0.5", None),
        ("gzip, deflate, identity", Some("gzip")),
        ("gzip;q=0.5, identity;q=0.1", Some("gzip")),
        ("*;q=0.5, identity;q=0", Some("br")),
        ("gzip;q=0", None),
    ] {
        for path in ["/topics/a.atom", "/wires.opml", "/all.html"] {
            let (status, headers, _) = raw(&site, path, &[("accept-encoding", asked)]).await;
            assert_eq!(
                (status, headers.get(CONTENT_ENCODING).map(|given| given.to_str().unwrap())),
                (StatusCode::OK, given),
                "{path} {asked}"
            );
        }
    }
}

#[tokio::test]
async fn what_is_new_is_compressed_too() {
    let site = Site::new(CONFIG);
    site.bring((1..=5).map(|number| article(number, &["a"])).collect());
    let (_, headers, _) = raw(&site, "/topics/a.atom", &[]).await;
    let tag = headers[ETAG].to_str().unwrap();
    site.bring((6..=20).map(|number| article(number, &["a"])).collect());
    let asked = [("a-im", "feed"), ("if-none-match", tag)];
    let (status, headers, plain) = raw(&site, "/topics/a.atom", &asked).await;
    assert_eq!((status, headers.get(CONTENT_ENCODING)), (StatusCode::IM_USED, None));
    for encoding in ["br", "zstd", "gzip"] {
        let (status, headers, bytes) = raw(&site, "/topics/a.atom", &[&asked[..], &[("accept-encoding", encoding)]].concat()).await;
        assert_eq!((status, headers[CONTENT_ENCODING].to_str().unwrap()), (StatusCode::IM_USED, encoding));
        assert!(headers[VARY].to_str().unwrap().contains("accept-encoding"));
        assert!(decoded(encoding, &bytes) == plain && bytes.len() * 3 < plain.len(), "{encoding}: {} of {}", bytes.len(), plain.len());
    }
}

#[tokio::test]
async fn the_page_of_a_wire_takes_what_the_wire_takes() {
    let site = Site::new(CONFIG);
    let spoken = |number: u32, language: &str| {
        let mut article = article(number, &["a"]);
        article.article.language = Some(Language::new(language).unwrap());
        article.matches[0].score = f64::from(number);
        article
    };
    site.bring((1..=60).map(|number| spoken(number, ["ru", "kk", "en"][number as usize % 3])).collect());
    for query in
        ["lang=kk,ru", "lang=kk&lang=en", "min_score=50", "min_score=50.5&lang=kk,ru", "limit=7", "limit=60&lang=ru,en", "min_score=61"]
    {
        let (status, _, atom) = site.get(&format!("/topics/a.atom?{query}"), &[]).await;
        assert_eq!(status, StatusCode::OK, "{query}");
        let (mut path, mut seen, mut pages) = (format!("/topics/a.html?{query}"), 0, 0);
        loop {
            let (status, _, page) = site.get(&path, &[]).await;
            assert_eq!(status, StatusCode::OK, "{path}");
            let entries = page.matches("<article").count();
            let first = if query.contains("limit") { entries } else { 25.min(atom.matches("<entry>").count()) };
            assert!(pages > 0 || entries == first, "{path}: {entries}");
            (seen, pages) = (seen + entries, pages + 1);
            let Some((before, _)) = page.split_once("\" rel=\"next\"") else { break };
            path = before.rsplit_once('"').unwrap().1.replace("../", "/").replace("&amp;", "&");
        }
        if !query.contains("limit") {
            assert_eq!(seen, atom.matches("<entry>").count(), "{query}");
        }
        if query == "limit=7" {
            assert_eq!((seen, pages), (60, 9), "seven on each");
        }
    }
    for query in ["lang=%3Cb%3E", "min_score=NaN", "limit=0"] {
        for form in ["atom", "html"] {
            assert_eq!(site.get(&format!("/topics/a.{form}?{query}"), &[]).await.0, StatusCode::BAD_REQUEST, "{form} {query}");
        }
    }
    let (_, _, page) = site.get("/topics/a.html?lang=kk,ru&min_score=5", &[]).await;
    assert!(page.contains("value=\"kk,ru\" selected") && page.contains("name=\"min_score\" value=\"5\""), "the form keeps it: {page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_who_ask_for_what_is_not_made_yet_have_it_made_once() {
    let site = Arc::new(Site::new(CONFIG));
    site.bring((1..=50).map(|number| article(number, &["a"])).collect());
    let ask = async |paths: &[&'static str]| {
        let before = site.wires.made();
        let readers = (0..40).map(|number| {
            let (site, path) = (Arc::clone(&site), paths[number % paths.len()]);
            tokio::spawn(async move { raw(&site, path, &[("accept-encoding", "gzip")]).await })
        });
        let mut bodies = std::collections::BTreeSet::new();
        for reader in readers.collect::<Vec<_>>() {
            let (status, _, bytes) = reader.await.unwrap();
            assert_eq!(status, StatusCode::OK);
            bodies.insert(bytes);
        }
        (site.wires.made() - before, bodies.len())
    };
    assert_eq!(ask(&["/topics/a.atom"]).await, (1, 1));
    assert_eq!(ask(&["/topics/a.rss?lang=ru", "/topics/a.rss?limit=3", "/agencies/agency.json", "/all.atom"]).await, (4, 4));
    assert_eq!(ask(&["/topics/a.atom", "/all.atom"]).await, (0, 2), "kept");
    site.bring(vec![article(51, &["a"])]);
    assert_eq!(ask(&["/topics/a.atom", "/all.rss"]).await, (2, 2));
}
