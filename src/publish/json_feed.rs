//! A wire as JSON Feed 1.1 (<https://www.jsonfeed.org/version/1.1/>).

use serde_json::{Map, Value, json};

use super::{Format, Item, Wire};

pub(super) fn render(wire: &Wire) -> String {
    let older = wire.archives(Format::Json).into_iter().find(|(relation, _)| *relation == "prev-archive").map(|(_, address)| address);
    let feed = json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": wire.feed_title(),
        "description": wire.channel.description,
        "home_page_url": wire.address(Format::Html),
        "feed_url": wire.own_address(Format::Json),
        "next_url": older,
        "hubs": wire.hub().map(|hub| json!([{"type": "WebSub", "url": hub}])),
        "items": wire.items.iter().map(item).collect::<Vec<_>>(),
    });
    without_nulls(feed).to_string() + "\n"
}

pub(super) fn item(item: &Item) -> Value {
    let tags: Vec<&String> = item.topics.iter().map(|(_, title)| title).chain(&item.categories).collect();
    let authors: Vec<Value> = item.authors().into_iter().map(|name| json!({"name": name})).collect();
    without_nulls(json!({
        "id": item.id,
        "url": item.link,
        "title": item.title,
        "summary": item.summary,
        "content_html": item.html,
        "image": item.image,
        "date_published": item.published.to_rfc3339(),
        "date_modified": item.updated.to_rfc3339(),
        "authors": authors,
        "tags": tags,
        "language": item.language,
        "_topicwire": {"about": "https://www.jsonfeed.org/version/1.1/#extensions", "agency": item.agency},
    }))
}

/// JSON Feed knows absent keys, not null ones.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(map.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>()),
        other => other,
    }
}
