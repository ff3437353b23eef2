//! What is due at a time of day: each day, or on one day of the week, by the clocks where its readers live.

use chrono::{Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Weekday};
use chrono_tz::Tz;

use crate::model::Instant;

/// The steps in which a time is looked for that the clocks leave out, and how many of them: some zones left out a day.
const STEP: TimeDelta = TimeDelta::minutes(15);
const STEPS: i32 = 100;

/// When something is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    pub at: NaiveTime,
    /// None for each day.
    pub weekday: Option<Weekday>,
    pub timezone: Tz,
}

impl Calendar {
    /// The first time after `time`. A time of day that the clocks leave out is due as much later; of one that they show twice the first
    /// counts.
    #[must_use]
    pub fn next(&self, time: Instant) -> Instant {
        let today = time.with_timezone(&self.timezone).date_naive();
        let days = today.checked_sub_days(Days::new(1)).unwrap_or(today).iter_days().take(10);
        let days = days.filter(|day| self.weekday.is_none_or(|weekday| chrono::Datelike::weekday(day) == weekday));
        // Nothing is due after the end of the calendar.
        days.filter_map(|day| self.moment(day)).find(|moment| *moment > time).unwrap_or(Instant::MAX_UTC)
    }

    fn moment(&self, day: NaiveDate) -> Option<Instant> {
        let shown = |steps| self.timezone.from_local_datetime(&(day.and_time(self.at) + STEP * steps)).earliest();
        (0..STEPS).find_map(shown).map(|moment| moment.to_utc())
    }
}
