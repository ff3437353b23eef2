//! The program from outside: exit codes, what goes to which output, and the commands that people type first.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

fn topicwire(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_topicwire"));
    command.args(arguments).current_dir(folder).env_remove("RUST_LOG").stdin(Stdio::null()).output().unwrap()
}

#[track_caller]
pub(crate) fn check(output: &Output, code: i32, on_stdout: &str, on_stderr: &str) {
    let [out, err] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    assert_eq!(output.status.code(), Some(code), "{out}\n{err}");
    assert!(out.contains(on_stdout), "no `{on_stdout}` in: {out}");
    assert!(err.contains(on_stderr), "no `{on_stderr}` in: {err}");
}

#[test]
fn the_command_line_is_well_formed() {
    use clap::CommandFactory;
    topicwire::commands::Arguments::command().debug_assert();
}

#[test]
fn exit_codes_tell_what_is_wrong() {
    let folder = TempDir::new().unwrap();
    let run = |arguments: &[&str]| topicwire(folder.path(), arguments);
    check(&run(&["--version"]), 0, "topicwire 0.", "");
    check(&run(&["fetsch"]), 2, "", "similar subcommand");
    check(&run(&["check"]), 2, "", "cannot read the configuration `feeds.toml`");
    fs::write(folder.path().join("feeds.toml"), "[[feed]]\nid = \"a\"\nurl = \"nowhere\"\n").unwrap();
    check(&run(&["check"]), 2, "", "feeds.toml:3:7: `nowhere` is not a web address");
    check(&run(&["check", "--json"]), 2, "\"line\":3", "1 mistake");
    fs::write(folder.path().join("feeds.toml"), "[[feed]]\nid = \"a\"\nurl = \"http://127.0.0.1:1/rss\"\n").unwrap();
    check(&run(&["check"]), 0, "feeds.toml: 1 feed, 0 topics, no mistakes", "");
    check(&run(&["fetch", "b"]), 2, "", "there is no feed `b`");
    for arguments in [&["match", "--jobs", "2", "x"][..], &["extract", "--jobs", "2", "x"], &["feed", "parse", "--jobs", "2", "x"]] {
        check(&run(arguments), 2, "", "'--jobs <N>' cannot be used with");
    }
    check(&run(&["extract", "--batch", "--format", "html"]), 2, "", "--format");
    fs::write(folder.path().join("latin.toml"), b"# a\n# \xff\n").unwrap();
    check(&run(&["check", "--config", "latin.toml"]), 2, "", "latin.toml:2: this line is not UTF-8");
    check(&run(&["export", "x", "--out", "out"]), 2, "", "there is no wire `x`");
    check(&run(&["fetch"]), 1, "allow_private", "none of the feeds could be read");
    check(&run(&["fetch", "--json"]), 0, "\"not_due\":[\"a\"]", "");
    check(&run(&["fetch", "--force", "a", "a"]), 1, "1 feed polled", "");
    check(&run(&["feed", "list"]), 0, "failed 2×", "");
    check(&run(&["store", "stats", "--json"]), 0, "\"articles\":0", "");
    check(&run(&["store", "prune"]), 0, "0 articles purged", "");
    check(&run(&["article", "nowhere"]), 2, "", "`nowhere` is not the address or the key of an article");
    check(&run(&["article", "https://agency.kz/1"]), 1, "", "there is no article at `https://agency.kz/1`");
}

#[test]
fn the_demonstration_shows_the_recorded_article() {
    let folder = TempDir::new().unwrap();
    let output = topicwire(folder.path(), &["demo", "--once"]);
    check(&output, 0, "Казахстан — пример в сфере защиты прав детей", "");
    let feed: atom_syndication::Feed = String::from_utf8(output.stdout).unwrap().parse().unwrap();
    for entry in &feed.entries {
        let text = entry.content.as_ref().unwrap().value.as_ref().unwrap();
        let paragraphs: Vec<&str> = text.split("<p>").filter(|paragraph| paragraph.len() > 60).collect();
        let distinct: std::collections::BTreeSet<&&str> = paragraphs.iter().collect();
        assert_eq!(distinct.len(), paragraphs.len(), "a paragraph stands twice in {text}");
    }
    let titles: Vec<&str> = feed.entries.iter().map(|entry| entry.title.value.as_str()).collect();
    for on_topic in
        ["Региональный директор ЮНИСЕФ", "Бала құқықтары жөніндегі уәкіл", "out of detention", "угрозы психическому здоровью детей"]
    {
        assert!(titles.iter().any(|title| title.contains(on_topic)), "{on_topic} in {titles:?}");
    }
    for off_topic in ["детский сад", "доллара", "футзалу", "Шахматный", "метро", "buses", "Каждый четвертый"]
    {
        assert!(!titles.iter().any(|title| title.contains(off_topic)), "{off_topic} in {titles:?}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "the demonstration leaves nothing behind");
}

#[test]
fn a_reader_that_has_read_enough_is_no_failure() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("feeds.toml"), "").unwrap();
    let program = env!("CARGO_BIN_EXE_topicwire");
    let lines = r#"yes '{"id":1,"path":"none","title":"a","body":"b"}' | head -n 6000"#;
    for script in [
        format!("{program} demo --once | head -c 10; exit ${{PIPESTATUS[0]}}"),
        format!("{lines} | {program} extract --batch | head -n 1; exit ${{PIPESTATUS[2]}}"),
        format!("{lines} | {program} feed parse --batch | head -n 1; exit ${{PIPESTATUS[2]}}"),
        format!("{lines} | {program} match --batch | head -n 1; exit ${{PIPESTATUS[2]}}"),
        format!("{lines} | {program} story --batch | head -n 1; exit ${{PIPESTATUS[2]}}"),
    ] {
        let output = Command::new("bash").args(["-c", &script]).current_dir(folder.path()).output().unwrap();
        check(&output, 0, "", "");
        assert!(!output.stdout.is_empty() && output.stderr.is_empty(), "{script}: {output:?}");
    }
}

#[test]
fn looking_does_not_make_a_store() {
    let folder = TempDir::new().unwrap();
    let text = "[[feed]]\nid = \"a\"\nurl = \"https://a.kz/rss\"\npaused = true\n[[feed]]\nid = \"b\"\nurl = \"https://b.kz/rss\"\n\
                [[topic]]\nid = \"t\"\nrules = \"right\"\n";
    fs::write(folder.path().join("feeds.toml"), text).unwrap();
    let run = |arguments: &[&str]| topicwire(folder.path(), arguments);
    check(&run(&["store", "stats"]), 1, "", "there is no store yet");
    check(&run(&["export", "t", "--out", "out"]), 1, "", "there is no store yet");
    check(&run(&["feed", "list"]), 0, "not polled yet", "");
    check(&run(&["topic", "list", "--json"]), 0, "\"entries\":0", "");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    check(&run(&["fetch", "a"]), 0, "1 feed is paused", "");
}

#[test]
fn a_file_that_cannot_be_read_does_not_stop_the_rest() {
    let folder = TempDir::new().unwrap();
    let page = "<html><body><p>All who came to the meeting said that the rights of children are to be protected, and left.</p>\
                <div class=own><p>The rule of the site finds this short text.</p></div></body></html>";
    let rss = "<rss version=\"2.0\"><channel><title>A feed</title></channel></rss>";
    let feed = "[[feed]]\nid = \"a\"\nurl = \"https://a.kz/rss\"\narticle = { body = \".own\" }\n\
                [[topic]]\nid = \"t\"\nrules = \"\"\"\nen: rights\nNOT: class\n\"\"\"\n";
    for (name, text) in [("page.html", page), ("rss.xml", rss), ("feeds.toml", feed)] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let run = |arguments: &[&str]| topicwire(folder.path(), arguments);
    check(&run(&["extract", "none", "page.html"]), 1, "rights of children", "1 of 2 could not be read");
    check(&run(&["extract", "page.html", "--url", "https://a.kz/1"]), 0, "The rule of the site", "");
    check(&run(&["feed", "parse", "page.html", "rss.xml"]), 1, "A feed", "`page.html`: ");
    check(&run(&["match", "none", "page.html"]), 1, "page.html (en)\n  t ", "cannot read `none`");
}

#[test]
fn a_filter_of_the_log_that_is_wrong_is_said() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("feeds.toml"), "").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_topicwire"));
    let output = command.arg("check").current_dir(folder.path()).env("RUST_LOG", "topicwire=loud").output().unwrap();
    check(&output, 0, "no mistakes", "the variable `RUST_LOG` is not used");
}

#[test]
fn check_says_what_is_probably_not_meant() {
    let folder = TempDir::new().unwrap();
    let feed = |id: &str, url: &str| format!("[[feed]]\nid = \"{id}\"\nurl = \"{url}\"\n");
    let topic = "[[topic]]\nid = \"t\"\nrules = \"ru 20: интернат\"\nwebhook = { url = \"https://a.kz/in\", secret = \"file:nobody\" }\n";
    let text = format!("[ops]\ntoken = \"file:nowhere\"\n{}{}{topic}", feed("a", "https://www.a.kz/rss"), feed("b", "https://a.kz/rss/"));
    std::fs::write(folder.path().join("feeds.toml"), text).unwrap();
    let output = topicwire(folder.path(), &["check"]);
    check(&output, 0, "feeds.toml:8:7: the feed `a` has this address too", "");
    check(&output, 0, "if it cannot read this either: cannot read `nowhere`", "");
    check(&output, 0, "if it cannot read this either: cannot read `nobody`", "");
    check(&output, 0, "2 feeds, 1 topic, no mistakes, 3 warnings", "");
    check(&topicwire(folder.path(), &["check", "--json"]), 0, "\"secrets\":[\"the daemon", "");
}
