//! What robots.txt allows (RFC 9309), remembered per origin. Only for pages: a feed is a document that somebody subscribed to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::StatusCode;
use robotxt::{AccessResult, Robots};
use tokio::sync::OnceCell;
use tokio::time::Instant;
use url::Url;

use super::{Arrival, Failure, Obstacle, PRODUCT};

/// As much of a robots.txt as is read: its parser looks at one byte less, to see whether the last line is whole.
pub(super) const MAX_BYTES: usize = robotxt::BYTE_LIMIT + 1;

/// RFC 9309, section 2.4: not used for longer than a day.
const FRESH: Duration = Duration::from_hours(24);

/// A robots.txt that could not be reached is tried again after this.
const UNREACHABLE: Duration = Duration::from_mins(10);

/// A longer text, in bytes, is read again after a restart.
const MAX_KEPT: usize = 64 << 10;

/// Of a longer `Crawl-delay`, this is kept: a page that waits for hours is no news.
const LONGEST_DELAY: Duration = Duration::from_secs(30);

/// At this many origins, the rules that nobody is using are forgotten.
const REMEMBERED: usize = 4096;

/// The rules of the origins that were asked lately.
#[derive(Debug, Default)]
pub(super) struct Cache {
    origins: Mutex<HashMap<Key, Slot>>,
}

/// An origin, and whether private addresses were allowed when it was asked: a refusal then is none of the others' business.
type Key = (String, bool);

/// Whoever comes first reads the rules; those who come meanwhile wait for them.
type Slot = Arc<OnceCell<Rules>>;

/// What an origin's robots.txt says, or why that is not known.
#[derive(Debug)]
pub(super) struct Rules {
    found: Result<Robots, Failure>,
    /// What the answer is read from, to be kept: none where there was no answer.
    text: Option<String>,
    until: Instant,
}

/// Where the rules for a page are.
pub(super) fn address(page: &Url) -> Url {
    let mut address = page.clone();
    address.set_path("/robots.txt");
    address.set_query(None);
    address.set_fragment(None);
    address
}

impl Cache {
    /// The place for an origin's rules: filled, when they are known and fresh.
    pub(super) fn slot(&self, page: &Url, allow_private: bool) -> Slot {
        let key = (page.origin().ascii_serialization(), allow_private);
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        if origins.len() >= REMEMBERED && !origins.contains_key(&key) {
            origins.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        let slot = origins.entry(key).or_default();
        if slot.get().is_some_and(|rules| rules.until <= Instant::now()) {
            *slot = Arc::default();
        }
        Arc::clone(slot)
    }

    /// The text of an origin's rules and how long they hold, if they are to be kept.
    pub(super) fn text(&self, page: &Url, allow_private: bool) -> Option<(String, Duration)> {
        let key = (page.origin().ascii_serialization(), allow_private);
        let slot = Arc::clone(self.origins.lock().unwrap_or_else(PoisonError::into_inner).get(&key)?);
        let rules = slot.get()?;
        Some((rules.text.clone()?, rules.until.checked_duration_since(Instant::now())?))
    }

    /// Remembers the rules that an earlier process read.
    pub(super) fn keep(&self, origin: String, allow_private: bool, text: String, left: Duration) {
        let rules = Rules { found: Ok(Robots::parse(text.as_bytes(), PRODUCT)), text: Some(text), until: Instant::now() + left.min(FRESH) };
        self.origins.lock().unwrap_or_else(PoisonError::into_inner).insert((origin, allow_private), Arc::new(OnceCell::from(rules)));
    }
}

impl Rules {
    /// Reads what came as RFC 9309, section 2.3.1 says: what is not there allows everything, what cannot be reached nothing.
    ///
    /// # Errors
    /// When the host asked for silence: that is no answer, and nothing to remember.
    pub(super) fn of(reached: Result<Arrival, Obstacle>) -> Result<Self, Obstacle> {
        let (found, text, fresh) = match reached {
            Ok(arrival) if arrival.status.is_success() => {
                let fresh = arrival.max_age().unwrap_or(FRESH).clamp(UNREACHABLE, FRESH);
                let text = Some(&arrival.body).filter(|body| body.len() <= MAX_KEPT).map(|body| String::from_utf8_lossy(body).into_owned());
                (Ok(Robots::parse(&arrival.body, PRODUCT)), text, fresh)
            }
            Ok(arrival) if is_unreachable(arrival.status) => (Err(arrival.failure()), None, UNREACHABLE),
            Err(Obstacle::Failure(failure @ (Failure::Temporary(_) | Failure::Dns(_)))) => (Err(failure), None, UNREACHABLE),
            Err(silence @ Obstacle::Silence { .. }) => return Err(silence),
            Ok(_) | Err(_) => (Ok(Robots::from_access(AccessResult::Unavailable, PRODUCT)), Some(String::new()), FRESH),
        };
        Ok(Self { found, text, until: Instant::now() + fresh })
    }

    /// The pause to make after the page, if it may be asked for. `Crawl-delay` is no part of RFC 9309, but a wish that costs little.
    pub(super) fn check(&self, page: &Url) -> Result<Duration, Failure> {
        match &self.found {
            Ok(robots) if robots.is_url_allowed(page) => Ok(robots.crawl_delay().unwrap_or_default().min(LONGEST_DELAY)),
            Ok(_) => Err(Failure::Robots(page.origin().ascii_serialization())),
            Err(Failure::Dns(reason)) => Err(Failure::Dns(reason.clone())),
            Err(reason) => Err(Failure::Temporary(format!("robots.txt has to be read before the page, but {reason}"))),
        }
    }
}

fn is_unreachable(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT
}
