//! Wires over HTTP: what readers, browsers and caches ask for, and what is said around the bytes.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, IntoResponseParts, Redirect, Response};
use axum::routing::get;

use super::{Asked, Found, Pass, Wires};
use crate::clock;
use crate::desk::Refusal;
use crate::model::{Instant, Scope};
use crate::poll::blocking;
use crate::publish::{self, Format, Tongue, View};
use crate::serve::encoding::Encoding;
use crate::serve::rendered::{Encoded, Rendered, arrivals_known, takes_deltas};
use crate::serve::{not_found, ops, pages, token};

/// How long an archive may be kept: only what is purged leaves it, or may not be published any more.
const FOR_A_DAY: [&str; 2] = ["public, max-age=86400", "private, max-age=86400"];
const FOR_A_MINUTE: [&str; 2] = ["public, max-age=60", "private, max-age=60"];

/// What is said of an answer that has the new entries only: who keeps answers without knowing what that is must not keep it (RFC 3229,
/// section 10.5.3).
const NEWS_HEADERS: [(&str, &str); 3] =
    [("im", "feed"), ("cache-control", "no-store, im"), ("vary", "accept-encoding, a-im, if-none-match")];

/// Where readers find them.
pub(in crate::serve) fn routes(wires: Arc<Wires>) -> Router {
    Router::new()
        .route("/ops.atom", get(ops::wire))
        .route("/wires.opml", get(opml))
        .route("/topics/{file}", get(wire).options(preflight))
        .route("/agencies/{file}", get(wire).options(preflight))
        .route("/{file}", get(wire).options(preflight))
        .route("/topics/{wire}/archive/{file}", get(wire).options(preflight))
        .route("/agencies/{wire}/archive/{file}", get(wire).options(preflight))
        .route("/all/archive/{file}", get(wire).options(preflight))
        .with_state(wires)
}

/// The list of all wires, in the reader's language.
async fn opml(State(wires): State<Arc<Wires>>, headers: HeaderMap) -> Response {
    let config = Arc::clone(&wires.lock().public);
    let (encoding, tongue) = (Encoding::asked_for(&headers), tongue(&headers));
    let made = blocking(move || Ok::<_, Infallible>(Rendered::new(publish::opml(&config, tongue)).encoded(encoding)));
    let Ok(encoded) = made.await;
    let [public, _] = FOR_A_MINUTE;
    let around = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/x-opml; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static(public)),
        (header::VARY, HeaderValue::from_static("accept-encoding, accept-language")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex")),
    ];
    reply(encoded, encoding, &headers, clock::now(), around)
}

/// What a browser wants to know before a page of another site asks for a wire that it has seen before, or with a token.
async fn preflight() -> impl IntoResponse {
    let allowed = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "a-im, authorization, if-modified-since, if-none-match"),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    (StatusCode::NO_CONTENT, allowed)
}

async fn wire(State(wires): State<Arc<Wires>>, address: Uri, headers: HeaderMap) -> Response {
    let path = address.path().trim_start_matches('/');
    let Some((scope, archive, format)) = named(path) else { return pages::nothing_there(&wires, &address, headers).await };
    let Some(pass) = wires.admit(&scope, &address, &headers) else { return token::asked_for() };
    let (is_private, token) = match pass {
        Pass::Public => (false, None),
        Pass::Private(token) => (true, token),
    };
    if format == Format::Html {
        return pages::wire(wires.desk_of(&scope), scope, address.query().map(str::to_owned), token, headers).await;
    }
    let view = match View::parse(address.query().unwrap_or_default()) {
        Ok(view) => view.with_token(token),
        Err(misread) => return (StatusCode::BAD_REQUEST, misread.said(Tongue::English) + "\n").into_response(),
    };
    let asked = Asked { scope, archive, format, query: publish::with_token(&view.to_string(), view.token()) };
    let encoding = Encoding::asked_for(&headers);
    let around =
        (wires.links(&asked, &view, is_private).map(|links| [(header::LINK, links)]), wire_headers(format, archive.is_some(), is_private));
    let now = clock::now();
    // Whoever has seen the wire before and can make do with what is new since then.
    let takes_news = takes_deltas(&headers) && archive.is_none() && matches!(format, Format::Atom | Format::Rss);
    let seen = arrivals_known(&headers).filter(|_| takes_news);
    let at_hand = wires.at_hand(&asked, encoding, &headers, now).filter(|encoded| seen.is_none() || encoded.is_known(&headers, now));
    if let Some(encoded) = at_hand {
        return reply(encoded, encoding, &headers, now, around);
    }
    // Who waits for a document that is being made takes no turn from those who make others.
    let mut flight = wires.flight(&asked).await;
    let turns = Arc::clone(&wires);
    // The semaphore is never closed.
    let _turn = if view.is_whole() && archive.is_none() { None } else { turns.turns.acquire().await.ok() };
    // From where the archive is: that works below any prefix.
    let name = path.split('/').rev().nth(2).unwrap_or_default();
    let subscription = format!("../../{name}.{format}{}", address.query().map(|query| format!("?{query}")).unwrap_or_default());
    let answer = blocking(move || {
        let rendered = match wires.get_in_turn(&asked, &view, &mut flight)? {
            Some(Found::Document(rendered)) => rendered,
            Some(Found::Subscription) => return Ok(Redirect::temporary(&subscription).into_response()),
            None => return Ok(not_found()),
        };
        // Compressed once too.
        let encoded = rendered.encoded(encoding);
        drop(flight);
        let seen = seen.filter(|_| !encoded.is_known(&headers, now));
        if let Some(news) = seen.map(|seen| wires.newer(&asked, &view, seen)).transpose()?.flatten() {
            let (coded, news) = (content_encoding(encoding), encoding.compress(&news.into()));
            return Ok((StatusCode::IM_USED, [(header::ETAG, encoded.etag)], around, NEWS_HEADERS, coded, Body::from(news)).into_response());
        }
        Ok(reply(encoded, encoding, &headers, now, around))
    });
    answer.await.unwrap_or_else(|refusal: Refusal| {
        tracing::error!(error = %refusal, "a wire cannot be read from the store");
        (StatusCode::INTERNAL_SERVER_ERROR, "the wire cannot be read just now; the log says why\n").into_response()
    })
}

/// The document, or that the client has it already; `around` is said in either case.
pub(in crate::serve) fn reply(
    encoded: Encoded,
    encoding: Encoding,
    request: &HeaderMap,
    now: Instant,
    around: impl IntoResponseParts,
) -> Response {
    let modified = encoded.last_modified(now).map(|modified| [(header::LAST_MODIFIED, modified)]);
    let is_known = encoded.is_known(request, now);
    let shared = ([(header::ETAG, encoded.etag)], modified, around);
    if is_known {
        return (StatusCode::NOT_MODIFIED, shared, ()).into_response();
    }
    (shared, content_encoding(encoding), Body::from(encoded.bytes)).into_response()
}

fn content_encoding(encoding: Encoding) -> Option<[(HeaderName, HeaderValue); 1]> {
    encoding.name().map(|name| [(header::CONTENT_ENCODING, HeaderValue::from_static(name))])
}

/// The wire, the archive of it and the form that a path names.
fn named(path: &str) -> Option<(Scope, Option<u64>, Format)> {
    let (path, end) = path.rsplit_once('.')?;
    let format = Format::of_extension(end)?;
    match path.split_once("/archive/") {
        // Pages show what is new.
        Some((wire, number)) if format != Format::Html => Some((Scope::of_path(wire)?, Some(publish::archive_number(number)?), format)),
        Some(_) => None,
        None => Some((Scope::of_path(path)?, None, format)),
    }
}

pub(in crate::serve) fn tongue(headers: &HeaderMap) -> Tongue {
    let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    asked.map(Tongue::of_accept_language).unwrap_or_default()
}

fn wire_headers(format: Format, lasts: bool, is_private: bool) -> [(HeaderName, HeaderValue); 7] {
    let [public, private] = if lasts { FOR_A_DAY } else { FOR_A_MINUTE };
    [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.content_type())),
        (header::CACHE_CONTROL, HeaderValue::from_static(if is_private { private } else { public })),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("etag, link")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex")),
    ]
}
