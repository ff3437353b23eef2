//! Reading a body: decompressed bytes are counted as they come, so that neither a long body nor a small one that unpacks to a
//! long one takes more memory than its limit; and only few long ones are read at the same time.

use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Semaphore;

use super::failure::{self, Failure};
use super::within;

/// How much of a body is read, and what is done with a longer one.
#[derive(Clone, Copy, Debug)]
pub(super) enum Limit {
    /// A longer one is a failure.
    Whole(usize),
    /// Of a longer one, only the beginning is read.
    Beginning(usize),
}

/// A body that is longer than this waits for its turn.
const SHORT: usize = 1 << 20;

/// The long bodies that are read at the same time.
pub(super) const LONG_AT_ONCE: usize = 8;

/// The wait for a turn does not count against the server's time.
pub(super) async fn read(
    mut response: reqwest::Response,
    limit: Limit,
    long: &Semaphore,
    time_left: &mut Duration,
) -> Result<Bytes, Failure> {
    let (Limit::Whole(most) | Limit::Beginning(most)) = limit;
    let url = response.url().clone();
    let mut body = Vec::new();
    let mut turn = None;
    while let Some(chunk) = within(time_left, &url, response.chunk()).await? {
        if turn.is_none() && body.len() + chunk.len() > SHORT {
            // The semaphore is never closed.
            turn = long.acquire().await.ok();
        }
        let room = most.saturating_sub(body.len());
        body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
        if chunk.len() > room {
            match limit {
                Limit::Beginning(_) => break,
                Limit::Whole(_) => {
                    let text = format!("`{}` is longer than {most} bytes, the most that is read", failure::shown(&url));
                    return Err(Failure::Permanent(text));
                }
            }
        }
    }
    Ok(body.into())
}
