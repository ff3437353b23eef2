//! Wires: valid, stable and the same in every form, whatever is in the articles.

use std::collections::BTreeSet;

use proptest::prelude::*;
use topicwire::config::{Channel, Config};
use topicwire::model::{
    Article, BodySource, CanonicalUrl, Carrier, Evidence, FeedId, Field, Instant, Language, Match, Place, Published, Republish, Scope,
    StoredArticle, UrlHash,
};
use topicwire::publish::{Format, Shelf, Tongue, View, Wire, entry_id, look, opml};
use url::Url;

fn config() -> Config {
    config_with("", "")
}

/// The configuration with more keys under its topic, and with more tables.
fn config_with(topic: &str, tables: &str) -> Config {
    let site = "[site]\ntitle = \"Desk\"\naddress = \"https://desk.example\"\n";
    let own = "[[topic]]\nid = \"child-rights\"\ntitle = \"Child rights\"\nrules = \"ru 12: ребенок\"\n";
    Config::parse(&format!("{site}{own}{topic}\n{tables}")).unwrap()
}

fn topic(config: &Config) -> Channel {
    config.channel(&Scope::Topic(config.wires[0].topic.id.clone())).unwrap()
}

fn published(link: &str, title: &str, html: &str) -> Published {
    let link = Url::parse(link).unwrap();
    let url = CanonicalUrl::of(&link).unwrap();
    let key = UrlHash::of(&url);
    let evidence =
        |text: &str| Evidence { field: Field::Title, start: 0, end: 1, text: text.into(), term: "ребенок".into(), weight: 12.0 };
    let article = StoredArticle {
        key,
        url,
        link: link.clone(),
        feed: FeedId::new("agency").unwrap(),
        agency: title.into(),
        entry_id: "1".into(),
        first_seen: Instant::from_timestamp(1_764_152_520, 0).unwrap(),
        updated: Instant::from_timestamp(1_764_152_520, 0).unwrap(),
        article: Article {
            title: title.into(),
            published: "2025-11-26T15:22:00+05:00".parse().ok(),
            language: Language::new("ru").ok(),
            authors: vec![title.into()],
            tags: vec![title.into()],
            text: html.into(),
            html: html.into(),
            ..Article::default()
        },
        body_source: BodySource::Page,
        republish: Republish::Full,
        note: None,
        matches: vec![Match {
            topic: config().wires[0].topic.id.clone(),
            score: 24.5,
            evidence: vec![evidence("ребёнка"), evidence("Детей"), evidence("детей")],
        }],
        story: key,
        fingerprint: Vec::new(),
        words: None,
        page: None,
        corrections: 0,
        withdrawn: None,
    };
    let also = vec![Carrier { place: Place::of(&article), link, agency: title.into(), title: title.into(), topics: BTreeSet::new() }];
    Published { article, also }
}

fn render(entries: &[Published], format: Format) -> String {
    let config = config();
    Wire::new(&config, &topic(&config), &View::default(), entries).render(format, Tongue::English)
}

#[test]
fn an_entry_says_what_it_is_and_why_it_is_here() {
    let atom = render(&[published("https://a.kz/1", "Права детей", "<p>Текст</p>")], Format::Atom);
    let feed: atom_syndication::Feed = atom.parse().unwrap();
    let entry = &feed.entries[0];
    assert_eq!(entry.title.value, "Права детей");
    assert_eq!(entry.published.unwrap().to_rfc3339(), "2025-11-26T15:22:00+05:00");
    assert_eq!(entry.categories[0].term, "child-rights");
    assert_eq!(entry.source.as_ref().unwrap().title.value, "Права детей");
    let content = entry.content.as_ref().unwrap();
    assert_eq!(content.lang.as_deref(), Some("ru"));
    assert_eq!(
        content.value.as_deref().unwrap(),
        "<p>Текст</p><p>Об этом же сообщают: <a href=\"https://a.kz/1\">Права детей</a>.</p>\
         <p><small>child-rights, оценка 24.5: детей ×2, ребёнка</small></p>"
    );
}

#[test]
fn an_empty_wire_is_the_same_at_any_time() {
    for format in Format::ALL {
        assert_eq!(render(&[], format), render(&[], format));
    }
    assert!(render(&[], Format::Atom).contains("<updated>1970-01-01T00:00:00+00:00</updated>"));
}

#[test]
fn ids_are_made_from_the_key_alone() {
    let [one, other] = ["https://a.kz/1", "http://www.a.kz/1?utm_source=x"].map(|link| published(link, "x", "y"));
    assert_eq!(entry_id(one.article.key), entry_id(other.article.key));
    let id = entry_id(one.article.key);
    assert!(id.starts_with("urn:uuid:") && id.len() == 45, "{id}");
}

const AGENCY: &str = "[[feed]]\nid = \"agency\"\nname = \"The Agency\"\nurl = \"https://a.kz/rss\"\n";

#[track_caller]
fn check_republished(topic: &str, feed: &str, summary: Option<&str>, content: &str) {
    let config = config_with(topic, &format!("{AGENCY}{feed}"));
    let entry = published("https://a.kz/1", "Права детей", "<p>Первый абзац.</p>");
    let text = format!("{} конец\nВторой.", "слово ".repeat(100));
    let article = Article { text, ..entry.article.article };
    let entries = [Published { article: StoredArticle { article, ..entry.article }, also: Vec::new() }];
    let wire = Wire::new(&config, &self::topic(&config), &View::default(), &entries);
    let feed: serde_json::Value = serde_json::from_str(&wire.render(Format::Json, Tongue::English)).unwrap();
    let item = &feed["items"][0];
    assert_eq!(item["summary"].as_str().map(|summary| summary.chars().take(11).collect::<String>()), summary.map(ToOwned::to_owned));
    assert!(item["content_html"].as_str().unwrap().starts_with(content), "{item}");
    for format in [Format::Atom, Format::Rss] {
        let text = wire.render(format, Tongue::English);
        assert_eq!(text.contains("Первый абзац"), content.contains("Первый абзац"), "{text}");
    }
}

#[test]
fn no_more_is_republished_than_agency_and_wire_allow() {
    let words = Some("слово слово");
    check_republished("", "", words, "<p>Первый абзац.</p><p><small>child-rights");
    check_republished("republish = \"summary\"", "", words, "<p>слово слово");
    check_republished("", "republish = \"summary\"", words, "<p>слово слово");
    check_republished("republish = \"link\"", "republish = \"summary\"", None, "<p><small>child-rights");
    check_republished("republish = \"summary\"", "republish = \"link\"", None, "<p><small>child-rights");
    check_republished("reasons = false\nrepublish = \"link\"", "", None, "");
}

#[test]
fn why_an_entry_is_there_is_told_where_topic_and_agency_allow_it() {
    let silent = "reasons = false\n";
    for (topic, feed, told) in [
        ("", "", [true, true, true]),
        (silent, "", [false, false, false]),
        ("", silent, [true, false, true]),
        (silent, silent, [false, false, false]),
    ] {
        let config = config_with(topic, &format!("{AGENCY}{feed}"));
        let agency = FeedId::new("agency").unwrap();
        let scopes = [Scope::Topic(config.wires[0].topic.id.clone()), Scope::Agency(agency), Scope::All];
        for (scope, told) in scopes.iter().zip(told) {
            let entry = [published("https://a.kz/1", "x", "y")];
            let wire = Wire::new(&config, &config.channel(scope).unwrap(), &View::default(), &entry);
            for format in [Format::Atom, Format::Rss, Format::Json] {
                let text = wire.render(format, Tongue::English);
                assert_eq!(text.contains("24.5"), told, "{topic:?} {feed:?} {scope:?}: {text}");
                assert!(text.contains("Child rights"), "on which topics it is: {text}");
            }
        }
        assert_eq!(look(&config) == look(&config_with("", AGENCY)), topic.is_empty() && feed.is_empty());
    }
}

#[test]
fn feed_rs_reads_the_same_from_atom_and_rss() {
    let mut second = published("https://a.kz/2?x=1&y='2'", "Балаға «қамқорлық» <b> & ]]>", "<p>Мәтін</p>");
    second.article.updated = Instant::from_timestamp(1_764_239_000, 0).unwrap();
    let entries = [published("https://a.kz/1", "Права детей", "<p>Текст</p>"), second];
    let read = |format| {
        let feed = feed_rs::parser::parse(render(&entries, format).as_bytes()).unwrap();
        let entry =
            |entry: feed_rs::model::Entry| (entry.id, entry.title.unwrap().content, entry.links[0].href.clone(), entry.published.unwrap());
        (feed.title.unwrap().content, feed.entries.into_iter().map(entry).collect::<Vec<_>>())
    };
    let (title, found) = read(Format::Atom);
    assert_eq!(title, "Child rights — Desk");
    let expected = entries.iter().map(|entry| {
        let stored = &entry.article;
        (entry_id(stored.key), stored.article.title.clone(), stored.link.to_string(), stored.article.published.unwrap().to_utc())
    });
    assert_eq!(found, expected.collect::<Vec<_>>());
    assert_eq!(read(Format::Rss), (title, found));
}

#[test]
fn a_summary_that_stands_for_the_text_is_short_and_ends_between_words() {
    let config = config_with("republish = \"summary\"", "");
    let mut entry = published("https://a.kz/1", "x", "y");
    entry.article.article.text = "слово, ".repeat(200);
    let text = Wire::new(&config, &topic(&config), &View::default(), &[entry]).render(Format::Json, Tongue::English);
    let feed: serde_json::Value = serde_json::from_str(&text).unwrap();
    let summary = feed["items"][0]["summary"].as_str().unwrap();
    assert!(summary.ends_with("слово…") && summary.chars().count() <= 401, "{summary}");
}

#[track_caller]
fn check_view(query: &str, written: Result<&str, &str>) {
    let view = View::parse(query);
    let text = view.as_ref().map(ToString::to_string).map_err(|misread| misread.said(Tongue::English));
    match written {
        Ok(written) => {
            assert_eq!(text.as_deref().ok(), Some(written));
            assert_eq!(View::parse(written), view, "read again");
        }
        Err(part) => assert!(text.as_ref().is_err_and(|error| error.contains(part)), "{text:?}"),
    }
}

#[test]
fn a_query_narrows_a_wire() {
    check_view("", Ok(""));
    check_view("utm_source=reader&lang=", Ok(""));
    check_view("limit=20&lang=ru,KK&min_score=12.50", Ok("lang=kk,ru&min_score=12.5&limit=20"));
    check_view("lang=kk&lang=ru", Ok("lang=kk,ru"));
    check_view("lang=%3Cb%3E", Err("lang"));
    check_view("min_score=NaN", Err("min_score"));
    check_view("limit=0", Err("1–200"));
    check_view("limit=99999999999999999999", Err("1–200"));

    let (scope, entry) = (topic(&config()).scope, published("https://a.kz/1", "x", "y"));
    for (query, admitted) in [("", true), ("lang=ru", true), ("lang=en,kk", false), ("min_score=24.5", true), ("min_score=24.51", false)] {
        assert_eq!(View::parse(query).unwrap().admits(&config(), &scope, &entry), admitted, "{query}");
    }
}

#[test]
fn a_narrowed_wire_is_another_feed() {
    let config = config();
    let view = View::parse("lang=ru").unwrap();
    let render = |view: &View| Wire::new(&config, &topic(&config), view, &[]).render(Format::Atom, Tongue::English);
    let [whole, part]: [atom_syndication::Feed; 2] = [render(&View::default()), render(&view)].map(|text| text.parse().unwrap());
    assert_ne!(whole.id, part.id);
    assert_eq!(part.links[0].href, "https://desk.example/topics/child-rights.atom?lang=ru");
}

#[test]
fn agencies_and_everything_have_wires_and_opml_lists_them() {
    let config = config_with("", AGENCY);
    let entry = [published("https://a.kz/1", "x", "y")];
    for (scope, path) in [(Scope::Agency(FeedId::new("agency").unwrap()), "agencies/agency"), (Scope::All, "all")] {
        assert_eq!(Scope::of_path(path).as_ref(), Some(&scope));
        let channel = config.channel(&scope).unwrap();
        let text = Wire::new(&config, &channel, &View::default(), &entry).render(Format::Atom, Tongue::English);
        let feed: atom_syndication::Feed = text.parse().unwrap();
        assert_eq!(feed.links[0].href, format!("https://desk.example/{path}.atom"));
        assert_eq!(feed.entries[0].categories[0].label.as_deref(), Some("Child rights"), "the topics that it is on are named");
    }
    assert_eq!(config.channel(&Scope::Agency(FeedId::new("other").unwrap())), None);
    assert_eq!(Scope::of_path("topics/../x"), None);

    let opml = opml(&config, Tongue::Russian);
    let listed = topicwire::feed::opml::parse(opml.as_bytes()).unwrap();
    let addresses: Vec<&str> = listed.0.iter().map(|wire| wire.url.as_str()).collect();
    let expected = ["topics/child-rights", "agencies/agency", "all"].map(|path| format!("https://desk.example/{path}.atom"));
    assert_eq!(addresses, expected);
}

#[test]
fn pages_speak_the_reader_s_language() {
    for (header, tongue) in [
        ("ru-RU,ru;q=0.9,en;q=0.8", Tongue::Russian),
        ("de, kk;q=0.7, en;q=0.3", Tongue::Kazakh),
        ("de", Tongue::English),
        ("", Tongue::English),
        ("ru;q=x, en;q=0.1", Tongue::English),
    ] {
        assert_eq!(Tongue::of_accept_language(header), tongue, "{header}");
    }
}

/// What agencies have sent: controls, noncharacters, CDATA ends, markup, direction marks, emoji, quotes.
fn nasty() -> impl Strategy<Value = String> {
    let pieces = vec![
        "]]>",
        "<![CDATA[",
        "\u{0}",
        "\u{b}",
        "\u{1f}",
        "\u{85}",
        "\u{fffe}",
        "\u{ffff}",
        "\u{fdd0}",
        "\u{10ffff}",
        "\r\n",
        "&amp;",
        "&",
        "<",
        ">",
        "\"",
        "'",
        "<b>",
        "</p>",
        "\u{202e}",
        "👩‍👧",
        "ребёнок",
        "-->",
        "<!--",
        "<?xml",
        "\u{feff}",
        "é",
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..12).prop_map(|pieces| pieces.concat())
}

/// The documents of a wire say the same in each form, and what a strict reader can read, whatever comes in.
fn check_documents(wire: &Wire, ids: &[String]) {
    let render = |format| wire.render(format, Tongue::English);
    let atom: atom_syndication::Feed = render(Format::Atom).parse().unwrap();
    let rss = rss::Channel::read_from(render(Format::Rss).as_bytes()).unwrap();
    let json: serde_json::Value = serde_json::from_str(&render(Format::Json)).unwrap();
    assert_eq!(atom.entries.iter().map(|entry| entry.id.clone()).collect::<Vec<_>>(), ids);
    assert_eq!(rss.items.iter().map(|item| item.guid.clone().unwrap().value).collect::<Vec<_>>(), ids);
    assert_eq!(json["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect::<Vec<_>>(), ids);

    let kept = |character: char| !character.is_control() || matches!(character, '\n' | '\t');
    for format in Format::ALL {
        let text = render(format);
        assert!(text.chars().all(kept), "{text:?}");
        assert_eq!(text, render(format));
    }
    // A strict reader agrees: every tag is closed and every reference known.
    for format in [Format::Atom, Format::Rss] {
        let text = render(format);
        let mut strict = quick_xml::Reader::from_str(&text);
        loop {
            match strict.read_event().unwrap() {
                quick_xml::events::Event::Eof => break,
                quick_xml::events::Event::Start(tag) | quick_xml::events::Event::Empty(tag) => {
                    assert!(tag.attributes().all(|attribute| attribute.is_ok()));
                }
                _ => {}
            }
        }
    }
}

/// A wire of these entries, and an archive of it.
fn documents(entries: &[Published]) -> [Wire; 2] {
    let config = config();
    let wire = Wire::new(&config, &topic(&config), &View::default(), entries);
    [wire.clone(), wire.shelved(Shelf { archive: Some(1), previous: Some(0), next: Some(2) })]
}

proptest! {
    #[test]
    fn output_is_well_formed_and_reads_back_whatever_comes_in(title in nasty(), html in nasty(), path in nasty()) {
        let mut link = Url::parse("https://a.kz/").unwrap();
        link.set_path(&path);
        link.set_query(Some(&path));
        let entries = [published(link.as_str(), &title, &html), published("https://a.kz/2", "x", "y")];
        let ids = entries.clone().map(|entry| entry_id(entry.article.key));
        for wire in documents(&entries) {
            check_documents(&wire, &ids);
        }
        let atom: atom_syndication::Feed = render(&entries, Format::Atom).parse().unwrap();
        prop_assert_eq!(&atom.entries[0].links[0].href, link.as_str());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3))]
    #[test]
    fn five_megabytes_are_no_other_matter(html in nasty().prop_filter("something", |html| !html.is_empty())) {
        let long = html.repeat((5 << 20) / html.len() + 1);
        let entries = [published("https://a.kz/1", "x", &long)];
        let ids = entries.clone().map(|entry| entry_id(entry.article.key));
        for wire in documents(&entries) {
            check_documents(&wire, &ids);
        }
    }
}
