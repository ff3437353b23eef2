//! What a hop, and in the end a chain of them, brought, and what it means.

#[cfg(test)]
mod tests;

use std::time::Duration;

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use url::Url;

use super::{Answer, Failure, Request, Response, failure, headers};
use crate::model::{Instant, Validators};

#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) url: Url,
    /// When it came.
    pub(super) at: Instant,
    /// As in [`Response::moved`].
    pub(super) moved: Option<Url>,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// Empty unless the status is a success.
    pub(super) body: Bytes,
}

impl Arrival {
    /// Where this hop leads on, if it is a redirect; a failure, if it must not be followed. What was sent along is sent again only where the
    /// server says that it is to be (RFC 9110, section 15.4).
    pub(super) fn redirect(&self, sends: bool) -> Result<Option<Url>, Failure> {
        match self.status.as_u16() {
            307 | 308 => {}
            301..=303 if !sends => {}
            _ => return Ok(None),
        }
        let next = headers::location(&self.headers, &self.url).ok_or_else(|| self.failure())?;
        if self.url.scheme() == "https" && next.scheme() == "http" {
            let text = format!("`{}` redirects from https to http: not followed", failure::shown(&self.url));
            return Err(Failure::Permanent(text));
        }
        Ok(Some(next))
    }

    pub(super) fn is_permanent_redirect(&self) -> bool {
        matches!(self.status, StatusCode::MOVED_PERMANENTLY | StatusCode::PERMANENT_REDIRECT)
    }

    /// Whether the host, not just this document, is to be left alone.
    pub(super) fn is_throttled(&self) -> bool {
        match self.status {
            StatusCode::TOO_MANY_REQUESTS => true,
            StatusCode::SERVICE_UNAVAILABLE => self.retry_after().is_some(),
            _ => false,
        }
    }

    /// For how long. Some servers say it as the answer's freshness.
    pub(super) fn silence(&self) -> Option<Duration> {
        self.retry_after().or_else(|| self.max_age())
    }

    pub(super) fn max_age(&self) -> Option<Duration> {
        headers::max_age(&self.headers, self.at)
    }

    fn retry_after(&self) -> Option<Duration> {
        headers::retry_after(&self.headers, self.at)
    }

    pub(super) fn failure(&self) -> Failure {
        failure::of_status(self.status, &self.headers, &self.url)
    }

    pub(super) fn into_answer(self, request: &Request<'_>) -> Answer {
        let validators = headers::validators(&self.headers);
        let max_age = self.max_age();
        // A temporary redirect that ends nowhere says nothing about the address that was asked.
        let asked_itself = self.moved.is_some() || self.url == *request.url;
        match self.status.as_u16() {
            200 | 203 | 226 => Answer::Fresh(Response {
                content_type: headers::text(&self.headers, CONTENT_TYPE).map(str::to_owned),
                links: headers::links(&self.headers, &self.url),
                is_delta: self.status == StatusCode::IM_USED,
                url: self.url,
                moved: self.moved,
                body: self.body,
                validators,
                max_age,
            }),
            304 if request.validators.is_some_and(|validators| *validators != Validators::default()) => {
                Answer::NotModified { validators, max_age, moved: self.moved }
            }
            410 if asked_itself => Answer::Gone,
            _ => Answer::Failed(self.failure()),
        }
    }
}
