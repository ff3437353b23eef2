//! `topicwire feed parse`: what documents parse to.

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use crate::commands::{Failure, batch, for_each, open};
use crate::feed::{self, Context, Warning};
use crate::model::{Document, Entry};

#[derive(Debug, clap::Args)]
pub struct Parse {
    /// The documents
    #[arg(value_name = "FILE", required_unless_present = "batch", conflicts_with = "batch")]
    files: Vec<PathBuf>,
    /// The address that relative links are resolved against
    #[arg(long, value_name = "URL", conflicts_with = "batch")]
    url: Option<Url>,
    /// Read `{"id","path","url"?,"content_type"?}` lines from standard input
    #[arg(long)]
    batch: bool,
    /// How many documents are read at once
    #[arg(long, value_name = "N", conflicts_with = "files")]
    jobs: Option<NonZeroUsize>,
}

impl Parse {
    pub(super) fn run(&self, json: bool) -> Result<(), Failure> {
        if self.batch {
            return Ok(batch::run(io::stdin().lock(), io::stdout().lock(), self.jobs, answer)?);
        }
        for_each(&self.files, |path| {
            let url = self.url.clone().map_or_else(|| file_url(path), Ok)?;
            let (document, warnings) = parse(path, &url, None).map_err(anyhow::Error::msg)?;
            let mut output = io::stdout().lock();
            let written = if json {
                write_line(&mut output, &Answer::new(path_name(path), document, warnings))
            } else {
                print(&mut output, &document, &warnings)
            };
            Ok(written.context("cannot write to standard output")?)
        })
    }
}

/// A line of the batch.
#[derive(Deserialize)]
struct Question {
    id: Value,
    path: PathBuf,
    url: Option<Url>,
    content_type: Option<String>,
}

#[derive(Serialize)]
struct Answer {
    id: Value,
    title: Option<String>,
    entries: Vec<Row>,
    warnings: Vec<String>,
}

/// An entry as the contract shows it.
#[derive(Serialize)]
struct Row {
    id: String,
    title: Option<String>,
    link: Option<Url>,
    published: Option<String>,
    updated: Option<String>,
    summary: Option<String>,
    content: Option<String>,
}

impl Answer {
    fn new(id: Value, document: Document, warnings: Vec<Warning>) -> Self {
        let entries = document.entries.into_iter().map(Row::from).collect();
        Self { id, title: document.title, entries, warnings: warnings.into_iter().map(|Warning(text)| text).collect() }
    }
}

impl From<Entry> for Row {
    fn from(entry: Entry) -> Self {
        let Entry { id, title, link, published, updated, summary, content, .. } = entry;
        // An entry without a page is shown under its id where that is a URI, as other readers do.
        let link = link.or_else(|| Url::parse(&id).ok());
        let (published, updated) = (published.map(|time| time.to_rfc3339()), updated.map(|time| time.to_rfc3339()));
        Self { id, title, link, published, updated, summary, content }
    }
}

fn answer(question: Question) -> Result<Answer, String> {
    let Question { id, path, url, content_type } = question;
    let url = url.map_or_else(|| file_url(&path).map_err(|error| error.to_string()), Ok)?;
    let (document, warnings) = parse(&path, &url, content_type.as_deref())?;
    Ok(Answer::new(id, document, warnings))
}

fn parse(path: &Path, url: &Url, content_type: Option<&str>) -> Result<(Document, Vec<Warning>), String> {
    let bytes = open::file(path).map_err(|error| format!("{error:#}"))?;
    let context = Context { url, content_type, timezone: None, now: None };
    feed::parse(&bytes, &context).map_err(|error| format!("`{}`: {error}", path.display()))
}

fn path_name(path: &Path) -> Value {
    path.display().to_string().into()
}

fn write_line(output: &mut impl Write, line: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *output, line)?;
    writeln!(output)
}

fn file_url(path: &Path) -> anyhow::Result<Url> {
    let path = std::path::absolute(path).context("there is no current folder")?;
    Url::from_file_path(&path).map_err(|()| anyhow::anyhow!("`{}` is not the path of a file", path.display()))
}

fn print(output: &mut impl Write, document: &Document, warnings: &[Warning]) -> io::Result<()> {
    writeln!(output, "{}", document.title.as_deref().unwrap_or("(no title)"))?;
    for entry in &document.entries {
        let time =
            entry.published.or(entry.updated).map_or_else(|| "(no date)".to_owned(), |time| time.format("%Y-%m-%d %H:%M %:z").to_string());
        writeln!(output, "\n  {time}  {}", entry.title.as_deref().unwrap_or("(no title)"))?;
        writeln!(output, "  {}", entry.link.as_ref().map_or("(no link)", Url::as_str))?;
    }
    writeln!(output, "\n{} entries", document.entries.len())?;
    warnings.iter().try_for_each(|Warning(text)| writeln!(output, "warning: {text}"))?;
    writeln!(output)
}
