//! `topicwire export --all`: the whole site as files, of which only those that changed are touched.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use tempfile::TempDir;
use topicwire::store::Store;

use crate::conditional::CONFIG;
use crate::store::{article, poll};

fn export(folder: &Path, more: &[&str]) {
    let arguments = ["export", "--all", "--out", "site"];
    let output = Command::new(env!("CARGO_BIN_EXE_topicwire")).args(arguments).args(more).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
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
