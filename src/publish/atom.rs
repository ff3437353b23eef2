//! A wire as Atom (RFC 4287).

use atom_syndication::{Category, Content, Entry, Feed, Generator, Link, Person, Source, Text};

use super::shelf::NAMESPACE;
use super::{Format, Item, Wire};

pub(super) fn render(wire: &Wire) -> String {
    let feed = Feed {
        title: Text::plain(wire.feed_title()),
        subtitle: wire.channel.description.clone().map(Text::plain),
        id: wire.id(),
        updated: wire.updated,
        generator: Some(Generator { value: "topicwire".to_owned(), uri: None, version: Some(env!("CARGO_PKG_VERSION").to_owned()) }),
        links: links(wire),
        entries: wire.items.iter().map(|item| entry(wire, item)).collect(),
        ..Feed::default()
    };
    let mut text = feed.to_string() + "\n";
    if wire.shelf.archive.is_some() {
        // The writer puts extensions behind the entries, where RFC 4287 does not allow those of the feed. Nothing before the entries says
        // `<entry>`: it would be escaped.
        let place = text.find("<entry>").or_else(|| text.find("</feed>")).unwrap_or(text.len());
        text.insert_str(place, &format!("<fh:archive xmlns:fh=\"{NAMESPACE}\"/>"));
    }
    text
}

fn links(wire: &Wire) -> Vec<Link> {
    let own = link("self", wire.own_address(Format::Atom), Some("application/atom+xml"));
    let page = link("alternate", wire.address(Format::Html), Some("text/html"));
    let archives = wire.archives(Format::Atom).into_iter();
    let archives = archives.map(|(relation, address)| link(relation, address, Some("application/atom+xml")));
    let hub = wire.hub().map(|hub| link("hub", hub.to_string(), None));
    [own, page].into_iter().chain(hub).chain(archives).collect()
}

fn entry(wire: &Wire, item: &Item) -> Entry {
    let language = item.language.as_ref().map(ToString::to_string);
    let topics = item.topics.iter().map(|(topic, title)| Category {
        term: topic.to_string(),
        scheme: Some(format!("{}topics/", wire.site.address)),
        label: Some(title.clone()),
    });
    let tags = item.categories.iter().map(|tag| Category { term: tag.clone(), scheme: None, label: None });
    let mut links = vec![link("alternate", item.link.to_string(), Some("text/html"))];
    links.extend(item.also.iter().map(|carrier| Link {
        title: Some(format!("{}: {}", carrier.agency, carrier.title)),
        ..link("related", carrier.link.to_string(), None)
    }));
    Entry {
        title: Text { lang: language.clone(), ..Text::plain(item.title.clone()) },
        id: item.id.clone(),
        updated: item.updated,
        published: Some(item.published),
        authors: item.authors().into_iter().map(person).collect(),
        categories: topics.chain(tags).collect(),
        links,
        summary: item.summary.clone().map(|summary| Text { lang: language.clone(), ..Text::plain(summary) }),
        content: Some(Content {
            value: Some(item.html.clone()),
            content_type: Some("html".to_owned()),
            lang: language,
            ..Content::default()
        }),
        source: Some(Source {
            title: Text::plain(item.agency.clone()),
            id: item.home.clone(),
            updated: item.updated,
            links: vec![link("alternate", item.home.clone(), None)],
            ..Source::default()
        }),
        ..Entry::default()
    }
}

fn person(name: &str) -> Person {
    Person { name: name.to_owned(), ..Person::default() }
}

fn link(rel: &str, href: String, mime_type: Option<&str>) -> Link {
    Link { rel: rel.to_owned(), href, mime_type: mime_type.map(ToOwned::to_owned), ..Link::default() }
}
