//! `topicwire export`: wires as files, for a static host.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::Failure;
use super::open::Counter;
use crate::desk;
use crate::model::Scope;
use crate::publish::{self, Format};

#[derive(Debug, clap::Args)]
pub struct Export {
    /// The wire: a topic by its id, `agencies/FEED`, or `all`
    #[arg(value_name = "WIRE", required_unless_present = "all", conflicts_with = "all")]
    topic: Option<String>,
    /// Everything: all wires with their archives, a page that lists them, OPML
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
    /// A wire by itself: nothing in it leads to archives, which are not written.
    fn alone(&mut self, wire: &str, counter: &mut Counter<'_>) -> Result<(), Failure> {
        let documents = counter.ask(&desk::Wire { wire: wire.to_owned(), formats: self.formats.to_vec(), alone: true })?;
        self.documents(wire, &documents)
    }

    /// All wires, then what leads to them: whoever follows a link finds what is there, also when this ends half way.
    fn all(&mut self, counter: &mut Counter<'_>) -> Result<(), Failure> {
        let around = counter.ask(&desk::Site {})?;
        // First of all: what is not for everybody any more must not stay because something else fails.
        remove_gone(self.out, &around.wires).with_context(|| format!("cannot tidy up the folder `{}`", self.out.display()))?;
        for wire in &around.wires {
            // Read before its archives, so that what it leads to is among them.
            let documents = counter.ask(&desk::Wire { wire: wire.clone(), formats: self.formats.to_vec(), alone: false })?;
            let archives = self.archives(wire, &documents, counter)?;
            self.documents(wire, &documents)?;
            let folder = self.out.join(wire).join("archive");
            let is_kept = |path: &Path, format| archives.contains(path) || format == Format::Html || !self.formats.contains(&format);
            remove_archives(&folder, is_kept).with_context(|| format!("cannot tidy up the folder `{}`", folder.display()))?;
        }
        for (name, text) in &around.files {
            self.write(&self.out.join(name), text)?;
        }
        Ok(())
    }

    /// A wire's archives, the oldest first, and the wire in the place that the last one says follows it: as yet it does. Returns what is
    /// there now.
    fn archives(&mut self, wire: &str, documents: &[desk::Rendered], counter: &mut Counter<'_>) -> Result<BTreeSet<PathBuf>, Failure> {
        let formats: Vec<Format> = self.formats.iter().copied().filter(|format| *format != Format::Html).collect();
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
            let Some(shelved) = counter.ask(&asked(Some(number.saturating_add(1)), &formats))? else { continue };
            for desk::Rendered { format, text } in &shelved.documents {
                kept.insert(self.archive(wire, shelved.number, *format, text)?);
            }
        }
        for desk::Rendered { format, text } in documents.iter().filter(|document| formats.contains(&document.format)) {
            if let Some(next) = next {
                kept.insert(self.archive(wire, next, *format, text)?);
            }
        }
        Ok(kept)
    }

    /// A wire's document in each form.
    fn documents(&mut self, wire: &str, documents: &[desk::Rendered]) -> Result<(), Failure> {
        for desk::Rendered { format, text } in documents {
            let path = self.out.join(format!("{wire}.{format}"));
            if *format == Format::Html {
                self.put(&path.with_file_name(publish::stylesheet_name()), publish::STYLESHEET)?;
            }
            self.write(&path, text)?;
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

/// Removes what was written for wires that are there no more: closed to strangers, renamed or taken away.
fn remove_gone(out: &Path, wires: &[String]) -> std::io::Result<()> {
    for part in ["topics", "agencies"] {
        for entry in std::fs::read_dir(out.join(part)).into_iter().flatten() {
            let path = entry?.path();
            let name = if path.is_dir() { path.file_name() } else { path.file_stem() };
            let wire = name.and_then(|name| name.to_str()).map(|name| format!("{part}/{name}"));
            let Some(wire) = wire.filter(|wire| Scope::of_path(wire).is_some() && !wires.contains(wire)) else { continue };
            if path.is_dir() {
                let folder = path.join("archive");
                remove_archives(&folder, |path, format| !tells_of(path, format, &wire))?;
                // They stay where somebody put something else into them.
                let _ = std::fs::remove_dir(&folder).and_then(|()| std::fs::remove_dir(&path));
            } else if let Some(format) = format_of(&path)
                && tells_of(&path, format, &wire)
            {
                std::fs::remove_file(&path)?;
            }
        }
    }
    Ok(())
}

/// Removes the archives of a folder that are not to be kept.
fn remove_archives(folder: &Path, is_kept: impl Fn(&Path, Format) -> bool) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry?.path();
        let number = path.file_stem().and_then(|name| publish::archive_number(name.to_str()?));
        if number.is_some() && format_of(&path).is_some_and(|format| !is_kept(&path, format)) {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn format_of(path: &Path) -> Option<Format> {
    Format::of_extension(path.extension()?.to_str()?)
}

/// Whether a file says of itself that it is a document of this wire: others may have been put beside those, under any name.
fn tells_of(path: &Path, format: Format, wire: &str) -> bool {
    let text = std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let name = wire.rsplit('/').next().unwrap_or_default();
    match format {
        Format::Html => text.contains("href=\"style-") && text.contains(&format!("href=\"{name}.{}\"", Format::Atom)),
        Format::Atom | Format::Rss | Format::Json => ["\"", "<"].iter().any(|end| text.contains(&format!("/{wire}.{}{end}", Format::Html))),
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
