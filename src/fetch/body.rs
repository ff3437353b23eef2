//! Reading a body: decompressed bytes are counted as they come, so that neither a long body nor a small one that unpacks to a
//! long one takes more memory than its limit.

use bytes::Bytes;

use super::failure::{self, Failure};

/// How much of a body is read, and what is done with a longer one.
#[derive(Clone, Copy, Debug)]
pub(super) enum Limit {
    /// A longer one is a failure.
    Whole(usize),
    /// Of a longer one, only the beginning is read.
    Beginning(usize),
}

pub(super) async fn read(mut response: reqwest::Response, limit: Limit) -> Result<Bytes, Failure> {
    let (Limit::Whole(most) | Limit::Beginning(most)) = limit;
    let url = response.url().clone();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failure::of_transport(&error, &url))? {
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
