//! `topicwire extract`: the cleaned article of pages, from files, addresses or a batch; why it is what it is; and which rules would
//! fit the pages of a site.

mod answer;
mod explain;
mod source;
mod suggest;

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::Path;

use anyhow::Context;
use clap::ValueEnum;
use url::Url;

use self::source::{Source, Sources};
use super::{Failure, batch, open};
use crate::config::Config;
use crate::extract::{self, Extraction};
use crate::model::Article;

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
    /// Print where each part of the article came from, and the elements that could hold its text with their scores
    #[arg(long, conflicts_with = "batch")]
    explain: bool,
    /// Print rules for the site that all pages are of, to paste under its feed
    #[arg(long, conflicts_with_all = ["batch", "explain", "format"])]
    suggest: bool,
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
            return Ok(batch::run(io::stdin().lock(), io::stdout().lock(), self.jobs, answer::answer)?);
        }
        let config = open::config_if_any(config)?;
        let sources = Sources::new(&config, self.url.as_ref());
        if self.suggest {
            return suggest::run(&self.pages, &sources, json);
        }
        let format = if json { Format::Json } else { self.format };
        super::for_each(&self.pages, |name| {
            let text = if self.explain {
                explain::explained(name, &sources, format == Format::Json)?
            } else {
                let source = sources.source(name)?;
                complain_of_rules(name, &source);
                printed(name, read(name, &sources, &source)?.article(), format)?
            };
            Ok(writeln!(io::stdout().lock(), "{text}").context("cannot write the article")?)
        })
    }
}

/// The article that a file or an address leads to, and its address, where it has one. A file that does not begin with a tag is a text
/// with its title on the first line.
pub(super) fn article(name: &str, config: &Config) -> Result<(Article, Option<Url>), Failure> {
    let path = Path::new(name);
    if path.is_file() {
        let bytes = open::file(path)?;
        let text = String::from_utf8_lossy(&bytes);
        if !text.trim_start_matches('\u{feff}').trim_start().starts_with('<') {
            let (title, body) = text.split_once('\n').unwrap_or((text.as_ref(), ""));
            return Ok((Article { title: title.trim().to_owned(), text: body.trim().to_owned(), ..Article::default() }, None));
        }
    }
    let sources = Sources::new(config, None);
    let source = sources.source(name)?;
    let article = read(name, &sources, &source)?.into_article();
    Ok((article, Some(source.url).filter(|_| source.is_fetched)))
}

/// Says which rules of the page's site do not match: why an article is missing or odd is seldom seen from the article.
fn complain_of_rules(name: &str, source: &Source) {
    let unmatched = extract::unmatched(&source.page(), &source.rules);
    let rules: Vec<String> = unmatched.iter().map(|rule| format!("`{rule}`")).collect();
    match rules.as_slice() {
        [] => {}
        [rule] => super::complain(&anyhow::anyhow!("`{name}`: the rule {rule} selects nothing that can be read")),
        rules => super::complain(&anyhow::anyhow!("`{name}`: the rules {} select nothing that can be read", rules.join(", "))),
    }
}

/// Reads the article on all of its pages.
fn read(name: &str, sources: &Sources<'_>, source: &Source) -> Result<Extraction, Failure> {
    let mut extraction = extract::read(&source.page(), &source.rules).with_context(|| format!("`{name}`"))?;
    while let Some(next) = extraction.next_page().filter(|_| source.is_fetched).cloned() {
        // What was read is worth printing without the rest.
        let joined = sources.source(next.as_str()).map(|more| extraction.join(&more.page(), &source.rules));
        match joined {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => {
                super::complain(&anyhow::anyhow!("`{next}` continues the article, but {failure}"));
                break;
            }
            Err(Failure::NotDone(error) | Failure::Wrong(error)) => {
                super::complain(&error.context(format!("`{next}` continues the article and is left out")));
                break;
            }
        }
    }
    Ok(extraction)
}

fn printed(name: &str, article: &Article, format: Format) -> Result<String, Failure> {
    Ok(match format {
        Format::Text => format!("{}\n\n{}", article.title, article.text),
        Format::Html => article.html.clone(),
        Format::Markdown => format!("# {}\n\n{}", article.title, extract::markdown(&article.html)),
        Format::Json => serde_json::to_string(&answer::Whole::of(name, article)).context("cannot write JSON")?,
    })
}
