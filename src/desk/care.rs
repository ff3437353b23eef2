//! Looking after the store: reading all of it, and keeping a copy.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::{Desk, Question, Refusal};
use crate::store::{self, Store};

/// Asks whether all that is stored can be read and agrees. The answer is what is wrong.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Verify {}

impl Question for Verify {
    const NAME: &'static str = "verify";
    type Answer = Vec<String>;

    fn answer(&self, desk: &Desk) -> Result<Vec<String>, Refusal> {
        Ok(desk.store()?.verify()?)
    }
}

/// Asks for a backup.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Backup {
    /// The file to make, absolute: whoever has the store may be in another folder.
    pub file: PathBuf,
}

impl Question for Backup {
    const NAME: &'static str = "backup";
    type Answer = store::Backup;

    fn answer(&self, desk: &Desk) -> Result<store::Backup, Refusal> {
        write(desk.store()?, &self.file).map_err(|error| Refusal::NotDone(format!("{error:#}")))
    }
}

/// How the name of a backup begins that is being written.
pub(crate) const UNFINISHED: &str = ".unfinished-";

/// Writes a backup: the file is there when it is whole and on the disk.
pub(crate) fn write(store: &Store, path: &Path) -> anyhow::Result<store::Backup> {
    let cannot = || format!("cannot write the backup `{}`", path.display());
    let folder = path.parent().unwrap_or(Path::new("/"));
    let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder).with_context(cannot)?;
    let backup = store.backup(&mut file).with_context(cannot)?;
    file.flush().and_then(|()| file.as_file().sync_all()).with_context(cannot)?;
    file.persist(path).map_err(|error| error.error).with_context(cannot)?;
    Ok(backup)
}
