//! What the desk asks of topics from the command line: why, what other rules would do, and what it marked.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use topicwire::model::{
    Article, BodySource, CanonicalUrl, FeedId, FeedState, Instant, Language, Mark, Match, Republish, StoredArticle, TopicId, UrlHash,
};
use topicwire::store::{PollCommit, Store};
use url::Url;

pub(crate) const CONFIG: &str = r#"
[[feed]]
id = "agency"
url = "https://agency.kz/rss"

[[topic]]
id = "schools"
rules = """
en 6: school NEAR/3 (bully | violence)
en 6: teacher
en -4: title:film
NOT: title:"box office"
"""

[[topic]]
id = "orphans"
threshold = 8
rules = """
en 4: orphan* AND date>=2025-01-01
topic:schools AND orphanage
"""
"#;

/// A folder with that configuration and a store of `articles`: title, text, and the topics that they were found to be on.
pub(crate) fn desk(config: &str, articles: &[(&str, &str, &[&str])]) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("feeds.toml"), config).unwrap();
    let articles = (1..).zip(articles).map(|(number, (title, text, topics))| stored(number, title, text, topics)).collect();
    let commit = PollCommit::new(FeedId::new("agency").unwrap(), FeedState::default(), articles);
    Store::open(&folder.path().join("store")).unwrap().commit(&commit).unwrap();
    folder
}

fn stored(number: u32, title: &str, text: &str, topics: &[&str]) -> StoredArticle {
    let url = Url::parse(&format!("https://agency.kz/{number}")).unwrap();
    let canonical = CanonicalUrl::of(&url).unwrap();
    let key = UrlHash::of(&canonical);
    let time: Instant = format!("2025-03-{:02}T10:00:00Z", number % 28 + 1).parse().unwrap();
    StoredArticle {
        key,
        url: canonical,
        link: url,
        feed: FeedId::new("agency").unwrap(),
        agency: "Agency".to_owned(),
        entry_id: number.to_string(),
        first_seen: time,
        updated: time,
        article: Article {
            title: title.to_owned(),
            text: text.to_owned(),
            published: Some(time.fixed_offset()),
            language: Some(Language::new("en").unwrap()),
            ..Article::default()
        },
        body_source: BodySource::Page,
        note: None,
        matches: topics.iter().map(|id| Match { topic: TopicId::new(*id).unwrap(), score: 12.0, evidence: Vec::new() }).collect(),
        story: key,
        fingerprint: Vec::new(),
        republish: Republish::Full,
        words: None,
        page: None,
        corrections: 0,
        withdrawn: None,
    }
}

pub(crate) fn topicwire(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_topicwire"));
    command.args(arguments).current_dir(folder).env_remove("RUST_LOG").stdin(Stdio::null()).output().unwrap()
}

#[track_caller]
fn said(folder: &TempDir, arguments: &[&str]) -> String {
    let output = topicwire(folder.path(), arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn json(folder: &TempDir, arguments: &[&str]) -> Value {
    serde_json::from_str(&said(folder, &[arguments, &["--json"]].concat())).unwrap()
}

#[track_caller]
fn refused(folder: &TempDir, arguments: &[&str], code: i32, reason: &str) {
    let output = topicwire(folder.path(), arguments);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
    assert!(error.contains(reason), "{arguments:?}: {error}");
}

const ARTICLES: &[(&str, &str, &[&str])] = &[
    ("Bullying at school", "The teacher said that violence in the school was seen by all who were there.", &["schools"]),
    ("A film about a school", "In the film the bullying of a boy by his class begins in a school far away in the north.", &["schools"]),
    ("A teacher is honoured", "The teacher of the year was named in the town hall on the first day of the week.", &[]),
    ("The price of oil", "The price of oil fell again on the markets of the world, said the bank on the same day.", &[]),
];

#[test]
fn a_match_is_explained_rule_by_rule() {
    let desk = desk(CONFIG, ARTICLES);
    insta::assert_snapshot!(said(&desk, &["topic", "explain", "schools", "https://www.agency.kz/1?utm_source=x"]), @"
    [Bullying at school]
    https://agency.kz/1

    The [teacher] said that [violence in the school] was seen by all who were there.

    On the topic schools: 42 of 12 points.
    Read in en, 18 words.
          +30  en 6: school NEAR/3 (bully | violence)
               1× title, 1× lead: Bullying at school, violence in the school
          +12  en 6: teacher
               1× lead: teacher
    ");
}

#[test]
fn a_miss_says_what_came_closest() {
    let desk = desk(CONFIG, ARTICLES);
    insta::assert_snapshot!(said(&desk, &["topic", "explain", "schools", "https://agency.kz/2", "--whole"]), @"
    A [film] about a school
    https://agency.kz/2

    In the film the bullying of a boy by his class begins in a school far away in the north.

    Not on the topic schools: -12 of 12 points, 24.00 short.
    Read in en, 25 words, and nothing in title or lead speaks for it.
    It was on the topic when it was stored: the rules are others now.
          -12  en -4: title:film
               1× title: film

    What came closest:
         (+6)  en 6: school NEAR/3 (bully | violence)
               has school, bullying; lacks: `school` and `bully | violence` are 10 words apart at least; 3 is the most
    ");
}

#[test]
fn files_and_pages_are_explained_that_nobody_stored() {
    let desk = desk(CONFIG, &[]);
    fs::write(desk.path().join("a.txt"), "Box office\nThe teacher of the school spoke of violence at school.\u{1b}[2J").unwrap();
    let text = said(&desk, &["topic", "explain", "schools", "a.txt"]);
    assert!(text.contains("a rule excludes it") && text.contains("[teacher]") && !text.contains('\u{1b}'), "{text}");
    let page = "<html><body><article><h1>School</h1><p>The orphans of the orphanage were taken to the sea, said the head of the \
                orphanage, who has worked there since the spring of the year before.</p></article></body></html>";
    fs::write(desk.path().join("a.html"), page).unwrap();
    let account = json(&desk, &["topic", "explain", "orphans", "a.html"]);
    assert_eq!(account["explanation"]["on_topic"], false, "{account}");
    let lacks = account["explanation"]["nearly"].to_string();
    assert!(lacks.contains("`date>=2025-01-01` does not hold") && lacks.contains("does not hold"), "{lacks}");
    refused(&desk, &["topic", "explain", "schols", "a.txt"], 2, "there is no topic `schols`");
    refused(&desk, &["topic", "explain", "schools", "b.txt"], 1, "cannot read `b.txt`");
}

#[test]
fn other_rules_are_tested_on_what_is_stored() {
    let desk = desk(CONFIG, ARTICLES);
    insta::assert_snapshot!(said(&desk, &["topic", "test", "schools"]), @"
    Added (1):
    + A teacher is honoured
      2025-03-04 agency https://agency.kz/3
      30 of 12: teacher

    Removed (1):
    - A film about a school
      2025-03-03 agency https://agency.kz/2
      -12 of 12: film

    Scores above zero, as shares of what the article needs:
      0.00       0
      0.25       0
      0.50       0
      0.75       0
      1.00       0
      1.25       0
      1.50       0
      2.00       1 ########################################
      3.00       1 ########################################

    4 articles: 1 added, 1 removed, 1 unchanged
    ");
    fs::write(desk.path().join("rules"), "en: oil").unwrap();
    let difference = json(&desk, &["topic", "test", "schools", "--rules", "rules"]);
    assert_eq!((&difference["added_count"], &difference["removed_count"], &difference["articles"]), (&1.into(), &2.into(), &4.into()));
    assert_eq!(difference["added"][0]["why"][0], "oil");
    assert_eq!(json(&desk, &["topic", "test", "schools", "--days", "3"])["articles"], 0);
    fs::write(desk.path().join("rules"), "en: (oil").unwrap();
    refused(&desk, &["topic", "test", "schools", "--rules", "rules"], 2, "rules:1:5: this `(` is never closed");
}

/// Ten articles on the topic, and ten that a rule finds and that are not, all marked but the last of each; and forty others.
fn marked(config: &str) -> TempDir {
    let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "Easter", "Christmas", "Midsummer"];
    let yes = days.map(|day| format!("On {day} the teacher of the school met the pupils in the classroom of the town."));
    let no = days.map(|day| format!("On {day} the actor of the film met the crew at the school in front of the cinema."));
    let other =
        [1, 2, 3, 4].map(|year| days.map(|day| format!("The price of oil fell on {day} in year {year}, said the bank of the town.")));
    let articles: Vec<(&str, &str, &[&str])> =
        yes.iter().chain(&no).chain(other.iter().flatten()).map(|text| ("News of the day", text.as_str(), &[][..])).collect();
    let desk = desk(config, &articles);
    let store = Store::open(&desk.path().join("store")).unwrap();
    for number in (1..=9).chain(11..=19) {
        let text = articles[usize::try_from(number).unwrap() - 1].1;
        let article = stored(number, "News of the day", text, &[]);
        store.mark(&Mark::new(TopicId::new("schools").unwrap(), number < 10, article.first_seen, article)).unwrap();
    }
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    desk
}

const WEAK: &str = "[[topic]]\nid = \"schools\"\nlearn = true\nrules = \"en 6: school\"\n";

#[test]
fn marks_are_kept_and_forgotten() {
    let desk = desk(CONFIG, ARTICLES);
    let mark = |what: &str| said(&desk, &["topic", "mark", "schools", "https://www.agency.kz/3#top", what]);
    assert_eq!(mark("--yes"), "marked as on the topic: A teacher is honoured\nschools has 1 marked as on the topic, 0 as not\n");
    assert_eq!(mark("--no"), "marked as not on the topic: A teacher is honoured\nschools has 0 marked as on the topic, 1 as not\n");
    assert_eq!(mark("--forget"), "the mark is forgotten\nschools has 0 marked as on the topic, 0 as not\n");
    assert_eq!(mark("--forget"), "there was no such mark\nschools has 0 marked as on the topic, 0 as not\n");
    refused(&desk, &["topic", "mark", "schools", "https://agency.kz/9", "--yes"], 2, "`https://agency.kz/9` is not stored");
    refused(&desk, &["topic", "mark", "schools", "https://agency.kz/1"], 2, "--yes|--no|--forget");
    refused(&desk, &["topic", "eval"], 1, "nothing is marked yet");
    refused(&desk, &["topic", "suggest", "schools"], 1, "mark at least 4");
}

#[test]
fn rules_are_measured_on_the_marks() {
    let desk = desk(CONFIG, ARTICLES);
    for (number, judgement) in [(1, "--yes"), (2, "--yes"), (3, "--no"), (4, "--no")] {
        said(&desk, &["topic", "mark", "schools", &format!("https://agency.kz/{number}"), judgement]);
    }
    insta::assert_snapshot!(said(&desk, &["topic", "eval", "schools"]), @"
    schools
     language  marks  precision  recall  F1
     en        4      0.500      0.500   0.500
     all       4      0.500      0.500   0.500

    Marked as on the topic, and not found:
      A film about a school
      https://agency.kz/2 -12 of 12

    Found, and marked as not on the topic:
      A teacher is honoured
      https://agency.kz/3 30 of 12

    Learning needs 8 marks of each kind.
    ");
}

#[test]
fn what_separates_the_marks_is_suggested_as_rules() {
    let desk = marked(WEAK);
    let text = said(&desk, &["topic", "suggest", "schools"]);
    let rules: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(topicwire::topic::Rules::parse(&rules.join("\n")).is_ok(), "{text}");
    for wanted in ["en 2: teacher", "en 2: pupils", "en -2: actor", "en -2: film"] {
        assert!(rules.iter().any(|rule| rule.split(' ').next_back() == wanted.split(' ').next_back()), "{wanted} in {text}");
    }
    assert!(!rules.iter().any(|rule| rule.ends_with(" school") || rule.ends_with(" the") || rule.ends_with(" town")), "{text}");
    assert!(text.contains("# in 9 of 9, 0 of 9, 10 of 60"), "{text}");
}

#[test]
fn what_is_learned_is_adopted_where_it_helps_and_explained() {
    let desk = marked(WEAK);
    let explain = || json(&desk, &["topic", "explain", "schools", "https://agency.kz/20"]);
    assert_eq!(explain()["explanation"]["on_topic"], true, "{}", explain());
    let evaluation = json(&desk, &["topic", "eval", "schools"]);
    let learning = &evaluation["topics"][0]["learning"];
    assert_eq!((&learning["adopted"], &learning["with_lessons"]["wrong"]), (&true.into(), &0.into()), "{evaluation}");
    assert_eq!(evaluation, json(&desk, &["topic", "eval", "schools"]), "the same marks teach the same");
    let explanation = &explain()["explanation"];
    assert_eq!(explanation["on_topic"], false, "{explanation}");
    assert!(explanation["learned"]["points"].as_f64().unwrap() < 0.0, "{explanation}");
    assert_eq!(json(&desk, &["topic", "explain", "schools", "https://agency.kz/10"])["explanation"]["on_topic"], true);
    assert_eq!(json(&desk, &["topic", "test", "schools"])["added_count"], 10);
    fs::write(desk.path().join("feeds.toml"), WEAK.replace("learn = true\n", "")).unwrap();
    assert_eq!(explain()["explanation"]["on_topic"], true, "a topic that is not to learn goes by its rules");
}

#[test]
fn each_command_of_the_manual_works() {
    let manual = include_str!("../../docs/topics.md");
    let block: Vec<&str> = manual.lines().skip_while(|line| *line != "    [[topic]]").take_while(|line| line.starts_with("    ")).collect();
    let config: String = block.iter().map(|line| format!("{}\n", line.trim_start())).collect();
    let desk = marked(&config);
    fs::write(desk.path().join("rules.txt"), "en: school\n").unwrap();
    let page = "<html><body><article><h1>School</h1><p>The teacher of the school was seen by all who came to the town on the day \
                that the new library was opened by the mayor.</p></article></body></html>";
    fs::write(desk.path().join("page.html"), page).unwrap();
    let commands: Vec<&str> = manual.lines().filter_map(|line| line.strip_prefix("    topicwire ")).collect();
    assert!(commands.len() > 12);
    for command in commands {
        said(&desk, &command.split(' ').collect::<Vec<_>>());
    }
}

#[test]
fn what_is_probably_not_meant_is_a_warning() {
    let desk = desk("[[topic]]\nid = \"t\"\nrules = \"en 5: child | children\"\n", &[]);
    let text = said(&desk, &["check"]);
    let remark = "feeds.toml:3:24: `children` finds nothing that `child` beside it does not find: leave it out";
    assert_eq!(text, format!("{remark}\nfeeds.toml: 0 feeds, 1 topic, no mistakes, 1 warning\n"));
    let warnings = json(&desk, &["check"])["warnings"].clone();
    assert_eq!((&warnings[0]["line"], &warnings[0]["column"]), (&3.into(), &24.into()));
}
