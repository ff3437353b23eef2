//! The desk's own alarms: when they begin, change and end, and who may read them.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use chrono::TimeDelta;
use tempfile::TempDir;
use topicwire::config::Config;
use topicwire::model::{Alarm, Condition, FeedState, Health, Instant, Moved};
use topicwire::ops::{self, Copied, Seen};
use topicwire::serve::{self, Token, Wires};
use topicwire::store::Store;
use tower::ServiceExt;
use url::Url;

fn hours(hours: i64) -> Instant {
    Instant::from_timestamp(1_767_225_600, 0).unwrap() + TimeDelta::hours(hours)
}

fn config() -> Config {
    Config::parse("[[feed]]\nid = \"a\"\nurl = \"https://a.kz/rss\"\n").unwrap()
}

/// A feed that was read at this hour and had its articles at those.
fn state(now: i64, articles: &[i64]) -> FeedState {
    FeedState {
        health: Health::Healthy,
        last_success: Some(hours(now)),
        recent: articles.iter().map(|hour| hours(*hour)).collect(),
        ..FeedState::default()
    }
}

fn failing(since: i64) -> FeedState {
    let failures = std::num::NonZeroU32::new(3).unwrap();
    FeedState { health: Health::Failing { failures, since: hours(since), reason: "503".into() }, ..FeedState::default() }
}

fn moved(sightings: u32) -> FeedState {
    FeedState { moved: Some(Moved { to: Url::parse("https://b.kz/rss").unwrap(), since: hours(0), sightings }), ..state(1, &[]) }
}

fn pages(before: (usize, usize), last: usize) -> FeedState {
    let share = |good: usize, all: usize| (0..all).map(move |number| number < good);
    FeedState { bodies: share(before.0, before.1).chain(share(last, 10)).collect(), ..state(1, &[]) }
}

/// What a poll at `hour` raises or ends, of what is known.
#[track_caller]
fn check(known: &[Alarm], state: &FeedState, seen: Seen, hour: i64, expected: &[(Condition, bool)]) -> Vec<Alarm> {
    let alarms = ops::after_poll(&config().feeds[0], state, seen, known, hours(hour));
    let told: Vec<_> = alarms.iter().map(|alarm| (alarm.condition, alarm.ended.is_none())).collect();
    assert_eq!(told, expected, "{alarms:?}");
    alarms
}

#[test]
fn each_condition_begins_once_and_ends() {
    let (seen, document) = (Seen::default(), Seen { document: true, ..Seen::default() });
    let daily = [0, 24, 48, 72, 96, 120, 144, 168];
    let cases = [
        (state(216, &daily), seen, 216, None),
        (state(217, &daily), seen, 217, Some(Condition::Silent)),
        (state(999, &daily[1..]), seen, 999, None),
        (failing(0), seen, 22, None),
        (failing(0), seen, 24, Some(Condition::Failing)),
        (FeedState { health: Health::Gone { since: hours(0) }, ..FeedState::default() }, seen, 0, Some(Condition::Gone)),
        (moved(2), seen, 1, None),
        (moved(3), seen, 1, Some(Condition::Moved)),
        (state(1, &[]), Seen { gap: true, ..document }, 1, Some(Condition::Gap)),
        (state(1, &[]), Seen { flood: 7, ..document }, 1, Some(Condition::Flood)),
        (pages((18, 19), 0), seen, 1, None),
        (pages((19, 20), 5), seen, 1, None),
        (pages((19, 20), 4), seen, 1, Some(Condition::Extraction)),
        (pages((4, 20), 1), seen, 1, None),
    ];
    for (state, seen, hour, expected) in cases {
        let expected: Vec<_> = expected.map(|condition| (condition, true)).into_iter().collect();
        let known = check(&[], &state, seen, hour, &expected);
        check(&known, &state, seen, hour + 1, &[]);
        let well = FeedState { bodies: vec![true; 40], ..self::state(hour + 2, &[]) };
        let over = ops::after_poll(&config().feeds[0], &well, document, &known, hours(hour + 2));
        let silent = known.iter().any(|alarm| alarm.condition == Condition::Silent);
        assert_eq!(over.len(), if silent { 0 } else { known.len() }, "{over:?}");
        assert!(over.iter().all(|alarm| alarm.ended == Some(hours(hour + 2)) && alarm.since == hours(hour)));
    }
}

#[test]
fn a_condition_that_comes_back_is_the_same_alarm() {
    let gap = Seen { document: true, gap: true, flood: 0 };
    let well = Seen { document: true, ..Seen::default() };
    let first = check(&[], &state(1, &[]), gap, 1, &[(Condition::Gap, true)]);
    let over = check(&first, &state(2, &[]), well, 2, &[(Condition::Gap, false)]);
    check(&over, &state(3, &[]), well, 3, &[]);
    let again = check(&over, &state(4, &[]), gap, 4, &[(Condition::Gap, true)]);
    assert_eq!((again[0].times, again[0].since), (2, hours(4)));
}

#[test]
fn what_goes_on_is_told_once_a_day_at_most() {
    let known = check(&[], &failing(0), Seen::default(), 30, &[(Condition::Failing, true)]);
    let failures = std::num::NonZeroU32::new(9).unwrap();
    let other = FeedState { health: Health::Failing { failures, since: hours(0), reason: "404".into() }, ..FeedState::default() };
    check(&known, &other, Seen::default(), 53, &[]);
    let later = check(&known, &other, Seen::default(), 54, &[(Condition::Failing, true)]);
    assert_eq!((later[0].since, later[0].updated, later[0].detail.contains("404")), (hours(30), hours(54), true));
}

#[test]
fn a_full_disk_and_a_feed_that_is_read_no_more() {
    let low = ops::low_disk(5, 10, &[], hours(0)).unwrap();
    assert_eq!((low.subject.as_str(), low.condition), (ops::STORE, Condition::LowDisk));
    assert_eq!(ops::low_disk(5, 10, std::slice::from_ref(&low), hours(1)), None);
    assert_eq!(ops::low_disk(10, 10, std::slice::from_ref(&low), hours(1)).unwrap().ended, Some(hours(1)));
    assert_eq!(ops::low_disk(10, 10, &[], hours(1)), None);
    let orphan = Alarm { subject: "b".into(), ..low.clone() };
    let config = config();
    let feeds = config.feeds.iter().map(|feed| feed.id.to_string()).collect();
    let known = [
        low,
        orphan,
        Alarm {
            subject: "a".into(),
            condition: Condition::Gap,
            detail: String::new(),
            since: hours(0),
            updated: hours(0),
            ended: None,
            times: 1,
        },
    ];
    let ended: Vec<_> = ops::without_subject(&feeds, &known, hours(2)).map(|alarm| alarm.subject).collect();
    assert_eq!(ended, ["b"]);
}

#[test]
fn a_refused_configuration_is_told_until_one_is_taken_up() {
    let first = ops::refused(Some("3:7: no"), &[], hours(0)).unwrap();
    assert_eq!((first.subject.as_str(), first.condition), (ops::CONFIGURATION, Condition::Refused));
    let known = std::slice::from_ref(&first);
    assert_eq!(ops::refused(Some("3:7: no"), known, hours(1)), None);
    let second = ops::refused(Some("4:1: no"), known, hours(1)).unwrap();
    assert!(second.since == hours(0) && second.detail.contains("4:1: no"), "the last attempt is told at once: {second:?}");
    let over = ops::refused(None, &[second], hours(2)).unwrap();
    assert_eq!(over.ended, Some(hours(2)));
    assert_eq!(ops::refused(None, &[over], hours(3)), None);
    assert!(ops::refused(Some(&"x".repeat(99_999)), &[], hours(0)).unwrap().detail.len() < 2000);
    let ended: Vec<_> = ops::without_subject(&std::collections::BTreeSet::new(), known, hours(1)).collect();
    assert_eq!(ended, [], "the configuration is no feed that is gone");
}

#[test]
fn a_store_that_was_put_aside_is_told_until_its_successor_has_a_backup_or_is_a_day_old() {
    let damaged = ops::put_aside("it was put aside", &[], hours(0)).unwrap();
    assert_eq!((damaged.subject.as_str(), damaged.condition, damaged.times), (ops::STORE, Condition::Damaged, 1));
    let again = ops::put_aside("it was put aside again", std::slice::from_ref(&damaged), hours(1)).unwrap();
    assert_eq!((again.since, again.times, again.detail.as_str()), (hours(1), 2, "it was put aside again"));
    let failed = Copied::Failed("no room".into());
    let no_backup = ops::after_backup(&failed, &[], hours(0)).remove(0);
    assert!(no_backup.condition == Condition::NoBackup && no_backup.detail.contains("no room"), "{no_backup:?}");
    let known = [damaged, no_backup];
    for (copied, hour, ended) in [
        (Copied::Made, 1, &[Condition::NoBackup, Condition::Damaged][..]),
        (Copied::NotDue, 1, &[Condition::NoBackup]),
        (Copied::NotDue, 24, &[Condition::NoBackup, Condition::Damaged]),
        (failed, 1, &[]),
    ] {
        let alarms = ops::after_backup(&copied, &known, hours(hour));
        assert!(alarms.iter().all(|alarm| alarm.ended == Some(hours(hour))), "{copied:?}: {alarms:?}");
        assert_eq!(alarms.iter().map(|alarm| alarm.condition).collect::<Vec<_>>(), ended, "{copied:?} after {hour} h");
    }
    assert_eq!(ops::after_backup(&Copied::Made, &[], hours(0)), []);
}

#[tokio::test]
async fn the_ops_wire_is_for_whoever_knows_the_token() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.raise(&ops::low_disk(5 << 20, 10 << 20, &[], hours(0)).into_iter().collect::<Vec<_>>()).unwrap();
    let answer = async |token: Option<&str>, path: &str, bearer: &str| {
        let wires = Wires::new(Arc::new(config()), store.clone()).with_ops(token.and_then(Token::new));
        let request = Request::get(path).header("authorization", bearer).body(Body::empty()).unwrap();
        let response = serve::router(Arc::new(wires)).oneshot(request).await.unwrap();
        let status = response.status();
        (status, String::from_utf8(axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap())
    };
    for (token, path, bearer, served) in [
        (None, "/ops.atom", "", false),
        (None, "/ops.atom?token=", "Bearer ", false),
        (Some(" "), "/ops.atom?token=", "", false),
        (Some("secret"), "/ops.atom", "", false),
        (Some("secret"), "/ops.atom?token=secre", "Bearer secret2", false),
        (Some("secret\n"), "/ops.atom?token=secret", "", true),
        (Some("secret"), "/ops.atom", "Bearer secret", true),
    ] {
        let (status, text) = answer(token, path, bearer).await;
        assert_eq!(status == StatusCode::OK, served, "{path} {bearer}");
        assert_eq!(text.contains("store: low-disk"), served);
        if served {
            let feed: atom_syndication::Feed = text.parse().unwrap();
            assert_eq!(feed.entries.len(), 1);
        } else {
            assert_eq!(status, StatusCode::NOT_FOUND);
        }
    }
}
