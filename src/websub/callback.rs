//! The callbacks that hubs call: to verify that we asked for something, and to push. Whoever does not know a subscription's token is told
//! nothing and heard no further.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::life::Call;
use super::signature;
use super::subscriber::{Delivery, Subscriber};
use crate::clock;
use crate::poll::blocking;

/// A longer challenge is no hub's.
const MAX_CHALLENGE: usize = 4096;
/// When a hub may come again whose push finds too many others waiting, in seconds.
const RETRY_AFTER: &str = "60";

/// The handlers.
pub fn router(subscriber: Arc<Subscriber>) -> Router {
    Router::new().route("/websub/{token}", get(verify).post(deliver)).with_state(subscriber)
}

/// Verification of intent (`WebSub`, section 5.3) and denial (section 5.2).
async fn verify(
    State(subscriber): State<Arc<Subscriber>>,
    token: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Response, StatusCode> {
    let Path(token) = token.map_err(|_| StatusCode::NOT_FOUND)?;
    let (feed, _) = subscriber.find(&token).ok_or(StatusCode::NOT_FOUND)?;
    let (call, challenge) = read_call(&query.unwrap_or_default());
    let is_whole = call.mode == "denied" || (1..=MAX_CHALLENGE).contains(&challenge.len());
    if !is_whole {
        return Err(StatusCode::BAD_REQUEST);
    }
    let mode = call.mode.clone();
    match subscriber.note(&feed, &token, move |subscription| subscription.called(&call, clock::now())).await {
        Ok(true) => {
            tracing::info!(feed.id = %feed, mode, "the hub called");
            let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
            Ok((headers, challenge).into_response())
        }
        Ok(false) => Err(StatusCode::NOT_FOUND),
        Err(error) => Err(failed(&error)),
    }
}

/// A push (`WebSub`, section 7). One whose signature is wrong is acknowledged, so that whoever tries learns nothing, and dropped.
async fn deliver(
    State(subscriber): State<Arc<Subscriber>>,
    token: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, StatusCode> {
    let Path(token) = token.map_err(|_| StatusCode::NOT_FOUND)?;
    let found = subscriber.find(&token).filter(|(_, subscription)| subscription.is_wanted());
    let (feed, subscription) = found.ok_or(StatusCode::GONE)?;
    let room = subscriber.outbox.try_reserve();
    let Ok(room) = room else { return Ok((StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, RETRY_AFTER)]).into_response()) };
    let body = to_bytes(body, subscriber.max_body).await.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (signed, secret, signature) = (body.clone(), subscription.secret, text("x-hub-signature").unwrap_or_default());
    if !blocking(move || signature::is_genuine(&signature, &secret, &signed)).await {
        tracing::warn!(feed.id = %feed, "a push without the hub's right signature was dropped");
        return Ok(StatusCode::ACCEPTED.into_response());
    }
    subscriber.note(&feed, &token, |subscription| subscription.pushed(clock::now())).await.map_err(|error| failed(&error))?;
    room.send(Delivery { feed, topic: subscription.topic, content_type: text(header::CONTENT_TYPE.as_str()), body });
    Ok(StatusCode::ACCEPTED.into_response())
}

fn read_call(query: &str) -> (Call, String) {
    let (mut call, mut challenge) = (Call::default(), String::new());
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "hub.mode" => call.mode = value.into_owned(),
            "hub.topic" => call.topic = value.into_owned(),
            "hub.lease_seconds" => call.lease = value.parse().ok(),
            "hub.reason" => call.reason = value.into_owned(),
            "hub.challenge" => challenge = value.into_owned(),
            _ => {}
        }
    }
    (call, challenge)
}

fn failed(error: &crate::store::Error) -> StatusCode {
    tracing::error!(%error, "a subscription cannot be stored");
    StatusCode::INTERNAL_SERVER_ERROR
}
