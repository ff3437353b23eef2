//! Web pages: a wire to look at in a browser, the index of all wires, and the small last lines of an entry. Server-rendered, no
//! script, nothing loaded from elsewhere.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::tongue::{Phrases, Tongue};
use super::{Format, Item, Wire};
use crate::config::Config;
use crate::model::{Carrier, Scope};

/// The feeds that a page offers.
const FEEDS: [Format; 3] = [Format::Atom, Format::Rss, Format::Json];

const STYLE: &str = "
:root { color-scheme: light dark; }
body { font: 17px/1.55 system-ui, sans-serif; max-width: 44rem; margin: 0 auto; padding: 1rem; }
h1 { line-height: 1.2; } h2 { font-size: 1.15rem; margin: 1.8rem 0 .2rem; }
p { margin: .3rem 0; } small, .meta { opacity: .8; font-size: .85rem; }
nav a { margin-right: 1rem; } a:focus-visible { outline: 3px solid; }
";

/// A wire's newest entries.
pub(super) fn render(wire: &Wire, tongue: Tongue) -> String {
    let phrases = tongue.phrases();
    let body = html! {
        nav { a href=(home(&wire.channel.scope)) { (wire.site.title) } }
        main {
            h1 { (wire.channel.title) }
            @if let Some(description) = &wire.channel.description { p { (description) } }
            nav aria-label=(phrases.subscribe) {
                @for format in FEEDS { a href=(beside(wire, format)) { (name(format, phrases)) } }
            }
            @if wire.items.is_empty() { p { (phrases.nothing_yet) } }
            @for item in &wire.items { (entry(item)) }
        }
    };
    let alternates = html! {
        @for format in FEEDS {
            link rel="alternate" type=(media_type(format)) title=(name(format, phrases)) href=(beside(wire, format));
        }
    };
    document(&wire.feed_title(), phrases, &alternates, &body)
}

/// The wire in another form, from where this page is: that works behind any host name and in a folder of exported files.
fn beside(wire: &Wire, format: Format) -> String {
    let path = wire.channel.scope.path();
    let name = path.rsplit('/').next().unwrap_or_default();
    format!("{name}.{format}{}", wire.suffix())
}

/// The index, from where the page of `scope` is.
fn home(scope: &Scope) -> &'static str {
    if *scope == Scope::All { "./" } else { "../" }
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
pub fn index(config: &Config, tongue: Tongue) -> String {
    let phrases = tongue.phrases();
    let body = html! {
        main {
            h1 { (config.site.title) }
            @if config.wires.is_empty() { p { (phrases.no_topics) } }
            @for wire in &config.wires {
                (listed(&Scope::Topic(wire.topic.id.clone()), &wire.title, wire.description.as_deref(), phrases))
            }
            (listed(&Scope::All, phrases.everything, None, phrases))
            h2 { (phrases.agencies) }
            ul {
                @for feed in &config.feeds {
                    li { a href=(super::file(&Scope::Agency(feed.id.clone()), Format::Html)) { (feed.name) } }
                }
            }
            p { a href="wires.opml" { "OPML" } }
        }
    };
    document(&config.site.title, phrases, &html! {}, &body)
}

fn listed(scope: &Scope, title: &str, description: Option<&str>, phrases: &'static Phrases) -> Markup {
    html! {
        h2 { a href=(super::file(scope, Format::Html)) { (title) } }
        @if let Some(description) = description { p { (description) } }
        nav aria-label={ (phrases.subscribe) ": " (title) } {
            @for format in FEEDS { a href=(super::file(scope, format)) { (name(format, phrases)) } }
        }
    }
}

fn document(title: &str, phrases: &Phrases, head: &Markup, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang=(phrases.language) {
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

fn name(format: Format, phrases: &'static Phrases) -> &'static str {
    match format {
        Format::Atom => "Atom",
        Format::Rss => "RSS",
        Format::Json => "JSON Feed",
        Format::Html => phrases.web_page,
    }
}

fn media_type(format: Format) -> &'static str {
    format.content_type().split(';').next().unwrap_or_default()
}

/// A text as a paragraph.
pub(super) fn paragraph(text: &str) -> String {
    html! { p { (text) } }.into_string()
}

/// What topicwire has to say of an entry, below the agency's text: what is missing, who else carries it, why it is here.
pub(super) fn notes(phrases: &Phrases, note: Option<&str>, also: &[Carrier], why: &[String]) -> String {
    let notes = html! {
        @if let Some(note) = note { p { em { (note) } } }
        @if !also.is_empty() {
            p {
                (phrases.also_carried_by) " "
                @for (index, carrier) in also.iter().enumerate() {
                    @if index > 0 { ", " }
                    a href=(carrier.link) { (carrier.agency) }
                }
                "."
            }
        }
        @for why in why { p { small { (why) } } }
    };
    notes.into_string()
}
