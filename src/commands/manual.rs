//! `topicwire man` and `topicwire completions`: what packages install beside the program, made from the command line's own description.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::CommandFactory;

use super::{Arguments, Failure};

/// Writes a manual page for the program and one for each command.
pub(super) fn pages(folder: &PathBuf) -> Result<(), Failure> {
    let cannot = || format!("cannot write to `{}`", folder.display());
    std::fs::create_dir_all(folder).with_context(cannot)?;
    Ok(clap_mangen::generate_to(Arguments::command(), folder).with_context(cannot)?)
}

/// Prints what makes a shell complete the command line.
pub(super) fn completions(shell: clap_complete::Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "topicwire", &mut script);
    Ok(std::io::stdout().lock().write_all(&script).context("cannot write the result")?)
}
