//! The articles that the benches about topics read: those of the folder `ARTICLES`, or the recorded ones again and again.
//!
//! A folder holds `*.jsonl.gz` with a `{"lang","title","body"}` a line. Lines without a title are single sentences; fifteen of them
//! make an article.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use flate2::read::GzDecoder;
use serde::Deserialize;

const SENTENCES: usize = 15;

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Article {
    pub(crate) lang: String,
    pub(crate) title: String,
    pub(crate) body: String,
}

/// At most `most` of each language, in the order of the files.
pub(crate) fn articles(most: usize) -> Vec<Article> {
    let Ok(folder) = std::env::var("ARTICLES") else { return recorded() };
    let mut files: Vec<_> = std::fs::read_dir(folder).expect("the folder of articles").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    files.iter().filter(|file| file.extension().is_some_and(|end| end == "gz")).flat_map(|file| read(file, most)).collect()
}

fn read(file: &Path, most: usize) -> Vec<Article> {
    let lines = BufReader::new(GzDecoder::new(File::open(file).expect("a file of articles"))).lines();
    let lines = lines.map(|line| serde_json::from_str::<Article>(&line.expect("a line")).expect("an article"));
    let (mut articles, mut sentences) = (Vec::new(), Vec::new());
    for line in lines {
        if articles.len() == most {
            break;
        }
        if line.title.is_empty() {
            sentences.push(line.body);
        } else {
            articles.push(line);
        }
        if sentences.len() == SENTENCES {
            articles.push(Article { lang: "kk".to_owned(), title: sentences.remove(0), body: sentences.join(" ") });
            sentences.clear();
        }
    }
    articles
}

/// The article that comes with the program, as a title and a body.
fn recorded() -> Vec<Article> {
    let html = include_str!("../../src/commands/demo/kazinform/article.html");
    let url = url::Url::parse("https://news.example/article").expect("a URL");
    let page =
        topicwire::extract::Page { html: html.as_bytes(), url: &url, content_type: None, entry: None, timezone: None, fetched_at: None };
    let article = topicwire::extract::extract(&page, &topicwire::extract::SiteRules::default()).expect("an article");
    vec![Article { lang: "ru".to_owned(), title: article.title, body: article.text }; 200]
}
