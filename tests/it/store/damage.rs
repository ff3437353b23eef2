//! Files that are not as they were written: an error that says what to do, or an older state that says that it is one. Never a
//! panic, never a wrong article.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::ops::ControlFlow;
use std::path::Path;

use tempfile::TempDir;
use topicwire::model::{Follower, Progress};
use topicwire::store::{Error, Store};
use url::Url;

use super::{article, noise, open, poll, time, topic};

/// A store with enough in it that its log has many pages, closed.
fn filled() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for number in 0..40 {
        let mut article = article(number, &["a"]);
        article.article.text = noise(40_000 + number as usize);
        store.commit(&poll(u64::from(number), vec![article])).unwrap();
    }
    folder
}

/// Reads everything there is. Whatever is returned is right, or else it is an error.
fn read_all(folder: &Path) -> Result<u64, Error> {
    let store = Store::open(folder)?;
    store.articles_since(time(0), |article| {
        let number: u32 = article.entry_id.parse().unwrap();
        assert_eq!(article.article.text, noise(40_000 + number as usize));
        ControlFlow::Continue(())
    })?;
    store.newest(&topic("a"), 100, None)?;
    store.feed_states()?;
    Ok(store.lost_commits())
}

fn flip(file: &Path, place: u64) {
    let mut file = File::options().read(true).write(true).open(file).unwrap();
    let mut byte = [0];
    file.seek(SeekFrom::Start(place)).unwrap();
    file.read_exact(&mut byte).unwrap();
    file.seek(SeekFrom::Start(place)).unwrap();
    file.write_all(&[byte[0] ^ 0x55]).unwrap();
}

#[track_caller]
fn check_error(error: &Error) {
    match error {
        Error::Corrupt { .. } => assert!(error.to_string().contains("move it away and restore a backup"), "{error}"),
        Error::Damaged { record, .. } => assert!(!record.is_empty(), "{error}"),
        Error::Locked { .. } | Error::Full { .. } | Error::Io { .. } | Error::Backup(_) => panic!("{error}"),
    }
}

#[test]
fn a_flipped_byte_is_an_error_or_does_no_harm() {
    let whole = filled();
    let length = fs::metadata(whole.path().join("db")).unwrap().len();
    for part in 0..12 {
        let folder = copy_of(whole.path());
        flip(&folder.path().join("db"), length * part / 12 + 777);
        if let Err(error) = read_all(folder.path()) {
            check_error(&error);
        }
    }
}

#[test]
fn a_cut_log_is_an_error_or_says_how_much_is_lost() {
    let whole = filled();
    let length = fs::metadata(whole.path().join("db")).unwrap().len();
    for part in [1, 5, 9, 11] {
        let folder = copy_of(whole.path());
        File::options().write(true).open(folder.path().join("db")).unwrap().set_len(length * part / 12).unwrap();
        match read_all(folder.path()) {
            Ok(lost) => assert!(lost > 0, "cut to {part} of 12"),
            Err(error) => check_error(&error),
        }
    }
}

#[test]
fn an_older_copy_of_the_log_says_how_many_commits_are_missing() {
    let whole = filled();
    let older = copy_of(whole.path());
    {
        let store = open(whole.path());
        for number in 40..43 {
            store.commit(&poll(number, vec![])).unwrap();
        }
    }
    fs::copy(whole.path().join("ack.seq"), older.path().join("ack.seq")).unwrap();
    assert_eq!(open(older.path()).lost_commits(), 3);
    assert_eq!(open(older.path()).stats().unwrap().lost_commits, 3);
    // Once something new is acknowledged, the past is past.
    open(older.path()).commit(&poll(99, vec![])).unwrap();
    assert_eq!(open(older.path()).lost_commits(), 0);
    // A damaged note claims nothing.
    fs::write(older.path().join("ack.seq"), "nonsense").unwrap();
    assert_eq!(open(older.path()).lost_commits(), 0);
}

#[test]
fn a_damaged_subscriber_is_left_out_and_the_others_are_not() {
    let (folder, callback) = (tempfile::tempdir().unwrap(), Url::parse("https://reader.example/in").unwrap());
    let (wire, progress) = ("topics/a.atom".to_owned(), Progress { next: 7, ..Progress::default() });
    let follower = Follower { callback, wire, secret: None, until: time(0), progress };
    open(folder.path()).put_follower(&follower).unwrap();
    let db = sled::Config::default().path(folder.path()).segment_size(4 << 20).open().unwrap();
    db.open_tree("meta").unwrap().insert("follower/nobody", "nonsense").unwrap();
    db.open_tree("meta").unwrap().insert("progress/webhook/a", "nonsense").unwrap();
    db.flush().unwrap();
    drop(db);
    let store = open(folder.path());
    assert_eq!(store.followers().unwrap(), [(follower.name(), follower)].into());
    let said = store.verify().unwrap().join("; ");
    assert!(said.contains("follower/nobody") && said.contains("progress/webhook/a"), "{said}");
}

fn copy_of(folder: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    fs::create_dir(copy.path().join("blobs")).unwrap();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
        fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    copy
}
