//! `topicwire export --all`: the whole site as files, of which only those that changed are touched.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::SystemTime;

use tempfile::TempDir;
use topicwire::model::{FeedId, StoredArticle};
use topicwire::publish::ROBOTS;
use topicwire::store::Store;

use crate::conditional::CONFIG;
use crate::store::{article, key, poll};

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
    let page = |number, end| site.join(format!("articles/{}.{end}", key(number)));
    for end in ["html", "ru.html", "kk.html"] {
        // One that no wire lists any more, one that does still, and a new one; of those that none ever listed there is none.
        assert_eq!((after[&page(75, end)], after[&page(100, end)]), (before[&page(75, end)], before[&page(100, end)]));
        assert!(after.contains_key(&page(125, end)) && !before.contains_key(&page(125, end)) && !after.contains_key(&page(20, end)));
    }
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
        ("topics/kept.html", "<p>mine</p><a href=\"kept.atom\">"),
        ("topics/gone.atom", "<feed>mine, not the program's</feed>"),
        ("topics/cr.txt", "mine"),
        ("agencies/b/archive/notes.txt", "mine"),
        ("agencies/other/page.html", "mine"),
    ];
    for (name, text) in own {
        fs::create_dir_all(site.join(name).parent().unwrap()).unwrap();
        fs::write(site.join(name), text).unwrap();
    }
    // As pages were before they were in three languages.
    let older = site.join("agencies/gone.html");
    fs::write(&older, "<link rel=stylesheet href=\"style-0.css\"><a href=\"gone.atom\">").unwrap();
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().split('.').next().unwrap().to_owned();
    let of_cr = |path: &&PathBuf| path.starts_with(site.join("topics/cr")) || name(path) == "cr";
    let is_ours = |path: &&PathBuf| of_cr(path) && !path.ends_with("cr.txt");
    assert_eq!(files(&site).keys().filter(is_ours).count(), 6 + 9, "three forms and three pages, and three archives");
    assert!(site.join("agencies/b.html").exists());

    let closed = MORE.split_once("[[topic]]").map(|(_, topic)| format!("{CONFIG}[[topic]]{topic}token = \"env:NONE\"\n")).unwrap();
    for (config, form) in [(closed.as_str(), "atom"), (CONFIG, "json")] {
        configure(folder.path(), config);
        export(folder.path(), &["--format", form]);
        let left = files(&site);
        assert_eq!(left.keys().find(is_ours), None, "whatever the form: {left:?}");
        assert!(!older.exists());
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
    let linked = place(&format!("articles/{}.html", key(119)));
    for wire in ["topics/a", "agencies/agency", "all"] {
        assert!(linked < place(&format!("{wire}.kk.html")), "{wire}");
        let order = ["/archive/1.atom", "/archive/2.atom", "/archive/3.atom", ".atom"].map(|end| place(&format!("{wire}{end}")));
        assert!(order.is_sorted(), "{wire}: {order:?}");
        assert!(place(&format!("{wire}.html")) < place("index.html"), "{wire}");
    }
    assert!(place(topicwire::publish::stylesheet_name()) < linked);

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
    for form in ["atom", "rss", "json", "html", "ru.html", "kk.html"] {
        let text = fs::read_to_string(folder.path().join(format!("one/a.{form}"))).unwrap();
        assert!(!text.contains("/archive/") && !text.contains("articles/") && text.contains("Права детей 119"), "{text:.800}");
    }
    check_links(&folder.path().join("one"));
    assert!(run(folder.path(), &["agencies/agency", "--format", "html", "--out", "two"]).status.success());
    check_links(&folder.path().join("two"));
}

/// Where the links of a page lead, from its folder, apart from other sites.
fn links(page: &str) -> Vec<&str> {
    let links = page.split(" href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links.filter(|link| !link.contains("://") && !link.starts_with('#')).collect()
}

/// That all that pages lead to is there, and returns how many pages there are.
#[track_caller]
fn check_links(site: &Path) -> usize {
    let pages: Vec<PathBuf> = files(site).into_keys().filter(|path| path.extension().is_some_and(|end| end == "html")).collect();
    for page in &pages {
        let text = fs::read_to_string(page).unwrap();
        for link in links(&text) {
            assert!(page.parent().unwrap().join(link).is_file(), "{}: {link}", page.display());
        }
    }
    pages.len()
}

#[test]
fn pages_lead_to_each_other_in_three_languages_and_to_no_form() {
    let folder = desk(&format!("{CONFIG}{MORE}"), 60);
    let site = folder.path().join("site");
    for formats in [&[][..], &["--format", "html"], &["--format", "html,json"]] {
        let _ = fs::remove_dir_all(&site);
        export(folder.path(), formats);
        // The first page, five wires, and sixty articles of which each wire lists fifty.
        assert_eq!(check_links(&site), 3 * (1 + 5 + 50), "{formats:?}");
    }
    export(folder.path(), &[]);
    let article = format!("articles/{}", key(42));
    for path in ["index", "topics/a", "agencies/agency", "all", &article] {
        let name = path.rsplit('/').next().unwrap();
        for (language, end) in [("en", "html"), ("ru", "ru.html"), ("kk", "kk.html")] {
            let page = fs::read_to_string(site.join(format!("{path}.{end}"))).unwrap();
            assert!(page.contains(&format!("<html lang=\"{language}\">")), "{path}.{end}: {page}");
            for (other, end) in [("en", "html"), ("ru", "ru.html"), ("kk", "kk.html"), ("x-default", "html")] {
                let link = format!("<link rel=\"alternate\" hreflang=\"{other}\" href=\"");
                let there = page.split(&link).nth(1).unwrap().split('"').next().unwrap();
                assert!(there.ends_with(&format!("{name}.{end}")), "{path}: {there}");
            }
            // Who reads one language goes on in it.
            let own = links(&page).into_iter().filter(|link| link.ends_with(&format!("index.{end}"))).count();
            assert!(
                own >= 2 && ["<form", "\"search\"", "href=\"lab", "/lab\"", "/feeds\""].iter().all(|sign| !page.contains(sign)),
                "{page}"
            );
        }
    }
    let page = fs::read_to_string(site.join("topics/a.kk.html")).unwrap();
    assert!(page.contains(&format!("\"../{article}.kk.html\"")), "{page}");
    assert_eq!(fs::read_to_string(site.join("robots.txt")).unwrap(), ROBOTS);
}

#[test]
fn an_articles_page_goes_when_it_may_be_shown_no_more() {
    let folder = desk(&format!("{CONFIG}{MORE}"), 5);
    let of_b = |number, topics: &[&str]| StoredArticle { feed: FeedId::new("b").unwrap(), ..article(number, topics) };
    Store::open(&folder.path().join("store")).unwrap().commit(&poll(2, vec![of_b(10, &[]), of_b(11, &["a"])])).unwrap();
    export(folder.path(), &[]);
    let site = folder.path().join("site");
    let page = |number, end: &str| site.join(format!("articles/{}.{end}", key(number)));
    let own = [site.join("articles/notes.html"), page(500, "html"), page(501, "ru.html"), site.join("style-notes.css")];
    for path in &own {
        fs::write(path, "mine").unwrap();
    }
    fs::write(site.join("style-0123456789abcdef.css"), "p {}").unwrap();
    assert!(page(10, "html").exists() && page(10, "kk.html").exists());

    // Whatever the form: what nobody may see any more goes first.
    configure(folder.path(), &format!("{CONFIG}{}", MORE.replace("rss\"\n", "rss\"\ntoken = \"env:NONE\"\n")));
    export(folder.path(), &["--format", "json"]);
    for end in ["html", "ru.html", "kk.html"] {
        assert!(!page(10, end).exists() && page(11, end).exists() && page(3, end).exists(), "{end}");
    }
    assert!(fs::read_to_string(page(11, "html")).unwrap().contains("agencies/b.html"), "pages were not asked for");
    assert!(!fs::read_to_string(site.join("index.ru.html")).unwrap().contains("agencies/b"), "but the first page names what there is");
    export(folder.path(), &[]);
    assert!(!fs::read_to_string(page(11, "html")).unwrap().contains("agencies/b"));
    assert!(own.iter().all(|path| fs::read_to_string(path).unwrap() == "mine") && !site.join("style-0123456789abcdef.css").exists());
    fs::remove_file(page(500, "html")).unwrap();
    assert_eq!(check_links(&site), 3 * (1 + 4 + 6) + 2, "the topics, the open agency and everything; and two of somebody else");

    // Everything too.
    configure(folder.path(), &format!("[all]\ntoken = \"env:NONE\"\n{CONFIG}{MORE}"));
    fs::write(site.join("all.txt"), "mine").unwrap();
    export(folder.path(), &[]);
    let left: Vec<PathBuf> =
        files(&site).into_keys().filter(|path| path.starts_with(site.join("all")) || path.to_str().unwrap().contains("/all.")).collect();
    assert_eq!(left, [site.join("all.txt")]);
    assert!(page(10, "html").exists(), "opened again");
}
