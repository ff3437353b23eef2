//! `topicwire check`: reads the configuration and says every mistake. No network, no store.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, anyhow};
use serde_json::json;

use super::{Failure, open};
use crate::config::Config;

pub(super) fn run(path: &Path, json: bool) -> Result<(), Failure> {
    let text = open::config_text(path)?;
    let parsed = Config::parse(&text);
    let mut output = std::io::stdout().lock();
    if json {
        let mistakes: Vec<_> = parsed
            .as_ref()
            .err()
            .into_iter()
            .flatten()
            .map(|mistake| json!({"line": mistake.line, "column": mistake.column, "message": mistake.message}))
            .collect();
        let (feeds, topics) = parsed.as_ref().map_or((0, 0), |config| (config.feeds.len(), config.wires.len()));
        writeln!(output, "{}", json!({"file": path, "feeds": feeds, "topics": topics, "mistakes": mistakes})).context("cannot write")?;
    }
    match parsed {
        Ok(config) if !json => {
            let (feeds, topics) = (open::count(config.feeds.len(), "feed"), open::count(config.wires.len(), "topic"));
            writeln!(output, "{}: {feeds}, {topics}, no mistakes", path.display()).context("cannot write")?;
            Ok(())
        }
        Ok(_) => Ok(()),
        Err(mistakes) if json => Err(Failure::Wrong(anyhow!("{} in `{}`", open::count(mistakes.len(), "mistake"), path.display()))),
        Err(_) => open::config(path).map(|_| ()),
    }
}
