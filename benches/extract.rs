//! How long extraction takes beside parsing alone, on one thread: `PAGES=folder cargo bench --bench extract`. Without `PAGES` the
//! recorded article is read again and again.
#![expect(clippy::print_stdout, clippy::expect_used, clippy::disallowed_methods, reason = "a bench is a shell of its own")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use topicwire::extract::{Page, SiteRules, extract};
use url::Url;

/// Each page is read so often; the fastest round counts.
const ROUNDS: usize = 3;

fn main() {
    let pages = pages();
    let url = Url::parse("https://news.example/article").expect("a URL");
    let rules = SiteRules::default();
    let parse = fastest(|| {
        for page in &pages {
            black_box(scraper::Html::parse_document(&String::from_utf8_lossy(page)));
        }
    });
    let whole = fastest(|| {
        for html in &pages {
            let page = Page { html, url: &url, content_type: None, entry: None, timezone: None, fetched_at: None };
            let _ = black_box(extract(&page, &rules));
        }
    });
    println!("{} pages: parse {parse:?}, extract {whole:?}, {:.2} times", pages.len(), whole.as_secs_f64() / parse.as_secs_f64());
}

fn pages() -> Vec<Vec<u8>> {
    let Ok(folder) = std::env::var("PAGES") else {
        return vec![include_bytes!("../src/commands/demo/kazinform/article.html").to_vec(); 200];
    };
    let files = std::fs::read_dir(folder).expect("the folder of pages");
    files.filter_map(|file| std::fs::read(file.ok()?.path()).ok()).collect()
}

fn fastest(work: impl Fn()) -> Duration {
    let rounds = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed()
    });
    rounds.min().unwrap_or_default()
}
