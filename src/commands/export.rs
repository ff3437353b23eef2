//! `topicwire export`: wires as files, for a static host.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::{Failure, open};
use crate::desk;
use crate::publish::{self, Format};

#[derive(Debug, clap::Args)]
pub struct Export {
    /// The wire: a topic by its id, `agencies/FEED`, or `all`
    #[arg(value_name = "WIRE")]
    topic: String,
    /// The forms to write
    #[arg(long, value_delimiter = ',', default_value = "atom,rss,json,html")]
    format: Vec<Format>,
    /// The folder to write to
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Export {
    pub(super) fn run(&self, config: &Path, store: &Path, json: bool) -> Result<(), Failure> {
        let Self { topic, format, out } = self;
        let wire = desk::Wire { wire: topic.clone(), formats: format.clone() };
        let rendered = open::ask(|| open::config(config), store, &wire)?;
        let mut written = Vec::with_capacity(rendered.len());
        for desk::Rendered { format, text } in rendered {
            let path = out.join(format!("{topic}.{format}"));
            let folder = path.parent().unwrap_or(out);
            std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
            replace(&path, text.as_bytes()).with_context(|| format!("cannot write `{}`", path.display()))?;
            if format == Format::Html {
                let style = path.with_file_name(publish::stylesheet_name());
                replace(&style, publish::STYLESHEET.as_bytes()).with_context(|| format!("cannot write `{}`", style.display()))?;
            }
            written.push(path);
        }
        print(&written, json).context("cannot write the result")?;
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
