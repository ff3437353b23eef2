//! What becomes of articles in the long run: older versions, other names, leaving, being known afterwards, and the space coming back.

use chrono::TimeDelta;
use proptest::prelude::*;
use topicwire::model::{FeedState, Identity, Instant, Progress, StoredArticle, UrlHash};
use topicwire::store::{PollCommit, Pruned, Store};

use super::{article, check_topic, copy, empty, feed, key, noise, open, time, topic};

const KEEP: TimeDelta = TimeDelta::days(10);

fn days(days: i64) -> Instant {
    time(0) + TimeDelta::days(days)
}

/// A poll at this day that lists these articles and brings those.
fn listing(day: i64, listed: &[u32], articles: Vec<StoredArticle>) -> PollCommit {
    let listed: Vec<UrlHash> = listed.iter().map(|number| key(*number)).collect();
    PollCommit::new(feed("agency"), FeedState { listed, last_success: Some(days(day)), ..FeedState::default() }, articles)
}

#[track_caller]
fn check_prune(store: &Store, day: i64, newest: usize, articles: u64, forgotten: u64) -> Pruned {
    let pruned = store.prune(KEEP, newest, days(day)).unwrap();
    assert_eq!((pruned.articles, pruned.forgotten), (articles, forgotten), "day {day}");
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    pruned
}

#[test]
fn age_counts_from_when_a_feed_last_listed_the_article() {
    let (_folder, store) = empty();
    store.commit(&listing(0, &[1, 2, 3], vec![article(1, &["a"]), article(2, &["a"]), article(3, &[])])).unwrap();
    // On day 5 the second is not listed any more; on day 8 the answer is "not modified".
    store.commit(&listing(5, &[1, 3], vec![])).unwrap();
    store.commit(&listing(8, &[1, 3], vec![])).unwrap();
    check_prune(&store, 10, 0, 0, 0);
    let pruned = check_prune(&store, 11, 0, 1, 0);
    assert_eq!(pruned.topics, [topic("a")].into());
    assert_eq!(store.known(&[key(1), key(2), key(4)]).unwrap(), [true, true, false], "purged is not new");
    assert_eq!(store.article(key(2)).unwrap(), None);
    check_topic(&store, "a", &[(1, &[])]);
    // A feed that is read no more lists nothing.
    check_prune(&store, 19, 0, 2, 0);
    check_topic(&store, "a", &[]);
    check_prune(&store, 20, 0, 0, 0);
    check_prune(&store, 21, 0, 0, 1);
    assert_eq!(store.known(&[key(1), key(2)]).unwrap(), [true, false]);
}

#[test]
fn the_newest_of_each_topic_stay_with_their_stories() {
    let (_folder, store) = empty();
    let articles = vec![article(1, &["a", "b"]), article(2, &["a"]), article(3, &["a"]), copy(4, 2, &[]), article(5, &[])];
    store.commit(&listing(0, &[], articles)).unwrap();
    check_prune(&store, 50, 2, 1, 1);
    check_topic(&store, "a", &[(3, &[]), (2, &[4]), (1, &[])]);
    check_prune(&store, 50, 1, 2, 2);
    check_topic(&store, "a", &[(3, &[]), (1, &[])]);
    check_topic(&store, "b", &[(1, &[])]);
}

#[test]
fn an_article_is_recognised_by_each_of_its_names_until_it_is_forgotten() {
    let (folder, store) = empty();
    let words = Identity::words(&feed("agency"), b"words");
    let entry = Identity::entry(&feed("agency"), "1");
    let moved = Identity::from(key(77));
    let known = StoredArticle { words: Some(words), ..article(1, &[]) };
    let mut commit = listing(0, &[], vec![known.clone()]);
    commit.aliases.push((moved, key(1)));
    store.commit(&commit).unwrap();
    let names = [key(1).into(), words, entry, moved];
    assert_eq!(store.resolve(&names).unwrap(), [Some(key(1)); 4]);
    // The first to have a name keeps it.
    store.commit(&listing(0, &[], vec![StoredArticle { words: Some(words), ..article(2, &[]) }])).unwrap();
    assert_eq!(store.resolve(&[words]).unwrap(), [Some(key(1))]);
    check_prune(&store, 11, 0, 2, 0);
    drop(store);
    let store = open(folder.path());
    assert_eq!(store.resolve(&names).unwrap(), [Some(key(1)); 4]);
    check_prune(&store, 21, 0, 0, 2);
    assert_eq!(store.resolve(&names).unwrap(), [None; 4]);
}

#[test]
fn the_first_version_and_the_newest_are_kept() {
    let (_folder, store) = empty();
    let version = |number: u32| {
        let mut article = article(1, &["a"]);
        (article.corrections, article.updated) = (number, time(number));
        article.article.text = number.to_string();
        article
    };
    for number in 0..50 {
        let commit = listing(0, &[], vec![version(number)]);
        store.commit(&commit).unwrap();
        store.commit(&commit).unwrap();
    }
    let kept: Vec<u32> = store.versions(key(1)).unwrap().iter().map(|version| version.text.parse().unwrap()).collect();
    assert_eq!(kept, std::iter::once(0).chain(18..49).collect::<Vec<_>>());
    check_prune(&store, 11, 0, 1, 0);
    assert_eq!(store.versions(key(1)).unwrap(), []);
}

fn bytes(folder: &std::path::Path) -> u64 {
    let sizes = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| if entry.path().is_dir() { bytes(&entry.path()) } else { entry.metadata().unwrap().len() });
    sizes.sum()
}

#[test]
fn the_space_of_what_is_purged_comes_back() {
    let (folder, store) = empty();
    let large = |number: u32| {
        let mut large = article(number, &["a"]);
        large.article.text = noise(300_000 + number as usize);
        large
    };
    for step in 0..15 {
        store.commit(&listing(i64::from(step), &[], (step * 20..step * 20 + 20).map(large).collect())).unwrap();
    }
    let kept = store.clone();
    let before = bytes(folder.path());
    assert!(before > 60 << 20, "{before}");
    let pruned = check_prune(&store, 13, 3, 297, 0);
    assert!(pruned.rebuilt);
    assert!(bytes(folder.path()) < before / 2, "{before} {}", bytes(folder.path()));
    check_topic(&kept, "a", &[(299, &[]), (298, &[]), (297, &[])]);
    kept.commit(&listing(20, &[300], vec![large(300)])).unwrap();
    drop((store, kept));
    let store = open(folder.path());
    assert_eq!(store.lost_commits(), 0);
    assert!(store.article(key(299)).unwrap() == Some(large(299)) && store.article(key(300)).unwrap() == Some(large(300)));
}

#[test]
fn a_rebuild_that_is_cut_off_anywhere_loses_nothing() {
    let (folder, store) = empty();
    store.commit(&listing(0, &[], (1..40).map(|number| article(number, &["a"])).collect())).unwrap();
    store.rebuild().unwrap();
    store.commit(&listing(1, &[], vec![article(40, &["a"])])).unwrap();
    drop(store);
    let at = |name: &str| folder.path().join(name);
    let copied = |to: &str, names: &[&str]| {
        std::fs::create_dir_all(at(to)).unwrap();
        for name in names {
            std::fs::copy(at(name), at(to).join(name)).unwrap();
        }
    };
    // Cut off while the new store was written: it is not whole, and is dropped.
    copied("rebuilding", &["conf"]);
    assert_eq!(open(folder.path()).newest(&topic("a"), 99, None).unwrap().len(), 40);
    assert!(!at("rebuilding").exists());
    // Cut off when it was whole, or half way through taking its place.
    for left in [&["db", "conf"][..], &["conf"], &[]] {
        copied("rebuilt", left);
        let store = open(folder.path());
        assert_eq!(store.newest(&topic("a"), 99, None).unwrap().len(), 40);
        assert_eq!((store.verify().unwrap(), store.lost_commits(), at("rebuilt").exists()), (vec![], 0, false));
    }
}

#[test]
fn who_reads_and_writes_while_the_store_is_written_anew_loses_nothing() {
    let (folder, store) = empty();
    store.commit(&listing(0, &[], (1..200).map(|number| article(number, &["a"])).collect())).unwrap();
    let stop = std::sync::atomic::AtomicBool::new(false);
    let running = || !stop.load(std::sync::atomic::Ordering::Relaxed);
    let (written, noted, read) = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let write = |number| store.commit(&listing(1, &[], vec![article(number, &["a"])])).unwrap();
            (1000..).take_while(|_| running()).inspect(|number| drop(write(*number))).count()
        });
        let noter = scope.spawn(|| {
            let note = |number| store.put_progress(&format!("webhook/{number}"), Progress::default()).unwrap();
            (0..).take_while(|_| running()).inspect(|number| note(*number)).count()
        });
        let reader =
            scope.spawn(|| std::iter::repeat_with(|| assert!(store.article(key(7)).unwrap().is_some())).take_while(|()| running()).count());
        assert!((0..4).any(|_| store.rebuild().unwrap()));
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        (writer.join().unwrap(), noter.join().unwrap(), reader.join().unwrap())
    });
    assert!(read > 0);
    drop(store);
    let store = open(folder.path());
    assert_eq!(store.newest(&topic("a"), 100_000, None).unwrap().len(), 199 + written);
    assert!((0..noted).all(|number| store.progress(&format!("webhook/{number}")).unwrap().is_some()));
    assert_eq!((store.verify().unwrap(), store.lost_commits()), (vec![], 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn whatever_is_pruned_the_indexes_agree_and_nothing_listed_is_lost(
        polls in prop::collection::vec((prop::collection::vec(0..12_u32, 0..5), prop::collection::vec((0..12_u32, 0..3_u32), 0..4)), 1..8),
        newest in 0..3_usize,
    ) {
        let (_folder, store) = empty();
        for (day, (listed, articles)) in (0..).zip(polls) {
            let articles = articles.into_iter().map(|(number, story)| copy(number, story, &["a"])).collect();
            store.commit(&listing(day * 4, &listed, articles)).unwrap();
            let here: Vec<UrlHash> = listed.iter().map(|number| key(*number)).filter(|key| store.article(*key).unwrap().is_some()).collect();
            store.prune(KEEP, newest, days(day * 4)).unwrap();
            prop_assert_eq!(store.verify().unwrap(), Vec::<String>::new());
            for key in here {
                prop_assert!(store.article(key).unwrap().is_some());
            }
            let again = store.prune(KEEP, newest, days(day * 4)).unwrap();
            // With those that leave, entries of the newest stories can pass to other carriers.
            prop_assert!(newest > 0 || (again.articles, again.forgotten) == (0, 0));
        }
    }
}
