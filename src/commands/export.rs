//! `topicwire export`: wires as files, for a static host.

mod tidy;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::Failure;
use super::open::Counter;
use crate::desk;
use crate::model::UrlHash;
use crate::pages;
use crate::publish::{self, Format, Tongue};
use crate::site;

/// Articles that are asked for at once.
const BATCH: usize = 10;

#[derive(Debug, clap::Args)]
pub struct Export {
    /// The wire: a topic by its id, `agencies/FEED`, or `all`
    #[arg(value_name = "WIRE", required_unless_present = "all", conflicts_with = "all")]
    topic: Option<String>,
    /// Everything: all wires with their archives, their pages and those of articles, a page that lists them, OPML
    #[arg(long)]
    all: bool,
    /// The forms to write
    #[arg(long, value_delimiter = ',', default_value = "atom,rss,json,html")]
    format: Vec<Format>,
    /// The folder to write to
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Export {
    pub(super) fn run(&self, config: &Path, store: &Path, json: bool) -> Result<(), Failure> {
        let mut export = Written { out: &self.out, formats: &self.format, files: Vec::new() };
        let mut counter = Counter::new(config, store);
        match &self.topic {
            Some(topic) => export.alone(topic, &mut counter)?,
            None => export.all(&mut counter)?,
        }
        print(&export.files, json).context("cannot write the result")?;
        Ok(())
    }
}

/// What is written, and where.
struct Written<'a> {
    out: &'a Path,
    formats: &'a [Format],
    files: Vec<PathBuf>,
}

impl Written<'_> {
    /// A wire by itself: nothing in it leads to archives and to pages of articles, which are not written.
    fn alone(&mut self, wire: &str, counter: &mut Counter<'_>) -> Result<(), Failure> {
        let documents = counter.ask(&desk::Wire { wire: wire.to_owned(), formats: self.formats.to_vec(), alone: true })?;
        if self.formats.contains(&Format::Html) {
            let folder = self.out.join(wire).parent().map_or_else(|| self.out.to_owned(), Path::to_owned);
            self.put(&folder.join(publish::stylesheet_name()), publish::STYLESHEET)?;
        }
        self.documents(wire, &documents)
    }

    /// All wires, then what leads to them: whoever follows a link finds what is there, also when this ends half way.
    fn all(&mut self, counter: &mut Counter<'_>) -> Result<(), Failure> {
        let mut formats = self.formats.to_vec();
        // A first page that is there already must not go on naming what is closed now.
        if self.out.join(pages::file(pages::INDEX, Tongue::default())).exists() {
            formats.push(Format::Html);
        }
        let around = counter.ask(&site::Site { formats })?;
        let cannot_tidy = || format!("cannot tidy up the folder `{}`", self.out.display());
        // First of all: what is not for everybody any more must not stay because something else fails.
        tidy::remove_gone(self.out, &around.wires).with_context(cannot_tidy)?;
        let known = tidy::articles(self.out).with_context(cannot_tidy)?;
        self.articles(&known, &[], counter)?;
        let has_pages = self.formats.contains(&Format::Html);
        if has_pages {
            self.write(&self.out.join(publish::stylesheet_name()), publish::STYLESHEET)?;
            self.write(&self.out.join("icon.svg"), publish::ICON)?;
        }
        let mut linked = BTreeSet::new();
        for wire in &around.wires {
            self.wire(wire, &mut linked, counter)?;
        }
        // An article's page stays as long as it may be shown: somebody may have kept its address.
        let others: BTreeSet<UrlHash> = known.difference(&linked).copied().collect();
        self.articles(&others, self.formats, counter)?;
        for (name, text) in &around.files {
            self.write(&self.out.join(name), text)?;
        }
        if has_pages {
            tidy::remove_old_stylesheets(self.out).with_context(|| format!("cannot tidy up the folder `{}`", self.out.display()))?;
        }
        Ok(())
    }

    /// A wire among all, with its archives and the pages of its articles. `linked` are the articles whose pages were written.
    fn wire(&mut self, wire: &str, linked: &mut BTreeSet<UrlHash>, counter: &mut Counter<'_>) -> Result<(), Failure> {
        let formats: Vec<Format> = self.formats.iter().copied().filter(|format| *format != Format::Html).collect();
        // Read before its archives, so that what it leads to is among them.
        let documents = counter.ask(&desk::Wire { wire: wire.to_owned(), formats: formats.clone(), alone: false })?;
        let archives = self.archives(wire, &formats, &documents, counter)?;
        self.documents(wire, &documents)?;
        let folder = self.out.join(wire).join("archive");
        let is_kept = |path: &Path, format| archives.contains(path) || !formats.contains(&format);
        tidy::remove_archives(&folder, is_kept).with_context(|| format!("cannot tidy up the folder `{}`", folder.display()))?;
        if self.formats.contains(&Format::Html) {
            let pages = counter.ask(&site::WirePages { wire: wire.to_owned(), formats: self.formats.to_vec() })?;
            let new = pages.articles.into_iter().filter(|key| linked.insert(*key)).collect();
            self.articles(&new, self.formats, counter)?;
            for (name, text) in &pages.files {
                self.write(&self.out.join(name), text)?;
            }
        }
        Ok(())
    }

    /// Writes the pages of articles, if pages are among the forms, and removes those of articles that are gone or not for everybody.
    fn articles(&mut self, keys: &BTreeSet<UrlHash>, formats: &[Format], counter: &mut Counter<'_>) -> Result<(), Failure> {
        let keys: Vec<UrlHash> = keys.iter().copied().collect();
        for batch in keys.chunks(BATCH) {
            let pages = counter.ask(&site::ArticlePages { keys: batch.to_vec(), formats: formats.to_vec() })?;
            for (key, files) in batch.iter().zip(pages) {
                let Some(files) = files else {
                    tidy::remove_article(self.out, *key).with_context(|| format!("cannot remove the pages of the article `{key}`"))?;
                    continue;
                };
                for (name, text) in &files {
                    self.write(&self.out.join(name), text)?;
                }
            }
        }
        Ok(())
    }

    /// A wire's archives, the oldest first, and the wire in the place that the last one says follows it: as yet it does. Returns what is
    /// there now.
    fn archives(
        &mut self,
        wire: &str,
        formats: &[Format],
        documents: &[desk::Rendered],
        counter: &mut Counter<'_>,
    ) -> Result<BTreeSet<PathBuf>, Failure> {
        let (mut numbers, mut next, mut kept) = (Vec::new(), None, BTreeSet::new());
        if formats.is_empty() {
            return Ok(kept);
        }
        let asked = |before, formats: &[Format]| desk::Archived { wire: wire.to_owned(), before, formats: formats.to_vec() };
        while let Some(shelved) = counter.ask(&asked(numbers.last().copied(), &[]))? {
            next = next.or(Some(shelved.next));
            numbers.push(shelved.number);
        }
        for number in numbers.into_iter().rev() {
            // One that was purged meanwhile is passed over.
            let Some(shelved) = counter.ask(&asked(Some(number.saturating_add(1)), formats))? else { continue };
            for desk::Rendered { format, text, .. } in &shelved.documents {
                kept.insert(self.archive(wire, shelved.number, *format, text)?);
            }
        }
        for (next, desk::Rendered { format, text, .. }) in documents.iter().filter_map(|document| Some((next?, document))) {
            kept.insert(self.archive(wire, next, *format, text)?);
        }
        Ok(kept)
    }

    /// A wire's document in each form.
    fn documents(&mut self, wire: &str, documents: &[desk::Rendered]) -> Result<(), Failure> {
        for desk::Rendered { ending, text, .. } in documents {
            self.write(&self.out.join(format!("{wire}.{ending}")), text)?;
        }
        Ok(())
    }

    fn archive(&mut self, wire: &str, number: u64, format: Format, text: &str) -> Result<PathBuf, Failure> {
        let path = self.out.join(publish::archive_path(wire, number, format));
        self.write(&path, text)?;
        Ok(path)
    }

    fn write(&mut self, path: &Path, text: &str) -> Result<(), Failure> {
        self.put(path, text)?;
        self.files.push(path.to_owned());
        Ok(())
    }

    fn put(&self, path: &Path, text: &str) -> Result<(), Failure> {
        let folder = path.parent().unwrap_or(self.out);
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
        replace(path, text.as_bytes()).with_context(|| format!("cannot write `{}`", path.display()))?;
        Ok(())
    }
}

/// Replaces a file in one step: whoever reads it sees the old bytes or the new ones. A file that has these bytes is left alone.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if std::fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().permissions(readable()).tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// A web server under another account must be able to read what is written.
fn readable() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o644)
}

fn print(written: &[PathBuf], json: bool) -> std::io::Result<()> {
    let mut output = std::io::stdout().lock();
    if json {
        return writeln!(output, "{}", serde_json::json!({"written": written}));
    }
    for path in written {
        writeln!(output, "{}", path.display())?;
    }
    Ok(())
}
