//! `kill -9` at random moments of a running `topicwire fetch`, and SIGTERM at random moments of a daemon that does everything at once: a
//! fresh process finds every acknowledged article, nothing twice, and goes on. Twenty rounds, or as many as `TOPICWIRE_KILL_ROUNDS` says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use axum::Router;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use tempfile::TempDir;
use topicwire::model::{CanonicalUrl, TopicId, UrlHash};
use topicwire::store::Store;
use url::Url;

const FEEDS: usize = 6;
/// Each time a feed is read, it lists this many entries more.
const STEP: usize = 3;

/// What the agency has said so far: for each feed, the number of entries that its last documents listed.
type Listed = Arc<Mutex<BTreeMap<usize, usize>>>;

fn document(listed: &Listed, feed: usize, origin: &str) -> String {
    let mut listed = listed.lock().unwrap();
    let count = listed.entry(feed).or_default();
    *count += STEP;
    let item = |number| format!("<item><title>Права ребенка {feed} {number}</title><link>{origin}/page/{feed}/{number}</link></item>");
    format!("<rss version=\"2.0\"><channel>{}</channel></rss>", (0..*count).rev().map(item).collect::<String>())
}

fn page(feed: usize, number: usize) -> String {
    let words: String =
        (0..120).map(|word| format!("слово{} ", blake3::hash(format!("{feed} {number} {word}").as_bytes()).to_hex())).collect();
    format!(
        "<html lang=ru><body><article><h1>Права ребенка {feed} {number}</h1><p>Защита прав ребенка и органы опеки. {words}</p></article></body></html>"
    )
}

fn answer(listed: &Listed, origin: &str, uri: &Uri) -> Response {
    let parts: Vec<&str> = uri.path().trim_matches('/').split('/').collect();
    match parts.as_slice() {
        ["feed", feed] => document(listed, feed.parse().unwrap(), origin).into_response(),
        ["page", feed, number] => {
            ([("content-type", "text/html; charset=utf-8")], page(feed.parse().unwrap(), number.parse().unwrap())).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn key(origin: &str, feed: usize, number: usize) -> UrlHash {
    UrlHash::of(&CanonicalUrl::of(&Url::parse(&format!("{origin}/page/{feed}/{number}")).unwrap()).unwrap())
}

fn start(folder: &TempDir) -> Child {
    Command::new(env!("CARGO_BIN_EXE_topicwire"))
        .args(["fetch", "--force"])
        .current_dir(folder.path())
        .env("RUST_LOG", "topicwire=info")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Runs `fetch` and kills it `after` a while, unless it ends before. Returns how many entries of each feed were acknowledged: a poll's
/// line in the log is its acknowledgement.
fn killed(folder: &TempDir, after: Duration) -> (BTreeMap<usize, usize>, bool) {
    let mut child = start(folder);
    let (sender, lines) = mpsc::channel();
    let stderr = BufReader::new(child.stderr.take().unwrap());
    let reader = std::thread::spawn(move || stderr.lines().map_while(Result::ok).for_each(|line| sender.send(line).unwrap_or_default()));
    let deadline = std::time::Instant::now() + after;
    while std::time::Instant::now() < deadline && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(2));
    }
    let ended = child.try_wait().unwrap().is_some();
    child.kill().unwrap_or_default();
    child.wait().unwrap();
    reader.join().unwrap();
    (acknowledged(lines.iter()), ended)
}

/// How many entries of each feed the lines of a log acknowledge.
fn acknowledged(lines: impl Iterator<Item = String>) -> BTreeMap<usize, usize> {
    let field = |line: &str, name: &str| {
        line.split_once(name).map(|(_, rest)| rest.split([' ', '"']).find(|part| !part.is_empty()).unwrap_or_default().to_owned())
    };
    let mut acknowledged = BTreeMap::new();
    for line in lines.filter(|line| line.contains(" polled ")) {
        assert_eq!(field(&line, "pending=").unwrap(), "0", "{line}");
        let feed = field(&line, "feed.id=").unwrap().trim_start_matches('f').parse().unwrap();
        acknowledged.insert(feed, field(&line, "listed=").unwrap().parse().unwrap());
    }
    acknowledged
}

/// Looks at the store with fresh eyes: everything acknowledged is there, nothing is in the wire twice.
fn verify(folder: &TempDir, origin: &str, acknowledged: &BTreeMap<usize, usize>) -> usize {
    let store = Store::open(&folder.path().join("store")).unwrap();
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    for (feed, count) in acknowledged {
        let keys: Vec<UrlHash> = (0..*count).map(|number| key(origin, *feed, number)).collect();
        assert!(store.known(&keys).unwrap().into_iter().all(|known| known), "feed {feed}: an acknowledged article is lost");
    }
    let wire = store.newest(&TopicId::new("rights").unwrap(), usize::MAX, None).unwrap();
    let ids: BTreeSet<UrlHash> = wire.iter().map(|published| published.article.key).collect();
    assert_eq!(ids.len(), wire.len(), "an article is in the wire twice");
    let stats = store.stats().unwrap();
    assert_eq!(stats.articles, wire.len() as u64, "articles and entries of the wire differ");
    assert_eq!((stats.lost_commits, stats.blobs), (0, 0));
    wire.len()
}

/// An agency, and a desk that reads it.
struct World {
    folder: TempDir,
    origin: String,
    listed: Listed,
    /// The agency answers as long as this is there.
    _runtime: tokio::runtime::Runtime,
}

impl World {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let listed = Listed::default();
        let router = {
            let (listed, origin) = (Arc::clone(&listed), origin.clone());
            Router::new().fallback(move |uri: Uri| async move {
                // Slow enough that most kills meet a pass that is under way.
                tokio::time::sleep(Duration::from_millis(20)).await;
                answer(&listed, &origin, &uri)
            })
        };
        runtime.spawn(async move { axum::serve(listener, router).await.unwrap() });
        let feed = |number| format!("[[feed]]\nid = \"f{number}\"\nurl = \"{origin}/feed/{number}\"\nallow_private = true\n");
        let feeds: String = (0..FEEDS).map(feed).collect();
        let topic = "[[topic]]\nid = \"rights\"\nrules = \"ru 20: право NEAR/3 ребенок\"\n";
        fs::write(folder.path().join("feeds.toml"), format!("[fetch]\npause = \"0s\"\nmax_pages = 1000\n{feeds}{topic}")).unwrap();
        Self { folder, origin, listed, _runtime: runtime }
    }
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_is_doubled() {
    let rounds: u64 = std::env::var("TOPICWIRE_KILL_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(20);
    let World { folder, origin, listed, .. } = &World::new();
    let mut acknowledged = BTreeMap::new();
    let (mut polls, mut kills) = (0, 0);
    for round in 0..rounds {
        // From "hardly started" to "nearly done"; the same moments each time, for what they meet differs anyway.
        let moment = 20 + u64::from(blake3::hash(&round.to_le_bytes()).as_bytes()[0]) * 4;
        let (news, ended) = killed(folder, Duration::from_millis(moment));
        polls += news.len();
        kills += u64::from(!ended);
        acknowledged.extend(news);
        verify(folder, origin, &acknowledged);
    }
    let (rest, ended) = killed(folder, Duration::from_mins(1));
    assert!(ended && rest.len() == FEEDS, "the last pass goes on where the killed ones stopped: {rest:?}");
    acknowledged.extend(rest);
    let articles = verify(folder, origin, &acknowledged);
    let expected: usize = listed.lock().unwrap().values().sum();
    assert_eq!(articles, expected, "in the end everything that was ever listed is there");
    println!("{rounds} rounds, {kills} of them killed, {polls} polls acknowledged, {articles} articles: none lost, none doubled");
}

#[test]
fn a_daemon_that_is_told_to_stop_in_the_middle_of_everything_ends_cleanly() {
    let World { folder, origin, .. } = &World::new();
    let before = fs::read_to_string(folder.path().join("feeds.toml")).unwrap();
    let command = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_topicwire"));
        command.args(arguments).current_dir(folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let mut seen = BTreeMap::new();
    for round in 0..6_u64 {
        fs::write(folder.path().join("feeds.toml"), format!("[serve]\nlisten = \"127.0.0.1:0\"\n{before}")).unwrap();
        let log = folder.path().join("log");
        let mut daemon = command(&["run"]).stderr(fs::File::create(&log).unwrap()).spawn().unwrap();
        while !folder.path().join("store/admin.sock").exists() {
            assert!(daemon.try_wait().unwrap().is_none(), "{}", fs::read_to_string(&log).unwrap());
            std::thread::sleep(Duration::from_millis(5));
        }
        // A pass, a backup, a look at everything, and another topic: all at once.
        let commands = [&["fetch", "--force"][..], &["store", "backup", "b.zst"], &["store", "verify"], &["topic", "test", "rights"]];
        let mut commands: Vec<Child> = commands.into_iter().map(|arguments| command(arguments).spawn().unwrap()).collect();
        let topic = format!("[[topic]]\nid = \"t{round}\"\nrules = \"ru 20: опека\"\n");
        fs::write(folder.path().join("feeds.toml"), format!("[serve]\nlisten = \"127.0.0.1:0\"\n{before}{topic}")).unwrap();
        std::thread::sleep(Duration::from_millis(20 + 130 * round));
        Command::new("kill").args(["-TERM", &daemon.id().to_string()]).status().unwrap();
        let status = daemon.wait().unwrap();
        let log = fs::read_to_string(&log).unwrap();
        assert!(status.code() == Some(0) && log.contains("stopped") && !log.contains("panicked"), "{status}: {log}");
        for command in &mut commands {
            command.wait().unwrap();
        }
        seen.extend(acknowledged(log.lines().map(str::to_owned)));
        verify(folder, origin, &seen);
    }
    assert_eq!(seen.len(), FEEDS, "every feed was read in one of the rounds");
}
