//! A backup is the whole store at one moment, also while commits go on; what is not whole is never restored.

use std::sync::atomic::{AtomicBool, Ordering};

use topicwire::store::{Error, exists, restore};

use super::{article, empty, key, noise, open, poll, time, topic};

#[test]
fn a_backup_is_the_store() {
    let (_folder, store) = empty();
    for number in 0..30 {
        let mut article = article(number, &["a", "b"]);
        article.article.text = noise(if number == 7 { 300_000 } else { 3_000 });
        store.commit(&poll(u64::from(number) + 1, vec![article])).unwrap();
    }
    let mut file = Vec::new();
    let made = store.backup(&mut file).unwrap();
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(restore(file.as_slice(), folder.path()).unwrap(), made);
    let restored = open(folder.path());
    assert_eq!(restored.newest(&topic("a"), 99, None).unwrap(), store.newest(&topic("a"), 99, None).unwrap());
    assert_eq!(restored.feed_states().unwrap(), store.feed_states().unwrap());
    let figures = |store: &topicwire::store::Store| store.stats().map(|stats| (stats.articles, stats.topics, stats.sequence)).unwrap();
    assert_eq!(figures(&restored), figures(&store));
    assert_eq!(restored.lost_commits(), 0);
    drop(restored);
    let again = restore(file.as_slice(), folder.path()).unwrap_err();
    assert!(again.to_string().contains("there is a store already"), "{again}");
}

#[test]
fn commits_go_on_while_a_backup_is_made() {
    let (_folder, store) = empty();
    store.commit(&poll(1, (0..400).map(|number| article(number, &["a"])).collect())).unwrap();
    let stop = AtomicBool::new(false);
    let files: Vec<(u64, Vec<u8>)> = std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in (0..).take_while(|_| !stop.load(Ordering::Relaxed)) {
                // New ones, and known ones that change their topics and their stories.
                let mut known = article(number % 400, if number % 2 == 0 { &["b"] } else { &["a", "c"] });
                known.story = key((number * 7) % 400);
                store.commit(&poll(u64::from(number) + 2, vec![known, article(1000 + number, &["c"])])).unwrap();
            }
        });
        let files = (0..3).map(|_| {
            let (mut file, before) = (Vec::new(), store.stats().unwrap().sequence);
            store.backup(&mut file).unwrap();
            (before, file)
        });
        let files = files.collect();
        stop.store(true, Ordering::Relaxed);
        files
    });
    for (before, file) in files {
        let folder = tempfile::tempdir().unwrap();
        // Restoring checks that all records and indexes agree.
        assert!(restore(file.as_slice(), folder.path()).unwrap().sequence >= before);
    }
    assert!(store.newest_of_all(1, None).unwrap()[0].article.time() > time(1000).fixed_offset());
}

#[test]
fn what_is_not_whole_is_not_restored() {
    let (_folder, store) = empty();
    store.commit(&poll(1, (0..20).map(|number| article(number, &["a"])).collect())).unwrap();
    let mut file = Vec::new();
    store.backup(&mut file).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let check = |file: &[u8]| {
        let error = restore(file, folder.path()).unwrap_err();
        assert!(matches!(error, Error::Backup(_)), "{error}");
        assert!(!exists(folder.path()));
    };
    for length in (0..file.len()).step_by(file.len() / 9) {
        check(&file[..length]);
    }
    for place in (0..file.len()).step_by(file.len() / 9) {
        let mut wrong = file.clone();
        wrong[place] ^= 4;
        check(&wrong);
    }
    check(&zstd::encode_all(&b"{\"manifest\":{\"program\":\"topicwire 9\",\"format\":9}}\n"[..], 1).unwrap());
    restore(file.as_slice(), folder.path()).unwrap();
}

/// The backup with other lines, and an end that fits them.
fn rewritten(file: &[u8], change: impl Fn(&str) -> Option<String>) -> Vec<u8> {
    let text = String::from_utf8(zstd::decode_all(file).unwrap()).unwrap();
    let (lines, end) = text.trim_end().rsplit_once('\n').unwrap();
    let lines: Vec<String> = lines.lines().filter_map(change).collect();
    let body = lines.join("\n") + "\n";
    let mut end: serde_json::Value = serde_json::from_str(end).unwrap();
    end["end"]["records"] = (lines.len() - 1).into();
    end["end"]["checksum"] = blake3::hash(body.as_bytes()).to_string().into();
    zstd::encode_all(format!("{body}{end}\n").as_bytes(), 1).unwrap()
}

#[test]
fn what_only_does_not_agree_is_restored_and_what_is_damaged_is_not() {
    let (_folder, store) = empty();
    store.commit(&poll(1, (0..20).map(|number| article(number, &["a"])).collect())).unwrap();
    let mut file = Vec::new();
    store.backup(&mut file).unwrap();
    let of = |line: &str, tree: &str| line.contains(&format!("\"tree\":\"{tree}\""));
    let loose = rewritten(&file, |line| (!of(line, "times")).then(|| line.to_owned()));
    let folder = tempfile::tempdir().unwrap();
    restore(loose.as_slice(), folder.path()).unwrap();
    let restored = open(folder.path());
    assert_eq!(restored.verify().unwrap().len(), 20);
    assert_eq!(restored.newest(&topic("a"), 99, None).unwrap().len(), 20);

    let damaged =
        rewritten(&file, |line| Some(if of(line, "articles") { line.replace("\"value\":\"", "\"value\":\"00") } else { line.to_owned() }));
    let folder = tempfile::tempdir().unwrap();
    let error = restore(damaged.as_slice(), folder.path()).unwrap_err().to_string();
    assert!(error.contains("of its records are damaged, as in: the store's record `article "), "{error}");
    assert!(!exists(folder.path()));
}
