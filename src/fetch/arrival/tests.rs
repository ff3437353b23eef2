//! Redirects between http and https: a loopback origin speaks http only.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use reqwest::header::{HeaderValue, LOCATION};

use super::*;

#[track_caller]
fn check(from: &str, to: &'static str, followed: bool) {
    let headers = HeaderMap::from_iter([(LOCATION, HeaderValue::from_static(to))]);
    let (url, at) = (from.parse().unwrap(), Instant::UNIX_EPOCH);
    let arrival = Arrival { url, at, moved: None, status: StatusCode::FOUND, headers, body: Bytes::new() };
    assert_eq!(arrival.redirect(false).is_ok(), followed, "{from} to {to}");
}

#[test]
fn redirects_lead_up_to_https_and_never_down_from_it() {
    check("http://a.kz/", "https://a.kz/", true);
    check("https://a.kz/", "/b", true);
    check("https://a.kz/", "//b.kz/", true);
    check("https://a.kz/", "http://a.kz/b", false);
    check("https://a.kz/", "HTTP://127.0.0.1/", false);
}
