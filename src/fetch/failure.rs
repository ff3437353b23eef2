//! Why there is no document, in words for the people who read a feed's health.

use std::error::Error;

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName};
use url::Url;

use super::address::Refused;
use super::headers;
use crate::schedule::Trouble;

/// Why there is no document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The host's name has no address just now. As often our own network's fault as theirs.
    #[error("{0}")]
    Dns(String),
    /// Worth another try: time-outs, refused connections, 5xx, 408.
    #[error("{0}")]
    Temporary(String),
    /// Not worth one soon: 4xx, a forbidden address, a body over the limit, too many redirects.
    #[error("{0}")]
    Permanent(String),
    /// 404: as a rule the address is wrong or the document was taken away.
    #[error("{0}")]
    Missing(String),
    #[error("robots.txt of `{0}` does not allow the page")]
    Robots(String),
}

impl Failure {
    /// How much it weighs when the next poll is planned.
    #[must_use]
    pub fn trouble(&self) -> Trouble {
        match self {
            Self::Dns(_) => Trouble::Dns,
            Self::Temporary(_) => Trouble::Soft,
            Self::Permanent(_) | Self::Missing(_) | Self::Robots(_) => Trouble::Hard,
        }
    }
}

/// A URL for people: without the credentials in it.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // These setters refuse only URLs that cannot have a host; http and https URLs always can.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

pub(super) fn refused(refused: &Refused, url: &Url) -> Failure {
    let text = format!("`{}` cannot be asked: {refused}", shown(url));
    match refused {
        Refused::Unknown { .. } => Failure::Dns(text),
        Refused::Private { .. } | Refused::Scheme => Failure::Permanent(text),
    }
}

pub(super) fn too_slow(url: &Url) -> Failure {
    Failure::Temporary(format!("`{}` did not answer in time", shown(url)))
}

pub(super) fn silent(url: &Url) -> Failure {
    Failure::Temporary(format!("the host of `{}` asks to be left alone for a while", shown(url)))
}

pub(super) fn of_transport(error: &reqwest::Error, url: &Url) -> Failure {
    let causes = || std::iter::successors(error.source(), |&cause| cause.source());
    if let Some(cause) = causes().find_map(|cause| cause.downcast_ref::<Refused>()) {
        return refused(cause, url);
    }
    if error.is_timeout() {
        return too_slow(url);
    }
    let root = causes().last().map_or_else(|| error.to_string(), ToString::to_string);
    let url = shown(url);
    Failure::Temporary(if error.is_connect() {
        format!("`{url}`: no connection: {root}")
    } else {
        format!("`{url}`: the answer broke off or makes no sense: {root}")
    })
}

/// A status that brings no document: what it means and, where somebody can do something about it, what.
pub(super) fn of_status(status: StatusCode, headers: &HeaderMap, url: &Url) -> Failure {
    let challenged = headers::text(headers, HeaderName::from_static("cf-mitigated")).is_some();
    let advice = match status.as_u16() {
        _ if challenged => ": a wall against bots; ask the agency to let this program through",
        401 | 403 => ": it does not let us in; the agency may do so when asked",
        304 => ": nobody asked whether it was modified",
        404 => ": the address is wrong or the document is gone",
        451 => ": withheld for legal reasons",
        300..=399 => ": a redirect that leads nowhere",
        _ => "",
    };
    let text = format!("`{}` answered {status}{advice}", shown(url));
    if status == StatusCode::NOT_FOUND || status == StatusCode::GONE {
        Failure::Missing(text)
    } else if status.is_client_error() && !matches!(status.as_u16(), 408 | 425) || status.is_redirection() {
        Failure::Permanent(text)
    } else {
        Failure::Temporary(text)
    }
}
