//! What has been read of a date, and what it comes to on the calendar.

use std::ops::RangeInclusive;

use chrono::{Datelike, Days, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

use super::words::Zone;
use crate::model::{Instant, Timestamp};

/// The parts of a date, each at most once.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) year: Option<u64>,
    pub(super) month: Option<u32>,
    pub(super) month_is_named: bool,
    pub(super) day: Option<u64>,
    /// Days counted from today: "yesterday" is -1.
    pub(super) from_today: Option<i64>,
    pub(super) clock: Option<Clock>,
    pub(super) zone: Option<Zone>,
    /// The last token was a zone's name: an offset may follow.
    pub(super) zone_is_open: bool,
    /// "2 hours 5 minutes" in seconds, a unit by itself ("an hour"), and whether "ago" was said of them.
    pub(super) length: Option<i64>,
    pub(super) unit: Option<i64>,
    pub(super) ago: Ago,
    pub(super) epoch: Option<Instant>,
}

/// A time of day, and how many days after the date's it is: 24:00 is the next day's midnight.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    pub(super) time: NaiveTime,
    pub(super) days_later: u64,
}

/// Whether the length of time was said to be ago.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Ago {
    #[default]
    Unsaid,
    Said,
    /// The word may have been August.
    OrAugust,
}

/// The years that agencies write about today.
pub(super) const YEARS: RangeInclusive<u64> = 1970..=2100;
/// How far ahead a date without a year may lie before it is taken for last year's.
const AHEAD: TimeDelta = TimeDelta::days(2);

/// The first day of all clocks is what programs write that have no date.
fn is_first_day(moment: &Timestamp) -> bool {
    NaiveDate::from_ymd_opt(1970, 1, 1) == Some(moment.date_naive())
}

impl Draft {
    /// Whether there is enough of it to be sure that it is a date amid other text.
    pub(super) fn is_distinct(&self) -> bool {
        let counted = self.ago != Ago::Unsaid && (self.length.is_some() || self.unit.is_some());
        let calendar = self.day.is_some() && self.month.is_some() && (self.year.is_some() || self.clock.is_some());
        self.epoch.is_none() && (counted || calendar || self.from_today.is_some())
    }

    /// The moment that the parts name, if the calendar has it.
    pub(super) fn resolve(mut self, timezone: Option<Tz>, now: Option<Instant>) -> Option<Timestamp> {
        let zone = self.zone.unwrap_or(Zone::Named(timezone.unwrap_or(Tz::UTC)));
        if let Some(epoch) = self.epoch {
            return Some(epoch.with_timezone(&offset(zone, epoch.naive_utc(), true))).filter(|moment| !is_first_day(moment));
        }
        if self.ago == Ago::OrAugust && self.length.is_none() && self.unit.is_none() {
            (self.ago, self.month, self.month_is_named) = (Ago::Unsaid, self.month.or(Some(8)), true);
        }
        if self.ago != Ago::Unsaid {
            let then = now?.checked_sub_signed(TimeDelta::try_seconds(self.length.or(self.unit)?)?)?;
            return Some(then.with_timezone(&offset(zone, then.naive_utc(), true)));
        }
        let clock = self.clock.or_else(|| self.hours()).unwrap_or_default();
        let local = self.date(zone, now)?.checked_add_days(Days::new(clock.days_later))?.and_time(clock.time);
        let moment = offset(zone, local, false).from_local_datetime(&local).single()?;
        (YEARS.contains(&u64::try_from(moment.year()).ok()?) && !is_first_day(&moment)).then_some(moment)
    }

    /// `15 Uhr`, `15 h`, `15 ч. 22 мин.`: hours that nobody said were ago. Minutes alone are how long it takes to read.
    fn hours(&self) -> Option<Clock> {
        let seconds = u64::try_from(self.length.filter(|length| *length >= 3600)?).ok()?;
        Clock::new(seconds / 3600, seconds / 60 % 60, seconds % 60, 0)
    }

    fn date(&self, zone: Zone, now: Option<Instant>) -> Option<NaiveDate> {
        let today = || now.map(|now| now.with_timezone(&offset(zone, now.naive_utc(), true)).date_naive());
        match (self.from_today, self.day, self.month, self.year) {
            (Some(days), None, None, None) => today()?.checked_add_signed(TimeDelta::try_days(days)?),
            (_, Some(day), Some(month), Some(year)) => self.calendar(i32::try_from(year).ok()?, month, u32::try_from(day).ok()?),
            (_, Some(day), Some(month), None) => {
                let (today, day) = (today()?, u32::try_from(day).ok()?);
                self.calendar(today.year(), month, day)
                    .filter(|date| *date - today <= AHEAD)
                    .or_else(|| self.calendar(today.year() - 1, month, day))
            }
            _ => None,
        }
    }

    /// RFC 822 dates are written by programs: one that counts to 31 in every month means the last day.
    fn calendar(&self, year: i32, month: u32, day: u32) -> Option<NaiveDate> {
        let written_by_program = self.month_is_named && self.clock.is_some() && self.zone.is_some();
        let earliest = if written_by_program { day.min(28) } else { day };
        (earliest..=day).rev().find_map(|day| NaiveDate::from_ymd_opt(year, month, day))
    }
}

impl Clock {
    /// A leap second is the second before.
    pub(super) fn new(hour: u64, minute: u64, second: u64, nanosecond: u32) -> Option<Self> {
        if (hour, minute, second) == (24, 0, 0) {
            return Some(Self { time: NaiveTime::default(), days_later: 1 });
        }
        let part = |value: u64| u32::try_from(value).ok();
        let second = if second == 60 { 59 } else { second };
        let time = NaiveTime::from_hms_nano_opt(part(hour)?, part(minute)?, part(second)?, nanosecond)?;
        Some(Self { time, days_later: 0 })
    }

    pub(super) fn in_half(self, afternoon: Option<bool>) -> Self {
        let hour = match (afternoon, self.time.hour()) {
            (Some(true), hour @ 1..=11) => hour + 12,
            (Some(false), 12) => 0,
            (_, hour) => hour,
        };
        Self { time: self.time.with_hour(hour).unwrap_or(self.time), ..self }
    }
}

/// The offset of a zone at a moment, given in UTC or in local time. A local time that the clocks skipped gets the offset before.
fn offset(zone: Zone, moment: NaiveDateTime, is_utc: bool) -> FixedOffset {
    match zone {
        Zone::Fixed(minutes) => FixedOffset::east_opt(minutes * 60).unwrap_or(Utc.fix()),
        Zone::Named(zone) if is_utc => zone.offset_from_utc_datetime(&moment).fix(),
        Zone::Named(zone) => {
            let local = zone.offset_from_local_datetime(&moment);
            local.earliest().map_or_else(|| zone.offset_from_utc_datetime(&moment).fix(), |offset| offset.fix())
        }
    }
}
