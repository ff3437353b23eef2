//! Where a feed is polled: at its address, or where that has led by a permanent redirect for long enough to believe it.

use chrono::TimeDelta;
use url::Url;

use crate::model::{FeedState, Instant, Moved, same_site};

/// A redirect is believed when so many answers came by it over such a time: a mistake or a hijacked host is mended sooner.
const SIGHTINGS: u32 = 10;
const TIME: TimeDelta = TimeDelta::days(3);

/// The address to poll a feed at whose address in feeds.toml is `configured`. Another site's is never adopted: that is for people to decide,
/// who see [`FeedState::moved`].
#[must_use]
pub fn address<'a>(state: &'a FeedState, configured: &'a Url, now: Instant) -> &'a Url {
    let believed = |moved: &&Moved| moved.sightings >= SIGHTINGS && now - moved.since >= TIME;
    state.moved.as_ref().filter(believed).filter(|moved| same_site(&moved.to, configured)).map_or(configured, |moved| &moved.to)
}

/// What an answer with a document, or with "not modified", to a question at `asked` taught about the feed's address. After a failure
/// there, set [`FeedState::moved`] to none: the address in feeds.toml is asked again.
#[must_use]
pub fn sighted(before: Option<&Moved>, asked: &Url, moved: Option<&Url>, now: Instant) -> Option<Moved> {
    match (before, moved) {
        (Some(before), None) if before.to == *asked => Some(before.clone()),
        (_, None) => None,
        (Some(before), Some(to)) if before.to == *to => Some(Moved { sightings: before.sightings.saturating_add(1), ..before.clone() }),
        (_, Some(to)) => Some(Moved { to: to.clone(), since: now, sightings: 1 }),
    }
}
