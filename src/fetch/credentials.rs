//! What a feed's server wants to be shown before it answers. It goes to the feed's own origin and nowhere else, whoever redirects
//! there or away from it, and nobody prints it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use url::{Origin, Url};

use super::Failure;

/// Headers for one origin.
#[derive(Clone, Debug)]
pub struct Credentials {
    origin: Origin,
    /// Marked as sensitive: printed, they are that word.
    headers: HeaderMap,
}

impl Credentials {
    /// Nothing yet, for the feed at this address.
    #[must_use]
    pub fn of(feed: &Url) -> Self {
        Self { origin: feed.origin(), headers: HeaderMap::new() }
    }

    /// # Errors
    /// When no header can carry it.
    pub fn with_password(self, user: &str, password: &str) -> Result<Self, Failure> {
        self.with_header(AUTHORIZATION.as_str(), &format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
    }

    /// # Errors
    /// When no header has this name, or it cannot carry this value.
    pub fn with_header(mut self, name: &str, value: &str) -> Result<Self, Failure> {
        // The value is not repeated: it is a secret.
        let refused =
            || Failure::Permanent(format!("no header `{name}` can carry the value that the configuration names: is it one line?"));
        let name = HeaderName::try_from(name).map_err(|_| refused())?;
        let mut value = HeaderValue::try_from(value).map_err(|_| refused())?;
        value.set_sensitive(true);
        self.headers.insert(name, value);
        Ok(self)
    }

    /// What this address is to be shown.
    pub(super) fn shown_to(&self, url: &Url) -> Option<&HeaderMap> {
        (self.origin == url.origin()).then_some(&self.headers)
    }
}
