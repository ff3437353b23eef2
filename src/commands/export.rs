//! `topicwire export`: wires as files, for a static host.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::Failure;
use super::open::Counter;
use crate::desk;
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
            Some(topic) => drop(export.wire(topic, &mut counter)?),
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
    /// A wire's document in each form; returned too.
    fn wire(&mut self, wire: &str, counter: &mut Counter<'_>) -> Result<Vec<desk::Rendered>, Failure> {
        let rendered = counter.ask(&desk::Wire { wire: wire.to_owned(), formats: self.formats.to_vec() })?;
        for desk::Rendered { format, text } in &rendered {
            let path = self.out.join(format!("{wire}.{format}"));
            self.write(&path, text)?;
            if *format == Format::Html {
                self.put(&path.with_file_name(publish::stylesheet_name()), publish::STYLESHEET)?;
            }
        }
        Ok(rendered)
    }

    /// All wires, then what leads to them: whoever follows a link finds what is there.
    fn all(&mut self, counter: &mut Counter<'_>) -> Result<(), Failure> {
        let around = counter.ask(&desk::Site {})?;
        for wire in &around.wires {
            let rendered = self.wire(wire, counter)?;
            self.archives(wire, &rendered, counter)?;
        }
        for (name, text) in &around.files {
            self.write(&self.out.join(name), text)?;
        }
        Ok(())
    }

    /// A wire's archives in the forms asked for, and no others in these. What the last one says follows it is as yet the wire itself.
    fn archives(&mut self, wire: &str, rendered: &[desk::Rendered], counter: &mut Counter<'_>) -> Result<(), Failure> {
        let formats: Vec<Format> = self.formats.iter().copied().filter(|format| *format != Format::Html).collect();
        let folder = self.out.join(wire).join("archive");
        let mut kept = BTreeSet::new();
        let mut before = None;
        while let Some(shelved) = counter.ask(&desk::Archived { wire: wire.to_owned(), before, formats: formats.clone() })? {
            if before.is_none() {
                for desk::Rendered { format, text } in rendered.iter().filter(|rendered| formats.contains(&rendered.format)) {
                    kept.insert(self.archive(wire, shelved.next, *format, text)?);
                }
            }
            for desk::Rendered { format, text } in &shelved.documents {
                kept.insert(self.archive(wire, shelved.number, *format, text)?);
            }
            before = Some(shelved.number);
        }
        remove_others(&folder, &formats, &kept).with_context(|| format!("cannot tidy up the folder `{}`", folder.display()))?;
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

/// Removes the archives in these forms that are no more.
fn remove_others(folder: &Path, formats: &[Format], kept: &BTreeSet<PathBuf>) -> std::io::Result<()> {
    let is_archive = |path: &Path| {
        let format = path.extension().and_then(|end| Format::of_extension(end.to_str()?));
        let number = path.file_stem().and_then(|name| publish::archive_number(name.to_str()?));
        format.is_some_and(|format| formats.contains(&format)) && number.is_some()
    };
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry?.path();
        if is_archive(&path) && !kept.contains(&path) {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
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
