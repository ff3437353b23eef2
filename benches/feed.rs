//! How long reading a feed with repair and cleaning takes beside `feed-rs` alone, on one thread:
//! `FEEDS=folder cargo bench --bench feed`. Of the folder the larger documents that `feed-rs` can read count; without `FEEDS` a made
//! up one is read.
#![expect(clippy::print_stdout, clippy::expect_used, clippy::disallowed_methods, reason = "a bench is a shell of its own")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion};
use topicwire::feed::{self, Context};
use url::Url;

/// Documents shorter than this, in bytes, are over before a clock can tell.
const SMALLEST: usize = 16_000;

fn main() {
    let url = Url::parse("https://agency.example/rss").expect("a URL");
    let context = Context { url: &url, content_type: None, timezone: None, now: None };
    let mut criterion = Criterion::default()
        .without_plots()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(500))
        .configure_from_args();
    let mut rows = Vec::new();
    for (name, bytes) in documents() {
        let mut group = criterion.benchmark_group(&name);
        let alone = fastest(&mut group, "feed-rs", || feed_rs::parser::parse(bytes.as_slice()).is_ok());
        let whole = fastest(&mut group, "topicwire", || feed::parse(&bytes, &context).is_ok());
        group.finish();
        rows.push((name, bytes.len(), alone, whole));
    }
    println!("\n{:>6}  {:>9}  {:>9}  document", "times", "feed-rs", "topicwire");
    let ratio = |alone: f64, whole: f64| whole / alone;
    for (name, bytes, alone, whole) in &rows {
        let speed = |seconds: f64| format!("{:.0} MB/s", f64::from(u32::try_from(*bytes).unwrap_or(u32::MAX)) / 1e6 / seconds);
        println!("{:>6.2}  {:>9}  {:>9}  {name}", ratio(*alone, *whole), speed(*alone), speed(*whole));
    }
    let sum = |time: fn(&(String, usize, f64, f64)) -> f64| rows.iter().map(time).sum::<f64>();
    println!("{:>6.2}  over all", ratio(sum(|row| row.2), sum(|row| row.3)));
}

/// The seconds of the fastest call: what else the machine does only ever adds to them.
fn fastest(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, work: impl Fn() -> bool) -> f64 {
    let mut best = f64::INFINITY;
    group.bench_function(name, |bencher| {
        bencher.iter_custom(|times| {
            let one = || {
                let start = Instant::now();
                black_box(work());
                let took = start.elapsed();
                best = best.min(took.as_secs_f64());
                took
            };
            std::iter::repeat_with(one).take(usize::try_from(times).unwrap_or(usize::MAX)).sum()
        });
    });
    best
}

fn documents() -> Vec<(String, Vec<u8>)> {
    let Ok(folder) = std::env::var("FEEDS") else {
        return vec![("made up".to_owned(), made_up().into_bytes())];
    };
    let files = std::fs::read_dir(folder).expect("the folder of feeds").filter_map(Result::ok);
    let mut documents: Vec<(String, Vec<u8>)> = files
        .filter_map(|file| Some((file.file_name().to_string_lossy().into_owned(), std::fs::read(file.path()).ok()?)))
        .filter(|(_, bytes)| bytes.len() >= SMALLEST && feed_rs::parser::parse(bytes.as_slice()).is_ok_and(|feed| !feed.entries.is_empty()))
        .collect();
    documents.sort_by_key(|(_, bytes)| std::cmp::Reverse(bytes.len()));
    documents
}

/// A hundred items as agencies write them.
fn made_up() -> String {
    let item = "<item><title>Школа &amp; дом: новый корпус</title><link>https://agency.example/news/1?a=1&amp;b=2</link>\
        <guid isPermaLink=\"false\">1</guid><pubDate>Wed, 26 Nov 2025 10:22:00 +0500</pubDate><category>Дети</category>\
        <description><![CDATA[<p>В Алматы открыли <a href=\"https://agency.example/more\" class=\"x\">новый корпус</a> школы.</p>\
        <p><img src=\"https://agency.example/1.jpg\" alt=\"\" width=\"640\" /> Занятия &mdash; с понедельника.</p>]]></description></item>";
    format!("<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Agency</title>{}</channel></rss>", item.repeat(100))
}
