//! The store: what is committed is read back, once, whole, in order, also after a crash and from damaged files.

mod archive;
mod backup;
mod crash;
mod damage;
mod prune;

use std::ops::ControlFlow;
use std::path::Path;

use proptest::prelude::*;
use tempfile::TempDir;
use topicwire::model::{
    Article, BodySource, CanonicalUrl, Evidence, FeedId, FeedState, Field, Instant, Match, Republish, StoredArticle, TopicId, UrlHash,
};
use topicwire::store::{Error, Place, PollCommit, Published, Store};
use url::Url;

pub(crate) fn url(number: u32) -> Url {
    Url::parse(&format!("https://agency.kz/news/{number}")).unwrap()
}

pub(crate) fn key(number: u32) -> UrlHash {
    UrlHash::of(&CanonicalUrl::of(&url(number)).unwrap())
}

pub(crate) fn time(number: u32) -> Instant {
    Instant::from_timestamp(1_700_000_000 + i64::from(number), 0).unwrap()
}

fn topic(name: &str) -> TopicId {
    TopicId::new(name).unwrap()
}

fn feed(name: &str) -> FeedId {
    FeedId::new(name).unwrap()
}

/// An article published at `time(number)` that is a story of its own.
pub(crate) fn article(number: u32, topics: &[&str]) -> StoredArticle {
    let evidence =
        vec![Evidence { field: Field::Title, start: 0, end: 5, text: "Права".into(), term: "право".into(), weight: 3.5 }];
    let matches = topics.iter().map(|name| Match { topic: topic(name), score: 12.34, evidence: evidence.clone() }).collect();
    StoredArticle {
        key: key(number),
        url: CanonicalUrl::of(&url(number)).unwrap(),
        link: url(number),
        feed: feed("agency"),
        agency: "Агентство".into(),
        entry_id: number.to_string(),
        first_seen: time(number),
        updated: time(number),
        article: Article {
            title: format!("Права детей {number}"),
            published: Some(time(number).fixed_offset()),
            text: format!("Текст {number}"),
            ..Article::default()
        },
        body_source: BodySource::Page,
        republish: Republish::Full,
        note: None,
        matches,
        story: key(number),
        fingerprint: vec![number; 4],
        words: None,
        page: None,
        corrections: 0,
        withdrawn: None,
    }
}

/// The same text as article `story`.
fn copy(number: u32, story: u32, topics: &[&str]) -> StoredArticle {
    StoredArticle { story: key(story), ..article(number, topics) }
}

pub(crate) fn poll(polls: u64, articles: Vec<StoredArticle>) -> PollCommit {
    PollCommit::new(feed("agency"), FeedState { polls, ..FeedState::default() }, articles)
}

fn open(folder: &Path) -> Store {
    Store::open(folder).unwrap()
}

fn empty() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    (folder, store)
}

/// A text that does not compress well.
fn noise(bytes: usize) -> String {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b' ' + u8::try_from((state >> 40) % 95).unwrap())
    };
    (0..bytes).map(|_| next()).collect()
}

fn keys(published: &[Published]) -> Vec<UrlHash> {
    published.iter().map(|entry| entry.article.key).collect()
}

#[track_caller]
fn check_topic(store: &Store, name: &str, expected: &[(u32, &[u32])]) {
    let newest = store.newest(&topic(name), 100, None).unwrap();
    let told: Vec<_> =
        newest.iter().map(|entry| (entry.article.key, entry.also.iter().map(|also| also.place.key).collect::<Vec<_>>())).collect();
    let expected: Vec<_> = expected.iter().map(|(holder, also)| (key(*holder), also.iter().map(|also| key(*also)).collect())).collect();
    assert_eq!(told, expected, "topic {name}");
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
}

#[test]
fn what_is_committed_is_read_back_also_after_reopening() {
    let (folder, store) = empty();
    let commit = poll(7, vec![article(1, &["child-rights"]), article(2, &[]), article(3, &["child-rights", "courts"])]);
    let receipt = store.commit(&commit).unwrap();
    assert_eq!(receipt.sequence, 1);
    assert_eq!(receipt.new, [key(1), key(2), key(3)]);
    assert_eq!(receipt.topics, [topic("child-rights"), topic("courts")].into());
    drop(store);

    let store = open(folder.path());
    assert_eq!(store.lost_commits(), 0);
    assert_eq!(store.feed_state(&commit.feed).unwrap().as_ref(), Some(&commit.state));
    assert_eq!(store.feed_states().unwrap(), [(commit.feed.clone(), commit.state.clone())].into());
    assert_eq!(store.feed_state(&feed("other")).unwrap(), None);
    for article in &commit.articles {
        assert_eq!(store.article(article.key).unwrap().as_ref(), Some(article));
    }
    assert_eq!(store.known(&[key(3), key(4), key(1)]).unwrap(), [true, false, true]);
    check_topic(&store, "child-rights", &[(3, &[]), (1, &[])]);
    check_topic(&store, "courts", &[(3, &[])]);
    check_topic(&store, "child", &[]);
    let stats = store.stats().unwrap();
    assert_eq!((stats.articles, stats.sequence, stats.blobs), (3, 1, 0));
    assert_eq!(stats.topics, [(topic("child-rights"), 2), (topic("courts"), 1)].into());
}

#[test]
fn the_same_commit_twice_changes_nothing_the_second_time() {
    let (_folder, store) = empty();
    let commit = poll(1, vec![article(1, &["a"]), copy(2, 1, &["a"]), copy(3, 9, &["a", "b"])]);
    store.commit(&commit).unwrap();
    let before = (store.newest(&topic("a"), 9, None).unwrap(), store.stats().unwrap());
    let again = store.commit(&commit).unwrap();
    assert_eq!((again.sequence, again.new, again.topics.len()), (1, vec![], 0));
    let after = (store.newest(&topic("a"), 9, None).unwrap(), store.stats().unwrap());
    assert_eq!(before.0, after.0);
    assert_eq!(before.1.topics, after.1.topics);
}

#[test]
fn newest_goes_back_in_pages_and_equal_times_have_an_order() {
    let (_folder, store) = empty();
    let same_time = |number| StoredArticle { article: article(5, &[]).article, ..article(number, &["a"]) };
    store.commit(&poll(1, (1..=9).map(same_time).collect())).unwrap();
    let all = store.newest(&topic("a"), 100, None).unwrap();
    assert!(all.windows(2).all(|pair| pair[0].place() > pair[1].place()));
    let (mut paged, mut before) = (Vec::new(), None);
    loop {
        let page = store.newest(&topic("a"), 2, before).unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.place());
        paged.extend(page);
    }
    assert_eq!(paged, all);
    assert_eq!(store.newest_of_all(100, None).unwrap(), all);
    assert_eq!(store.newest(&topic("a"), 0, None).unwrap(), []);
}

#[test]
fn newest_of_a_feed_leaves_the_others_out() {
    let (_folder, store) = empty();
    let other = StoredArticle { feed: feed("other"), ..article(2, &[]) };
    store.commit(&poll(1, vec![article(1, &[]), other, article(3, &[])])).unwrap();
    assert_eq!(keys(&store.newest_of_feed(&feed("agency"), 9, None).unwrap()), [key(3), key(1)]);
    assert_eq!(keys(&store.newest_of_feed(&feed("agency"), 1, None).unwrap()), [key(3)]);
    assert_eq!(keys(&store.newest_of_feed(&feed("other"), 9, None).unwrap()), [key(2)]);
}

#[test]
fn a_story_is_one_entry_of_a_topic() {
    let (_folder, store) = empty();
    store.commit(&poll(1, vec![article(1, &["a"])])).unwrap();
    let receipt = store.commit(&poll(2, vec![copy(2, 1, &["a"]), copy(3, 1, &[])])).unwrap();
    assert_eq!(receipt.topics, [topic("a")].into());
    check_topic(&store, "a", &[(1, &[2, 3])]);
    let also = &store.newest(&topic("a"), 1, None).unwrap()[0].also[0];
    assert_eq!((also.agency.as_str(), also.title.as_str(), &also.link), ("Агентство", "Права детей 2", &url(2)));
}

#[test]
fn the_first_to_bring_a_story_into_a_topic_holds_its_entry() {
    let (_folder, store) = empty();
    // The first article of the story does not match: the second brings it, the third comes after it.
    store.commit(&poll(1, vec![article(1, &[])])).unwrap();
    store.commit(&poll(2, vec![copy(3, 1, &["a"])])).unwrap();
    store.commit(&poll(3, vec![copy(2, 1, &["a"])])).unwrap();
    check_topic(&store, "a", &[(3, &[1, 2])]);
    // It matches after a change of the rules: the entry stays where it is.
    store.commit(&poll(4, vec![article(1, &["a"])])).unwrap();
    check_topic(&store, "a", &[(3, &[1, 2])]);
    // The holder matches no longer: the earliest that does takes over.
    store.commit(&poll(5, vec![copy(3, 1, &[])])).unwrap();
    check_topic(&store, "a", &[(1, &[2, 3])]);
    store.commit(&poll(6, vec![article(1, &[])])).unwrap();
    store.commit(&poll(7, vec![copy(2, 1, &[])])).unwrap();
    check_topic(&store, "a", &[]);
}

#[test]
fn an_article_that_leaves_a_story_is_an_entry_again() {
    let (_folder, store) = empty();
    store.commit(&poll(1, vec![article(1, &["a"]), copy(2, 1, &["a"])])).unwrap();
    store.commit(&poll(2, vec![article(2, &["a"])])).unwrap();
    check_topic(&store, "a", &[(2, &[]), (1, &[])]);
}

#[test]
fn a_story_becomes_part_of_another() {
    let (_folder, store) = empty();
    store.commit(&poll(1, vec![article(1, &["a"]), article(5, &["a"]), copy(6, 5, &["a"])])).unwrap();
    check_topic(&store, "a", &[(5, &[6]), (1, &[])]);
    let joining: Vec<_> = store.carriers(key(5)).unwrap().iter().map(|carrier| carrier.place.key).collect();
    assert_eq!(joining, [key(5), key(6)]);
    let joining = joining.into_iter().map(|article| StoredArticle { story: key(1), ..store.article(article).unwrap().unwrap() });
    store.commit(&poll(2, joining.collect())).unwrap();
    check_topic(&store, "a", &[(1, &[5, 6])]);
    let told = |story| store.carriers(key(story)).unwrap().len();
    assert_eq!((told(1), told(5), told(6), told(7)), (3, 0, 0, 0));
}

#[test]
fn entries_follow_what_an_article_matches_and_when_it_was_published() {
    let (_folder, store) = empty();
    store.commit(&poll(1, vec![article(1, &["a", "b"]), article(2, &["b"])])).unwrap();
    let mut changed = article(1, &["b", "c"]);
    changed.article.published = Some(time(3).fixed_offset());
    let receipt = store.commit(&poll(2, vec![changed])).unwrap();
    assert_eq!((receipt.new, receipt.written), (vec![], vec![key(1)]));
    assert_eq!(receipt.topics, [topic("a"), topic("b"), topic("c")].into());
    check_topic(&store, "a", &[]);
    check_topic(&store, "b", &[(1, &[]), (2, &[])]);
    check_topic(&store, "c", &[(1, &[])]);
    assert_eq!(store.newest_of_all(9, None).unwrap().len(), 2);
}

#[test]
fn large_articles_are_whole_and_leave_no_file_beside_the_log() {
    let (folder, store) = empty();
    let large = |number: u32, bytes| {
        let mut large = article(number, &["a"]);
        large.article.text = noise(bytes);
        large
    };
    let articles: Vec<_> = (1..=20).map(|number| large(number, 60_000)).chain([large(21, 1_000_000)]).collect();
    store.commit(&poll(1, articles.clone())).unwrap();
    // A shorter text leaves no parts of the longer one behind.
    store.commit(&poll(2, vec![large(21, 100_000)])).unwrap();
    store.commit(&poll(3, vec![large(21, 1_000_000)])).unwrap();
    drop(store);
    let store = open(folder.path());
    for article in articles {
        assert!(store.article(article.key).unwrap() == Some(article));
    }
    assert_eq!(store.stats().unwrap().blobs, 0);
}

#[test]
fn scans_go_through_all_from_a_time_on() {
    let (_folder, store) = empty();
    store.commit(&poll(1, (0..200).map(|number| article(number, &[])).collect())).unwrap();
    let mut seen = Vec::new();
    store
        .articles_since(time(10), |article| {
            // Committing from within a scan is what matching again does.
            if seen.len() == 100 {
                store.commit(&poll(2, vec![article.clone()])).unwrap();
            }
            seen.push(article.key);
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(seen, (10..200).map(key).collect::<Vec<_>>());
    let mut count = 0;
    store
        .articles_since(time(0), |_| {
            count += 1;
            if count == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .unwrap();
    assert_eq!(count, 3);
    let remembered = store.fingerprints(time(198)).unwrap();
    assert_eq!(remembered.iter().map(|one| (one.story, one.time)).collect::<Vec<_>>(), [(key(198), time(198)), (key(199), time(199))]);
    assert_eq!(remembered[0].fingerprint, [198; 4]);
}

#[test]
fn a_store_in_use_says_by_whom() {
    let (folder, store) = empty();
    let error = Store::open(folder.path()).unwrap_err();
    assert!(matches!(error, Error::Locked { pid: Some(pid), .. } if pid == std::process::id()), "{error}");
    assert!(error.to_string().ends_with(&format!("is in use by process {}", std::process::id())), "{error}");
    drop(store);
    open(folder.path());
}

#[test]
fn times_before_1970_and_far_ahead_sort_too() {
    let (_folder, store) = empty();
    let at = |number, seconds| {
        let mut article = article(number, &["a"]);
        article.article.published = Some(Instant::from_timestamp(seconds, 0).unwrap().fixed_offset());
        article
    };
    store.commit(&poll(1, vec![at(1, 0), at(2, -5_000_000_000), at(3, 90_000_000_000), at(4, -1)])).unwrap();
    check_topic(&store, "a", &[(3, &[]), (1, &[]), (4, &[]), (2, &[])]);
    assert_eq!(Place::of(&at(1, -1)).time, Instant::from_timestamp(-1, 0).unwrap());
}

fn any_article() -> impl Strategy<Value = StoredArticle> {
    let topics = prop::collection::btree_set(prop::sample::select(vec!["a", "b", "c"]), 0..3);
    (0..8_u32, 0..3_u32, topics, 0..4_u32).prop_map(|(number, story, topics, text)| {
        let mut article = copy(number, story, &topics.into_iter().collect::<Vec<_>>());
        article.article.text = text.to_string();
        article
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn whatever_is_committed_the_indexes_agree_and_each_story_is_one_entry(polls in prop::collection::vec(prop::collection::vec(any_article(), 0..4), 1..8)) {
        let (_folder, store) = empty();
        for (number, articles) in (0..).zip(polls) {
            store.commit(&poll(number, articles)).unwrap();
        }
        prop_assert_eq!(store.verify().unwrap(), Vec::<String>::new());
        let all = store.newest_of_all(100, None).unwrap();
        for name in ["a", "b", "c"] {
            let told = store.newest(&topic(name), 100, None).unwrap();
            let stories: std::collections::BTreeSet<_> = told.iter().map(|entry| entry.article.story).collect();
            prop_assert_eq!(stories.len(), told.len());
            let matching = |entry: &&Published| entry.article.matches.iter().any(|found| found.topic == topic(name));
            let expected: std::collections::BTreeSet<_> = all.iter().filter(matching).map(|entry| entry.article.story).collect();
            prop_assert_eq!(stories, expected);
            prop_assert!(told.iter().all(|entry| matching(&entry)));
        }
    }
}
