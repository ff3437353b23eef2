//! `topicwire extract`: the cleaned article of pages, from files, addresses or a batch.

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use chrono_tz::Tz;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{Failure, batch, open};
use crate::clock;
use crate::config::{Config, Feed};
use crate::extract::{self, Page, SiteRules};
use crate::fetch::{self, Client, Purpose, Request};
use crate::model::{Article, FeedUrl, same_site};

#[derive(Debug, clap::Args)]
pub struct Extract {
    /// Pages: files of HTML, or web addresses
    #[arg(required_unless_present = "batch", value_name = "FILE-or-URL")]
    pages: Vec<String>,
    /// How to print the article
    #[arg(long, value_enum, default_value_t = Format::Text, conflicts_with = "batch")]
    format: Format,
    /// The address of a page that is a file: links are resolved against it, and the configuration's rules for its site are used
    #[arg(long, value_name = "URL")]
    url: Option<Url>,
    /// Print the elements that could hold the article, with their scores, instead of the article
    #[arg(long, conflicts_with = "batch")]
    explain: bool,
    /// Read `{"id","path" or "html","url"?,"content_type"?}` lines from standard input
    #[arg(long, conflicts_with_all = ["pages", "url"])]
    batch: bool,
    /// How many threads a batch uses: all cores unless given
    #[arg(long, value_name = "N", conflicts_with = "pages")]
    jobs: Option<NonZeroUsize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Html,
    Markdown,
    Json,
}

impl Extract {
    pub(super) fn run(&self, config: &Path, json: bool) -> Result<(), Failure> {
        if self.batch {
            return Ok(batch::run(io::stdin().lock(), io::stdout().lock(), self.jobs, answer)?);
        }
        let format = if json { Format::Json } else { self.format };
        let config = open::config_if_any(config)?;
        super::for_each(&self.pages, |name| {
            let source = self.source(name, &config)?;
            let mut output = io::stdout().lock();
            if self.explain {
                return Ok(explain(&mut output, &source).context("cannot write the candidates")?);
            }
            let article = extract::extract(&source.page(), &source.rules).with_context(|| format!("`{name}`"))?;
            Ok(writeln!(output, "{}", printed(name, &article, format)?).context("cannot write the article")?)
        })
    }

    /// The page that the command line names: a file, or an address that is asked.
    fn source(&self, name: &str, config: &Config) -> Result<Source, Failure> {
        if name.starts_with("http://") || name.starts_with("https://") {
            return fetched(name, config);
        }
        let html = open::file(Path::new(name))?;
        let url = self.url.clone().unwrap_or_else(nowhere);
        let timezone = feed_of(config, &url).and_then(|feed| feed.timezone);
        Ok(Source { rules: rules(config, &url), html, url, content_type: None, timezone })
    }
}

/// The article behind a web address, fetched as a poll would, or in a file of HTML; and its address, where it has one.
pub(super) fn article(name: &str, config: &Config) -> Result<(Article, Option<Url>), Failure> {
    let alone = Extract { pages: Vec::new(), format: Format::Text, url: None, explain: false, batch: false, jobs: None };
    let source = alone.source(name, config)?;
    let article = extract::extract(&source.page(), &source.rules).with_context(|| format!("`{name}`"))?;
    Ok((article, Some(source.url).filter(|url| *url != nowhere())))
}

/// A page and what the configuration says of its site.
struct Source {
    html: Vec<u8>,
    url: Url,
    content_type: Option<String>,
    timezone: Option<Tz>,
    rules: SiteRules,
}

impl Source {
    fn page(&self) -> Page<'_> {
        let content_type = self.content_type.as_deref();
        Page { html: &self.html, url: &self.url, content_type, entry: None, timezone: self.timezone, fetched_at: Some(clock::now()) }
    }
}

/// Asks for a page as a poll would: with robots.txt, limits and the address guard.
fn fetched(address: &str, config: &Config) -> Result<Source, Failure> {
    let url = FeedUrl::new(address).map_err(|error| Failure::Wrong(error.into()))?;
    let feed = feed_of(config, url.as_url());
    let client = Client::new(open::settings(config)).context("cannot set up the HTTP client")?;
    let allow_private = feed.is_some_and(|feed| feed.allow_private);
    let request = Request { url: url.as_url(), purpose: Purpose::Page, validators: None, allow_private };
    let response = match super::block_on(client.get(request))? {
        fetch::Answer::Fresh(response) => response,
        fetch::Answer::Failed(failure) => return Err(Failure::NotDone(failure.into())),
        fetch::Answer::Gone => return Err(Failure::NotDone(anyhow!("`{address}` is gone (410)"))),
        fetch::Answer::Throttled { .. } => {
            return Err(Failure::NotDone(anyhow!("`{address}`: the site asks to be left alone for a while")));
        }
        fetch::Answer::NotModified { .. } => {
            return Err(Failure::NotDone(anyhow!("`{address}` answered \"not modified\" to an unconditional request")));
        }
    };
    Ok(Source {
        rules: rules(config, &response.url),
        html: response.body.to_vec(),
        url: response.url,
        content_type: response.content_type,
        timezone: feed.and_then(|feed| feed.timezone),
    })
}

/// The feed that the configuration has of a page's site.
fn feed_of<'a>(config: &'a Config, url: &Url) -> Option<&'a Feed> {
    config.feeds.iter().find(|feed| same_site(feed.url.as_url(), url)).map(AsRef::as_ref)
}

fn rules(config: &Config, url: &Url) -> SiteRules {
    feed_of(config, url).map(|feed| feed.article.clone()).unwrap_or_default()
}

fn explain(output: &mut impl Write, source: &Source) -> io::Result<()> {
    extract::explain(&source.page(), &source.rules).iter().try_for_each(|candidate| writeln!(output, "{candidate}"))
}

/// The address of a page that has none: its relative links lead nowhere.
fn nowhere() -> Url {
    static NOWHERE: std::sync::LazyLock<Option<Url>> = std::sync::LazyLock::new(|| Url::parse("http://localhost/").ok());
    NOWHERE.clone().unwrap_or_else(|| unreachable!("a constant URL is well-formed"))
}

fn printed(name: &str, article: &Article, format: Format) -> Result<String, Failure> {
    Ok(match format {
        Format::Text => format!("{}\n\n{}", article.title, article.text),
        Format::Html => article.html.clone(),
        Format::Markdown => format!("# {}\n\n{}", article.title, extract::markdown(&article.html)),
        Format::Json => serde_json::to_string(&Answer::of(name.to_owned().into(), article)).context("cannot write JSON")?,
    })
}

#[derive(Deserialize)]
struct Question {
    id: serde_json::Value,
    path: Option<PathBuf>,
    html: Option<String>,
    url: Option<String>,
    content_type: Option<String>,
}

#[derive(Serialize)]
struct Answer {
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

fn answer(question: Question) -> Result<Answer, String> {
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
