//! `kill -9` while polls are committed: this test program runs itself as the writer.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use topicwire::model::{FeedState, StoredArticle};
use topicwire::store::{PollCommit, Store};

use super::{article, copy, feed, key, noise, open, topic};

const FOLDER: &str = "TOPICWIRE_TEST_WRITER_FOLDER";
const ROUNDS: &str = "TOPICWIRE_KILL_ROUNDS";
const ARTICLES: u32 = 12;
/// A store is killed so many times before the next one: to verify it takes longer each time.
const ROUNDS_A_STORE: u32 = 5;
/// How many of the last polls are compared word for word; the rest is counted and verified.
const LOOKED_AT: u32 = 20;

/// Poll `number`: new articles, of which now and then one is large and always two tell one story, and one article that all polls write again.
fn numbered(number: u32) -> PollCommit {
    let first = number * ARTICLES + 1;
    let mut articles: Vec<StoredArticle> = (first..first + ARTICLES - 1).map(|one| article(one, &["a"])).collect();
    articles.push(copy(first + ARTICLES - 1, first, &["a"]));
    if number.is_multiple_of(8) {
        articles[1].article.text = noise(120_000);
    }
    let mut shared = article(0, if number.is_multiple_of(2) { &["a"] } else { &[] });
    shared.article.text = number.to_string();
    articles.push(shared);
    PollCommit::new(feed("agency"), FeedState { polls: u64::from(number) + 1, ..FeedState::default() }, articles)
}

/// How many polls the store says to have seen.
fn polls(store: &Store) -> u32 {
    let state = store.feed_state(&feed("agency")).unwrap();
    state.map_or(0, |state| u32::try_from(state.polls).unwrap())
}

/// Not a test of its own: the process that is killed.
#[test]
fn writer() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let store = open(Path::new(&folder));
    let mut output = std::io::stdout();
    for number in polls(&store).. {
        store.commit(&numbered(number)).unwrap();
        writeln!(output, "committed {number}").unwrap();
        output.flush().unwrap();
    }
}

/// Runs the writer for a while, kills it, and returns the last poll that it acknowledged.
fn kill_a_writer(folder: &Path, after: Duration) -> Option<u32> {
    let mut writer = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "store::crash::writer", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = BufReader::new(writer.stdout.take().unwrap());
    let reader = std::thread::spawn(move || {
        let numbers = output.lines().map_while(Result::ok).filter_map(|line| line.strip_prefix("committed ")?.parse().ok());
        numbers.last()
    });
    std::thread::sleep(after);
    writer.kill().unwrap();
    writer.wait().unwrap();
    reader.join().unwrap()
}

/// All polls up to the last are there, whole, and nothing of the next.
#[track_caller]
fn check_whole(folder: &Path, acknowledged: Option<u32>) {
    let store = open(folder);
    let polls = polls(&store);
    assert!(acknowledged.is_none_or(|last| last < polls), "poll {acknowledged:?} was acknowledged, {polls} polls are there");
    assert_eq!(store.lost_commits(), 0);
    for number in polls.saturating_sub(LOOKED_AT)..polls {
        let (shared, own) = { numbered(number).articles.split_last().map(|(shared, own)| (shared.clone(), own.to_vec())).unwrap() };
        for article in own {
            assert!(store.article(article.key).unwrap() == Some(article), "poll {number} of {polls}");
        }
        if number + 1 == polls {
            assert_eq!(store.article(shared.key).unwrap(), Some(shared));
        }
    }
    let torn = (polls * ARTICLES + 1..=(polls + 1) * ARTICLES).map(key).collect::<Vec<_>>();
    assert!(!store.known(&torn).unwrap().contains(&true));
    let entries = store.newest(&topic("a"), usize::MAX, None).unwrap();
    let distinct: BTreeSet<_> = entries.iter().map(|entry| entry.article.story).collect();
    assert_eq!(distinct.len(), entries.len());
    assert_eq!(entries.len(), (polls * (ARTICLES - 1) + polls % 2) as usize);
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
}

#[test]
fn a_killed_writer_loses_nothing_that_it_acknowledged_and_leaves_nothing_torn() {
    let mut folder = tempfile::tempdir().unwrap();
    let rounds = std::env::var(ROUNDS).ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(5_u32);
    let mut total = 0;
    for round in 0..rounds {
        if round % ROUNDS_A_STORE == 0 {
            folder = tempfile::tempdir().unwrap();
        }
        let random = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos();
        let acknowledged = kill_a_writer(folder.path(), Duration::from_millis(u64::from(random % 700) + 50));
        check_whole(folder.path(), acknowledged);
        total += u32::from(acknowledged.is_some());
    }
    assert!(rounds < 5 || total > 0, "no poll was ever committed");
}
