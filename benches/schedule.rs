//! Simulates a month of 600 feeds and compares the scheduler's mean delay, from publication to pickup, with that of simple rules at the
//! same number of requests.
//!
//! `cargo bench --bench schedule`. The scheduler learns the rates from what its own polls find; the other rules are told the true ones.
//! Rates are lognormal with standard deviation sigma; by night (whose hour differs by feed) a tenth of what is published by day.
#![expect(clippy::print_stdout, reason = "prints its results")]
#![expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "the numbers of a simulation are small")]

use std::f64::consts::TAU;
use std::ops::Range;
use std::time::Duration;

use topicwire::model::{FeedState, Instant};
use topicwire::schedule::{self, Interval};

const FEEDS: usize = 600;
/// Days are counted from the beginning of the simulation; in the first week, the scheduler is still learning.
const COUNTED: Range<f64> = 7.0..28.0;
/// A day more, so that everything that counts is picked up.
const END: f64 = 29.0;
/// The median feed's articles a day.
const MEDIAN: f64 = 10.0;
/// As many as a document lists.
const LISTED: usize = 20;
const INTERVAL: Interval = Interval { min: Duration::from_mins(2), max: Duration::from_hours(6) };

/// Articles of a feed as days since the beginning, and what is published a day on average.
struct Feed {
    articles: Vec<f64>,
    rate: f64,
}

/// Over all feeds, after the warm-up.
#[derive(Clone, Copy, Default)]
struct Tally {
    requests: f64,
    articles: f64,
    delay: f64,
}

impl Tally {
    fn minutes(self) -> f64 {
        self.delay / self.articles * 24.0 * 60.0
    }
}

fn main() {
    println!("sigma  requests/feed/day  uniform      scheduler  sqrt (told)  proportional (told)");
    for (sigma, target) in [(1.0, 0.85), (1.5, 0.65), (2.0, 0.50)] {
        let mut random = Random(7);
        let feeds: Vec<Feed> = (0..FEEDS).map(|_| feed(sigma, &mut random)).collect();
        let scheduler =
            feeds.iter().fold(Tally::default(), |tally, feed| run(feed, tally, &scheduled(feed, &mut Random(feed.rate.to_bits()))));
        let budget = scheduler.requests;
        let [uniform, root, proportional] = [0.0, 0.5, 1.0].map(|power| fixed(&feeds, power, budget, &mut random).minutes());
        let per_day = budget / (COUNTED.end - COUNTED.start) / 600.0;
        println!(
            "{sigma:<5}  {per_day:<17.1}  {uniform:>5.1} min    {:<5.2}      {:<5.2}        {:<5.2}      target {target}",
            scheduler.minutes() / uniform,
            root / uniform,
            proportional / uniform,
        );
    }
}

fn feed(sigma: f64, random: &mut Random) -> Feed {
    let rate = MEDIAN * (sigma * random.normal()).exp();
    let night = random.uniform() / 6.0;
    let (mut articles, mut time) = (Vec::new(), -30.0);
    while time < END {
        // A Poisson process by thinning: candidates at the day's peak rate, kept as often as the hour is below it.
        time -= random.uniform().ln() / (rate * 1.8);
        if random.uniform() * 1.8 < 1.0 - 0.8 * (TAU * (time - night)).cos() {
            articles.push(time);
        }
    }
    Feed { articles, rate }
}

/// The times at which the scheduler polls a feed.
fn scheduled(feed: &Feed, random: &mut Random) -> Vec<f64> {
    let start: Instant = chrono::DateTime::from_timestamp(1_760_000_400, 0).unwrap_or_default();
    let clock = |days: f64| start + chrono::TimeDelta::milliseconds((days * 86_400_000.0).round() as i64);
    let mut state = FeedState::default();
    let (mut polls, mut time, mut read) = (Vec::new(), random.uniform() / 24.0, 0);
    while time < END {
        polls.push(time);
        let published = feed.articles.partition_point(|&article| article <= time);
        let listed = published.saturating_sub(LISTED);
        state.missed = read > 0 && listed > read;
        schedule::remember(&mut state, feed.articles[read.max(listed)..published].iter().map(|&article| Some(clock(article))), clock(time));
        read = published;
        state.polls += 1;
        state.last_success = Some(clock(time));
        let due = schedule::after_success(&state, INTERVAL, None, clock(time), random.uniform());
        time = (due - start).as_seconds_f64() / 86_400.0;
    }
    polls
}

/// Every feed at even intervals, in proportion to a power of its true rate, `budget` requests in all.
fn fixed(feeds: &[Feed], power: f64, budget: f64, random: &mut Random) -> Tally {
    let total: f64 = feeds.iter().map(|feed| feed.rate.powf(power)).sum();
    feeds.iter().fold(Tally::default(), |tally, feed| {
        let interval = total / feed.rate.powf(power) * (COUNTED.end - COUNTED.start) / budget;
        let first = COUNTED.start - random.uniform() * interval;
        let polls = std::iter::successors(Some(first), |poll| Some(poll + interval)).take_while(|&poll| poll < END + interval);
        run(feed, tally, &polls.collect::<Vec<_>>())
    })
}

/// Adds what these polls of a feed find.
fn run(feed: &Feed, tally: Tally, polls: &[f64]) -> Tally {
    let mut tally = tally;
    tally.requests += polls.iter().filter(|poll| COUNTED.contains(poll)).count() as f64;
    for &article in feed.articles.iter().filter(|article| COUNTED.contains(article)) {
        let picked_up = polls.get(polls.partition_point(|&poll| poll < article)).copied().unwrap_or(END);
        tally.articles += 1.0;
        tally.delay += picked_up - article;
    }
    tally
}

/// `SplitMix64`: the same numbers in every run.
struct Random(u64);

impl Random {
    /// From 0 to 1, never 0.
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64 + f64::MIN_POSITIVE
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (TAU * self.uniform()).cos()
    }
}
