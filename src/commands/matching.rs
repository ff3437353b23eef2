//! `topicwire match`: articles in, matches out.

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Failure, batch, extract, open};
use crate::model::{self, Language};
use crate::topic::{Matcher, Subject};

#[derive(Debug, clap::Args)]
pub struct Match {
    /// Read `{"id","title","body","lang"?}` lines of plain text from standard input
    #[arg(long)]
    batch: bool,
    /// How many articles to match at once
    #[arg(long, value_name = "N", conflicts_with = "files")]
    jobs: Option<NonZeroUsize>,
    /// Files of HTML, or of text with the title on its first line
    #[arg(value_name = "FILE", required_unless_present = "batch", conflicts_with = "batch")]
    files: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Question {
    id: Value,
    /// Plain text, as is the body: where evidence stands is counted in its bytes.
    #[serde(default)]
    title: String,
    #[serde(default)]
    body: String,
    lang: Option<Language>,
}

#[derive(Serialize)]
struct Answer {
    id: Value,
    lang: Option<Language>,
    matches: Vec<model::Match>,
}

impl Match {
    pub(super) fn run(&self, config: &Path, json: bool) -> Result<(), Failure> {
        let config = open::config(config)?;
        let topics = config.matcher();
        if self.batch {
            return Ok(batch::run(io::stdin().lock(), io::stdout(), self.jobs, |question| Ok(answer(&topics, question)))?);
        }
        super::for_each(&self.files, |file| {
            let name = file.display().to_string();
            let (article, _) = extract::article(&name, &config)?;
            let (lang, matches) = topics.read(&Subject::of_page(&article));
            let answer = Answer { id: Value::from(name), lang, matches };
            Ok(write(&answer, json).context("cannot write to standard output")?)
        })
    }
}

fn answer(topics: &Matcher, question: Question) -> Answer {
    let Question { id, title, body, lang } = question;
    let subject = Subject { title: &title, body: &body, language: lang.as_ref(), ..Subject::default() };
    let (lang, matches) = topics.read(&subject);
    Answer { id, lang, matches }
}

/// As JSON, or as the file's name, its topics and under each the words that counted.
fn write(answer: &Answer, json: bool) -> io::Result<()> {
    let mut output = io::stdout().lock();
    if json {
        serde_json::to_writer(&mut output, answer)?;
        return writeln!(output);
    }
    let language = answer.lang.as_ref().map_or("language unknown", Language::as_str);
    writeln!(output, "{} ({language})", answer.id.as_str().unwrap_or_default())?;
    for found in &answer.matches {
        writeln!(output, "  {} {}", found.topic, found.score)?;
        for evidence in &found.evidence {
            writeln!(output, "    {:+} {} [{}]", evidence.weight, evidence.text, evidence.term)?;
        }
    }
    Ok(())
}
