//! How often the language of a text is told and the forms of a Kazakh word are joined, and what telling a language costs.
//!
//! `cargo bench --bench language` takes the five-word texts and the Kazakh forms of `tests/fixtures/topics`, whose README says where they
//! are from. `ARTICLES=folder` adds the titles and bodies of articles; `TEXTS=folder`, with a file `LANGUAGE.txt` of a text a line for
//! each language, adds the lines, their first five words, and stretches of a thousand letters as bodies. What is in a language that is
//! not known should be told to be in none.
#![expect(clippy::print_stdout, clippy::expect_used, clippy::disallowed_methods, reason = "a bench is a shell of its own")]

#[path = "corpus/articles.rs"]
mod articles;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Duration;

use cpu_time::ThreadTime;
use topicwire::text::{Lemmas, detect, known_languages};

const ROUNDS: usize = 20;
/// The length of a made-up body in bytes.
const BODY: usize = 1_000;

/// Texts by language.
type Texts = BTreeMap<String, Vec<String>>;

fn main() {
    let five_words = lines(include_str!("../tests/fixtures/topics/five-words.txt"));
    told("five words", &five_words);
    let mut headlines = five_words;
    if std::env::var("ARTICLES").is_ok() {
        let (mut titles, mut bodies) = (Texts::new(), Texts::new());
        for article in articles::articles(usize::MAX) {
            titles.entry(article.lang.clone()).or_default().push(article.title);
            bodies.entry(article.lang).or_default().push(article.body);
        }
        told("titles", &titles);
        told("bodies of articles", &bodies);
        headlines = titles;
    }
    if let Ok(folder) = std::env::var("TEXTS") {
        let texts = folder_of_texts(&folder);
        let first_words = |text: &String| text.split_whitespace().take(5).collect::<Vec<_>>().join(" ");
        let long = |text: &&String| text.split_whitespace().nth(4).is_some();
        told("first five words", &each(&texts, |texts| texts.iter().filter(long).map(first_words).collect()));
        told("lines", &texts);
        told("lines joined to bodies", &each(&texts, joined));
    }
    println!("a headline: {:?} (at most 30 µs)", cost(&headlines));
    kazakh_forms();
}

fn lines(text: &str) -> Texts {
    let mut texts = Texts::new();
    for (language, text) in text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' ')) {
        texts.entry(language.to_owned()).or_default().push(text.to_owned());
    }
    texts
}

fn folder_of_texts(folder: &str) -> Texts {
    let files = std::fs::read_dir(folder).expect("the folder of texts").map(|entry| entry.expect("a file").path());
    let read = |file: std::path::PathBuf| {
        let language = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        (language, std::fs::read_to_string(&file).expect("texts").lines().map(ToOwned::to_owned).collect())
    };
    files.map(read).collect()
}

fn each(texts: &Texts, change: impl Fn(&[String]) -> Vec<String>) -> Texts {
    texts.iter().map(|(language, texts)| (language.clone(), change(texts))).collect()
}

fn joined(texts: &[String]) -> Vec<String> {
    let mut bodies = vec![String::new()];
    for text in texts {
        if bodies.last().is_some_and(|body| body.len() >= BODY) {
            bodies.push(String::new());
        }
        let body = bodies.last_mut().expect("there is one");
        body.push_str(text);
        body.push('\n');
    }
    bodies.retain(|body| body.len() >= BODY);
    bodies
}

/// The shipped articles name Kazakh in Latin letters `kk-Latn` or plainly `kk`: either is right for it.
fn told(name: &str, texts: &Texts) {
    println!("{name}:");
    for (language, texts) in texts {
        let known = known_languages().iter().any(|known| known.as_str() == language);
        let is_right = |text: &&String| {
            let found = detect(text).language;
            found.map_or(!known, |found| found.as_str() == language || found.primary() == language && found.as_str().starts_with("kk"))
        };
        let right = texts.iter().filter(is_right).count();
        println!("  {language:<8} {right:>6} of {:>6}: {:.1} %", texts.len(), percent(right, texts.len()));
    }
}

/// The fastest round's time for one text.
fn cost(texts: &Texts) -> Duration {
    let texts: Vec<&String> = texts.values().flatten().filter(|text| !text.is_empty()).collect();
    let round = |_| {
        let start = ThreadTime::now();
        for text in &texts {
            black_box(detect(text));
        }
        start.elapsed()
    };
    (0..ROUNDS).map(round).min().unwrap_or_default() / u32::try_from(texts.len().max(1)).unwrap_or(u32::MAX)
}

/// Of the forms: how many have their own lemma, and how many of the lemmas of the set that they have are theirs.
fn kazakh_forms() {
    let table = lines(include_str!("../tests/fixtures/topics/kazakh-forms.txt"));
    let lemmas = Lemmas::default();
    let (mut forms, mut right, mut wrong) = (0, 0, 0);
    for (lemma, form) in
        table.iter().flat_map(|(lemma, lines)| lines.iter().flat_map(|line| line.split(' ')).map(move |form| (lemma, form)))
    {
        let found = lemmas.of("kk", form);
        forms += 1;
        right += usize::from(found.contains(lemma));
        wrong += found.iter().filter(|found| *found != lemma && table.contains_key(*found)).count();
    }
    println!(
        "Kazakh forms: recall {:.1} % of {forms} (at least 90), precision {:.1} % (at least 92)",
        percent(right, forms),
        percent(right, right + wrong)
    );
}

#[expect(clippy::cast_precision_loss, reason = "counts of texts")]
fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}
