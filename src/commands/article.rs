//! `topicwire article`: everything that is known of an article.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context;
use chrono::SecondsFormat;

use super::{Failure, open};
use crate::desk::{self, Corrected, Dossier};
use crate::model::{Instant, PageRead, StoredArticle};
use crate::story::Piece;

#[derive(Debug, clap::Args)]
pub struct Article {
    /// Any of its addresses, or its key
    #[arg(value_name = "URL")]
    url: String,
}

impl Article {
    pub(super) fn run(&self, config: &Path, store: &Path, json: bool) -> Result<(), Failure> {
        let dossier = open::ask(|| open::config_if_any(config), store, &desk::Article { address: self.url.clone() })?;
        let text = if json { serde_json::to_string(&dossier).context("cannot write the article")? + "\n" } else { shown(&dossier) };
        Ok(std::io::stdout().lock().write_all(text.as_bytes()).context("cannot write the result")?)
    }
}

fn shown(dossier: &Dossier) -> String {
    let Dossier { id, article, versions, carriers, watch } = dossier;
    let mut text = format!("{}\n{}\n", article.article.title, article.link);
    let mut line = |name: &str, value: String| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "  {name:<12} {value}");
    };
    let published = article.article.published.map_or_else(|| "the agency does not say".to_owned(), |time| time.to_rfc3339());
    line("id", id.clone());
    line("key", format!("{}, of {}", article.key, article.url));
    line("feed", format!("{} ({}), which calls it {}", article.feed, article.agency, article.entry_id));
    line("published", published);
    line("first seen", time(article.first_seen));
    line("updated", time(article.updated));
    if article.corrections > 0 {
        line("corrections", article.corrections.to_string());
    }
    if let Some(withdrawn) = article.withdrawn {
        line("withdrawn", format!("{}: the page is gone", time(withdrawn)));
    }
    body(article, &mut line);
    let origins: Vec<String> = article.article.provenance.iter().map(|(part, origin)| format!("{part}: {origin}")).collect();
    if !origins.is_empty() {
        line("taken from", origins.join(", "));
    }
    if let Some(watch) = watch {
        line("read again", format!("last at {}, as long as it is young and listed", time(watch.read)));
    }
    for found in &article.matches {
        let words: Vec<&str> = found.evidence.iter().map(|evidence| evidence.text.as_str()).collect();
        line("topic", format!("{}, score {:.1}: {}", found.topic, found.score, words.join(", ")));
    }
    for carrier in carriers.iter().filter(|carrier| carrier.place.key != article.key) {
        line("same text", format!("{}: {} {}", carrier.agency, carrier.title, carrier.link));
    }
    for (number, corrected) in (1..).zip(versions) {
        line("version", format!("{number}, of {}; then:", time(corrected.version.since)));
        changes(corrected, &mut line);
    }
    text + "\n" + &article.article.text + "\n"
}

fn body(article: &StoredArticle, line: &mut impl FnMut(&str, String)) {
    match &article.page {
        Some(PageRead { at, url, validators, hash, extractor }) => {
            line("page", format!("{url}, read {} by version {extractor}", time(*at)));
            line(
                "validators",
                format!("{} {}", validators.etag.as_deref().unwrap_or("-"), validators.last_modified.as_deref().unwrap_or("-")),
            );
            line("hash", hash.clone());
        }
        None => line("page", article.note.clone().unwrap_or_else(|| "not needed: the feed gives the whole text".to_owned())),
    }
}

/// What a correction took out and put in, a line each.
fn changes(corrected: &Corrected, line: &mut impl FnMut(&str, String)) {
    for (field, pieces) in [("title", &corrected.diff.title), ("text", &corrected.diff.text)] {
        for piece in pieces {
            match piece {
                Piece::Same(_) => {}
                Piece::Removed(words) => line("", format!("{field} - {}", words.trim_end())),
                Piece::Added(words) => line("", format!("{field} + {}", words.trim_end())),
            }
        }
    }
}

fn time(time: Instant) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
