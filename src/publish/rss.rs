//! A wire as RSS 2.0, with `content:encoded`, Dublin Core and `atom:link`.

use atom_syndication::Link;
use rss::extension::atom::AtomExtension;
use rss::extension::dublincore::DublinCoreExtension;
use rss::extension::{Extension, ExtensionMap};
use rss::{Category, Channel, Guid, Item as RssItem, Source};

use super::shelf::NAMESPACE;
use super::{Format, Item, Wire};

pub(super) fn render(wire: &Wire) -> String {
    let link = |(relation, address): (&str, String)| Link {
        rel: relation.to_owned(),
        href: address,
        mime_type: Some("application/rss+xml".to_owned()),
        ..Link::default()
    };
    let own = link(("self", wire.own_address(Format::Rss)));
    let hub = wire.hub().map(|hub| Link { rel: "hub".to_owned(), href: hub.to_string(), ..Link::default() });
    let archives = wire.archives(Format::Rss).into_iter().map(link);
    let channel = Channel {
        title: wire.feed_title(),
        link: wire.address(Format::Html),
        description: wire.channel.description.clone().unwrap_or_else(|| wire.channel.title.clone()),
        last_build_date: Some(wire.updated.to_rfc2822()),
        generator: Some(concat!("topicwire ", env!("CARGO_PKG_VERSION")).to_owned()),
        atom_ext: Some(AtomExtension { links: [own].into_iter().chain(hub).chain(archives).collect() }),
        items: wire.items.iter().map(item).collect(),
        extensions: if wire.shelf.archive.is_some() { archive_mark() } else { ExtensionMap::default() },
        namespaces: wire.shelf.archive.map(|_| ("fh".to_owned(), NAMESPACE.to_owned())).into_iter().collect(),
        ..Channel::default()
    };
    channel.to_string() + "\n"
}

/// `fh:archive` (RFC 5005, section 4).
fn archive_mark() -> ExtensionMap {
    let mark = Extension { name: "fh:archive".to_owned(), ..Extension::default() };
    [("fh".to_owned(), [("archive".to_owned(), vec![mark])].into())].into()
}

fn item(item: &Item) -> RssItem {
    let names = item.topics.iter().map(|(_, title)| title).chain(&item.categories);
    RssItem {
        title: Some(item.title.clone()),
        link: Some(item.link.to_string()),
        description: item.summary.clone(),
        content: Some(item.html.clone()),
        guid: Some(Guid { value: item.id.clone(), permalink: false }),
        pub_date: Some(item.published.to_rfc2822()),
        categories: names.map(|name| Category { name: name.clone(), domain: None }).collect(),
        source: Some(Source { url: item.home.clone(), title: Some(item.agency.clone()) }),
        dublin_core_ext: Some(DublinCoreExtension {
            creators: item.authors().into_iter().map(ToOwned::to_owned).collect(),
            languages: item.language.iter().map(ToString::to_string).collect(),
            ..DublinCoreExtension::default()
        }),
        ..RssItem::default()
    }
}
