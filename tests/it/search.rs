//! Searching: the index never hides what a query would find, and costs nothing but time when it is damaged, stale or not there.

use std::collections::BTreeSet;
use std::fs;

use proptest::prelude::*;
use tempfile::TempDir;
use topicwire::config::Config;
use topicwire::desk::{Desk, Question, Refusal, Search};
use topicwire::model::{FeedId, FeedState};
use topicwire::search::{check, index_some};
use topicwire::store::{PollCommit, Store};
use topicwire::topic::{Indexer, Need, Query, Subject};

use crate::pages::article;

/// More than a block.
const MANY: usize = 1_100;

fn desk(many: usize) -> (Desk, TempDir) {
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let articles = (0..many).map(|number| {
        let mut article = article(number % 600, "agency");
        let url = url::Url::parse(&format!("https://agency.kz/many/{number}")).unwrap();
        article.url = topicwire::model::CanonicalUrl::of(&url).unwrap();
        article.key = topicwire::model::UrlHash::of(&article.url);
        article.story = article.key;
        article.article.title = format!("Сообщение {number}");
        article.article.text = match number {
            7 => "Депутаты приняли закон о школах-интернатах для детей-сирот.".into(),
            900 => "Министр посетил школу-интернат.".into(),
            1_090 => "Балалардың құқықтары туралы заң қабылданды.".into(),
            _ => format!("Погода в стране, выпуск {number}."),
        };
        article
    });
    store.commit(&PollCommit::new(FeedId::new("agency").unwrap(), FeedState::default(), articles.collect())).unwrap();
    let config = Config::parse("[[feed]]\nid = \"agency\"\nurl = \"https://agency.kz/rss\"\n").unwrap();
    (Desk { config: std::sync::Arc::new(config), store: Some(store) }, folder)
}

fn found(desk: &Desk, query: &str) -> Vec<String> {
    let results = Search { query: query.into(), limit: 2_000, seconds: 60, before: None }.answer(desk).unwrap();
    assert_eq!(results.next, None);
    results.found.into_iter().map(|found| found.published.article.article.title).collect()
}

const EXPECTED: [(&str, &[&str]); 7] = [
    ("интернаты", &["Сообщение 900", "Сообщение 7"]),
    ("принять законы", &["Сообщение 7"]),
    ("школа-интернат", &["Сообщение 900", "Сообщение 7"]),
    ("құқық | депутат", &["Сообщение 1090", "Сообщение 7"]),
    ("министр* AND школа", &["Сообщение 900"]),
    ("=Министр", &["Сообщение 900"]),
    ("слон", &[]),
];

#[test]
fn the_index_hides_nothing_whatever_happens_to_it() {
    let (desk, folder) = desk(MANY);
    let check_some = |state: &str, some: usize| {
        for (query, expected) in EXPECTED.into_iter().take(some) {
            assert_eq!(found(&desk, query), expected, "{query}, {state}");
        }
    };
    check_some("without an index", EXPECTED.len());
    let store = desk.store.as_ref().unwrap();
    assert!(index_some(store).unwrap());
    assert!(!index_some(store).unwrap(), "the rest does not fill a block");
    check_some("with an index", EXPECTED.len());
    let block = folder.path().join("search/00000000");
    let whole = fs::read(&block).unwrap();
    for (damage, bytes) in
        [("cut", &whole[..whole.len() / 2]), ("empty", &[]), ("changed", &[&whole[..99], &[!whole[99]], &whole[100..]].concat())]
    {
        fs::write(&block, bytes).unwrap();
        check_some(damage, 1);
        check(store).unwrap();
        assert!(!block.exists(), "{damage}");
        assert!(index_some(store).unwrap());
        assert_eq!(fs::read(&block).unwrap(), whole, "the same articles give the same block");
    }
    check(store).unwrap();
    assert!(block.exists(), "what is good stays");
    fs::write(folder.path().join("search/.left"), "by a process that was killed").unwrap();
    check(store).unwrap();
    assert!(!folder.path().join("search/.left").exists());
}

#[test]
fn a_search_is_leafed_through_and_says_what_is_wrong() {
    let (desk, _folder) = desk(MANY);
    let (mut before, mut titles) = (None, Vec::new());
    loop {
        let results = Search { query: "погода".into(), limit: 100, seconds: 60, before }.answer(&desk).unwrap();
        titles.extend(results.found.into_iter().map(|found| found.published.article.article.title));
        before = results.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(titles.len(), MANY - 3);
    assert_eq!(titles.iter().collect::<BTreeSet<_>>().len(), MANY - 3);
    for wrong in ["", "(погода", "погода AND", &"погода ".repeat(400)] {
        let refusal = Search { query: wrong.into(), limit: 1, seconds: 1, before: None }.answer(&desk).unwrap_err();
        assert!(matches!(&refusal, Refusal::Wrong(reason) if reason.contains("line 1, column")), "{refusal}");
    }
}

#[test]
fn blocks_that_have_nothing_take_time_too() {
    let (desk, _folder) = desk(2_048);
    while index_some(desk.store.as_ref().unwrap()).unwrap() {}
    let search = |before| Search { query: "слон".into(), limit: 1, seconds: 0, before }.answer(&desk).unwrap().next;
    assert_eq!((search(None), search(Some(1_024))), (Some(1_024), None));
}

fn has(need: &Need, words: &[u32]) -> bool {
    match need {
        Need::Any => true,
        Need::Word(keys) => keys.iter().any(|key| words.binary_search(key).is_ok()),
        Need::All(needs) => needs.iter().all(|need| has(need, words)),
        Need::Either(needs) => needs.iter().any(|need| has(need, words)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// The law of the index.
    #[test]
    fn what_answers_has_what_is_needed(
        text in proptest::collection::vec(proptest::sample::select(vec![
            "Президент", "подписал", "законы", "ЮНИСЕФ", "детей-сирот", "балалардың", "құқықтары", "bala", "quqyqtary", "children's", "rights", "ЗАКОН", "жетім-жесір",
            "ребёнка", "закону.", "Reuters", "2025", "school", "\n", "—",
        ]), 1..30),
        query in proptest::sample::select(vec![
            "закон", "законы | юнисеф", "\"дети-сироты\"", "сирота", "бала AND құқық", "child NEAR/5 right", "title:президент", "NOT school AND закон",
            "закон UNLESS школа", "ru 5: ребенок", "kk: бала", "подписать x1", "ребенок SENT закон", "=ЗАКОН | reuters", "2025", "UNICEF | ЮНИСЕФ", "жетім",
        ]),
    ) {
        let text = text.join(" ");
        let subject = Subject { title: text.lines().next().unwrap_or_default(), body: &text, ..Subject::default() };
        let Ok(query) = Query::parse(query) else { return Err(TestCaseError::fail(format!("{query} cannot be read"))) };
        if query.find(&subject).is_some() {
            prop_assert!(has(query.need(), &Indexer::default().words(&subject)), "{text}");
        }
    }
}

#[test]
fn a_search_is_read_as_people_type_it() {
    let answers = |query: &str, body: &str| Query::parse(query).unwrap().find(&Subject { body, ..Subject::default() }).is_some();
    assert!(answers("children and schools", "The child is in the school, the government said"));
    assert!(answers("child -film", "The child is in the school, the government said"));
    assert!(!answers("child -school", "The child is in the school, the government said"));
    assert!(!answers("child government !school", "The child is in the school, the government said"));
    assert!(answers("children sent home", "The child was sent home, the government said"));
    let refusal = Query::parse("child or school").unwrap_err();
    assert!(refusal[0].message.contains("operators are written in capitals: `OR`"), "{refusal:?}");
}
