//! An article as JSON: in a batch the keys that its contract names, for a single page all there is.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use url::Url;

use super::source::nowhere;
use crate::commands::open;
use crate::extract::{self, Page, SiteRules};
use crate::model::{Article, Provenance};

#[derive(Deserialize)]
pub(super) struct Question {
    id: serde_json::Value,
    path: Option<PathBuf>,
    html: Option<String>,
    url: Option<String>,
    content_type: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Answer {
    id: serde_json::Value,
    title: String,
    published: Option<String>,
    modified: Option<String>,
    language: Option<String>,
    author: Option<String>,
    image: Option<String>,
    text: String,
    html: String,
}

/// With what no batch tells.
#[derive(Serialize)]
pub(super) struct Whole {
    #[serde(flatten)]
    answer: Answer,
    canonical: Option<Url>,
    site: Option<String>,
    section: Option<String>,
    tags: Vec<String>,
    provenance: Provenance,
}

impl Whole {
    pub(super) fn of(name: &str, article: &Article) -> Self {
        let Article { canonical, site, section, tags, provenance, .. } = article.clone();
        Self { answer: Answer::of(name.to_owned().into(), article), canonical, site, section, tags, provenance }
    }
}

impl Answer {
    fn of(id: serde_json::Value, article: &Article) -> Self {
        Self {
            id,
            title: article.title.clone(),
            published: article.published.map(|time| time.to_rfc3339()),
            modified: article.modified.map(|time| time.to_rfc3339()),
            language: article.language.as_ref().map(ToString::to_string),
            author: Some(article.authors.join(", ")).filter(|names| !names.is_empty()),
            image: article.image.as_ref().map(ToString::to_string),
            text: article.text.clone(),
            html: article.html.clone(),
        }
    }
}

/// Answers a line of a batch.
pub(super) fn answer(question: Question) -> Result<Answer, String> {
    let Question { id, path, html, url, content_type } = question;
    let bytes = match (html, path) {
        (Some(html), _) => html.into_bytes(),
        (None, Some(path)) => open::file(&path).map_err(|error| format!("{error:#}"))?,
        (None, None) => return Err("neither `path` nor `html` is given".to_owned()),
    };
    // A page is worth reading even where its address is not one.
    let url = url.and_then(|url| Url::parse(&url).ok()).unwrap_or_else(nowhere);
    let page = Page { html: &bytes, url: &url, content_type: content_type.as_deref(), entry: None, timezone: None, fetched_at: None };
    let article = extract::extract(&page, &SiteRules::default()).map_err(|failure| failure.to_string())?;
    Ok(Answer::of(id, &article))
}
