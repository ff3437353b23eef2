//! `topicwire feed import` and `export`: lists of subscriptions (OPML 2.0), both ways.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use serde_json::json;

use crate::commands::{Failure, complain, edit, open};
use crate::config::{self, Addition, Additions, Kind};
use crate::feed::Warning;
use crate::feed::opml::{self, Subscription};
use crate::model::FeedUrl;

#[derive(Debug, clap::Args)]
pub struct Import {
    /// The list, as feed readers export it
    #[arg(value_name = "OPML")]
    file: PathBuf,
    /// Print what would be added, and add nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, clap::Args)]
pub struct Export {
    /// Write the list to a file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Import {
    pub(super) fn run(&self, path: &Path, json: bool) -> Result<(), Failure> {
        let bytes = open::file(&self.file)?;
        let (subscriptions, warnings) =
            opml::parse(&bytes).ok_or_else(|| anyhow!("`{}` is not an OPML list of subscriptions", self.file.display()))?;
        for Warning(warning) in &warnings {
            complain(&anyhow!("`{}`: {warning}", self.file.display()));
        }
        let additions: Vec<Addition> = subscriptions.into_iter().filter_map(addition).collect();
        let text = open::config_text(path)?;
        let Ok(added) = config::add_feeds(&text, &additions) else {
            open::config(path)?;
            return Err(anyhow!("`{}` changed while it was read", path.display()).into());
        };
        let mut output = std::io::stdout().lock();
        let said = if json {
            let rows: Vec<_> = added.added.iter().map(|(id, url)| json!({"id": id, "url": url})).collect();
            writeln!(output, "{}", json!({"added": rows, "known": added.known, "dry_run": self.dry_run}))
        } else {
            say(&mut output, &added)
        };
        said.context("cannot write to standard output")?;
        if self.dry_run || added.added.is_empty() {
            return Ok(());
        }
        Ok(edit::replace(path, &added.text)?)
    }
}

fn addition(subscription: Subscription) -> Option<Addition> {
    let Subscription { title, url, folders, .. } = subscription;
    Some(Addition { title, url: FeedUrl::new(url.as_str()).ok()?, is_sitemap: false, allow_private: false, folder: folders })
}

fn say(output: &mut impl Write, additions: &Additions) -> std::io::Result<()> {
    let Additions { tables, added, known, .. } = additions;
    known.iter().try_for_each(|url| writeln!(output, "# there already: {}", url.as_url()))?;
    write!(output, "{tables}")?;
    writeln!(output, "# {} to add, {} there already", open::count(added.len(), "feed"), known.len())
}

impl Export {
    pub(super) fn run(&self, path: &Path) -> Result<(), Failure> {
        let config = open::config(path)?;
        let (feeds, others): (Vec<_>, Vec<_>) = config.feeds.iter().partition(|feed| matches!(feed.kind, Kind::Feed));
        if !others.is_empty() {
            let ids: Vec<String> = others.iter().map(|feed| format!("`{}`", feed.id)).collect();
            complain(&anyhow!("left out what other programs cannot read, listing pages and sitemaps: {}", ids.join(", ")));
        }
        let subscription = |feed: &&std::sync::Arc<config::Feed>| Subscription {
            title: feed.name.clone(),
            url: feed.url.as_url().clone(),
            home: None,
            folders: feed.folder.clone(),
        };
        let opml = opml::render(&config.site.title, &feeds.iter().map(subscription).collect::<Vec<_>>());
        match &self.out {
            Some(file) => fs::write(file, opml).with_context(|| format!("cannot write `{}`", file.display()))?,
            None => std::io::stdout().lock().write_all(opml.as_bytes()).context("cannot write to standard output")?,
        }
        Ok(())
    }
}
