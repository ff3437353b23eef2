//! `topicwire story`: articles in, the story of each out.
//!
//! All articles are read before the first answer: the last one may join two that came before it.

use std::io::{self, BufRead, Write};
use std::num::NonZeroUsize;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Failure, batch};
use crate::story;

#[derive(Debug, clap::Args)]
pub struct Story {
    /// Read `{"id","title","body"}` lines from standard input
    #[arg(long, required = true)]
    batch: bool,
    /// How many threads to use; all cores by default
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
}

#[derive(Deserialize)]
struct Question {
    id: Value,
    title: Option<String>,
    body: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Fingerprinted {
    id: Value,
    fingerprint: Vec<u32>,
}

/// A story is called by the `id` of the first article that tells it.
#[derive(Serialize)]
struct Answer<'a> {
    id: &'a Value,
    story: &'a Value,
}

impl Story {
    pub(super) fn run(&self, _json: bool) -> Result<(), Failure> {
        Ok(answer(io::stdin().lock(), io::stdout().lock(), self.jobs)?)
    }
}

fn answer(input: impl BufRead, output: impl Write, jobs: Option<NonZeroUsize>) -> anyhow::Result<()> {
    let mut lines = Vec::new();
    batch::run(input, &mut lines, jobs, |Question { id, title, body }| {
        let fingerprint = story::fingerprint(&title.unwrap_or_default(), &body.unwrap_or_default());
        Ok(Fingerprinted { id, fingerprint })
    })?;
    let lines: Vec<&[u8]> = lines.split_inclusive(|byte| *byte == b'\n').collect();
    // A line that cannot be read as this is the answer to a bad one already.
    let read = |line: &&[u8]| serde_json::from_slice::<Fingerprinted>(line).ok();
    let articles: Vec<Option<Fingerprinted>> = lines.iter().map(read).collect();
    let fingerprints: Vec<Vec<u32>> =
        articles.iter().map(|article| article.as_ref().map_or_else(Vec::new, |article| article.fingerprint.clone())).collect();
    write(&lines, &articles, &story::group(&fingerprints), output).context("cannot write the batch to standard output")
}

fn write(lines: &[&[u8]], articles: &[Option<Fingerprinted>], first: &[usize], output: impl Write) -> io::Result<()> {
    let mut output = io::BufWriter::new(output);
    for ((line, article), first) in lines.iter().zip(articles).zip(first) {
        match (article, articles.get(*first)) {
            (Some(article), Some(Some(first))) => {
                serde_json::to_writer(&mut output, &Answer { id: &article.id, story: &first.id })?;
                output.write_all(b"\n")?;
            }
            _ => output.write_all(line)?,
        }
    }
    output.flush()
}
