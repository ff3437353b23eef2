//! Matching the stored articles again after a rule of one topic changed, as the daemon does it.
//!
//! `ARTICLES=folder cargo bench --bench rematch [how many articles]`; 100,000 unless said. The folder's articles are stored again and
//! again under addresses of their own; without it, the recorded one.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a bench is a shell of its own"
)]

#[path = "corpus/articles.rs"]
mod articles;

use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, TimeDelta};
use cpu_time::ProcessTime;
use topicwire::config::Config;
use topicwire::daemon::match_again_if_changed;
use topicwire::fetch::{Client, Settings};
use topicwire::model::{BodySource, CanonicalUrl, FeedId, FeedState, Language, PollCommit, Republish, StoredArticle, UrlHash};
use topicwire::poll::Tools;
use topicwire::store::Store;
use url::Url;

const FEEDS: usize = 20;
/// Articles of one commit while the store is filled.
const STEP: usize = 500;
const SHIPPED: &str = include_str!("../feeds.toml");
/// Added to the first topic.
const ADDED: &str = "rules = \"\"\"\nru 12: президент\nen 12: president\nkk 12: президент\n";

fn main() {
    let count = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(100_000);
    let folder = tempfile::TempDir::new().unwrap();
    let store = Store::open(folder.path()).unwrap();
    fill(&store, count);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let before = SHIPPED.to_owned();
    let after = SHIPPED.replacen("rules = \"\"\"\n", ADDED, 1);
    for (name, text) in [("all topics for the first time", before), ("one topic's rules changed", after)] {
        let config = Arc::new(Config::parse(&text).expect("the shipped configuration, with rules more"));
        let tools = Arc::new(Tools::new(&config, client(&config), store.clone()));
        let (clock, processor) = (Instant::now(), ProcessTime::now());
        runtime.block_on(match_again_if_changed(&config, &tools)).expect("a store that works");
        let (took, spent) = (clock.elapsed().as_secs_f64(), processor.elapsed().as_secs_f64());
        println!("{count} articles, {name}: {took:.1} s (at most 60), of processors {spent:.1} s");
    }
}

fn fill(store: &Store, count: usize) {
    let texts = articles::articles(usize::MAX);
    let numbers: Vec<usize> = (0..count).collect();
    for (commit, numbers) in numbers.chunks(STEP).enumerate() {
        let feed = FeedId::new(format!("agency-{}", commit % FEEDS)).unwrap();
        let articles = numbers.iter().zip(texts.iter().cycle().skip(commit * STEP % texts.len()));
        let articles = articles.map(|(number, text)| stored(&feed, *number, text)).collect();
        let receipt = store.apply(&PollCommit::new(feed, FeedState::default(), articles), None).expect("a store that works");
        if commit % 20 == 0 {
            store.make_durable(&receipt).expect("a store that works");
        }
    }
}

fn stored(feed: &FeedId, number: usize, text: &articles::Article) -> StoredArticle {
    let link = Url::parse(&format!("https://agency.example/{number}")).unwrap();
    let url = CanonicalUrl::of(&link).unwrap();
    let time = DateTime::UNIX_EPOCH + TimeDelta::minutes(i64::try_from(number).unwrap());
    StoredArticle {
        key: UrlHash::of(&url),
        story: UrlHash::of(&url),
        url,
        link,
        feed: feed.clone(),
        agency: "Agency".to_owned(),
        entry_id: number.to_string(),
        first_seen: time,
        updated: time,
        article: topicwire::model::Article {
            title: text.title.clone(),
            published: Some(time.fixed_offset()),
            text: text.body.clone(),
            language: Language::new(&text.lang).ok(),
            ..topicwire::model::Article::default()
        },
        body_source: BodySource::Page,
        republish: Republish::Full,
        note: None,
        matches: Vec::new(),
        fingerprint: vec![u32::try_from(number).unwrap(); 64],
        words: None,
        page: None,
        corrections: 0,
        withdrawn: None,
    }
}

fn client(config: &Config) -> Client {
    Client::new(Settings::of(&config.fetch)).unwrap()
}
