//! `topicwire check`: reads the configuration and says every mistake, and what is allowed and probably not meant. No network, no store.
//! Of the secrets that it names, those that cannot be read.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, anyhow};
use serde_json::{Value, json};

use super::{Failure, open};
use crate::config::{Config, Mistake};

pub(super) fn run(path: &Path, json: bool) -> Result<(), Failure> {
    let text = open::config_text(path)?;
    let parsed = Config::parse(&text);
    let remarks = if parsed.is_ok() { Config::remarks(&text) } else { Vec::new() };
    let secrets = parsed.as_ref().map(unreadable).unwrap_or_default();
    let mut output = std::io::stdout().lock();
    if json {
        let mistakes = as_json(parsed.as_ref().err().map_or(&[], Vec::as_slice));
        let (feeds, topics) = parsed.as_ref().map_or((0, 0), |config| (config.feeds.len(), config.wires.len()));
        let said = json!({"file": path, "feeds": feeds, "topics": topics, "mistakes": mistakes, "warnings": as_json(&remarks), "secrets": secrets});
        writeln!(output, "{said}").context("cannot write")?;
    }
    match parsed {
        Ok(config) if !json => {
            for remark in &remarks {
                writeln!(output, "{}:{remark}", path.display()).context("cannot write")?;
            }
            for secret in &secrets {
                writeln!(output, "{}: {secret}", path.display()).context("cannot write")?;
            }
            let (feeds, topics) = (open::count(config.feeds.len(), "feed"), open::count(config.wires.len(), "topic"));
            let warnings = remarks.len() + secrets.len();
            let warnings = if warnings == 0 { String::new() } else { format!(", {}", open::count(warnings, "warning")) };
            writeln!(output, "{}: {feeds}, {topics}, no mistakes{warnings}", path.display()).context("cannot write")?;
            Ok(())
        }
        Ok(_) => Ok(()),
        Err(mistakes) if json => Err(Failure::Wrong(anyhow!("{} in `{}`", open::count(mistakes.len(), "mistake"), path.display()))),
        Err(_) => open::config(path).map(|_| ()),
    }
}

/// The secrets that cannot be read here. They may be for the daemon's user alone, or variables of its own: that is no mistake.
fn unreadable(config: &Config) -> Vec<String> {
    let read = config.secrets().into_iter().map(open::secret);
    let reason = |read| match read {
        Ok(_) => None,
        Err(Failure::Wrong(error) | Failure::NotDone(error)) => {
            Some(format!("the daemon will not start if it cannot read this either: {error:#}"))
        }
    };
    read.filter_map(reason).collect()
}

fn as_json(said: &[Mistake]) -> Vec<Value> {
    said.iter().map(|said| json!({"line": said.line, "column": said.column, "message": said.message})).collect()
}
