//! `topicwire store prune`: what is old enough leaves the store.

use std::io::Write;
use std::path::Path;

use anyhow::Context;

use super::{Failure, open};
use crate::desk::{self, Pruned};

pub(super) fn run(config: &Path, store: &Path, json: bool) -> Result<(), Failure> {
    let pruned = open::ask(|| open::config(config), store, &desk::Prune {})?;
    let text = if json { serde_json::to_string(&pruned).context("cannot write the result")? } else { shown(&pruned) };
    Ok(writeln!(std::io::stdout().lock(), "{text}").context("cannot write the result")?)
}

fn shown(pruned: &Pruned) -> String {
    let Pruned { articles, forgotten, rebuilt, topics } = pruned;
    let rebuilt = if *rebuilt { "; the store was written anew and is smaller now" } else { "" };
    format!("{articles} articles purged, from {} topics; {forgotten} purged before are forgotten{rebuilt}", topics.len())
}
