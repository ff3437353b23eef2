//! `topicwire search`: the stored articles that a rule would find.

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use serde_json::json;

use super::{Failure, cut, open, table};
use crate::desk::{self, Found, Results};

/// How long a search may take, in seconds.
const PATIENCE: u32 = 60;

#[derive(Debug, clap::Args)]
pub struct Search {
    /// Words, of which all must be there in any form, or a rule
    #[arg(required = true)]
    query: Vec<String>,
    /// At most so many articles, the newest first
    #[arg(long, default_value_t = 25, value_name = "N")]
    limit: usize,
}

impl Search {
    pub(super) fn run(&self, config: &Path, store: &Path, json: bool) -> Result<(), Failure> {
        let question = desk::Search { query: self.query.join(" "), limit: self.limit, seconds: PATIENCE, before: None };
        let Results { found, next } = open::ask(|| open::config_if_any(config), store, &question)?;
        let more = found.len() < self.limit && next.is_some();
        if more {
            tracing::warn!("the search stopped after {PATIENCE} s: older articles were not looked at");
        }
        let text = if json { as_json(&found, next.is_none())? } else { shown(&found) };
        Ok(writeln!(std::io::stdout().lock(), "{text}").context("cannot write the result")?)
    }
}

fn as_json(found: &[Found], complete: bool) -> anyhow::Result<String> {
    let article = |found: &Found| {
        let article = &found.published.article;
        json!({
            "key": article.key,
            "title": article.article.title,
            "link": article.link,
            "feed": article.feed,
            "published": article.time(),
            "language": article.article.language,
            "evidence": found.evidence,
        })
    };
    let articles: Vec<_> = found.iter().map(article).collect();
    serde_json::to_string(&json!({"articles": articles, "complete": complete})).context("cannot write the result")
}

fn shown(found: &[Found]) -> String {
    let mut rows = table(&["published", "agency", "title", "link"]);
    for Found { published, .. } in found {
        let article = &published.article;
        let time = article.time().format("%Y-%m-%d %H:%M").to_string();
        rows.add_row([time, plain(&article.agency), cut(&plain(&article.article.title)), article.link.to_string()]);
    }
    if found.is_empty() { "nothing was found".to_owned() } else { rows.trim_fmt() }
}

/// A text as one line that a terminal does nothing with.
fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}
