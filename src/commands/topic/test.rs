//! `topicwire topic test`: what the topic's rules would add to what is stored and take away.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::TimeDelta;

use super::{named, plain, with_rules};
use crate::clock;
use crate::commands::{Failure, open};
use crate::desk::{self, Bar, Candidate, Difference};

/// How wide the longest bar is, in characters.
const WIDTH: u64 = 40;

#[derive(Debug, clap::Args)]
pub struct Test {
    /// The topic, by its id
    topic: String,
    /// Try the rules in this file, one a line, instead of those of the configuration
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// Look at the articles of the last so many days only
    #[arg(long, value_name = "N")]
    days: Option<u32>,
}

impl Test {
    pub(super) fn run(&self, config: &Path, store: &Path, json: bool) -> Result<(), Failure> {
        let mut config = open::config(config)?;
        let topic = named(&config, &self.topic)?;
        if let Some(file) = &self.rules {
            config = with_rules(config, &topic, file)?;
        }
        let topics = config.topic_with_others(&topic).unwrap_or_default();
        let since = self.days.map(|days| clock::now() - TimeDelta::days(i64::from(days)));
        let difference = open::ask(|| Ok(config), store, &desk::Test { topics, topic, since, most: None })?;
        let mut output = io::stdout().lock();
        if json {
            serde_json::to_writer(&mut output, &difference).context("cannot write the result")?;
            return Ok(writeln!(output).context("cannot write the result")?);
        }
        Ok(print(&mut output, &difference).context("cannot write the result")?)
    }
}

fn print(output: &mut impl Write, difference: &Difference) -> io::Result<()> {
    let Difference { articles, unchanged, added_count, removed_count, .. } = difference;
    for (candidates, count, sign, what) in
        [(&difference.added, added_count, '+', "Added"), (&difference.removed, removed_count, '-', "Removed")]
    {
        if candidates.is_empty() {
            continue;
        }
        writeln!(output, "{what} ({count}):")?;
        candidates.iter().try_for_each(|candidate| print_candidate(output, sign, candidate))?;
        writeln!(output)?;
    }
    writeln!(output, "Scores above zero, as shares of what the article needs:")?;
    let most = difference.distribution.iter().map(|bar| bar.articles).max().unwrap_or(0).max(1);
    difference.distribution.iter().try_for_each(|bar| print_bar(output, bar, most))?;
    writeln!(output, "\n{}: {added_count} added, {removed_count} removed, {unchanged} unchanged", open::count(clamp(*articles), "article"))
}

fn print_candidate(output: &mut impl Write, sign: char, candidate: &Candidate) -> io::Result<()> {
    let why = if candidate.why.is_empty() { "nothing that counts".to_owned() } else { plain(&candidate.why.join(", ")) };
    writeln!(output, "{sign} {}", plain(&candidate.title))?;
    writeln!(output, "  {} {} {}", candidate.published.format("%Y-%m-%d"), candidate.feed, candidate.link)?;
    writeln!(output, "  {} of {}: {why}", candidate.score, candidate.needed)
}

fn print_bar(output: &mut impl Write, bar: &Bar, most: u64) -> io::Result<()> {
    let width = clamp((bar.articles * WIDTH).div_ceil(most));
    let mark = if bar.from >= 1.0 { "#" } else { "·" };
    writeln!(output, "{}", format!("  {:>4.2} {:>7} {}", bar.from, bar.articles, mark.repeat(width)).trim_end())
}

fn clamp(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
