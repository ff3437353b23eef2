//! The only place that reads the time.

use crate::model::Instant;

/// Now.
#[expect(clippy::disallowed_methods, reason = "the clock itself")]
pub(crate) fn now() -> Instant {
    chrono::Utc::now()
}
