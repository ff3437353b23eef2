//! `topicwire extract --suggest`: rules for a site, from several of its pages, as lines of `feeds.toml`.

use std::fmt::Write;
use std::io::{self, Write as _};

use anyhow::{Context, anyhow};
use serde::Serialize;

use super::source::{Source, Sources};
use crate::commands::Failure;
use crate::commands::open::count;
use crate::extract::{self, Page, Suggestion};
use crate::model::{RuleName, same_site};

#[derive(Serialize)]
struct Proposal<'a> {
    /// The pages that hold an article.
    pages: usize,
    rules: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    rule: RuleName,
    selectors: &'a [String],
    held: usize,
    of: usize,
    changes: Vec<Changed<'a>>,
}

#[derive(Serialize)]
struct Changed<'a> {
    page: &'a str,
    before: &'a str,
    after: &'a str,
}

pub(super) fn run(names: &[String], sources: &Sources<'_>, json: bool) -> Result<(), Failure> {
    let mut read: Vec<(String, Source)> = Vec::new();
    crate::commands::for_each(names, |name| {
        read.push((name.clone(), sources.source(name)?));
        Ok(())
    })?;
    let other = read.iter().skip(1).zip(&read).find(|((_, source), (_, before))| !same_site(&source.url, &before.url));
    if let Some(((name, _), (before, _))) = other {
        return Err(Failure::Wrong(anyhow!("`{before}` and `{name}` are of different sites: rules are suggested for one at a time")));
    }
    let pages: Vec<Page<'_>> = read.iter().map(|(_, source)| source.page()).collect();
    let suggestions = extract::suggest(&pages);
    let name = |page: usize| read.get(page).map_or("", |(name, _)| name.as_str());
    for (page, failure) in &suggestions.skipped {
        crate::commands::complain(&anyhow!("`{}` is left out: {failure}", name(*page)));
    }
    let articles = read.len() - suggestions.skipped.len();
    if articles == 0 {
        return Err(Failure::NotDone(anyhow!("none of the pages holds an article")));
    }
    let text = if json {
        let rules = suggestions.rules.iter().map(|rule| Line::of(rule, name));
        serde_json::to_string(&Proposal { pages: articles, rules: rules.collect() }).context("cannot write JSON")?
    } else {
        lines(&suggestions.rules, articles)
    };
    Ok(writeln!(io::stdout().lock(), "{text}").context("cannot write the rules")?)
}

impl<'a> Line<'a> {
    fn of(suggestion: &'a Suggestion, name: impl Fn(usize) -> &'a str) -> Self {
        let Suggestion { rule, selectors, held, pages, changes } = suggestion;
        let changes = changes.iter().map(|change| Changed { page: name(change.page), before: &change.before, after: &change.after });
        Self { rule: *rule, selectors, held: *held, of: *pages, changes: changes.collect() }
    }
}

/// What to paste into `feeds.toml`.
fn lines(rules: &[Suggestion], articles: usize) -> String {
    if rules.is_empty() {
        return format!("# {} of this site: no selector points at the same on most of them", count(articles, "article"));
    }
    let mut text = format!("# from {}: paste under the site's feed\n[feed.article]", count(articles, "article"));
    for Suggestion { rule, selectors, held, pages, changes } in rules {
        let changed = match changes.len() {
            0 => "changes nothing now".to_owned(),
            number => format!("changes {number} of {}", count(articles, "article")),
        };
        // Writing to a String cannot fail.
        let _ = write!(text, "\n# on {held} of {}; {changed}\n{rule} = {}", count(*pages, "page"), quoted(selectors));
    }
    text
}

/// As TOML.
fn quoted(selectors: &[String]) -> String {
    let quoted: Vec<String> = selectors.iter().map(|selector| toml::Value::from(selector.as_str()).to_string()).collect();
    match quoted.as_slice() {
        [single] => single.clone(),
        several => format!("[{}]", several.join(", ")),
    }
}
