//! The first page: the topics with how fresh they are, the agencies, and what to subscribe to.

use maud::{Markup, html};

use super::{Section, Visit, Way};
use crate::config::Config;
use crate::desk::TopicRow;
use crate::model::Scope;
use crate::publish::{self, Format, plain};

/// The page.
#[must_use]
pub fn index(visit: &Visit<'_>, config: &Config, topics: &[TopicRow]) -> String {
    let words = visit.words();
    let content = html! {
        h1 { (plain(&config.site.title)) }
        @if topics.is_empty() { p { (words.no_topics) } }
        @for topic in topics { (card(visit, topic)) }
        @if config.everything.is_some() {
            section.card {
                h2 { a href=(visit.wire(&Scope::All, Format::Html)) { (words.everything) } }
                (subscribe(visit, &Scope::All, words.everything))
            }
        }
        @if !config.feeds.is_empty() {
            h2 { (words.agencies) }
            ul.plain.columns {
                @for feed in &config.feeds {
                    li { a href=(visit.wire(&Scope::Agency(feed.id.clone()), Format::Html)) { (plain(&feed.name)) } }
                }
            }
        }
        p { a.button href="wires.opml" { (words.all_wires) } }
    };
    let head = html! {
        @for topic in topics { (alternates(visit, &Scope::Topic(topic.id.clone()), &plain(&topic.title))) }
        @if config.everything.is_some() { (alternates(visit, &Scope::All, words.everything)) }
    };
    visit.page(Some(Section::Topics), &config.site.title, &head, &content)
}

fn card(visit: &Visit<'_>, topic: &TopicRow) -> Markup {
    let (words, scope) = (visit.words(), Scope::Topic(topic.id.clone()));
    html! {
        section.card {
            h2 { a href=(visit.wire(&scope, Format::Html)) { (plain(&topic.title)) } }
            @if let Some(description) = &topic.description { p.lead { (plain(description)) } }
            @match topic.newest {
                None => p.quiet { (words.nothing_yet) },
                Some(newest) => dl.figures {
                    div { dt { (words.newest) } dd { (visit.distance(newest)) } }
                    @if matches!(visit.way, Way::Served { .. }) {
                        div { dt { (words.last_day) } dd.number { (topic.last_day) } }
                        div { dt { (words.last_week) } dd.number { (topic.last_week) } }
                    }
                    div { dt { (words.all_time) } dd.number { (topic.entries) } }
                },
            }
            (subscribe(visit, &scope, &plain(&topic.title)))
        }
    }
}

/// The buttons with which a wire is subscribed to.
pub(super) fn subscribe(visit: &Visit<'_>, scope: &Scope, title: &str) -> Markup {
    html! {
        @if visit.feeds().next().is_some() { ul.subscribe aria-label={ (visit.words().subscribe) ": " (title) } {
            @for (index, format) in visit.feeds().enumerate() {
                li {
                    a.button.first[index == 0] href=(visit.wire(scope, format)) type=(publish::media_type(format)) {
                        @if index == 0 { (visit.words().subscribe) ": " }
                        (publish::name(format))
                    }
                }
            }
        } }
    }
}

/// What readers find by themselves.
pub(super) fn alternates(visit: &Visit<'_>, scope: &Scope, title: &str) -> Markup {
    html! {
        @for format in visit.feeds() {
            link rel="alternate" type=(publish::media_type(format)) title={ (title) " (" (publish::name(format)) ")" }
                href=(visit.wire(scope, format));
        }
    }
}
