//! What topics cost beside reading an article, and both beside parsing the article's page: `ARTICLES=folder PAGES=folder cargo bench
//! --bench topic`. Without the folders the recorded article is read again and again.
//!
//! As in the daemon, the matcher has read articles before, but none of those that are timed: most are read
//! to learn the words of the day, every eighth is timed, once. Everything runs on one thread and is timed by what the processor spent on it, so that a busy
//! machine changes little. The ratios stand at the end.
#![expect(clippy::print_stdout, clippy::expect_used, clippy::disallowed_methods, reason = "a bench is a shell of its own")]

#[path = "corpus/articles.rs"]
mod articles;
#[path = "corpus/topics.rs"]
mod topics;

use std::cell::Cell;
use std::hint::black_box;
use std::time::Duration;

use cpu_time::ThreadTime;
use criterion::{Criterion, SamplingMode};
use topicwire::extract::{Page, SiteRules, extract};
use topicwire::topic::{Matcher, Subject, Topic};
use url::Url;

use self::articles::{Article, articles};

/// Of each file of articles, so many.
const ARTICLES: usize = 1_500;
/// One in so many is timed.
const TIMED: usize = 8;
const PAGES: usize = 150;
/// How often each set of topics has its turn.
const ROUNDS: usize = 10;

fn main() {
    let mut criterion = Criterion::default()
        .configure_from_args()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(1))
        .measurement_time(Duration::from_millis(1));
    let articles = articles(ARTICLES);
    let topics = topics::topics(&articles, 10_000);
    let before = resident();
    let matcher = learnt(&topics, &articles);
    let memory = resident().saturating_sub(before);
    describe(&articles, &matcher);
    drop(matcher);

    let [one, thousand, all] = news(&articles, [1, 1_000, 10_000].map(|count| &topics[..count]));
    let pages = pages();
    let texts: Vec<Article> = pages.iter().filter_map(|page| text(page)).collect();
    let parse = each(
        &mut criterion,
        "page/parse",
        &pages,
        || (),
        |(), page| drop(black_box(scraper::Html::parse_document(&String::from_utf8_lossy(page)))),
    );
    let learnt = || learnt(&topics[..1_000], &articles);
    let page_text = each(&mut criterion, "page/match 1000", &texts, learnt, matching);

    println!("an article: {one:?} with one topic, {thousand:?} with 1,000, {all:?} with 10,000");
    println!("1,000 topics: {:.2} times one (at most 1.25)", ratio(thousand, one));
    println!("10,000 topics: {:.2} times one (at most 3)", ratio(all, one));
    println!(
        "a page: parsing {parse:?}, reading its text and matching 1,000 topics {page_text:?}: {:.2} times (at most 1)",
        ratio(page_text, parse)
    );
    println!("memory of 10,000 topics: {} MB (at most 500)", memory >> 20);
}

/// The time for an article that is news, with each of the sets of topics: that of the fastest round. The sets take turns, so that what else
/// the machine does slows all of them.
fn news(articles: &[Article], sets: [&[Topic]; 3]) -> [Duration; 3] {
    let (timed, read): (Vec<_>, Vec<_>) = articles.iter().cloned().enumerate().partition(|(number, _)| number % TIMED == 0);
    let [timed, read] = [timed, read].map(|articles| articles.into_iter().map(|(_, article)| article).collect::<Vec<_>>());
    let mut fastest = [Duration::MAX; 3];
    for _ in 0..ROUNDS {
        for (topics, fastest) in sets.iter().zip(&mut fastest) {
            *fastest = round(&timed, &|| learnt(topics, &read), &matching).min(*fastest);
        }
    }
    fastest.map(|fastest| fastest / u32::try_from(timed.len().max(1)).unwrap_or(u32::MAX))
}

/// The time for all of `items`, each worked on once with what `prepare` gives.
fn round<Tool, Item>(items: &[Item], prepare: &impl Fn() -> Tool, work: &impl Fn(&Tool, &Item)) -> Duration {
    let tool = prepare();
    let start = ThreadTime::now();
    for item in items {
        work(&tool, item);
    }
    start.elapsed()
}

/// A matcher that has read articles.
fn learnt(topics: &[Topic], articles: &[Article]) -> Matcher {
    let matcher = Matcher::new(topics);
    for article in articles {
        matching(&matcher, article);
    }
    matcher
}

/// The time for one of `items`, each worked on once with what `prepare` gives: that of the fastest round.
fn each<Tool, Item>(
    criterion: &mut Criterion,
    name: &str,
    items: &[Item],
    prepare: impl Fn() -> Tool,
    work: impl Fn(&Tool, &Item),
) -> Duration {
    let fastest = Cell::new(Duration::MAX);
    let round = || {
        let elapsed = round(items, &prepare, &work);
        fastest.set(fastest.get().min(elapsed));
        elapsed
    };
    let mut group = criterion.benchmark_group(name);
    group
        .sampling_mode(SamplingMode::Flat)
        .bench_function("all", |bencher| bencher.iter_custom(|rounds| (0..rounds).map(|_| round()).sum()));
    group.finish();
    fastest.get() / u32::try_from(items.len().max(1)).unwrap_or(u32::MAX)
}

fn matching(matcher: &Matcher, article: &Article) {
    black_box(matcher.matches(&subject(article)));
}

fn subject(article: &Article) -> Subject<'_> {
    Subject { title: &article.title, body: &article.body, ..Subject::default() }
}

/// What the made-up topics are like, for judging whether they are fair.
fn describe(articles: &[Article], all: &Matcher) {
    let bytes: usize = articles.iter().map(|article| article.body.len()).sum();
    let matches: Vec<_> = articles.iter().flat_map(|article| all.matches(&subject(article))).collect();
    let count = articles.len().max(1);
    println!("{count} articles of {} bytes, {} matches each with 10,000 topics", bytes / count, matches.len() / count);
}

fn pages() -> Vec<Vec<u8>> {
    let Ok(folder) = std::env::var("PAGES") else {
        return vec![include_bytes!("../src/commands/demo/kazinform/article.html").to_vec(); PAGES];
    };
    let mut files: Vec<_> = std::fs::read_dir(folder).expect("the folder of pages").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    let step = (files.len() / PAGES).max(1);
    files.iter().step_by(step).map(|file| read(file)).collect()
}

fn read(file: &std::path::Path) -> Vec<u8> {
    let bytes = std::fs::read(file).expect("a page");
    let mut page = Vec::new();
    if std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(bytes.as_slice()), &mut page).is_ok() { page } else { bytes }
}

fn text(page: &[u8]) -> Option<Article> {
    let url = Url::parse("https://news.example/article").ok()?;
    let page = Page { html: page, url: &url, content_type: None, entry: None, timezone: None, fetched_at: None };
    let article = extract(&page, &SiteRules::default()).ok()?;
    Some(Article { lang: String::new(), title: article.title, body: article.text })
}

fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64()
}

/// Bytes of memory in use; 0 where the system does not say.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    status.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4096
}
