//! Searching all stored articles.

use maud::{Markup, html};

use super::lab::shown;
use super::wire::entry;
use super::{Section, Visit};
use crate::config::Config;
use crate::desk::Found;
use crate::model::{Republish, Scope};
use crate::topic::RuleError;

/// What a search came to.
#[derive(Debug)]
pub enum Searched {
    /// Nothing was asked yet.
    Nothing,
    Wrong(Vec<RuleError>),
    Found {
        found: Vec<Found>,
        /// As many as a page has; otherwise the search stopped because it took long.
        full: bool,
        /// Where to go on; none when all was looked at.
        next: Option<u64>,
    },
}

/// The page for what was asked.
#[must_use]
pub fn search(visit: &Visit<'_>, config: &Config, query: &str, searched: &Searched) -> String {
    let words = visit.words();
    let content = html! {
        h1 { (words.search) }
        form method="get" action="search" role="search" {
            div.fields {
                div.field.wide {
                    label for="q" { (words.search_label) }
                    input id="q" name="q" type="search" maxlength="500" value=(query) required;
                }
                button type="submit" { (words.search) }
            }
        }
        p.quiet { (words.search_intro) " " code { "право NEAR/3 ребёнок" } ", " code { "\"қуғын-сүргін\" | repression" } ", " code { "title:school date>=2025-01-01" } }
        (results(visit, config, query, searched))
    };
    let title = if query.is_empty() { words.search.to_owned() } else { format!("{query} — {}", words.search) };
    visit.page(Some(Section::Search), &title, &html! {}, &content)
}

fn results(visit: &Visit<'_>, config: &Config, query: &str, searched: &Searched) -> Markup {
    let words = visit.words();
    html! {
        @match searched {
            Searched::Nothing => {},
            Searched::Wrong(mistakes) => div.notice role="alert" {
                p { strong { (words.query_wrong) } }
                @for mistake in mistakes { (shown(visit, query, mistake)) }
            },
            Searched::Found { found, full, next } => {
                @if found.is_empty() && next.is_none() { p { (words.nothing_found) } }
                @for found in found { (entry(visit, config, &Scope::All, Republish::Full, found)) }
                @if let Some(next) = next {
                    @if !full { p.quiet { (words.search_goes_on) } }
                    nav.pages aria-label=(words.older) { a rel="next" href=(address(query, *next)) { (words.older) } }
                }
            },
        }
    }
}

fn address(query: &str, next: u64) -> String {
    let mut asked = url::form_urlencoded::Serializer::new(String::new());
    asked.append_pair("q", query).append_pair("before", &next.to_string());
    format!("search?{}", asked.finish())
}
