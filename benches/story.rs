//! A million fingerprints in the window: how long one article is looked for, and how much memory each takes.
//!
//! `cargo bench --bench story [how many]`
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints, and may stop")]

use std::hint::black_box;
use std::time::{Duration, Instant as Clock};

use topicwire::model::{Instant, UrlHash};
use topicwire::story::{Window, fingerprint};

const LOOK_UPS: u32 = 20_000;

fn main() {
    let count = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000);
    let mut window = Window::default();
    let started = Clock::now();
    for number in 0..count {
        window.insert(story(), time(number, count), &made_up(number));
    }
    println!("insert  {:>8.2} us each", each(started.elapsed(), count));
    println!("memory  {:>8} bytes each", window.bytes() / count.max(1) as usize);
    look_up("found", &window, |number| made_up(number.wrapping_mul(2_654_435_761) % count), time(count, count));
    look_up("unknown", &window, |number| made_up(count + number), time(count, count));

    let text = "Министерство просвещения сообщило о новых правилах приёма детей в школы столицы и областей ".repeat(30);
    let started = Clock::now();
    for _ in 0..200 {
        black_box(fingerprint("Новые правила", black_box(&text)));
    }
    println!("fingerprint of {} words {:>8.2} us (most of them repeated)", text.split(' ').count(), each(started.elapsed(), 200));
}

fn look_up(name: &str, window: &Window, which: impl Fn(u32) -> Vec<u32>, time: Instant) {
    let fingerprints: Vec<_> = (0..LOOK_UPS).map(which).collect();
    let started = Clock::now();
    let found = fingerprints.iter().filter(|fingerprint| window.find(fingerprint, time).is_some()).count();
    println!("look-up {:>8.2} us each, {name}: {found} of {LOOK_UPS} found", each(started.elapsed(), LOOK_UPS));
}

fn each(elapsed: Duration, count: u32) -> f64 {
    elapsed.as_secs_f64() * 1e6 / f64::from(count.max(1))
}

/// Spread over the three days of the window.
fn time(number: u32, count: u32) -> Instant {
    Instant::from_timestamp(1_700_000_000 + i64::from(number) * 3 * 86_400 / i64::from(count.max(1)), 0).unwrap_or_default()
}

/// Whose story it is makes no difference.
fn story() -> UrlHash {
    "00112233445566778899aabbccddeeff".parse().unwrap()
}

/// A fingerprint like that of a text of 300 pairs: of every hundred texts one is a copy of an earlier one, and one key in seven is a phrase
/// that a thousandth of all texts have.
fn made_up(number: u32) -> Vec<u32> {
    let number = if number.is_multiple_of(100) { number / 2 } else { number };
    let mut state = u64::from(number) + 1;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        u32::try_from(state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32).unwrap()
    };
    let mut words: Vec<u32> = (0..32).map(|_| next()).collect();
    words[0] = 300;
    words[3] = (words[3] % 1000).wrapping_mul(2_654_435_761);
    words
}
