//! The pages that the command line names: files, or addresses that are asked as a poll would ask, with robots.txt, limits, the
//! address guard and a pause.

use std::cell::OnceCell;
use std::path::Path;

use anyhow::{Context, anyhow};
use chrono_tz::Tz;
use tokio::runtime::Runtime;
use url::Url;

use crate::clock;
use crate::commands::{Failure, open};
use crate::config::{Config, Feed};
use crate::extract::{Page, SiteRules};
use crate::fetch::{Answer, Client, Purpose, Request, Response, Settings};
use crate::model::{FeedUrl, same_site};

/// Where pages come from.
pub(super) struct Sources<'a> {
    config: &'a Config,
    /// The address of the pages that are files.
    url: Option<&'a Url>,
    /// One for all pages, made when the first is asked for.
    network: OnceCell<(Runtime, Client)>,
}

/// A page and what the configuration says of its site.
pub(super) struct Source {
    pub(super) html: Vec<u8>,
    pub(super) url: Url,
    pub(super) content_type: Option<String>,
    pub(super) timezone: Option<Tz>,
    pub(super) rules: SiteRules,
    /// It came from its address, and others can.
    pub(super) is_fetched: bool,
}

impl Source {
    pub(super) fn page(&self) -> Page<'_> {
        let content_type = self.content_type.as_deref();
        Page { html: &self.html, url: &self.url, content_type, entry: None, timezone: self.timezone, fetched_at: Some(clock::now()) }
    }
}

impl<'a> Sources<'a> {
    pub(super) fn new(config: &'a Config, url: Option<&'a Url>) -> Self {
        Self { config, url, network: OnceCell::new() }
    }

    pub(super) fn source(&self, name: &str) -> Result<Source, Failure> {
        if name.starts_with("http://") || name.starts_with("https://") {
            let Response { body, url, content_type, .. } = self.fetched(name)?;
            return Ok(Source { content_type, is_fetched: true, ..self.known(body.to_vec(), url) });
        }
        let html = open::file(Path::new(name))?;
        Ok(self.known(html, self.url.cloned().unwrap_or_else(nowhere)))
    }

    /// What the configuration says of a page.
    fn known(&self, html: Vec<u8>, url: Url) -> Source {
        let feed = self.feed_of(&url);
        let rules = feed.map(|feed| feed.article.clone()).unwrap_or_default();
        Source { html, timezone: feed.and_then(|feed| feed.timezone), url, content_type: None, rules, is_fetched: false }
    }

    /// The feed that the configuration has of a page's site.
    fn feed_of(&self, url: &Url) -> Option<&Feed> {
        self.config.feeds.iter().find(|feed| same_site(feed.url.as_url(), url)).map(AsRef::as_ref)
    }

    fn fetched(&self, address: &str) -> Result<Response, Failure> {
        let url = FeedUrl::new(address).map_err(|error| Failure::Wrong(error.into()))?;
        let allow_private = self.feed_of(url.as_url()).is_some_and(|feed| feed.allow_private);
        let request = Request { url: url.as_url(), purpose: Purpose::Page, validators: None, allow_private, credentials: None };
        let (runtime, client) = self.network()?;
        let reason = match runtime.block_on(client.get(request)) {
            Answer::Fresh(response) => return Ok(response),
            Answer::Failed(failure) => failure.into(),
            Answer::Gone => anyhow!("`{address}` is gone (410)"),
            Answer::Throttled { .. } => anyhow!("`{address}`: the site asks to be left alone for a while"),
            Answer::NotModified { .. } => anyhow!("`{address}` answered \"not modified\" to an unconditional request"),
        };
        Err(Failure::NotDone(reason))
    }

    fn network(&self) -> Result<&(Runtime, Client), Failure> {
        if let Some(network) = self.network.get() {
            return Ok(network);
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start the runtime")?;
        let client = Client::new(Settings::of(&self.config.fetch)).context("cannot set up the HTTP client")?;
        Ok(self.network.get_or_init(|| (runtime, client)))
    }
}

/// The address of a page that has none: its relative links lead nowhere.
pub(super) fn nowhere() -> Url {
    static NOWHERE: std::sync::LazyLock<Option<Url>> = std::sync::LazyLock::new(|| Url::parse("http://localhost/").ok());
    NOWHERE.clone().unwrap_or_else(|| unreachable!("a constant URL is well-formed"))
}
