//! Commands that change feeds.toml: `feed add`, `remove`, `pause`, `resume`, and `topic add`. A daemon that runs takes the change up by
//! itself.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, anyhow};

use super::{Failure, open};
use crate::config::Config;
use crate::config::edit::{Change, NewFeed, changed};
use crate::model::{FeedId, FeedUrl, TopicId};

#[derive(Debug, clap::Args)]
pub struct AddFeed {
    /// The address of the feed
    url: String,
    /// Its id, for commands and logs; made from the address when not given
    #[arg(long)]
    id: Option<String>,
    /// The agency's name, as the wires show it
    #[arg(long)]
    name: Option<String>,
    /// The feed and its pages may be on your own network
    #[arg(long)]
    allow_private: bool,
}

#[derive(Debug, clap::Args)]
pub struct Named {
    /// The feeds, by their ids
    #[arg(value_name = "FEED", required = true)]
    feeds: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub struct AddTopic {
    /// Its id, as in /topics/child-rights.atom
    id: String,
    /// The rules, one each, as in `ru 20: право NEAR/3 ребенок`
    #[arg(value_name = "RULE", required = true)]
    rules: Vec<String>,
    /// What the wire is called
    #[arg(long)]
    title: Option<String>,
}

impl AddFeed {
    pub(super) fn run(self, config: &Path) -> Result<(), Failure> {
        let url = FeedUrl::new(&self.url).map_err(wrong)?;
        let id =
            self.id.clone().unwrap_or_else(|| url.as_url().host_str().unwrap_or_default().trim_start_matches("www.").replace('.', "-"));
        let id = FeedId::new(id).map_err(wrong)?;
        let Self { name, allow_private, .. } = self;
        apply(config, &[Change::AddFeed(NewFeed { id, name, url, is_sitemap: false, allow_private, folder: Vec::new() })])
    }
}

impl Named {
    /// Makes the same change to each.
    pub(super) fn run(self, config: &Path, each: impl Fn(FeedId) -> Change) -> Result<(), Failure> {
        let changes = self.feeds.into_iter().map(|feed| FeedId::new(feed).map(&each).map_err(wrong));
        apply(config, &changes.collect::<Result<Vec<Change>, Failure>>()?)
    }
}

impl AddTopic {
    pub(super) fn run(self, config: &Path) -> Result<(), Failure> {
        let id = TopicId::new(self.id).map_err(wrong)?;
        apply(config, &[Change::AddTopic { id, title: self.title, rules: self.rules.join("\n") + "\n" }])
    }
}

/// Makes all changes or none. A file that would have mistakes is left as it was.
fn apply(path: &Path, changes: &[Change]) -> Result<(), Failure> {
    let before = open::config_text(path)?;
    let after = changed(&before, changes).map_err(|reason| Failure::Wrong(anyhow!(reason)))?;
    if let Err(mistakes) = Config::parse(&after) {
        let mistakes: Vec<&str> = mistakes.iter().map(|mistake| mistake.message.as_str()).collect();
        return Err(Failure::Wrong(anyhow!("`{}` is left as it was, it would be wrong: {}", path.display(), mistakes.join("; "))));
    }
    replace(path, &after)?;
    for change in changes {
        writeln!(std::io::stdout().lock(), "{}", told(change)).context("cannot write the result")?;
    }
    Ok(())
}

/// Replaces the file in one step: whoever reads it reads the old text or the new. Behind a symbolic link, the file that it names.
pub(super) fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    let replace = || {
        let path = std::fs::canonicalize(path)?;
        let permissions = std::fs::metadata(&path)?.permissions();
        let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
        file.write_all(text.as_bytes())?;
        file.as_file().set_permissions(permissions)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)
    };
    replace().map(drop).with_context(|| format!("cannot write `{}`", path.display()))
}

fn told(change: &Change) -> String {
    match change {
        Change::AddFeed(feed) => format!("added the feed `{}`: {}", feed.id, feed.url),
        Change::RemoveFeed(id) => format!("removed the feed `{id}`"),
        Change::PauseFeed(id) => format!("paused the feed `{id}`"),
        Change::ResumeFeed(id) => format!("the feed `{id}` is polled again"),
        Change::AddTopic { id, .. } => format!("added the topic `{id}`"),
    }
}

fn wrong(error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::Wrong(error.into())
}
