//! Wires: valid, stable and the same in every form, whatever is in the articles.

use std::collections::BTreeSet;

use proptest::prelude::*;
use topicwire::config::{Config, Wire as Topic};
use topicwire::model::{
    Article, BodySource, CanonicalUrl, Carrier, Evidence, FeedId, Field, Instant, Language, Match, Place, Published, StoredArticle, UrlHash,
};
use topicwire::publish::{Format, Wire, entry_id};
use url::Url;

fn config() -> Config {
    let text = "[site]\ntitle = \"Desk\"\naddress = \"https://desk.example\"\n[[topic]]\nid = \"child-rights\"\ntitle = \"Child rights\"\nrules = \"ru 12: ребенок\"\n";
    Config::parse(text).unwrap()
}

fn topic(config: &Config) -> &Topic {
    &config.wires[0]
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
        note: None,
        matches: vec![Match {
            topic: config().wires[0].topic.id.clone(),
            score: 24.5,
            evidence: vec![evidence("ребёнка"), evidence("Детей"), evidence("детей")],
        }],
        story: key,
        fingerprint: Vec::new(),
    };
    let also = vec![Carrier { place: Place::of(&article), link, agency: title.into(), title: title.into(), topics: BTreeSet::new() }];
    Published { article, also }
}

fn render(entries: &[Published], format: Format) -> String {
    let config = config();
    Wire::new(&config.site, topic(&config), entries).render(format)
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
        "<p>Текст</p><p>Also carried by <a href=\"https://a.kz/1\">Права детей</a>.</p>\
         <p><small>child-rights, score 24.5: детей ×2, ребёнка</small></p>"
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

proptest! {
    #[test]
    fn output_is_well_formed_and_reads_back_whatever_comes_in(title in nasty(), html in nasty(), path in nasty()) {
        let mut link = Url::parse("https://a.kz/").unwrap();
        link.set_path(&path);
        link.set_query(Some(&path));
        let entries = [published(link.as_str(), &title, &html), published("https://a.kz/2", "x", "y")];

        let atom: atom_syndication::Feed = render(&entries, Format::Atom).parse().unwrap();
        let rss = rss::Channel::read_from(render(&entries, Format::Rss).as_bytes()).unwrap();
        let json: serde_json::Value = serde_json::from_str(&render(&entries, Format::Json)).unwrap();
        let ids: Vec<&str> = atom.entries.iter().map(|entry| entry.id.as_str()).collect();
        let in_rss: Vec<&str> = rss.items.iter().map(|item| item.guid.as_ref().unwrap().value.as_str()).collect();
        let in_json: Vec<&str> = json["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
        prop_assert_eq!(&ids, &in_rss);
        prop_assert_eq!(&ids, &in_json);
        prop_assert_eq!(&atom.entries[0].links[0].href, link.as_str());

        let kept = |character: char| !character.is_control() || matches!(character, '\n' | '\t');
        for format in Format::ALL {
            let text = render(&entries, format);
            prop_assert!(text.chars().all(kept), "{:?}", text);
            prop_assert_eq!(&text, &render(&entries, format));
        }
        // A strict reader agrees: every tag is closed and every reference known.
        for format in [Format::Atom, Format::Rss] {
            let text = render(&entries, format);
            let mut reader = quick_xml::Reader::from_str(&text);
            loop {
                match reader.read_event().unwrap() {
                    quick_xml::events::Event::Eof => break,
                    quick_xml::events::Event::Start(tag) | quick_xml::events::Event::Empty(tag) => {
                        prop_assert!(tag.attributes().all(|attribute| attribute.is_ok()));
                    }
                    _ => {}
                }
            }
        }
    }
}
