//! How long extraction of everything takes on one thread beside parsing alone, and beside `dom_smoothie`, over the same pages in one
//! run; the ratios come last. `PAGES=folder cargo bench --bench extract` reads the folder's `.html` and `.html.gz` files, an even
//! choice of them where there are many; without it the pages of the demonstration are read.
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a bench is a shell of its own")]

use std::cell::Cell;
use std::hint::black_box;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use criterion::{Criterion, SamplingMode, Throughput};
use topicwire::extract::{Page, SiteRules, extract};
use url::Url;

const MAX_PAGES: usize = 200;

fn main() {
    let pages = pages();
    let bytes: usize = pages.iter().map(String::len).sum();
    println!("{} pages, {} KB each on average", pages.len(), bytes / pages.len().max(1) / 1000);
    let url = Url::parse("https://news.example/article").expect("a URL");
    let rules = SiteRules::default();
    let mut criterion = Criterion::default().without_plots().sample_size(10).configure_from_args();
    let mut group = criterion.benchmark_group("extract");
    group.sampling_mode(SamplingMode::Flat).throughput(Throughput::Bytes(bytes as u64));
    let mut fastest = |name: &str, work: &dyn Fn(&str)| {
        let fastest = Cell::new(Duration::MAX);
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|rounds| {
                let mut total = Duration::ZERO;
                for _ in 0..rounds {
                    let start = Instant::now();
                    for page in &pages {
                        work(page);
                    }
                    let round = start.elapsed();
                    fastest.set(fastest.get().min(round));
                    total += round;
                }
                total
            });
        });
        fastest.get().as_secs_f64()
    };
    let parsing = fastest("parsing alone", &|page| drop(black_box(scraper::Html::parse_document(page))));
    let everything = fastest("everything", &|html| {
        let page = Page { html: html.as_bytes(), url: &url, content_type: None, entry: None, timezone: None, fetched_at: None };
        drop(black_box(extract(&page, &rules)));
    });
    let readability = fastest("dom_smoothie", &|html| {
        let readability = dom_smoothie::Readability::new(html, Some("https://news.example/article"), None);
        drop(black_box(readability.and_then(|mut readability| readability.parse())));
    });
    group.finish();
    println!(
        "everything takes {:.2} times as long as parsing alone, dom_smoothie {:.2} times as long as everything",
        everything / parsing,
        readability / everything
    );
}

fn pages() -> Vec<String> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/commands/demo");
    let folders = std::env::var_os("PAGES").map_or_else(|| vec![own.join("herald"), own.join("kazinform")], |folder| vec![folder.into()]);
    let entries = folders.iter().flat_map(|folder| std::fs::read_dir(folder).expect("the folder of pages"));
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    let step = files.len().div_ceil(MAX_PAGES).max(1);
    files.iter().step_by(step).filter_map(|file| page(file)).collect()
}

fn page(file: &Path) -> Option<String> {
    let bytes = std::fs::read(file).ok()?;
    let mut page = Vec::new();
    match file.extension()?.to_str()? {
        "gz" => flate2::read::GzDecoder::new(&bytes[..]).read_to_end(&mut page).map(drop).ok()?,
        "html" => page = bytes,
        _ => return None,
    }
    Some(String::from_utf8_lossy(&page).into_owned())
}
