//! The ops wire over HTTP: for whoever knows the token, and for nobody where there is none.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::{Wires, not_found};
use crate::desk::Refusal;
use crate::poll::blocking;
use crate::publish::{self, Format};

/// What a reader of the ops wire has to know. Only its hash is kept.
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

    /// Whether a request shows it: in its address, `?token=…`, or as `Authorization: Bearer …`. Hashes are compared in constant time.
    fn is_shown(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let query = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        let in_address = query.filter(|(name, _)| name == "token").map(|(_, token)| token.into_owned());
        let bearer =
            headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| value.strip_prefix("Bearer "));
        in_address.chain(bearer.map(str::to_owned)).any(|token| self.is(&token))
    }
}

pub(super) async fn wire(State(wires): State<Arc<Wires>>, uri: Uri, headers: HeaderMap) -> Response {
    // Whoever does not know the token does not learn that there is one.
    if !wires.ops().is_some_and(|token| token.is_shown(&uri, &headers)) {
        return not_found();
    }
    let desk = wires.desk();
    let rendered = blocking(move || Ok::<_, Refusal>(publish::ops(&desk.config.site, &desk.store()?.alarms(None)?))).await;
    match rendered {
        Ok(atom) => {
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static(Format::Atom.content_type())),
                (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
                (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            ];
            (headers, atom).into_response()
        }
        Err(error) => {
            tracing::error!(error = %error, "the alarms cannot be read from the store");
            (StatusCode::INTERNAL_SERVER_ERROR, "the alarms cannot be read just now; the log says why\n").into_response()
        }
    }
}
