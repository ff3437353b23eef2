//! When feeds are polled: within bounds, sooner where more is published, later where something fails.

use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use proptest::prelude::*;
use topicwire::model::{CanonicalUrl, FeedState, Instant, Pacing, UrlHash};
use topicwire::schedule::{
    Interval, Trouble, address, after_failure, after_success, after_throttling, doubts_validators, overlaps, remember, sighted,
};
use url::Url;

const INTERVAL: Interval = Interval { min: minutes(2), max: minutes(360) };

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

fn at(text: &str) -> Instant {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

/// A Wednesday.
fn noon() -> Instant {
    at("2025-11-26T12:00:00Z")
}

/// A feed that published `count` articles, evenly, up to `now`.
fn regular(count: u32, every: Duration, now: Instant) -> FeedState {
    let every = TimeDelta::from_std(every).unwrap();
    let recent = (0..count).rev().map(|index| now - every * i32::try_from(index).unwrap()).collect();
    FeedState { recent, polls: 10, ..FeedState::default() }
}

fn wait(state: &FeedState, max_age: Option<Duration>) -> Duration {
    (after_success(state, INTERVAL, max_age, noon(), 0.0) - noon()).to_std().unwrap()
}

#[track_caller]
fn check_wait(state: &FeedState, expected: std::ops::RangeInclusive<u64>) {
    let wait = wait(state, None);
    assert!((minutes(*expected.start())..=minutes(*expected.end())).contains(&wait), "{wait:?} is not in {expected:?} minutes");
}

#[test]
fn the_interval_goes_with_the_square_root_of_the_rate() {
    check_wait(&regular(128, minutes(4), noon()), 3..=5);
    check_wait(&regular(128, minutes(60), noon()), 13..=17);
    check_wait(&regular(40, minutes(250), noon()), 25..=35);
    check_wait(&regular(20, minutes(25 * 60), noon()), 60..=80);
    check_wait(&regular(2, minutes(300 * 24 * 60), noon()), 200..=300);
}

#[test]
fn old_articles_that_are_pinned_do_not_hide_the_pace() {
    let mut state = regular(30, minutes(30), noon());
    state.recent.splice(0..0, [at("2009-01-01T00:00:00Z"), at("2020-01-01T00:00:00Z")]);
    check_wait(&state, 5..=15);
}

#[test]
fn a_feed_of_which_nothing_is_known_is_polled_soon_and_less_often_while_it_stays_empty() {
    check_wait(&FeedState::default(), 15..=30);
    check_wait(&FeedState { polls: 100, ..FeedState::default() }, 60..=100);
    check_wait(&FeedState { polls: u64::MAX, ..FeedState::default() }, 120..=360);
}

#[test]
fn nights_are_quiet() {
    // Twelve articles a day between 6 and 18 o'clock, for ten days.
    let recent = (0..240).map(|hour| at("2025-11-16T12:00:00Z") + TimeDelta::hours(hour)).filter(|time| {
        let hour = chrono::Timelike::hour(time);
        (6..18).contains(&hour)
    });
    let state = FeedState { recent: recent.collect(), polls: 10, ..FeedState::default() };
    let wait_at = |now: Instant| after_success(&state, INTERVAL, None, now, 0.0) - now;
    let (day, night) = (wait_at(noon()), wait_at(noon() + TimeDelta::hours(10)));
    assert!(night > day * 2, "{day} by day, {night} by night");
    // What is due at night is due again by the time the day begins.
    assert!(wait_at(noon() + TimeDelta::hours(17)) < TimeDelta::minutes(90));
}

#[test]
fn a_feed_that_turned_over_between_two_polls_is_polled_sooner() {
    let state = regular(128, minutes(60), noon());
    let missed = FeedState { missed: true, ..state.clone() };
    assert_eq!(wait(&missed, None), (wait(&state, None) / 4).max(INTERVAL.min));
}

#[test]
fn what_the_server_and_the_document_ask_for_is_a_floor_up_to_the_maximum() {
    let busy = regular(128, minutes(4), noon());
    let asks = |seconds| FeedState { pacing: Pacing { interval_seconds: Some(seconds), ..Pacing::default() }, ..busy.clone() };
    assert_eq!(wait(&busy, Some(minutes(30))), minutes(30));
    assert_eq!(wait(&asks(3600), None), minutes(60));
    assert_eq!(wait(&asks(3600), Some(minutes(90))), minutes(90));
    assert_eq!(wait(&asks(3600), Some(minutes(30))), minutes(60));
    assert_eq!(wait(&asks(u64::MAX), Some(Duration::MAX)), INTERVAL.max);
    assert_eq!(wait(&busy, Some(Duration::ZERO)), wait(&busy, None));
}

#[test]
fn hours_and_days_to_skip_are_skipped_up_to_the_maximum() {
    let busy = regular(128, minutes(4), noon());
    let check = |skip_hours: &[u8], skip_days: &[u8], expected: Duration| {
        let pacing = Pacing { interval_seconds: None, skip_hours: skip_hours.into(), skip_days: skip_days.into() };
        assert_eq!(wait(&FeedState { pacing, ..busy.clone() }, None), expected, "hours {skip_hours:?}, days {skip_days:?}");
    };
    check(&[12, 13, 15], &[], minutes(120));
    check(&[13, 14], &[0, 1], wait(&busy, None));
    check(&[], &[2], INTERVAL.max);
    check(&(0..24).collect::<Vec<_>>(), &[], wait(&busy, None));
    check(&[255], &[7, 255], wait(&busy, None));
}

#[test]
fn failures_back_off_by_their_weight_up_to_a_day() {
    let check = |trouble, failures, expected| {
        let wait = after_failure(trouble, failures, INTERVAL, noon(), 0.0) - noon();
        assert_eq!(wait.to_std().unwrap(), expected, "{trouble:?} {failures}");
    };
    check(Trouble::Dns, 1, minutes(2));
    check(Trouble::Dns, 3, Duration::from_secs(270));
    check(Trouble::Soft, 0, minutes(5));
    check(Trouble::Soft, 1, minutes(5));
    check(Trouble::Soft, 4, minutes(40));
    check(Trouble::Hard, 1, minutes(60));
    check(Trouble::Hard, 5, minutes(16 * 60));
    for trouble in [Trouble::Dns, Trouble::Soft, Trouble::Hard] {
        check(trouble, u32::MAX, minutes(24 * 60));
    }
}

#[test]
fn retry_after_is_kept_up_to_two_days() {
    let wait = |retry_after| (after_throttling(retry_after, INTERVAL, noon(), 0.0) - noon()).to_std().unwrap();
    assert_eq!(wait(None), minutes(60));
    assert_eq!(wait(Some(minutes(90))), minutes(90));
    assert_eq!(wait(Some(Duration::ZERO)), INTERVAL.min);
    assert_eq!(wait(Some(Duration::from_hours(36))), minutes(36 * 60));
    assert_eq!(wait(Some(Duration::MAX)), minutes(48 * 60));
}

#[test]
fn validators_that_are_too_good_to_be_true_are_doubted() {
    let check = |every, silent, expected| {
        let last_document = Some(noon() - TimeDelta::from_std(silent).unwrap());
        let state = FeedState { last_document, ..regular(100, every, noon() - TimeDelta::from_std(silent).unwrap()) };
        assert_eq!(doubts_validators(&state, noon()), expected, "every {every:?}, silent for {silent:?}");
    };
    check(minutes(30), minutes(23 * 60), false);
    check(minutes(30), minutes(25 * 60), true);
    check(minutes(10 * 60), minutes(25 * 60), false);
    check(minutes(10 * 60), minutes(8 * 24 * 60), true);
    assert!(!doubts_validators(&FeedState::default(), noon()));
}

#[test]
fn a_permanent_redirect_is_believed_after_days_of_agreement_and_within_the_site() {
    let url = |text: &str| Url::parse(text).unwrap();
    let configured = url("http://www.a.kz/rss");
    let after = |to: &Url, polls: i32, every: TimeDelta| {
        let mut state = FeedState::default();
        for poll in 0..polls {
            let now = noon() + every * poll;
            let asked = address(&state, &configured, now).clone();
            let moved = (asked == configured).then_some(to);
            state.moved = sighted(state.moved.as_ref(), &asked, moved, now);
        }
        (address(&state, &configured, noon() + every * polls).clone(), state)
    };
    let (there, elsewhere) = (url("https://a.kz/feed"), url("https://b.kz/feed"));
    assert_eq!(after(&there, 9, TimeDelta::days(1)).0, configured);
    assert_eq!(after(&there, 10, TimeDelta::days(1)).0, there);
    assert_eq!(after(&there, 100, TimeDelta::days(1)).0, there, "and it stays believed");
    assert_eq!(after(&there, 100, TimeDelta::minutes(10)).0, configured);
    let (address, state) = after(&elsewhere, 100, TimeDelta::days(1));
    assert_eq!(address, configured);
    assert_eq!(state.moved.map(|moved| moved.to), Some(elsewhere), "for people to see");

    let (_, state) = after(&there, 5, TimeDelta::days(1));
    let sighted = |moved: Option<&Url>| sighted(state.moved.as_ref(), &configured, moved, noon()).map(|moved| moved.sightings);
    assert_eq!(sighted(Some(&there)), Some(6));
    assert_eq!(sighted(Some(&url("https://a.kz/other"))), Some(1));
    assert_eq!(sighted(None), None);
}

#[test]
fn documents_overlap_when_they_share_an_entry() {
    let keys = |names: &[&str]| -> Vec<UrlHash> {
        let key = |name| UrlHash::of(&CanonicalUrl::of(&Url::parse(&format!("https://a.kz/{name}")).unwrap()).unwrap());
        names.iter().map(key).collect()
    };
    assert!(overlaps(&keys(&["a", "b"]), &keys(&["c", "b"])));
    assert!(!overlaps(&keys(&["a", "b"]), &keys(&["c", "d"])));
    assert!(overlaps(&keys(&[]), &keys(&["a"])));
    assert!(overlaps(&keys(&["a"]), &keys(&[])));
}

#[test]
fn articles_are_remembered_when_they_can_have_appeared() {
    let mut state = FeedState::default();
    let (old, soon) = (noon() - TimeDelta::days(3), noon() + TimeDelta::days(3));
    remember(&mut state, [Some(old), None, Some(soon)], noon());
    assert_eq!(state.recent, [old, noon()], "what has no time at the first poll tells nothing");
    // From the second poll on, nothing appears before the last poll, whatever it claims: many agencies give a date without a time.
    state.last_success = Some(noon());
    let (half, hour) = (noon() + TimeDelta::minutes(30), noon() + TimeDelta::hours(1));
    let in_between = noon() + TimeDelta::minutes(50);
    remember(&mut state, [Some(in_between), Some(old), None, Some(soon)], hour);
    assert_eq!(state.recent, [old, noon(), half, half, half, in_between]);
    remember(&mut state, (0..1000).map(|_| Some(hour)), hour);
    assert!(state.recent.len() <= 200 && state.recent.iter().all(|&time| time == hour));
}

fn any_interval() -> impl Strategy<Value = Interval> {
    (0..100_000_u64, 0..100_000_u64)
        .prop_map(|(min, more)| Interval { min: Duration::from_secs(min), max: Duration::from_secs(min + more) })
}

fn any_state() -> impl Strategy<Value = FeedState> {
    let recent = prop::collection::vec(-100_000_000..100_000_000_i64, 0..130);
    let pacing = (prop::option::of(any::<u64>()), prop::collection::vec(any::<u8>(), 0..30), prop::collection::vec(any::<u8>(), 0..9));
    (recent, pacing, any::<u64>(), any::<bool>()).prop_map(|(seconds, (interval_seconds, skip_hours, skip_days), polls, missed)| {
        let mut recent: Vec<Instant> = seconds.into_iter().map(|seconds| noon() + TimeDelta::seconds(seconds)).collect();
        recent.sort_unstable();
        let pacing = Pacing { interval_seconds, skip_hours, skip_days };
        FeedState { recent, pacing, polls, missed, ..FeedState::default() }
    })
}

proptest! {
    #[test]
    fn the_interval_is_bounded(state in any_state(), interval in any_interval(), max_age in any::<Option<Duration>>(), jitter in any::<f64>()) {
        let due = after_success(&state, interval, max_age, noon(), jitter);
        let wait = (due - noon()).to_std().unwrap();
        prop_assert!(wait >= interval.min && wait <= interval.max.mul_f64(1.1), "{wait:?}");
    }

    #[test]
    fn jitter_adds_up_to_a_tenth(state in any_state(), jitter in 0.0..1.0_f64) {
        let due = |jitter| after_success(&state, INTERVAL, None, noon(), jitter) - noon();
        let (least, most) = (due(0.0).to_std().unwrap(), due(1.0).to_std().unwrap());
        prop_assert!(due(0.0) <= due(jitter) && due(jitter) <= due(1.0));
        prop_assert!(most <= least.mul_f64(1.1001));
    }

    #[test]
    fn more_news_means_sooner(count in 2..120_u32, every in 60..100_000_u64, faster in 1..100_u64) {
        let slow = regular(count, Duration::from_secs(every), noon());
        let fast = regular(count, Duration::from_secs((every / faster).max(1)), noon());
        // The hours learned are noise on the rate: for more than that, the order holds.
        prop_assert!(wait(&fast, None) <= wait(&slow, None).mul_f64(1.5));
    }

    #[test]
    fn a_longer_floor_never_means_sooner(state in any_state(), one in 0..100_000_u64, other in 0..100_000_u64) {
        let (less, more) = (Duration::from_secs(one.min(other)), Duration::from_secs(one.max(other)));
        prop_assert!(wait(&state, Some(less)) <= wait(&state, Some(more)));
    }

    #[test]
    fn backoff_never_shrinks(failures in any::<u32>(), interval in any_interval(), jitter in any::<f64>()) {
        let mut gentler = noon();
        for trouble in [Trouble::Dns, Trouble::Soft, Trouble::Hard] {
            let due = |failures| after_failure(trouble, failures, interval, noon(), jitter);
            prop_assert!(due(failures) <= due(failures.saturating_add(1)));
            prop_assert!(gentler <= due(failures), "what is worse is not asked sooner");
            let wait = (due(failures) - noon()).to_std().unwrap();
            prop_assert!(wait >= interval.min && wait <= minutes(24 * 60).max(interval.min).mul_f64(1.1));
            gentler = due(failures);
        }
    }

    #[test]
    fn retry_after_is_never_undercut(seconds in 0..86_400_u64, interval in any_interval(), jitter in any::<f64>()) {
        let retry_after = Duration::from_secs(seconds);
        prop_assert!(after_throttling(Some(retry_after), interval, noon(), jitter) >= noon() + retry_after.max(interval.min));
    }

    #[test]
    fn memory_is_bounded_sorted_and_never_of_the_future(polls in prop::collection::vec(prop::collection::vec(any::<Option<i32>>(), 0..60), 1..6)) {
        let (mut state, mut now) = (FeedState::default(), noon());
        for published in polls {
            now += TimeDelta::hours(1);
            remember(&mut state, published.iter().map(|claim| claim.map(|seconds| noon() + TimeDelta::seconds(seconds.into()))), now);
            state.last_success = Some(now);
        }
        prop_assert!(state.recent.len() <= 128 && state.recent.is_sorted() && state.recent.iter().all(|&time| time <= now));
    }
}
