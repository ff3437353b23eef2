//! `topicwire export --all`: the whole site as files, of which only those that changed are touched.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::SystemTime;

use tempfile::TempDir;
use topicwire::store::Store;

use crate::conditional::CONFIG;
use crate::store::{article, poll};

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_topicwire")).arg("export").args(arguments).current_dir(folder).output().unwrap()
}

/// Exports all, and returns what was written, in its order.
fn export(folder: &Path, more: &[&str]) -> Vec<String> {
    let output = run(folder, &[&["--all", "--out", "site", "--json"], more].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let written: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    written["written"].as_array().unwrap().iter().map(|path| path.as_str().unwrap().to_owned()).collect()
}

/// A folder with a configuration, and so many articles on the topics `a` and `cr`.
fn desk(config: &str, articles: u32) -> TempDir {
    let folder = TempDir::new().unwrap();
    configure(folder.path(), config);
    let store = Store::open(&folder.path().join("store")).unwrap();
    store.commit(&poll(1, (0..articles).map(|number| article(number, &["a", "cr"])).collect())).unwrap();
    folder
}

fn configure(folder: &Path, config: &str) {
    fs::write(folder.join("feeds.toml"), format!("[site]\naddress = \"https://desk.example\"\n{config}")).unwrap();
}

/// All files below a folder, and when each was written.
fn files(folder: &Path) -> BTreeMap<PathBuf, SystemTime> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { files(&path) } else { [(path.clone(), path.metadata().unwrap().modified().unwrap())].into() })
        .collect()
}

#[test]
fn the_whole_site_is_written_and_only_what_changed_is_touched() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("feeds.toml"), format!("[site]\naddress = \"https://desk.example\"\n{CONFIG}")).unwrap();
    let bring = |numbers: std::ops::Range<u32>| {
        let store = Store::open(&folder.path().join("store")).unwrap();
        store.commit(&poll(numbers.start.into(), numbers.map(|number| article(number, &["a"])).collect())).unwrap();
    };
    bring(0..120);
    export(folder.path(), &[]);
    let site = folder.path().join("site");
    let before = files(&site);
    let read = |name: &str| fs::read_to_string(site.join(name)).unwrap();
    for wire in ["topics/a", "agencies/agency", "all"] {
        for form in ["atom", "rss", "json"] {
            assert!(before.contains_key(&site.join(format!("{wire}.{form}"))), "{wire}.{form}");
            assert!(read(&format!("{wire}/archive/2.{form}")).contains("archive/1"), "{wire}");
        }
        assert_eq!(read(&format!("{wire}/archive/3.atom")), read(&format!("{wire}.atom")), "as yet the wire itself follows");
    }
    assert!(read("index.html").contains("topics/a.html") && read("wires.opml").contains("https://desk.example/topics/a.atom"));
    assert!(read("robots.txt").contains("Disallow: /"));

    export(folder.path(), &[]);
    assert_eq!(files(&site), before, "nothing changed");
    bring(120..130);
    fs::write(site.join("topics/a/archive/77.atom"), "old").unwrap();
    fs::write(site.join("topics/a/archive/notes.txt"), "mine").unwrap();
    fs::write(site.join("topics/a/archive/77.rss"), "old").unwrap();
    export(folder.path(), &["--format", "atom"]);
    assert!(site.join("topics/a/archive/77.rss").exists() && site.join("topics/a/archive/1.json").exists(), "not asked for, not touched");
    assert!(!site.join("topics/a/archive/77.atom").exists());
    export(folder.path(), &[]);
    let after = files(&site);
    for number in [1, 2] {
        let archive = site.join(format!("topics/a/archive/{number}.atom"));
        assert_eq!(after[&archive], before[&archive]);
    }
    assert_ne!(after[&site.join("topics/a.atom")], before[&site.join("topics/a.atom")]);
    assert!(!after.contains_key(&site.join("topics/a/archive/77.rss")) && after.contains_key(&site.join("topics/a/archive/notes.txt")));
}

/// A second agency and a second topic.
const MORE: &str = "[[feed]]\nid = \"b\"\nurl = \"https://b.kz/rss\"\n[[topic]]\nid = \"cr\"\nrules = \"ru 20: право\"\n";

#[test]
fn what_is_closed_or_taken_away_does_not_stay_readable() {
    let folder = desk(&format!("{CONFIG}{MORE}"), 120);
    let site = folder.path().join("site");
    export(folder.path(), &[]);
    let own = [
        ("topics/notes.html", "<p>mine</p>"),
        ("topics/gone.atom", "<feed>mine, not the program's</feed>"),
        ("topics/cr.txt", "mine"),
        ("agencies/b/archive/notes.txt", "mine"),
        ("agencies/other/page.html", "mine"),
    ];
    for (name, text) in own {
        fs::create_dir_all(site.join(name).parent().unwrap()).unwrap();
        fs::write(site.join(name), text).unwrap();
    }
    let of_cr = |path: &&PathBuf| path.starts_with(site.join("topics/cr")) || path.file_stem().is_some_and(|name| name == "cr");
    let is_ours = |path: &&PathBuf| of_cr(path) && !path.ends_with("cr.txt");
    assert_eq!(files(&site).keys().filter(is_ours).count(), 4 + 9, "four forms, and three archives in three");
    assert!(site.join("agencies/b.html").exists());

    let closed = MORE.split_once("[[topic]]").map(|(_, topic)| format!("{CONFIG}[[topic]]{topic}token = \"env:NONE\"\n")).unwrap();
    for (config, form) in [(closed.as_str(), "atom"), (CONFIG, "json")] {
        configure(folder.path(), config);
        export(folder.path(), &["--format", form]);
        let left = files(&site);
        assert_eq!(left.keys().find(is_ours), None, "whatever the form: {left:?}");
        assert!(!site.join("topics/cr").exists() && !site.join("agencies/b.html").exists());
        assert!(own.iter().all(|(name, text)| fs::read_to_string(site.join(name)).unwrap() == *text));
        for name in ["topics/a.html", "topics/a/archive/1.rss", "agencies/agency.json", "all.atom"] {
            assert!(site.join(name).exists(), "{name}");
        }
        // Opened again, to be taken away next.
        if config != CONFIG {
            configure(folder.path(), &format!("{CONFIG}{MORE}"));
            export(folder.path(), &[]);
        }
    }
}

#[test]
fn what_is_linked_to_is_written_before_what_links_to_it() {
    let folder = desk(CONFIG, 120);
    let written = export(folder.path(), &[]);
    let place =
        |name: &str| written.iter().position(|path| path == &format!("site/{name}")).unwrap_or_else(|| panic!("{name}: {written:?}"));
    for wire in ["topics/a", "agencies/agency", "all"] {
        let order = ["/archive/1.atom", "/archive/2.atom", "/archive/3.atom", ".atom"].map(|end| place(&format!("{wire}{end}")));
        assert!(order.is_sorted(), "{wire}: {order:?}");
        assert!(place(&format!("{wire}.html")) < place("index.html"), "{wire}");
    }
    assert!(place(topicwire::publish::stylesheet_name()) < place("index.html"));

    // It ends half way: what is there leads to what is there.
    let site = folder.path().join("half");
    fs::create_dir_all(site.join("topics/a.rss/in-the-way")).unwrap();
    assert!(!run(folder.path(), &["--all", "--out", "half"]).status.success());
    let wire = fs::read_to_string(site.join("topics/a.atom")).unwrap();
    assert!(wire.contains("/topics/a/archive/2.atom") && site.join("topics/a/archive/1.rss").exists() && !site.join("index.html").exists());
}

#[test]
fn a_wire_by_itself_leads_to_no_archives() {
    let folder = desk(CONFIG, 120);
    assert!(run(folder.path(), &["a", "--out", "one"]).status.success());
    for form in ["atom", "rss", "json", "html"] {
        let text = fs::read_to_string(folder.path().join(format!("one/a.{form}"))).unwrap();
        assert!(!text.contains("/archive/") && text.contains("Права детей 119"), "{text:.800}");
    }
}
