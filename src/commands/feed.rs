//! `topicwire feed`: the sources, where to find more, lists of subscriptions, and what a document parses to.

mod discover;
mod parse;
mod subscriptions;

use std::path::Path;

use super::{Failure, edit, lists};
use crate::config::edit::Change;

#[derive(Debug, clap::Subcommand)]
pub enum Feed {
    /// The feeds of the configuration, their state and when they are due
    List,
    /// Find the feeds of a site
    Discover(discover::Discover),
    /// Print what feed documents parse to
    Parse(parse::Parse),
    /// Add a feed to the configuration
    Add(edit::AddFeed),
    /// Remove feeds from the configuration; their articles stay
    Remove(edit::Named),
    /// Leave feeds alone until they are resumed
    Pause(edit::Named),
    /// Poll paused feeds again
    Resume(edit::Named),
    /// Add the feeds of an OPML list to the configuration
    Import(subscriptions::Import),
    /// Write the configuration's feeds as an OPML list
    Export(subscriptions::Export),
}

impl Feed {
    pub(super) fn run(self, config: &Path, store: &Path, json: bool) -> Result<(), Failure> {
        match self {
            Self::List => lists::feeds(config, store, json),
            Self::Discover(discover) => discover.run(config, json),
            Self::Parse(parse) => parse.run(json),
            Self::Add(feed) => feed.run(config),
            Self::Remove(feeds) => feeds.run(config, Change::RemoveFeed),
            Self::Pause(feeds) => feeds.run(config, Change::PauseFeed),
            Self::Resume(feeds) => feeds.run(config, Change::ResumeFeed),
            Self::Import(import) => import.run(config, json),
            Self::Export(export) => export.run(config),
        }
    }
}
