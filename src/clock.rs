//! The only place that reads the time.

use chrono::TimeDelta;

use crate::model::Instant;

/// Now.
#[expect(clippy::disallowed_methods, reason = "the clock itself")]
pub(crate) fn now() -> Instant {
    chrono::Utc::now() + turned()
}

/// How far the clock that timers go by is ahead of the machine's: nothing, save in tests that turn it.
fn turned() -> TimeDelta {
    let (timers, machine) = (tokio::time::Instant::now().into_std(), std::time::Instant::now());
    let ahead = timers.saturating_duration_since(machine).checked_sub(machine.saturating_duration_since(timers));
    ahead.and_then(|ahead| TimeDelta::from_std(ahead).ok()).unwrap_or_default()
}
