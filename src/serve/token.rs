//! Tokens: what those have to know who read what is not for everybody.

use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// What somebody has to know. Only its hash is kept; hashes are compared in constant time.
#[derive(Clone, Debug)]
pub struct Token(blake3::Hash);

impl Token {
    /// None when there is nothing in it.
    #[must_use]
    pub fn new(secret: &str) -> Option<Self> {
        let secret = secret.trim();
        (!secret.is_empty()).then(|| Self(blake3::hash(secret.as_bytes())))
    }

    pub(super) fn is(&self, text: &str) -> bool {
        blake3::hash(text.trim().as_bytes()) == self.0
    }

    /// Whether a request shows it, in its address or its headers.
    pub(super) fn is_shown(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        in_address(uri).chain(in_headers(headers)).any(|token| self.is(&token))
    }
}

/// What an address shows: `?token=…`.
pub(super) fn in_address(uri: &Uri) -> impl Iterator<Item = String> {
    let query = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    query.filter(|(name, _)| name == "token").map(|(_, token)| token.into_owned())
}

/// What headers show: `Authorization: Bearer …`, or the password of `Basic`, whoever the user is.
fn in_headers(headers: &HeaderMap) -> Option<String> {
    let (scheme, shown) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(shown.to_owned());
    }
    let pair = BASE64_STANDARD.decode(shown.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    Some(String::from_utf8(pair).ok()?.split_once(':')?.1.to_owned())
}

/// The answer to who shows none. It is the same for what does not exist.
pub(super) fn asked_for() -> Response {
    let headers = [(header::WWW_AUTHENTICATE, "Basic realm=\"topicwire\", charset=\"UTF-8\""), (header::CACHE_CONTROL, "no-store")];
    (StatusCode::UNAUTHORIZED, headers, "this needs a token: as the password, whoever the user is, or in the address as ?token=…\n")
        .into_response()
}
