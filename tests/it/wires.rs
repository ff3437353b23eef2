//! Wires over HTTP: every scope and form, narrowed and compressed as readers ask.

use std::io::Read;
use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use reqwest::header::{ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, IF_NONE_MATCH, VARY};
use reqwest::{Client, Method, StatusCode};
use tempfile::TempDir;
use topicwire::serve;
use tower::ServiceExt;

use crate::conditional::{CONFIG, Site};
use crate::daemon::{Daemon, TOPIC, feed, origin};

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
