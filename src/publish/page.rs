//! A wire as a page of its own, for where it is exported by itself, and the small last lines of an entry. The pages of the site are in the
//! room `pages`.

use maud::{Markup, html};

use super::layout::{document, languages, translations};
use super::tongue::{Phrases, Tongue};
use super::{Format, Item, Wire};
use crate::model::Carrier;

/// The feeds that a page offers.
pub(crate) const FEEDS: [Format; 3] = [Format::Atom, Format::Rss, Format::Json];

/// A wire's newest entries. The stylesheet is to lie beside the page.
pub(super) fn render(wire: &Wire, tongue: Tongue) -> String {
    let phrases = tongue.phrases();
    let body = html! {
        main {
            h1 { (wire.channel.title) }
            @if let Some(description) = &wire.channel.description { p.lead { (description) } }
            @if !wire.offered.is_empty() {
                nav aria-label=(phrases.subscribe) {
                    ul.subscribe {
                        @for format in &wire.offered { li { a.button href=(beside(wire, *format)) { (name(*format)) } } }
                    }
                }
            }
            @if wire.items.is_empty() { p { (phrases.nothing_yet) } }
            @for item in &wire.items { (entry(item)) }
            (languages(tongue, phrases.language_word, &wire.name()))
        }
    };
    let alternates = html! {
        @for format in &wire.offered {
            link rel="alternate" type=(media_type(*format)) title=(name(*format)) href=(beside(wire, *format));
        }
        (translations(&wire.name()))
    };
    document(phrases.language, &wire.feed_title(), "", &alternates, &body)
}

/// The wire in another form, from where this page is: that works behind any host name and in a folder of exported files.
fn beside(wire: &Wire, format: Format) -> String {
    format!("{}.{format}{}", wire.name(), wire.suffix())
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
