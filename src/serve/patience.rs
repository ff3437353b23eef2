//! What a client may ask of our patience: a head that is not too long, and a body that arrives in time.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use tokio::time::{Instant, timeout_at};

use super::metrics::Metrics;

/// How long a body may take to arrive.
const BODY: Duration = Duration::from_secs(10);
/// The longest request before its body, in bytes.
pub(super) const LONGEST_HEAD: usize = 64 << 10;

/// Has a request answered that keeps within the bounds. Who does not is told so, and its connection ends.
pub(super) async fn bounded(metrics: Arc<Metrics>, request: Request, next: Next) -> Response {
    if length(&request) > LONGEST_HEAD {
        metrics.cut("asked at too great length");
        return refusal(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "this asks at too great length\n");
    }
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let late = Arc::new(AtomicBool::new(false));
    let (noted, deadline) = (Arc::clone(&late), Instant::now() + BODY);
    let answer = next.run(request.map(|body| until(deadline, body, noted))).await;
    if late.load(Ordering::Relaxed) {
        metrics.cut("did not send in time");
        return refusal(StatusCode::REQUEST_TIMEOUT, "what was to be sent did not arrive in time\n");
    }
    answer
}

/// What a request takes before its body, as far as it is known once it is read.
fn length(request: &Request) -> usize {
    let line = request.uri().path_and_query().map_or(0, |address| address.as_str().len());
    // Between the name and the value, and behind it.
    let headers = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
    line + headers.sum::<usize>()
}

/// A body that is an error when it is not there in time; that is noted.
fn until(deadline: Instant, body: Body, late: Arc<AtomicBool>) -> Body {
    let parts = stream::unfold((body.into_data_stream(), late), move |(mut body, late)| async move {
        let part = if let Ok(part) = timeout_at(deadline, body.next()).await {
            part?
        } else {
            late.store(true, Ordering::Relaxed);
            Err(axum::Error::new(io::Error::from(io::ErrorKind::TimedOut)))
        };
        Some((part, (body, late)))
    });
    Body::from_stream(parts)
}

fn refusal(status: StatusCode, text: &'static str) -> Response {
    (status, [(header::CONNECTION, "close")], text).into_response()
}
