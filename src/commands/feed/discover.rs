//! `topicwire feed discover`: the feeds of a site, each asked for politely and read, so that what is shown is there.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context as _, anyhow};
use futures_util::StreamExt;
use serde::Serialize;
use url::Url;

use crate::clock;
use crate::commands::{Failure, block_on, complain, open, stop_signal, table};
use crate::config::{self, Addition};
use crate::feed::{self, Context, Error};
use crate::fetch::{Answer, Client, Failure as Failed, Purpose, Request, Response, Settings};
use crate::model::{Document, FeedUrl, Timestamp};

/// As many addresses as are asked for.
const MAX_CANDIDATES: usize = 40;
/// Addresses that are on their way at the same time; `fetch` spaces those of one host.
const CONCURRENT: usize = 4;

#[derive(Debug, clap::Args)]
pub struct Discover {
    /// The site's front page, or any page of it
    #[arg(value_name = "URL")]
    url: Url,
    /// The site may be on your own network
    #[arg(long)]
    allow_private: bool,
}

/// A feed that is there.
#[derive(Serialize)]
struct Found {
    url: Url,
    kind: &'static str,
    title: Option<String>,
    entries: usize,
    /// When the newest entry was published.
    newest: Option<Timestamp>,
    /// The feed has entries with their whole text.
    full_text: bool,
}

impl Discover {
    pub(super) fn run(&self, path: &Path, json: bool) -> Result<(), Failure> {
        FeedUrl::new(self.url.as_str()).map_err(|error| Failure::Wrong(error.into()))?;
        let text = if path.exists() { open::config_text(path)? } else { String::new() };
        let client = Client::new(Settings::of(&open::config_if_any(path)?.fetch)).context("cannot set up the HTTP client")?;
        let found = block_on(async {
            tokio::select! {
                found = self.find(&client) => found,
                () = stop_signal() => Err(anyhow!("interrupted")),
            }
        })??;
        let additions: Vec<Addition> = found.iter().filter_map(|found| self.addition(found)).collect();
        let tables = config::add_feeds(&text, &additions).map(|additions| additions.tables).unwrap_or_default();
        let mut output = io::stdout().lock();
        let written = if json { write_json(&mut output, &found) } else { write_table(&mut output, &found, &tables) };
        written.context("cannot write to standard output")?;
        if found.is_empty() { Err(anyhow!("no feed was found at `{}`", self.url).into()) } else { Ok(()) }
    }

    /// The feeds that the page and its site lead to, the most likely first.
    async fn find(&self, client: &Client) -> anyhow::Result<Vec<Found>> {
        let page = self.ask(client, &self.url).await;
        if let Answer::Fresh(response) = &page
            && let Some(found) = Found::of(response)
        {
            return Ok(vec![found]);
        }
        let candidates = self.candidates(client, &page).await?;
        let answers = candidates.iter().map(|candidate| self.ask(client, candidate));
        let answers: Vec<Answer> = futures_util::stream::iter(answers).buffered(CONCURRENT).collect().await;
        let found = answers.iter().filter_map(|answer| if let Answer::Fresh(response) = answer { Found::of(response) } else { None });
        // Several addresses lead to one feed.
        let mut seen = BTreeSet::new();
        let found: Vec<Found> = found.filter(|found| seen.insert(found.url.clone())).collect();
        if let Some(throttled) = answers.iter().find(|answer| matches!(answer, Answer::Throttled { .. })) {
            complain(&anyhow!("not all addresses were tried: {}", reason(throttled)));
        }
        match page {
            Answer::Fresh(_) => {}
            refused if found.is_empty() => return Err(anyhow!("{}", reason(&refused))),
            refused => complain(&anyhow!("the page itself could not be read: {}", reason(&refused))),
        }
        Ok(found)
    }

    /// Where there may be feeds: what the page links to, and what its site usually has, also where the page is refused.
    async fn candidates(&self, client: &Client, page: &Answer) -> anyhow::Result<Vec<Url>> {
        let (url, mut candidates) = match page {
            Answer::Fresh(page) => {
                let linked = page.links.iter().filter(|link| feed::names_feed(&link.relation, &link.media_type));
                (&page.url, linked.map(|link| link.url.clone()).chain(feed::discover(&page.body, &page.url)).collect())
            }
            Answer::Throttled { .. } => return Err(anyhow!("{}", reason(page))),
            Answer::Gone | Answer::Failed(_) | Answer::NotModified { .. } => (&self.url, feed::discover(&[], &self.url)),
        };
        let robots = url.join("/robots.txt").context("the page has no site")?;
        match self.ask(client, &robots).await {
            Answer::Fresh(response) => candidates.extend(feed::sitemaps(&response.body, &response.url)),
            // Who does not even say what is allowed is not there.
            Answer::Failed(Failed::Temporary(_) | Failed::Dns(_)) if !matches!(page, Answer::Fresh(_)) => candidates.clear(),
            _ => {}
        }
        let mut seen = BTreeSet::from([url.clone()]);
        candidates.retain(|candidate| seen.insert(candidate.clone()));
        candidates.truncate(MAX_CANDIDATES);
        Ok(candidates)
    }

    fn addition(&self, found: &Found) -> Option<Addition> {
        let url = FeedUrl::new(found.url.as_str()).ok()?;
        let title = found.title.clone().or_else(|| self.url.host_str().map(str::to_owned)).unwrap_or_default();
        Some(Addition { title, url, is_sitemap: found.kind != "feed", allow_private: self.allow_private, folder: Vec::new() })
    }

    async fn ask(&self, client: &Client, url: &Url) -> Answer {
        client.get(Request { url, purpose: Purpose::Page, validators: None, allow_private: self.allow_private, credentials: None }).await
    }
}

impl Found {
    /// What a document is, if it is a feed.
    fn of(response: &Response) -> Option<Self> {
        let now = Some(clock::now());
        let context = Context { url: &response.url, content_type: response.content_type.as_deref(), timezone: None, now };
        let found = |kind, document: &Document| Self {
            url: response.url.clone(),
            kind,
            title: document.title.clone(),
            entries: document.entries.len(),
            newest: document.entries.iter().filter_map(|entry| entry.published.or(entry.updated)).max(),
            full_text: document.entries.iter().any(|entry| entry.is_full_text),
        };
        if let Ok((document, _)) = feed::parse(&response.body, &context) {
            return Some(found("feed", &document));
        }
        match feed::parse_sitemap(&response.body, &context) {
            Ok((document, _)) => Some(found("sitemap", &document)),
            Err(Error::Index(index)) => Some(Self { entries: index.parts.len(), ..found("sitemap index", &Document::default()) }),
            Err(Error::NotAFeed(_)) => None,
        }
    }
}

fn reason(answer: &Answer) -> String {
    match answer {
        Answer::Failed(failure) => failure.to_string(),
        Answer::Gone => "the page is gone for good".to_owned(),
        Answer::Throttled { retry_after: Some(time) } => format!("the site asks to wait for {}", humantime::format_duration(*time)),
        Answer::Throttled { retry_after: None } => "the site asks to wait".to_owned(),
        Answer::Fresh(_) | Answer::NotModified { .. } => "the site answered".to_owned(),
    }
}

fn write_json(output: &mut impl Write, found: &[Found]) -> io::Result<()> {
    writeln!(output, "{}", serde_json::json!({"found": found}))
}

fn write_table(output: &mut impl Write, found: &[Found], tables: &str) -> io::Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    let mut rows = table(&["kind", "entries", "newest", "title", "address"]);
    for Found { url, kind, title, entries, newest, .. } in found {
        let newest = newest.map_or_else(|| "–".to_owned(), |time| time.format("%Y-%m-%d %H:%M").to_string());
        rows.add_row([(*kind).to_owned(), entries.to_string(), newest, title.clone().unwrap_or_default(), url.to_string()]);
    }
    writeln!(output, "{rows}")?;
    if tables.is_empty() {
        return writeln!(output, "\nThe configuration has all of them.");
    }
    writeln!(output, "\n# To read one of them, put its lines into the configuration:\n\n{tables}")
}
