//! The ops wire over HTTP: for whoever knows the token, and for nobody where there is none.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::{Wires, not_found};
use crate::desk::Refusal;
use crate::poll::blocking;
use crate::publish::{self, Format};

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
