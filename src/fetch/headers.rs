//! What headers say: validators, how long an answer stays fresh, when to come back, where to go instead. Pure.

use std::fmt::Write as _;
use std::time::Duration;

use chrono::NaiveDateTime;
use reqwest::header::{
    ACCEPT, AGE, CACHE_CONTROL, DATE, ETAG, EXPIRES, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
    LINK, LOCATION, RETRY_AFTER,
};
use url::Url;

use super::{Purpose, Request};
use crate::model::{Instant, Validators};

/// A validator longer than this is a mistake or an attack, and is not kept.
const MAX_VALIDATOR: usize = 4096;

/// As many links as an answer's headers can have.
const MAX_LINKS: usize = 64;

/// A target of a `Link` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// In small letters, as its type.
    pub relation: String,
    pub media_type: String,
    pub url: Url,
}

/// What a request says beside its `User-Agent` and `Accept-Encoding`: never a cookie, a `Referer` or a clock of ours.
pub(super) fn of_request(request: &Request<'_>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    match request.purpose {
        Purpose::Feed => {
            headers.insert(ACCEPT, HeaderValue::from_static(FEED_TYPES));
            headers.insert(HeaderName::from_static("a-im"), HeaderValue::from_static("feed"));
        }
        Purpose::Page => {
            headers.insert(ACCEPT, HeaderValue::from_static(PAGE_TYPES));
        }
        Purpose::Challenge => {}
    }
    let Validators { etag, last_modified } = request.validators.cloned().unwrap_or_default();
    for (name, validator) in [(IF_NONE_MATCH, etag), (IF_MODIFIED_SINCE, last_modified)] {
        if let Some(value) = validator.and_then(|text| HeaderValue::from_maybe_shared(text).ok()) {
            headers.insert(name, value);
        }
    }
    headers
}

const FEED_TYPES: &str =
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, text/html;q=0.5, */*;q=0.1";
const PAGE_TYPES: &str = "text/html, application/xhtml+xml, */*;q=0.1";

/// The validators to keep after "not modified": those that the answer carried, and for each that it left out, the one kept before
/// (RFC 9111, section 4.3.4). After a whole document the answer's validators alone are kept.
#[must_use]
pub fn merged(before: &Validators, answered: &Validators) -> Validators {
    Validators {
        etag: answered.etag.clone().or_else(|| before.etag.clone()),
        last_modified: answered.last_modified.clone().or_else(|| before.last_modified.clone()),
    }
}

/// The answer's validators, byte for byte.
pub(super) fn validators(headers: &HeaderMap) -> Validators {
    let verbatim = |name| text(headers, name).filter(|text| !text.is_empty() && text.len() <= MAX_VALIDATOR).map(str::to_owned);
    Validators { etag: verbatim(ETAG), last_modified: verbatim(LAST_MODIFIED) }
}

/// How much longer the answer is fresh: `max-age` less `Age`, or else `Expires` less `Date` (RFC 9111, section 4.2.1). An answer that
/// is not to be stored or reused says nothing about when to ask again.
pub(super) fn max_age(headers: &HeaderMap, now: Instant) -> Option<Duration> {
    let mut lifetime = None;
    for directive in headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')) {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "no-store" | "no-cache" => return None,
            "max-age" => lifetime = lifetime.or(seconds(value.trim().trim_matches('"'))),
            _ => {}
        }
    }
    match lifetime {
        Some(lifetime) => Some(lifetime.saturating_sub(text(headers, AGE).and_then(seconds).unwrap_or_default())),
        None => Some(until(headers, http_date(text(headers, EXPIRES)?)?, now)),
    }
}

/// When the server wants to be asked again, from now: in seconds or as a date (RFC 9110, section 10.2.3).
pub(super) fn retry_after(headers: &HeaderMap, now: Instant) -> Option<Duration> {
    let value = text(headers, RETRY_AFTER)?;
    seconds(value).or_else(|| Some(until(headers, http_date(value)?, now)))
}

/// Where a redirect leads. Servers write letters outside ASCII as they are, in whatever charset: each such byte is percent-encoded.
pub(super) fn location(headers: &HeaderMap, base: &Url) -> Option<Url> {
    let mut ascii = String::new();
    for &byte in headers.get(LOCATION)?.as_bytes() {
        if byte.is_ascii() {
            ascii.push(byte.into());
        } else {
            write!(ascii, "%{byte:02X}").ok()?;
        }
    }
    base.join(ascii.trim()).ok()
}

/// What the `Link` headers name, each target with each of its relations (RFC 8288, section 3).
pub(super) fn links(headers: &HeaderMap, base: &Url) -> Vec<Link> {
    let mut links = Vec::new();
    for line in headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok()) {
        // A target has no `<` in it and ends before its parameters, the commas of which are in quotes or before the next `<`.
        for link in line.split('<').skip(1).take(MAX_LINKS) {
            let Some((target, parameters)) = link.split_once('>') else { continue };
            let Ok(target) = base.join(target.trim()) else { continue };
            let parameter = |wanted: &str| {
                let mut parameters = parameters.split([';', ',']).filter_map(|parameter| parameter.split_once('='));
                let value = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim());
                value.unwrap_or_default().trim_matches('"').to_ascii_lowercase()
            };
            let (relations, media_type) = (parameter("rel"), parameter("type"));
            let link = |relation: &str| Link { relation: relation.to_owned(), media_type: media_type.clone(), url: target.clone() };
            links.extend(relations.split_whitespace().map(link));
        }
    }
    links.truncate(MAX_LINKS);
    links.retain(|link| matches!(link.url.scheme(), "http" | "https"));
    links
}

/// A header's value, when it is UTF-8.
pub(super) fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    std::str::from_utf8(headers.get(name)?.as_bytes()).ok().map(str::trim)
}

/// From the server's own clock when it shows one: ours may differ.
fn until(headers: &HeaderMap, then: Instant, now: Instant) -> Duration {
    let now = text(headers, DATE).and_then(http_date).unwrap_or(now);
    (then - now).to_std().unwrap_or_default()
}

/// A number of seconds; one that overflows is "very long" (RFC 9111, section 1.2.2).
fn seconds(text: &str) -> Option<Duration> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| Duration::from_secs(text.parse::<u32>().unwrap_or(u32::MAX).into()))
}

/// The three forms of a date in HTTP (RFC 9110, section 5.6.7).
fn http_date(text: &str) -> Option<Instant> {
    ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text.trim(), form).ok())
        .map(|date| date.and_utc())
}
