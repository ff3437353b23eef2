//! Digests: a letter to each reader at its time, with all that came since the last. It is noted on the disk which letter was begun before
//! it is sent, and that it was taken: what is sent again after a crash or a lost answer is the same letter, and has the same name.

use std::time::Duration;

use super::load::{Freight, Load};
use super::outlet::Outlet;
use super::{Hub, REST, lock};
use crate::clock;
use crate::desk::{Desk, Refusal};
use crate::fetch::{Failure, Sent};
use crate::hub::letter::{self, About};
use crate::hub::life;
use crate::model::{Instant, Progress, Scope, TopicId};
use crate::ops;
use crate::publish::{self, Format};
use crate::store;

impl Hub {
    /// When somebody's next letter is due; none for those who are not written to.
    pub(super) fn digest_time(&self, outlet: &Outlet, progress: Progress) -> Option<Instant> {
        let Outlet::Digest(topic, _) = outlet else { return None };
        Some(self.digests.get(topic)?.calendar.next(progress.last.unwrap_or_default()))
    }

    /// There is nothing new for somebody. The time of a letter passes; returns how long until the next.
    pub(super) fn pass_over(&self, outlet: &Outlet, progress: Progress, now: Instant) -> Result<Duration, store::Error> {
        if !matches!(outlet, Outlet::Digest(..)) {
            return Ok(REST);
        }
        let after = life::posted(progress.next, now);
        self.store.put_progress(&outlet.name(), after)?;
        lock(&self.progress).insert(outlet.clone(), after);
        Ok(self.digest_time(outlet, after).and_then(|time| (time - now).to_std().ok()).unwrap_or(REST))
    }

    /// The letter that is due: the one that was begun, or all that has come.
    pub(super) fn load_digest(&self, outlet: &Outlet, topic: &TopicId, to: &str, desk: &Desk) -> Result<Option<Load>, Refusal> {
        let (Some(post), scope, now) = (&self.post, Scope::Topic(topic.clone()), clock::now()) else { return Ok(None) };
        // A command may have sent it meanwhile.
        let known = self.store.progress(&outlet.name())?.unwrap_or_default();
        let arrivals = self.store.wire_state(&scope)?.arrivals;
        let numbers = known.next..known.until.unwrap_or(arrivals);
        let letter = desk.letter(topic, self.digests.get(topic), numbers.clone())?;
        let Some(letter) = letter else {
            // It was sent, or purged.
            let next = if known.until.is_some() { numbers.end } else { arrivals };
            let after = life::posted(next, known.last.unwrap_or(now).max(now));
            self.store.put_progress(&outlet.name(), after)?;
            lock(&self.progress).insert(outlet.clone(), after);
            return Ok(None);
        };
        let articles = self.store.arrival_keys(&scope, numbers.clone())?;
        let page = format!("{}{}", self.site, publish::file(&scope, Format::Html));
        let about = About { topic, numbers: numbers.clone(), articles, page: &page };
        let message = letter::message(post.email(), to, &about, letter, now).map_err(|error| Refusal::NotDone(error.to_string()))?;
        let begun = Progress { until: Some(numbers.end), ..known };
        self.store.put_progress_now(&outlet.name(), begun)?;
        lock(&self.progress).insert(outlet.clone(), begun);
        Ok(Some(Load { freight: Freight::Letter(Box::new(message)), next: numbers.end }))
    }

    /// What became of a letter.
    pub(super) fn note_digest(&self, outlet: &Outlet, sent: &Sent, next: u64, now: Instant) -> Result<(), store::Error> {
        let Some(before) = lock(&self.progress).get(outlet).copied() else { return Ok(()) };
        let (after, detail) = match sent {
            Sent::Taken => (life::posted(next, now), None),
            Sent::Gone => (life::put_off(before, now), None),
            Sent::Refused(failure @ (Failure::Permanent(_) | Failure::Missing(_) | Failure::Robots(_))) => {
                (life::put_off(before, now), Some(failure.to_string()))
            }
            Sent::Refused(failure @ (Failure::Temporary(_) | Failure::Dns(_))) => {
                (life::later(before, self.patience, now), Some(failure.to_string()))
            }
        };
        self.store.put_progress_now(&outlet.name(), after)?;
        lock(&self.progress).insert(outlet.clone(), after);
        if let Some(detail) = &detail {
            tracing::warn!(digest = outlet.name(), failures = after.failures, "a digest was not taken, and is tried again: {detail}");
        }
        if after.failures > 0 && !life::is_worrying(after) {
            return Ok(());
        }
        let known = self.store.alarms(Some(&outlet.name()))?;
        let alarm = ops::undelivered(&outlet.name(), detail.as_deref(), &known, now);
        alarm.map_or(Ok(()), |alarm| self.store.raise(&[alarm]))
    }
}
