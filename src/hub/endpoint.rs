//! Where subscribers ask our hub for wires. Whether they mean it is asked by the courier: the answer here says only that it will be.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;

use super::courier::Hub;
use super::life::Wish;

/// A longer request is nobody's.
const MAX_REQUEST: usize = 16 << 10;
/// When to come again if too many others ask just now, or are subscribed, in seconds.
const RETRY_AFTER: &str = "60";

/// The handler.
pub fn router(hub: Arc<Hub>) -> Router {
    Router::new().route("/hub", post(ask)).layer(DefaultBodyLimit::max(MAX_REQUEST)).with_state(hub)
}

/// A request to subscribe or to unsubscribe (`WebSub`, section 5).
async fn ask(State(hub): State<Arc<Hub>>, form: Bytes) -> Response {
    let wish = match Wish::parse(&form) {
        Ok(wish) => wish,
        Err(mistake) => return (StatusCode::BAD_REQUEST, mistake + "\n").into_response(),
    };
    if hub.wire(&wish.topic).is_none() {
        let hint = "`hub.topic` is no wire of this site: ask for the address that is its `self` link\n";
        return (StatusCode::NOT_FOUND, hint).into_response();
    }
    if hub.has_room(&wish) && hub.wishes.try_send(wish).is_ok() {
        return StatusCode::ACCEPTED.into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, RETRY_AFTER)]).into_response()
}
