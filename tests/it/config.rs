//! feeds.toml: the shipped one is right, and every mistake is found at once, with its place and what to do.

use insta::assert_snapshot;
use topicwire::config::edit::{self, Change, NewFeed};
use topicwire::config::{Config, Kind};
use topicwire::model::{FeedId, FeedUrl, TopicId};

const SHIPPED: &str = include_str!("../../feeds.toml");

fn mistakes(text: &str) -> String {
    let mistakes = Config::parse(text).unwrap_err();
    mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_shipped_configuration_is_right() {
    let config = Config::parse(SHIPPED).unwrap();
    assert!(config.feeds.len() >= 10);
    assert!(config.wires.len() >= 4);
    assert!(config.wires.values().any(|wire| wire.topic.id.as_str() == "child-rights"));
    assert!(matches!(config.feeds[0].kind, Kind::Listing(_)));
}

#[test]
fn some_changes_wait_for_the_next_start() {
    let parsed = |text: &str| Config::parse(text).unwrap();
    let text = "[serve]\nadmin_token = \"file:a\"\n[ops]\ntoken = \"file:b\"\n[[topic]]\nid = \"t\"\nrules = \"ru 20: школа\"\n\
                webhook = { url = \"https://a.kz/in\", secret = \"file:c\" }\n[all]\ntoken = \"file:e\"\n\
                [[feed]]\nid = \"f\"\nurl = \"https://a.kz/rss\"\ntoken = [\"file:f\", \"env:G\"]\n";
    for (from, to, expected) in [
        ("file:a", "file:d", &["[serve]"][..]),
        ("file:b", "file:d", &["[ops]"]),
        ("file:c", "file:d", &["webhook"]),
        ("file:e", "file:d", &["token"]),
        ("env:G", "env:H", &["token"]),
        ("школа", "урок", &[]),
    ] {
        assert_eq!(parsed(text).for_the_next_start(&parsed(&text.replace(from, to))), expected, "{from}");
    }
}

#[test]
fn an_empty_file_is_a_configuration() {
    let config = Config::parse("").unwrap();
    assert_eq!(config.site.address.as_str(), "http://127.0.0.1:8080/");
    assert!(config.feeds.is_empty());
}

#[test]
fn all_mistakes_are_said_at_once() {
    let text = r#"[site]
titel = "x"

[serve]
listen = "8080"

[fetch]
interval = "soon"
pause = 5

[[feed]]
id = "Kazinform RU"
url = "www.inform.kz"
timezone = "Almaty"
langage = "ru"

[[feed]]
id = "a"
url = "ftp://a.kz/rss"
kind = "listing"
interval = "1h"
max_interval = "10m"

[[feed]]
id = "b"
url = "https://b.kz/rss"
listing = { item = "..card", time = ".t" }
article = { body = [".a", "..b"] }

[[feed]]
id = "b"
url = "https://b.kz/rss"

[[topic]]
id = "child-rights"
threshold = -1

[[topic]]
title = "no id"
rules = "ru 5: школа"
"#;
    assert_snapshot!(mistakes(text), @r##"
    2:1: there is no key `titel` here; did you mean `title`?
    5:10: `8080` is not an address and port to listen on: write "127.0.0.1:8080" or "[::]:8080"
    8:12: `soon` is not a time span: write "90s", "10m", "2h" or "1day"
    9:9: `pause` is a time span in quotes: write "90s", "10m", "2h" or "1day"
    12:6: `Kazinform RU` is not a name: use 1 to 64 of a-z, 0-9 and -, beginning and ending with a letter or digit, as in `kazinform-ru`
    13:7: `www.inform.kz` is not a web address: relative URL without a base; write it whole, with https://
    14:12: there is no time zone `Almaty`: write its IANA name, as in "Asia/Almaty"
    15:1: there is no key `langage` here; did you mean `language`?
    17:1: `max_interval` (10m) is shorter than `interval` (1h)
    17:1: a listing page needs to know where its items are: write listing = { item = ".card" }
    19:7: `ftp://a.kz/rss`: only http and https URLs can be fetched
    27:20: `..card` is not a CSS selector: write one such as ".article-body", "article > p" or "[itemprop=articleBody]"
    28:27: `..b` is not a CSS selector: write one such as ".article-body", "article > p" or "[itemprop=articleBody]"
    31:6: there is another feed with the id `b`: give each its own
    34:1: a topic without `rules` matches nothing: write rules = """…""", one rule a line
    36:13: `threshold` is a number above zero
    38:1: `id` is missing
    "##);
}

#[test]
fn readers_need_an_address_when_all_are_listened_on() {
    let listen = "[serve]\nlisten = \"[::]:8080\"\n";
    assert_snapshot!(mistakes(listen), @r#"2:10: `[::]:8080` listens on all addresses of this machine and names none: write the one that readers use under [site], as in address = "http://192.168.1.10:8080/""#);
    assert!(Config::parse(&format!("{listen}[site]\naddress = \"http://a.kz\"\n")).is_ok());
    assert_snapshot!(mistakes("[site]\naddress = \"news\"\n"), @"2:11: `news` is not a web address: relative URL without a base; write it whole, with https://");
}

#[test]
fn each_mistake_is_said_once() {
    assert_snapshot!(mistakes("[[topic]]\nid = \"a\"\nrules = [\"a\"]\n"), @"3:9: `rules` is text: write it in quotes");
    let languages = mistakes("[[topic]]\nid = \"a\"\nrules = \"xx 5: a\"\n");
    assert_eq!(languages.matches("kk").count(), 1, "{languages}");
}

#[test]
fn a_key_that_means_nothing_is_refused() {
    let feed = "[[feed]]\nid = \"a\"\nurl = \"https://a.kz/\"\narticle = { next = \"a\" }\n";
    assert!(mistakes(feed).contains("there is no key `next` here; did you mean `next_page`?"));
}

#[test]
fn text_that_is_not_toml_is_said_with_its_place() {
    assert_snapshot!(mistakes("[site\ntitle = \"x\""), @"1:6: not TOML: unclosed table, expected `]`");
}

#[test]
fn a_mistake_in_a_rule_stands_at_its_own_line() {
    let text = "[[topic]]\nid = \"a\"\nrules = \"\"\"\nru 5: школа\nru 5: (школа\n\"\"\"\n";
    let mistakes = Config::parse(text).unwrap_err();
    assert_eq!(mistakes.len(), 1, "{mistakes:?}");
    assert_eq!(mistakes[0].line, 5, "{mistakes:?}");
}

#[test]
fn a_topic_that_no_article_can_be_on_is_refused() {
    let topic = |id: &str, rules: &str| format!("[[topic]]\nid = \"{id}\"\nrules = \"{rules}\"\n");
    for rules in [
        "",
        "# nothing yet",
        "ru -5: школа",
        "NOT: школа",
        "ru 12: школа NOT школа",
        "ru 12: школа feed:nowhere",
        "topic:a",
        "topic:nowhere",
    ] {
        let text = topic("a", rules);
        assert!(Config::parse(&text).is_err(), "{rules:?} was accepted");
    }
    let circle = topic("a", "topic:b") + &topic("b", "topic:a");
    assert_eq!(Config::parse(&circle).unwrap_err().len(), 2);
    let chain = topic("a", "topic:b") + &topic("b", "ru 12: школа");
    assert!(Config::parse(&chain).is_ok());
}

const WRITTEN: &str = "# About this file.\n\n[site]\ntitle = \"t\" # a remark\n\n# About all agencies.\n\n# About a.\n[[feed]]\nid = \"a\"\n\
                       url = \"https://a.kz/rss\"\n\n[feed.article]\nbody = \".b\"\n\n[[feed]]\nid  =  \"b\"\nurl = \"https://b.kz/rss\"\n\n\
                       # About topics.\n\n[[topic]]\nid = \"t\"\nrules = \"rights\"\n# The end.\n";

fn changed(text: &str, one: &Change) -> String {
    let text = edit::changed(text, std::slice::from_ref(one)).unwrap();
    Config::parse(&text).unwrap();
    text
}

#[test]
fn changes_keep_what_they_are_not_about() {
    let (a, b) = (FeedId::new("a").unwrap(), FeedId::new("b").unwrap());
    let paused = changed(WRITTEN, &Change::PauseFeed(a.clone()));
    assert_eq!(paused, WRITTEN.replace("a.kz/rss\"\n", "a.kz/rss\"\npaused = true\n"));
    assert_eq!(changed(&paused, &Change::ResumeFeed(a.clone())), WRITTEN);

    let without_a = changed(WRITTEN, &Change::RemoveFeed(a.clone()));
    assert!(
        without_a.contains("# About all agencies.\n") && !without_a.contains("# About a.") && !without_a.contains("article"),
        "{without_a}"
    );
    let without_both = changed(&without_a, &Change::RemoveFeed(b));
    assert!(without_both.contains("# About all agencies.\n") && without_both.contains("# About topics.\n\n[[topic]]"), "{without_both}");

    let url = FeedUrl::new("https://c.kz/rss").unwrap();
    let (id, name) = (FeedId::new("c").unwrap(), Some("C".into()));
    let added = Change::AddFeed(NewFeed { id, name, url, is_sitemap: false, allow_private: true, folder: Vec::new() });
    let feed = "\n[[feed]]\nid = \"c\"\nname = \"C\"\nurl = \"https://c.kz/rss\"\nallow_private = true\n";
    assert_eq!(changed(WRITTEN, &added), WRITTEN.replace("\n# About topics.", &format!("{feed}\n# About topics.")));
    assert_eq!(changed("", &added).trim_start(), feed.trim_start());
    let (id, rules) = (TopicId::new("u").unwrap(), "ru 5: \"права ребенка\"\nбалалар\n".to_owned());
    let added = changed(WRITTEN, &Change::AddTopic { id, title: None, rules: rules.clone() });
    assert!(added.contains("[[topic]]\nid = \"u\"\nrules = ") && added.contains("\"права ребенка\"\nбалалар\n"), "{added}");

    for (text, change, said) in [
        (WRITTEN, Change::RemoveFeed(FeedId::new("d").unwrap()), "there is no feed `d`"),
        ("feed = [{ id = \"a\", url = \"https://a.kz\" }]", Change::PauseFeed(a.clone()), "change the file by hand"),
        ("[[feed", Change::PauseFeed(a), "not TOML"),
        (WRITTEN, Change::AddTopic { id: TopicId::new("t").unwrap(), title: None, rules }, "there is a topic `t` already"),
    ] {
        let wrong = edit::changed(text, &[change]);
        assert!(wrong.clone().unwrap_err().contains(said), "{wrong:?}");
    }
}

#[test]
fn pausing_and_resuming_keep_remarks_and_the_ends_of_lines() {
    let feed = |end: &str| format!("[[feed]]\nid = \"a\"\n# Why.\nurl = \"https://a.kz/rss\" # its new address\n{end}");
    let returns = |text: String| text.replace('\n', "\r\n");
    let id = || FeedId::new("a").unwrap();
    for (what, before, change, after) in [
        ("nothing to resume", feed(""), Change::ResumeFeed(id()), feed("")),
        ("a bare line leaves", feed("paused = true\n"), Change::ResumeFeed(id()), feed("")),
        ("a remark beside it", feed("paused = true # until May\n"), Change::ResumeFeed(id()), feed("paused = false # until May\n")),
        ("a remark above it", feed("# Too slow.\npaused = true\n"), Change::ResumeFeed(id()), feed("# Too slow.\npaused = false\n")),
        ("paused again", feed("paused = false # until May\n"), Change::PauseFeed(id()), feed("paused = true # until May\n")),
        ("spread out", feed("paused   =  false\n"), Change::PauseFeed(id()), feed("paused   =  true\n")),
        ("returns, paused", returns(feed("# End.\n")), Change::PauseFeed(id()), returns(feed("paused = true\n# End.\n"))),
        ("returns, resumed", returns(feed("paused = true\n")), Change::ResumeFeed(id()), returns(feed(""))),
    ] {
        assert_eq!(changed(&before, &change), after, "{what}");
    }
    let first = "# About this file.\n\n# About all.\n\n# About a.\n".to_owned() + &feed("");
    let removed = changed(&returns(first + "\n[[feed]]\nid = \"b\"\nurl = \"https://b.kz/rss\"\n"), &Change::RemoveFeed(id()));
    assert!(removed.contains("# About all.\r\n") && !removed.contains("# About a.") && removed.matches('\n').count() > 3, "{removed}");
    assert_eq!(removed.matches('\n').count(), removed.matches("\r\n").count(), "{removed:?}");
}
