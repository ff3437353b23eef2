//! Changing one of ten thousand topics: what the next matcher costs when all is built, and when only what changed is.
//!
//! `cargo bench --bench rebuild [how many topics]`
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints, and may stop")]

use std::hint::black_box;
use std::time::{Duration, Instant as Clock};

use topicwire::model::TopicId;
use topicwire::topic::{DEFAULT_THRESHOLD, Matcher, Rules, Topic};

const ROUNDS: u32 = 5;
const RULES: u32 = 15;

fn main() {
    let count = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(10_000);
    let topics: Vec<Topic> = (0..count).map(|number| topic(number, number)).collect();
    let mut changed = topics.clone();
    changed[count as usize / 2] = topic(count / 2, count + 1);

    let started = Clock::now();
    let mut before = Matcher::new(&topics);
    println!("built for the first time {:>9.1} ms", milliseconds(started.elapsed()));
    let started = Clock::now();
    for _ in 0..ROUNDS {
        black_box(Matcher::new(black_box(&changed)));
    }
    println!("all built anew           {:>9.1} ms", milliseconds(started.elapsed() / ROUNDS));
    let started = Clock::now();
    for round in 0..ROUNDS {
        before = before.rebuilt(black_box(if round % 2 == 0 { &changed } else { &topics }));
    }
    println!("one of {count} rebuilt    {:>9.1} ms", milliseconds(started.elapsed() / ROUNDS));
    black_box(before);
}

fn milliseconds(elapsed: Duration) -> f64 {
    elapsed.as_secs_f64() * 1e3
}

/// A topic of rules in three languages over words that other topics have too.
fn topic(number: u32, seed: u32) -> Topic {
    let rule = |rule: u32| {
        let word = |place: u32| WORDS[((seed * RULES + rule).wrapping_mul(2_654_435_761).rotate_left(place * 7) % 40) as usize];
        let language = ["ru", "kk", "en"][rule as usize % 3];
        format!("{language} {}: {} NEAR/3 ({} | {}{seed})\n", rule % 9 + 1, word(0), word(1), word(2))
    };
    let rules: String = (0..RULES).map(rule).collect();
    Topic::new(TopicId::new(format!("topic-{number}")).unwrap(), DEFAULT_THRESHOLD, Rules::parse(&rules).unwrap())
}

#[rustfmt::skip]
const WORDS: [&str; 40] = [
    "право", "ребенок", "школа", "закон", "министр", "город", "вода", "суд", "дорога", "больница", "учитель", "семья", "дом", "рынок",
    "бала", "құқық", "мектеп", "заң", "қала", "су", "сот", "жол", "аурухана", "мұғалім", "отбасы", "үй", "нарық", "child", "right",
    "school", "law", "minister", "city", "water", "court", "road", "hospital", "teacher", "family", "market",
];
