//! How often a feed asks to be read: RSS `ttl`, `skipHours`, `skipDays`, and `sy:updatePeriod` with `sy:updateFrequency`.

use super::names::Field;
use crate::model::Pacing;

const HOUR: u64 = 3600;

/// What was said of the pace so far.
#[derive(Debug, Default)]
pub(super) struct Pace {
    time_to_live: u64,
    period: u64,
    /// Times in the period: 1 when absent.
    frequency: Option<u64>,
    skip_hours: Vec<u8>,
    skip_days: Vec<u8>,
}

impl Pace {
    pub(super) fn set(&mut self, field: Field, text: &str) {
        let number = text.parse::<u64>().ok();
        match (field, number) {
            (Field::Ttl, Some(minutes)) => self.time_to_live = minutes.saturating_mul(60),
            (Field::UpdateFrequency, Some(times)) => self.frequency = Some(times),
            (Field::UpdatePeriod, _) => self.period = period(text),
            // Some count the hours from 1 to 24.
            (Field::SkipHour, Some(hour @ 0..=24)) => push_once(&mut self.skip_hours, u8::try_from(hour % 24).ok()),
            (Field::SkipDay, _) => push_once(&mut self.skip_days, day(text)),
            _ => {}
        }
    }

    pub(super) fn finish(self) -> Pacing {
        let seconds = self.time_to_live.max(self.period / self.frequency.unwrap_or(1).max(1));
        Pacing { interval_seconds: Some(seconds).filter(|seconds| *seconds > 0), skip_hours: self.skip_hours, skip_days: self.skip_days }
    }
}

fn period(text: &str) -> u64 {
    match text.to_ascii_lowercase().as_str() {
        "hourly" => HOUR,
        "daily" => 24 * HOUR,
        "weekly" => 7 * 24 * HOUR,
        "monthly" => 30 * 24 * HOUR,
        "yearly" => 365 * 24 * HOUR,
        _ => 0,
    }
}

/// 0 is Monday.
fn day(text: &str) -> Option<u8> {
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    u8::try_from(days.iter().position(|day| text.eq_ignore_ascii_case(day))?).ok()
}

fn push_once(list: &mut Vec<u8>, value: Option<u8>) {
    list.extend(value.filter(|value| !list.contains(value)));
}
