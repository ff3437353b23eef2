//! The manual: its commands do what it says, in its order.

use std::fs;
use std::path::Path;
use std::process::Command;

use clap::Parser;
use tempfile::TempDir;
use topicwire::commands::Arguments;
use topicwire::config::Config;

use crate::daemon::{TOPIC, feed, origin};

const MANUAL: &str = include_str!("../../docs/manual.md");

/// The lines of the blocks that are for a shell.
fn commands() -> impl Iterator<Item = &'static str> {
    let blocks = MANUAL.split("```sh\n").skip(1).filter_map(|block| block.split("```").next());
    blocks.flat_map(str::lines).filter(|line| !line.is_empty())
}

#[tokio::test(flavor = "multi_thread")]
async fn its_commands_work() {
    let folder = TempDir::new().unwrap();
    let origin = origin().await;
    let text = feed(&origin) + &TOPIC.replace("rights", "child-rights");
    fs::write(folder.path().join("feeds.toml"), text).unwrap();
    let programs = Path::new(env!("CARGO_BIN_EXE_topicwire")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    for command in commands() {
        assert!(command.starts_with("topicwire "), "{command}");
        let output = Command::new("bash").args(["-c", command]).current_dir(folder.path()).env("PATH", &path).output().unwrap();
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
    assert!(commands().count() > 10);
    assert!(fs::read_to_string(folder.path().join("public/child-rights.atom")).unwrap().contains("<entry>"));
    assert!(folder.path().join("restored/db").exists());
}

#[test]
fn it_names_every_key() {
    for section in ["[site]", "[serve]", "[fetch]", "[store]", "[ops]", "[all]", "[email]", "[[feed]]", "[[topic]]"] {
        let mistakes = Config::parse(&format!("{section}\nzzzzzz = 1\n")).unwrap_err();
        let unknown = mistakes.iter().find(|mistake| mistake.message.contains("zzzzzz")).unwrap();
        let (_, known) = unknown.message.split_once("known here: ").unwrap();
        for key in known.split(", ") {
            assert!(MANUAL.contains(&format!("`{key}`")), "`{key}` of {section} is not in the manual");
        }
    }
}

#[test]
fn man_pages_and_completions_are_made_from_the_command_line() {
    let folder = TempDir::new().unwrap();
    let run =
        |arguments: &[&str]| Command::new(env!("CARGO_BIN_EXE_topicwire")).args(arguments).current_dir(folder.path()).output().unwrap();
    assert!(run(&["man", "pages"]).status.success());
    let page = fs::read_to_string(folder.path().join("pages/topicwire-fetch.1")).unwrap();
    assert!(page.contains("Fetch also what is not due yet"), "{page}");
    assert!(!folder.path().join("pages/topicwire-completions.1").exists(), "hidden commands have no page");
    for shell in ["bash", "fish", "zsh"] {
        assert!(String::from_utf8(run(&["completions", shell]).stdout).unwrap().contains("export"), "{shell}");
    }
}

#[test]
fn the_container_and_the_unit_are_made_of_what_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |file: &str| fs::read_to_string(root.join(file)).unwrap();
    let (container, unit, ignored) = (read("Dockerfile"), read(".package/topicwire.service"), read(".dockerignore"));
    let rust = env!("CARGO_PKG_RUST_VERSION");
    assert!(container.contains(&format!("FROM rust:{rust}-")), "the container is built by another Rust than {rust}");
    let copied =
        container.lines().filter_map(|line| line.strip_prefix("COPY --from=build ")?.split(' ').find(|word| word.starts_with('/')));
    let copied: Vec<&str> = copied.filter_map(|path| path.strip_prefix("/source/")).collect();
    assert_eq!(copied, ["target/release/topicwire", "feeds.toml"]);
    assert!(root.join("feeds.toml").exists());
    for needed in ["Cargo.toml", "Cargo.lock", "src", "feeds.toml", "benches"] {
        assert!(root.join(needed).exists() && !ignored.lines().any(|line| line.trim_matches('/') == needed), "{needed}");
    }
    let entry = container.lines().find_map(|line| line.strip_prefix("ENTRYPOINT ")).unwrap();
    let mut entry: Vec<String> = serde_json::from_str(entry).unwrap();
    entry.push("run".to_owned());
    let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    for words in [entry, start.split(' ').map(str::to_owned).collect()] {
        let arguments = Arguments::try_parse_from(words).unwrap();
        assert!(matches!(arguments.command, topicwire::commands::Command::Run));
        assert_eq!(arguments.store, Path::new("/var/lib/topicwire/store"));
    }
}
