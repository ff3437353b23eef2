//! `topicwire store`: looking after the data.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use serde_json::json;

use super::running::Running;
use super::{Failure, open};
use crate::desk;
use crate::store;

#[derive(Debug, clap::Subcommand)]
pub enum Store {
    /// The store in figures
    Stats,
    /// Purge what no feed has listed for as long as `keep` says; the daemon does so once a day
    Prune,
    /// Read all that is stored and say what is damaged
    Verify,
    /// Write all that is stored into one file, also while the daemon runs
    Backup {
        /// The file to write
        file: PathBuf,
    },
    /// Make a store of a backup, where there is none
    Restore {
        /// The backup
        file: PathBuf,
    },
}

impl Store {
    pub(super) fn run(self, config: &Path, store: &Path, json: bool) -> Result<(), Failure> {
        match self {
            Self::Stats => super::lists::store(config, store, json),
            Self::Prune => super::prune::run(config, store, json),
            Self::Verify => verify(config, store, json),
            Self::Backup { file } => backup(config, store, &file, json),
            Self::Restore { file } => restore(store, &file, json),
        }
    }
}

fn verify(config: &Path, store: &Path, json: bool) -> Result<(), Failure> {
    let wrong = open::ask(|| open::config_if_any(config), store, &desk::Verify {})?;
    let told = if json { json!({"wrong": wrong}).to_string() } else { wrong.join("\n") };
    if json || !wrong.is_empty() {
        print(&told)?;
    }
    if wrong.is_empty() {
        return if json { Ok(()) } else { print("all that is stored can be read, and agrees") };
    }
    Err(Failure::NotDone(anyhow!(
        "{} wrong in the store; `topicwire store restore` makes one of a backup",
        open::count(wrong.len(), "thing")
    )))
}

fn backup(config: &Path, store: &Path, file: &Path, json: bool) -> Result<(), Failure> {
    let file = std::path::absolute(file).context("there is no current folder")?;
    let made = open::ask(|| open::config_if_any(config), store, &desk::Backup { file: file.clone() })?;
    if json {
        return print(&json!({"file": file, "sequence": made.sequence, "records": made.records}).to_string());
    }
    print(&format!(
        "{}: {} as of commit {}",
        file.display(),
        open::count(usize::try_from(made.records).unwrap_or(usize::MAX), "record"),
        made.sequence
    ))
}

fn restore(folder: &Path, file: &Path, json: bool) -> Result<(), Failure> {
    if Running::find(folder)?.is_some() {
        return Err(Failure::NotDone(anyhow!("the daemon has the store: stop it first")));
    }
    let input = File::open(file).with_context(|| format!("cannot read the backup `{}`", file.display()))?;
    let restored = store::restore(input, folder).with_context(|| format!("cannot restore `{}`", file.display()))?;
    if json {
        return print(&json!({"sequence": restored.sequence, "records": restored.records}).to_string());
    }
    print(&format!("the store is as it was at commit {}; what was published since and is still listed is fetched again", restored.sequence))
}

fn print(text: &str) -> Result<(), Failure> {
    Ok(writeln!(std::io::stdout().lock(), "{text}").context("cannot write the result")?)
}
