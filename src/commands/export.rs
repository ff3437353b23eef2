//! `topicwire export`: a wire as files, for a static host.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow};

use super::{Failure, open};
use crate::model::TopicId;
use crate::publish::Format;
use crate::serve::Wires;

#[derive(Debug, clap::Args)]
pub struct Export {
    /// The topic, by its id
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
        let config = Arc::new(open::config(config)?);
        let topic = TopicId::new(self.topic.as_str()).map_err(|error| Failure::Wrong(error.into()))?;
        if config.wire(&topic).is_none() {
            return Err(Failure::Wrong(anyhow!("there is no topic `{topic}`; `topicwire topic list` names them")));
        }
        let wires = Wires::new(config, open::store_to_read(store)?);
        std::fs::create_dir_all(&self.out).with_context(|| format!("cannot make the folder `{}`", self.out.display()))?;
        let mut written = Vec::with_capacity(self.format.len());
        for format in &self.format {
            let Some(rendered) = wires.get(&topic, *format).context("cannot read the wire from the store")? else { continue };
            let path = self.out.join(format!("{topic}.{format}"));
            replace(&path, &rendered.bytes).with_context(|| format!("cannot write `{}`", path.display()))?;
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
