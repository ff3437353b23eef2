//! The shape of the source: pure rooms stay pure, every file says what it is for.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms without a shell, and the decisions of a poll.
const PURE: [&str; 25] = [
    "model",
    "config",
    "text",
    "schedule",
    "feed",
    "extract",
    "story",
    "topic",
    "ops",
    "publish",
    "pages",
    "poll/reading",
    "poll/gap",
    "poll/news",
    "poll/article",
    "poll/identity",
    "poll/known",
    "poll/watch",
    "poll/conclusion",
    "poll/report",
    "hub/letter",
    "hub/life",
    "websub/life",
    "websub/signature",
    "poll/rules",
];
const FORBIDDEN: [&str; 12] = [
    "tokio::",
    "sled::",
    "reqwest::",
    "std::fs",
    "std::net::Tcp",
    "std::env",
    "tracing::",
    "async fn",
    "crate::store",
    "crate::serve",
    "crate::daemon",
    "crate::commands",
];

fn sources(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).into_iter().flatten().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> =
        entries.flat_map(|path| sources(&path)).filter(|path| path.extension().is_some_and(|end| end == "rs")).collect();
    found.sort();
    found
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

#[test]
fn pure_rooms_know_no_shell() {
    for room in PURE {
        let files: Vec<PathBuf> = sources(&source().join(format!("{room}.rs"))).into_iter().chain(sources(&source().join(room))).collect();
        assert!(!files.is_empty(), "there is no room `{room}`");
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            for word in FORBIDDEN {
                let line = text.lines().position(|line| line.contains(word) && !line.trim_start().starts_with("//"));
                assert!(line.is_none(), "{}:{}: a pure room names `{word}`", file.display(), line.unwrap() + 1);
            }
        }
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for file in sources(&source()) {
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("//! "), "{} does not open with `//!`", file.display());
    }
}
