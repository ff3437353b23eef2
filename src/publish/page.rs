//! A wire as a page of its own, for a folder of exported files, and the small last lines of an entry. The pages that are served, which
//! can be searched and leafed through, are in the room `pages`.

use maud::{Markup, html};

use super::layout::document;
use super::tongue::{Phrases, Tongue};
use super::{Format, Item, Wire};
use crate::config::Config;
use crate::model::{Carrier, Scope};

/// The feeds that a page offers.
pub(crate) const FEEDS: [Format; 3] = [Format::Atom, Format::Rss, Format::Json];

/// A wire's newest entries. The stylesheet is to lie beside the page.
pub(super) fn render(wire: &Wire, tongue: Tongue) -> String {
    let phrases = tongue.phrases();
    let body = html! {
        main {
            h1 { (wire.channel.title) }
            @if let Some(description) = &wire.channel.description { p.lead { (description) } }
            nav aria-label=(phrases.subscribe) {
                ul.subscribe {
                    @for format in FEEDS { li { a.button href=(beside(wire, format)) { (name(format)) } } }
                }
            }
            @if wire.items.is_empty() { p { (phrases.nothing_yet) } }
            @for item in &wire.items { (entry(item)) }
        }
    };
    let alternates = html! {
        @for format in FEEDS {
            link rel="alternate" type=(media_type(format)) title=(name(format)) href=(beside(wire, format));
        }
    };
    document(phrases.language, &wire.feed_title(), "", &alternates, &body)
}

/// The page that lists all wires, for a folder of exported files.
#[must_use]
pub fn contents(config: &Config, tongue: Tongue) -> String {
    let phrases = tongue.phrases();
    let listed = |scope: &Scope, title: &str| {
        html! {
            li {
                a href=(super::file(scope, Format::Html)) { (title) }
                @for format in FEEDS { " " a href=(super::file(scope, format)) { (name(format)) } }
            }
        }
    };
    let body = html! {
        main {
            h1 { (config.site.title) }
            ul {
                @for wire in config.wires.values() { (listed(&Scope::Topic(wire.topic.id.clone()), &wire.title)) }
                @if config.everything.is_some() { (listed(&Scope::All, phrases.everything)) }
            }
            h2 { (phrases.agencies) }
            ul { @for feed in &config.feeds { (listed(&Scope::Agency(feed.id.clone()), &feed.name)) } }
            p { a href="wires.opml" { "OPML" } }
        }
    };
    document(phrases.language, &config.site.title, "", &html! {}, &body)
}

/// The wire in another form, from where this page is: that works behind any host name and in a folder of exported files.
fn beside(wire: &Wire, format: Format) -> String {
    let path = wire.channel.scope.path();
    let name = path.rsplit('/').next().unwrap_or_default();
    format!("{name}.{format}{}", wire.suffix())
}

fn entry(item: &Item) -> Markup {
    html! {
        article.entry lang=[item.language.as_ref()] {
            h2 { a href=(item.link) { (item.title) } }
            p.quiet { (item.agency) ", " time datetime=(item.published.to_rfc3339()) { (item.published.format("%Y-%m-%d %H:%M %:z")) } }
            @if let Some(summary) = &item.summary { p { (summary) } }
        }
    }
}

/// A format's name, the same in all languages.
pub(crate) fn name(format: Format) -> &'static str {
    match format {
        Format::Atom => "Atom",
        Format::Rss => "RSS",
        Format::Json => "JSON Feed",
        Format::Html => "HTML",
    }
}

pub(crate) fn media_type(format: Format) -> &'static str {
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
