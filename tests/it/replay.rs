//! Whatever agencies do between polls: a poll that is repeated changes nothing, and nothing that was published comes twice.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use proptest::prelude::*;
use topicwire::config::Config;
use topicwire::fetch::{Client, Settings};
use topicwire::model::{Instant, StoredArticle, TopicId};
use topicwire::poll::{Tools, poll_at};
use topicwire::store::Store;

use crate::origin::{Origin, Reply, settings};

/// What an agency does with one of its articles.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Correct(usize),
    Move(usize),
    Rename(usize),
    Remove(usize),
    Restore(usize),
    Drop(usize),
    Nothing,
}

fn deed() -> impl Strategy<Value = Deed> {
    let article = 0..4_usize;
    prop_oneof![
        article.clone().prop_map(Deed::Correct),
        article.clone().prop_map(Deed::Move),
        article.clone().prop_map(Deed::Rename),
        article.clone().prop_map(Deed::Remove),
        article.clone().prop_map(Deed::Restore),
        article.prop_map(Deed::Drop),
        Just(Deed::Nothing),
    ]
}

#[derive(Clone)]
struct Item {
    path: String,
    guid: String,
    words: usize,
    is_there: bool,
    is_listed: bool,
}

fn text(article: usize, words: usize) -> String {
    let word =
        |place: usize| format!("{}{}", ["north", "south", "east", "west"][article], (b'a' + u8::try_from(place % 26).unwrap()) as char);
    let sentence = |line: usize| {
        format!(
            "<p>The ombudsman of {} spoke about {} and version {words} of it.</p>",
            article,
            (line * 9..line * 9 + 9).map(word).collect::<Vec<_>>().join(" ")
        )
    };
    (0..5).map(sentence).collect()
}

fn show(origin: &Origin, items: &[Item]) {
    let mut feed = String::new();
    for (number, item) in items.iter().enumerate() {
        let title = ["North wind rises", "South wall falls", "East river floods", "West bridge opens"][number];
        let page = format!("<html lang=en><title>{title}</title><article><h1>{title}</h1>{}</article></html>", text(number, item.words));
        origin.set(&item.path, if item.is_there { Reply::ok(page).header("content-type", "text/html") } else { Reply::status(404) });
        if item.is_listed {
            write!(
                feed,
                "<item><title>{title}</title><link>{}</link><guid isPermaLink=\"false\">{}</guid></item>",
                origin.url(&item.path),
                item.guid
            )
            .unwrap();
        }
    }
    origin.set("/rss", Reply::ok(format!("<rss version=\"2.0\"><channel><title>A</title>{feed}</channel></rss>")));
}

fn act(items: &mut [Item], deed: Deed) {
    match deed {
        Deed::Correct(number) => items[number].words += 1,
        Deed::Move(number) => items[number].path += "x",
        Deed::Rename(number) => items[number].guid += "x",
        Deed::Remove(number) => items[number].is_there = false,
        Deed::Restore(number) => (items[number].is_there, items[number].is_listed) = (true, true),
        Deed::Drop(number) => items[number].is_listed = false,
        Deed::Nothing => {}
    }
}

/// Everything that readers and the desk can see.
fn seen(store: &Store) -> (Vec<StoredArticle>, Vec<usize>) {
    let wire = store.newest(&TopicId::new("t").unwrap(), 99, None).unwrap();
    let versions = wire.iter().map(|entry| store.versions(entry.article.key).unwrap().len()).collect();
    (wire.into_iter().map(|entry| entry.article).collect(), versions)
}

async fn live(deeds: Vec<Deed>) {
    let (folder, origin) = (tempfile::tempdir().unwrap(), Origin::start().await);
    let feed = format!("[[feed]]\nid = \"a\"\nurl = \"{}\"\nallow_private = true\n", origin.url("/rss"));
    let config = Config::parse(&format!("{feed}[[topic]]\nid = \"t\"\ntitle = \"T\"\nrules = \"any: ombudsman\"\n")).unwrap();
    let second = Duration::from_secs(5);
    let settings = Settings { connect_timeout: second, read_timeout: second, total_timeout: second, ..settings() };
    let tools = Arc::new(Tools::new(&config, Client::new(settings).unwrap(), Store::open(folder.path()).unwrap()));
    let item = |number: usize| Item { path: format!("/{number}"), guid: number.to_string(), words: 0, is_there: true, is_listed: true };
    let mut items: Vec<Item> = (0..4).map(item).collect();
    for (step, deed) in (0..).zip(std::iter::once(Deed::Nothing).chain(deeds)) {
        act(&mut items, deed);
        show(&origin, &items);
        let now = Instant::from_timestamp(1_767_225_600, 0).unwrap() + TimeDelta::hours(2 * step);
        let poll = async || poll_at(Arc::clone(&config.feeds[0]), Arc::clone(&tools), now).await.unwrap();
        poll().await;
        let before = seen(&tools.store);
        let again = poll().await;
        assert_eq!((again.receipt.new, again.receipt.topics.len()), (vec![], 0), "{deed:?}");
        assert!(seen(&tools.store) == before, "{deed:?}");
        let titles: BTreeSet<&str> = before.0.iter().map(|article| article.article.title.as_str()).collect();
        assert_eq!((titles.len(), before.0.len()), (4, 4), "{deed:?}");
        assert_eq!(tools.store.verify().unwrap(), Vec::<String>::new());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 20, ..ProptestConfig::with_cases(8) })]
    #[test]
    fn a_poll_that_is_repeated_changes_nothing(deeds in prop::collection::vec(deed(), 1..8)) {
        tokio::runtime::Runtime::new().unwrap().block_on(live(deeds));
    }
}
