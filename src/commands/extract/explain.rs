//! `topicwire extract --explain`: what was found where, which rules do not match, and what else could have held the text, so that a
//! person can write a rule.

use std::fmt::{self, Write};

use anyhow::Context;
use serde::Serialize;
use url::Url;

use super::answer::Whole;
use super::source::Sources;
use crate::commands::Failure;
use crate::extract::{self, Candidate};
use crate::model::{Article, Part, RuleName};

#[derive(Serialize)]
struct Explanation<'a> {
    #[serde(flatten)]
    found: Option<Whole>,
    /// Why there is no article.
    error: Option<String>,
    next_page: Option<&'a Url>,
    unmatched_rules: &'a [RuleName],
    candidates: &'a [Candidate],
}

/// The explanation of one page, as text or as JSON.
pub(super) fn explained(name: &str, sources: &Sources<'_>, json: bool) -> Result<String, Failure> {
    let source = sources.source(name)?;
    let candidates = extract::candidates(&source.page(), &source.rules);
    let extraction = extract::read(&source.page(), &source.rules);
    let found = extraction.as_ref().ok();
    let unmatched = extract::unmatched(&source.page(), &source.rules);
    let explanation = Explanation {
        found: found.map(|found| Whole::of(name, found.article())),
        error: extraction.as_ref().err().map(ToString::to_string),
        next_page: found.and_then(extract::Extraction::next_page),
        unmatched_rules: &unmatched,
        candidates: &candidates,
    };
    if json {
        return Ok(serde_json::to_string(&explanation).context("cannot write JSON")?);
    }
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = explanation.write(&mut text, found.map(extract::Extraction::article));
    Ok(text.trim_end().to_owned())
}

impl Explanation<'_> {
    fn write(&self, text: &mut String, article: Option<&Article>) -> fmt::Result {
        if let Some(article) = article {
            parts(text, article)?;
        }
        if let Some(error) = &self.error {
            writeln!(text, "no article: {error}")?;
        }
        if let Some(next) = self.next_page {
            writeln!(text, "goes on at {next}")?;
        }
        for rule in self.unmatched_rules {
            writeln!(text, "the rule `{rule}` selects nothing that can be read")?;
        }
        writeln!(text, "\nelements that could hold the text, the best first (* is used):")?;
        self.candidates.iter().try_for_each(|candidate| writeln!(text, "{candidate}"))
    }
}

/// A line for each part of the article: what it is, and where it came from.
fn parts(text: &mut String, article: &Article) -> fmt::Result {
    let said = |value: &Option<String>| value.clone().unwrap_or_default();
    let time = |time: Option<crate::model::Timestamp>| time.map(|time| time.to_rfc3339()).unwrap_or_default();
    let link = |url: &Option<Url>| url.as_ref().map(ToString::to_string).unwrap_or_default();
    let lines = article.text.lines().count();
    let parts = [
        ("title", Part::Title, article.title.clone()),
        ("published", Part::Published, time(article.published)),
        ("modified", Part::Modified, time(article.modified)),
        ("language", Part::Language, article.language.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("authors", Part::Authors, article.authors.join(", ")),
        ("image", Part::Image, link(&article.image)),
        ("canonical", Part::Canonical, link(&article.canonical)),
        ("site", Part::Site, said(&article.site)),
        ("section", Part::Section, said(&article.section)),
        ("tags", Part::Tags, article.tags.join(", ")),
        ("body", Part::Body, format!("{} characters in {lines} paragraphs", article.text.chars().count())),
    ];
    for (name, part, value) in parts {
        match article.provenance.get(part) {
            Some(origin) => writeln!(text, "{name:<10} {value}  [{origin}]")?,
            None => writeln!(text, "{name:<10} -")?,
        }
    }
    Ok(())
}
