//! What `--version` says: what the variable `TOPICWIRE_BUILD` says, or else the version and, where a checkout is built for use, the
//! commit.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=TOPICWIRE_BUILD");
    let given = std::env::var_os("TOPICWIRE_BUILD").map(|build| build.to_string_lossy().trim().to_owned());
    let version = env!("CARGO_PKG_VERSION");
    let build = match (given.filter(|build| !build.is_empty()), commit()) {
        (Some(given), _) => given,
        (None, Some(commit)) => format!("{version} ({commit})"),
        (None, None) => version.to_owned(),
    };
    println!("cargo::rustc-env=TOPICWIRE_BUILD={build}");
}

/// None where this is no checkout of its own, or there is no git. Nor for who works at the program: each commit would mean to build it anew.
fn commit() -> Option<String> {
    let is_for_use = std::env::var_os("PROFILE").is_some_and(|profile| profile == "release");
    if !is_for_use || !Path::new(".git").exists() {
        return None;
    }
    let head = git(&["symbolic-ref", "--quiet", "HEAD"]);
    // Where a commit is noted: in the file of its branch, or with others.
    for name in ["HEAD", "logs/HEAD", "packed-refs"].into_iter().chain(head.as_deref()) {
        if let Some(path) = git(&["rev-parse", "--git-path", name]).filter(|path| Path::new(path).exists()) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    git(&["rev-parse", "--short=7", "HEAD"])
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned()).filter(|text| !text.is_empty())
}
