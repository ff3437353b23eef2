//! How often the server and the document ask to be polled at most.

use std::time::Duration;

use chrono::{Datelike, DurationRound, TimeDelta, Timelike};

use crate::model::{Instant, Pacing};

/// The longest of what was asked for.
pub(super) fn duration(pacing: &Pacing, max_age: Option<Duration>) -> Duration {
    let document = pacing.interval_seconds.map(Duration::from_secs);
    document.max(max_age).unwrap_or_default()
}

/// `due`, or the next hour after it that the document does not ask to skip (`skipHours`, `skipDays`). One that skips them all is not heard.
pub(super) fn next_open(pacing: &Pacing, due: Instant) -> Instant {
    let skipped = |time: &Instant| {
        let (hour, day) = (time.hour(), time.weekday().num_days_from_monday());
        pacing.skip_hours.iter().any(|&skipped| u32::from(skipped) == hour)
            || pacing.skip_days.iter().any(|&skipped| u32::from(skipped) == day)
    };
    if !skipped(&due) {
        return due;
    }
    let hour = due.duration_trunc(TimeDelta::hours(1)).unwrap_or(due);
    (1..=7 * 24).filter_map(|hours| hour.checked_add_signed(TimeDelta::hours(hours))).find(|time| !skipped(time)).unwrap_or(due)
}
