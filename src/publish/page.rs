//! Web pages: a wire to look at in a browser, the index of all wires, and the small last lines of an entry. Server-rendered, no
//! script, nothing loaded from elsewhere.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{Format, Item, Wire};
use crate::config::{self, Site};
use crate::model::Carrier;

const STYLE: &str = "
:root { color-scheme: light dark; }
body { font: 17px/1.55 system-ui, sans-serif; max-width: 44rem; margin: 0 auto; padding: 1rem; }
h1 { line-height: 1.2; } h2 { font-size: 1.15rem; margin: 1.8rem 0 .2rem; }
p { margin: .3rem 0; } small, .meta { opacity: .75; font-size: .85rem; }
nav a { margin-right: 1rem; } a:focus-visible { outline: 3px solid; }
";

/// A wire's newest entries.
pub(super) fn render(wire: &Wire) -> String {
    let body = html! {
        nav { a href="../" { (wire.site.title) } }
        h1 { (wire.title) }
        @if let Some(description) = &wire.description { p { (description) } }
        nav aria-label="Subscribe" {
            @for format in [Format::Atom, Format::Rss, Format::Json] { a href=(file(wire, format)) { (name(format)) } }
        }
        @if wire.items.is_empty() { p { "Nothing yet." } }
        @for item in &wire.items { (entry(item)) }
    };
    let alternates = html! {
        @for format in [Format::Atom, Format::Rss, Format::Json] {
            link rel="alternate" type=(media_type(format)) title=(name(format)) href=(file(wire, format));
        }
    };
    document(&wire.feed_title(), &alternates, &body)
}

/// The wire in another form, from where this page is: that works behind any host name and in a folder of exported files.
fn file(wire: &Wire, format: Format) -> String {
    format!("{}.{format}", wire.topic)
}

fn entry(item: &Item) -> Markup {
    html! {
        article lang=[item.language.as_ref()] {
            h2 { a href=(item.link) { (item.title) } }
            p.meta { (item.agency) ", " time datetime=(item.published.to_rfc3339()) { (item.published.format("%Y-%m-%d %H:%M %:z")) } }
            @if let Some(summary) = &item.summary { p { (summary) } }
        }
    }
}

/// The page that lists all wires.
#[must_use]
pub fn index(site: &Site, wires: &[config::Wire]) -> String {
    let body = html! {
        h1 { (site.title) }
        @if wires.is_empty() { p { "There are no topics in the configuration yet." } }
        @for wire in wires {
            h2 { a href={ "topics/" (wire.topic.id) ".html" } { (wire.title) } }
            @if let Some(description) = &wire.description { p { (description) } }
            nav aria-label={ "Subscribe to " (wire.title) } {
                @for format in [Format::Atom, Format::Rss, Format::Json] {
                    a href={ "topics/" (wire.topic.id) "." (format.extension()) } { (name(format)) }
                }
            }
        }
    };
    document(&site.title, &html! {}, &body)
}

fn document(title: &str, head: &Markup, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (title) }
                style { (PreEscaped(STYLE)) }
                (head)
            }
            body { (body) }
        }
    };
    page.into_string() + "\n"
}

fn name(format: Format) -> &'static str {
    match format {
        Format::Atom => "Atom",
        Format::Rss => "RSS",
        Format::Json => "JSON Feed",
        Format::Html => "Web page",
    }
}

fn media_type(format: Format) -> &'static str {
    format.content_type().split(';').next().unwrap_or_default()
}

/// What topicwire has to say of an entry, below the agency's text: what is missing, who else carries it, why it is here.
pub(super) fn notes(note: Option<&str>, also: &[Carrier], why: Option<&str>) -> String {
    let notes = html! {
        @if let Some(note) = note { p { em { (note) } } }
        @if !also.is_empty() {
            p {
                "Also carried by "
                @for (index, carrier) in also.iter().enumerate() {
                    @if index > 0 { ", " }
                    a href=(carrier.link) { (carrier.agency) }
                }
                "."
            }
        }
        @if let Some(why) = why { p { small { (why) } } }
    };
    notes.into_string()
}
