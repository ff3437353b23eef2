//! Archives and the order of arrival: nothing lost, nothing twice, and what an archive said it says for ever.

use std::collections::BTreeSet;

use proptest::prelude::*;
use topicwire::config::Config;
use topicwire::desk::Desk;
use topicwire::model::{Scope, StoredArticle};
use topicwire::publish::{Format, Tongue, View};
use topicwire::store::{ARCHIVE, PollCommit, Store};

use super::{article, copy, empty, feed, key, open, poll, time, topic};

fn desk(store: &Store) -> Desk {
    let text = "[site]\naddress = \"https://desk.example\"\n[[feed]]\nid = \"agency\"\nurl = \"https://a.kz/rss\"\n\
                [[topic]]\nid = \"a\"\nentries = 10\nrules = \"ru 20: право\"\n";
    Desk { config: Config::parse(text).unwrap().into(), store: Some(store.clone()) }
}

fn subscription(desk: &Desk, scope: &Scope) -> String {
    desk.lay_out(scope, &View::default()).unwrap().unwrap().render(Format::Atom, Tongue::English)
}

fn archive(desk: &Desk, scope: &Scope, number: u64, format: Format) -> Option<String> {
    Some(desk.lay_out_archive(scope, number, &View::default()).unwrap()?.render(format, Tongue::English))
}

fn ids(document: &str) -> BTreeSet<String> {
    let feed: atom_syndication::Feed = document.parse().unwrap();
    assert_eq!(feed.entries.iter().map(|entry| &entry.id).collect::<BTreeSet<_>>().len(), feed.entries.len(), "no entry twice");
    feed.entries.into_iter().map(|entry| entry.id).collect()
}

fn link(document: &str, relation: &str) -> Option<String> {
    let feed: atom_syndication::Feed = document.parse().unwrap();
    feed.links.into_iter().find(|link| link.rel == relation).map(|link| link.href)
}

/// Follows the archives as a reader does (RFC 5005, section 4), and returns the documents, the newest first.
fn follow(desk: &Desk, scope: &Scope) -> Vec<String> {
    let mut documents = vec![subscription(desk, scope)];
    while let Some(address) = link(documents.last().unwrap(), "prev-archive") {
        let (path, name) = address.rsplit_once('/').unwrap();
        assert_eq!(path, format!("https://desk.example/{}/archive", scope.path()));
        let number = topicwire::publish::archive_number(name.strip_suffix(".atom").unwrap()).unwrap();
        documents.push(archive(desk, scope, number, Format::Atom).unwrap());
    }
    documents
}

fn scopes() -> [Scope; 3] {
    [Scope::Topic(topic("a")), Scope::Agency(feed("agency")), Scope::All]
}

#[test]
fn the_documents_together_have_every_entry_and_say_how_they_follow_each_other() {
    let (_folder, store) = empty();
    for number in 0..173 {
        // Every tenth is old news: its place is before all others.
        let number = if number % 10 == 0 { 1000 - number } else { number + 2000 };
        store.commit(&poll(number.into(), vec![article(number, &["a"])])).unwrap();
    }
    let desk = desk(&store);
    for scope in scopes() {
        let documents = follow(&desk, &scope);
        assert_eq!(documents.len(), 4, "{scope:?}");
        let all: BTreeSet<String> = documents.iter().flat_map(|document| ids(document)).collect();
        assert_eq!(all.len(), 173);
        for (index, document) in documents.iter().enumerate() {
            let is_archive = index > 0;
            assert_eq!(document.contains("<fh:archive"), is_archive);
            assert_eq!(link(document, "current").is_some(), is_archive);
            if is_archive {
                assert_eq!(
                    link(document, "next-archive").unwrap(),
                    format!("https://desk.example/{}/archive/{}.atom", scope.path(), 5 - index)
                );
                assert!(document.find("<fh:archive").unwrap() < document.find("<entry>").unwrap(), "extensions of the feed come first");
            }
        }
        let rss = archive(&desk, &scope, 1, Format::Rss).unwrap();
        assert!(rss.contains("xmlns:fh=") && rss.contains("<fh:archive") && rss.contains("rel=\"prev-archive\""), "{rss}");
        let json: serde_json::Value = serde_json::from_str(&archive(&desk, &scope, 1, Format::Json).unwrap()).unwrap();
        assert_eq!(json["next_url"], format!("https://desk.example/{}/archive/1.json", scope.path()));
        assert!(archive(&desk, &scope, 3, Format::Atom).is_none(), "it is not full");
    }
}

#[test]
fn an_archive_says_for_ever_what_it_said_and_a_correction_arrives_again() {
    let (folder, store) = empty();
    let articles: Vec<StoredArticle> = (0..120).map(|number| article(number, &["a"])).collect();
    store.commit(&poll(1, articles)).unwrap();
    let read = |store: &Store| scopes().map(|scope| [0, 1].map(|number| archive(&desk(store), &scope, number, Format::Atom).unwrap()));
    let before = read(&store);
    // One is corrected, one is withdrawn, one leaves the topic, one is carried by another feed too.
    let mut corrected = StoredArticle { corrections: 1, updated: time(9000), ..article(3, &["a"]) };
    corrected.article.text = "Иначе".into();
    let withdrawn = StoredArticle { withdrawn: Some(time(9000)), ..article(4, &["a"]) };
    store.commit(&poll(2, vec![corrected, withdrawn, article(5, &[]), copy(500, 6, &[])])).unwrap();
    assert_eq!(read(&store), before);
    for scope in scopes() {
        let now = subscription(&desk(&store), &scope);
        for number in [3, 4] {
            assert!(now.contains(&topicwire::publish::entry_id(key(number))), "{number} in {scope:?}");
        }
    }
    drop(store);
    let store = open(folder.path());
    store.rebuild().unwrap();
    assert_eq!(read(&store), before);
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
}

#[test]
fn what_is_purged_leaves_the_archives() {
    let (_folder, store) = empty();
    store.commit(&poll(1, (0..120).map(|number| article(number, &["a"])).collect())).unwrap();
    let scope = Scope::Topic(topic("a"));
    let desk = desk(&store);
    assert_eq!(ids(&archive(&desk, &scope, 0, Format::Atom).unwrap()).len(), 50);
    store.prune(chrono::TimeDelta::days(1), 30, time(0) + chrono::TimeDelta::days(2)).unwrap();
    assert_eq!(archive(&desk, &scope, 0, Format::Atom), None);
    let last = archive(&desk, &scope, 1, Format::Atom).unwrap();
    assert_eq!((ids(&last).len(), link(&last, "prev-archive")), (10, None));
    assert_eq!(store.wire_state(&scope).unwrap().arrivals, 120, "numbers are not given twice");
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
}

/// Once each arrival stood alone, its article at the end of its key.
#[test]
fn arrivals_as_they_were_written_before_are_read_continued_and_purged() {
    let (folder, store) = empty();
    store.commit(&poll(1, (0..120).map(|number| article(number, &["a"])).collect())).unwrap();
    let read = |store: &Store| {
        let documents = scopes().map(|scope| follow(&desk(store), &scope));
        (documents, scopes().map(|scope| store.arrival_keys(&scope, 17..93).unwrap()))
    };
    let before = read(&store);
    drop(store);
    let db = sled::Config::default().path(folder.path()).segment_size(4 << 20).open().unwrap();
    let arrivals = db.open_tree("arrivals").unwrap();
    for run in &arrivals.iter().collect::<Result<Vec<_>, _>>().unwrap() {
        arrivals.remove(&run.0).unwrap();
        let (wire, first) = run.0.split_last_chunk::<8>().unwrap();
        for (number, article) in (u64::from_be_bytes(*first)..).zip(run.1.chunks(16)) {
            arrivals.insert([wire, &number.to_be_bytes(), article].concat(), &[]).unwrap();
        }
    }
    db.flush().unwrap();
    drop((arrivals, db));
    let store = open(folder.path());
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    assert_eq!(read(&store), before);
    store.commit(&poll(2, (120..130).map(|number| article(number, &["a"])).collect())).unwrap();
    for scope in scopes() {
        let (arrived, next) = store.arrived(&scope, 0, 1000).unwrap();
        assert_eq!((arrived.len(), next), (130, 130));
    }
    store.prune(chrono::TimeDelta::days(1), 30, time(0) + chrono::TimeDelta::days(2)).unwrap();
    for scope in scopes() {
        let (arrived, next) = store.arrived(&scope, 0, 1000).unwrap();
        assert_eq!((arrived.len(), next), (30, 130));
    }
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
}

#[test]
fn a_store_without_the_indexes_gets_them_when_it_is_opened() {
    let (folder, store) = empty();
    store.commit(&poll(1, (0..120).map(|number| copy(number, number / 2 * 2, &["a"])).collect())).unwrap();
    let newest = store.newest_of_feed(&feed("agency"), 500, None).unwrap();
    drop(store);
    let db = sled::Config::default().path(folder.path()).segment_size(4 << 20).open().unwrap();
    for tree in ["agencies", "arrivals"] {
        db.open_tree(tree).unwrap().clear().unwrap();
    }
    db.open_tree("meta").unwrap().remove("indexes").unwrap();
    db.flush().unwrap();
    drop(db);
    let store = open(folder.path());
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    assert_eq!(store.newest_of_feed(&feed("agency"), 500, None).unwrap(), newest);
    let [topic, agency, all] = scopes().map(|scope| store.wire_state(&scope).unwrap().arrivals);
    assert_eq!((topic, agency, all), (60, 120, 60));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]
    #[test]
    fn whatever_happens_who_follows_the_archives_has_all_that_was_ever_listed(
        polls in prop::collection::vec(prop::collection::vec((0..200_u32, 0..3_u32, any::<bool>()), 1..40), 1..14),
    ) {
        let (_folder, store) = empty();
        let desk = desk(&store);
        let mut listed: [BTreeSet<String>; 3] = Default::default();
        let mut said = std::collections::BTreeMap::new();
        for (turn, articles) in (1..).zip(polls) {
            let articles = articles.into_iter().map(|(number, story, on_topic)| {
                let updated = time(if number % 3 == 0 { turn } else { 0 });
                StoredArticle { updated, ..copy(number, if story == 0 { number } else { story }, if on_topic { &["a"] } else { &[] }) }
            });
            store.commit(&PollCommit { ..poll(turn.into(), articles.collect()) }).unwrap();
            for (scope, listed) in scopes().iter().zip(&mut listed) {
                let documents = follow(&desk, scope);
                // What was taken off a topic before it was in an archive was listed, and is not promised.
                let state = store.wire_state(scope).unwrap();
                for (number, document) in (0..state.archives()).rev().zip(&documents[1..]) {
                    let said = said.entry((scope.clone(), number)).or_insert_with(|| document.clone());
                    prop_assert_eq!(&*said, document);
                    listed.extend(ids(document));
                }
                let here: BTreeSet<String> = documents.iter().flat_map(|document| ids(document)).collect();
                prop_assert!(listed.is_subset(&here));
                let (rest, next) = store.arrived(scope, state.rest(), 10_000).unwrap();
                prop_assert_eq!(next, state.arrivals);
                prop_assert!(rest.iter().all(|arrival| ids(&documents[0]).contains(&topicwire::publish::entry_id(arrival.entry.article.key))));
                prop_assert!(state.arrivals - state.rest() < ARCHIVE);
            }
        }
        prop_assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    }
}
