//! A wire's page: its newest entries with the words that counted, filters, and the way to older ones.

use maud::{Markup, html};

use super::index::{alternates, subscribe};
use super::marks::{Spans, excerpts, marked};
use super::{Visit, Way};
use crate::config::Config;
use crate::desk::{Browsed, Found};
use crate::model::{Field, Match, Place, Republish, Scope, StoredArticle};
use crate::publish::{self, Format, Tongue, plain, shortened};

/// Excerpts of an entry that show the words that counted.
const EXCERPTS: usize = 2;
/// Languages to choose from: those that agencies of the region write in.
const LANGUAGES: [Tongue; 3] = [Tongue::Russian, Tongue::Kazakh, Tongue::English];

/// The values of the filter's form, as they were sent.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub language: String,
    pub feed: String,
    pub from: String,
    pub to: String,
    pub words: String,
    /// What a wire takes and the form has no fields for.
    pub min_score: String,
    pub limit: String,
    /// Not the first page.
    pub later: bool,
}

impl Asked {
    fn filters(&self) -> [(&'static str, &str); 7] {
        let [min_score, limit] = self.unshown();
        [("lang", &self.language), ("agency", &self.feed), ("from", &self.from), ("to", &self.to), ("q", &self.words), min_score, limit]
    }

    fn unshown(&self) -> [(&'static str, &str); 2] {
        [("min_score", &self.min_score), ("limit", &self.limit)]
    }

    fn is_filtered(&self) -> bool {
        self.filters().iter().any(|(_, value)| !value.is_empty())
    }
}

/// The page.
#[must_use]
pub fn wire(visit: &Visit<'_>, config: &Config, browsed: &Browsed, asked: &Asked) -> String {
    let (words, channel) = (visit.words(), &browsed.channel);
    let title = if channel.scope == Scope::All { words.everything.to_owned() } else { plain(&channel.title) };
    let description = channel.description.as_deref().filter(|_| matches!(channel.scope, Scope::Topic(_)));
    let here = format!("{}{}", visit.root, publish::file(&channel.scope, Format::Html));
    let content = html! {
        h1 { (title) }
        @if let Some(description) = description { p.lead { (plain(description)) } }
        (subscribe(visit, &channel.scope, &title))
        @if matches!(visit.way, Way::Served { .. }) { (form(visit, config, &channel.scope, asked, &here)) }
        @if browsed.entries.is_empty() {
            p { (if asked.is_filtered() { words.nothing_found } else { words.nothing_yet }) }
        }
        @for found in &browsed.entries { (entry(visit, config, &channel.scope, channel.republish, found)) }
        (paging(visit, asked, browsed.next, &here))
    };
    visit.page(None, &title, &alternates(visit, &channel.scope, &title), &content)
}

fn form(visit: &Visit<'_>, config: &Config, scope: &Scope, asked: &Asked, here: &str) -> Markup {
    let words = visit.words();
    html! {
        details open[asked.is_filtered()] {
            summary { (words.filter) }
            form method="get" action=(here) role="search" aria-label=(words.filter) {
                @if let Some(token) = visit.token() { input type="hidden" name="token" value=(token); }
                @for (name, value) in asked.unshown().into_iter().filter(|(_, value)| !value.is_empty()) {
                    input type="hidden" name=(name) value=(value);
                }
                div.fields {
                    div.field.wide { label for="q" { (words.terms) } input id="q" name="q" type="search" maxlength="500" value=(asked.words); }
                    div.field {
                        label for="lang" { (words.language) }
                        select id="lang" name="lang" {
                            option value="" { (words.any) }
                            @for tongue in LANGUAGES {
                                option value=(tongue.tag()) lang=(tongue.tag()) selected[asked.language == tongue.tag()] { (tongue.name()) }
                            }
                            @if !asked.language.is_empty() && !LANGUAGES.iter().any(|tongue| asked.language == tongue.tag()) {
                                option value=(asked.language) selected { (asked.language) }
                            }
                        }
                    }
                    @if !matches!(scope, Scope::Agency(_)) {
                        div.field {
                            label for="agency" { (words.agency) }
                            select id="agency" name="agency" {
                                option value="" { (words.any) }
                                @for feed in &config.feeds {
                                    option value=(feed.id) selected[asked.feed == feed.id.as_str()] { (plain(&feed.name)) }
                                }
                            }
                        }
                    }
                    div.field { label for="from" { (words.from) } input id="from" name="from" type="date" value=(asked.from); }
                    div.field { label for="to" { (words.until) } input id="to" name="to" type="date" value=(asked.to); }
                    button type="submit" { (words.apply) }
                    @if asked.is_filtered() { a.button href=(address(visit, here, &Asked::default(), None)) { (words.clear) } }
                }
            }
        }
    }
}

/// An entry of a wire or a search: what it is, what may be shown of it, and why it is there.
pub(super) fn entry(visit: &Visit<'_>, config: &Config, scope: &Scope, most: Republish, found: &Found) -> Markup {
    let words = visit.words();
    let Found { published, evidence } = found;
    let stored = &published.article;
    let article = &stored.article;
    let reasons: Vec<&Match> = stored.matches.iter().filter(|found| config.says_why(&found.topic, scope)).collect();
    // What was asked for is shown rather than what decided.
    let all = || reasons.iter().filter(|_| evidence.is_empty()).flat_map(|found| &found.evidence).chain(evidence);
    let allowed = most.min(publish::allowed(config, stored));
    html! {
        article.entry {
            h2 lang=[article.language.as_ref()] {
                a href=(visit.article(stored.key)) { (marked(&article.title, &Spans::of(all(), Field::Title))) }
            }
            p.quiet {
                (plain(&stored.agency)) " · " (visit.time(stored.time()))
                @if stored.corrections > 0 { " · " (words.corrected) }
                @if stored.withdrawn.is_some() { " · " span.bad { (words.withdrawn) } }
            }
            div lang=[article.language.as_ref()] { (text(stored, allowed, &Spans::of(all(), Field::Body))) }
            @if stored.note.is_some() { p.quiet { (words.no_page) } }
            @if !published.also.is_empty() {
                p.quiet {
                    (words.also_carried_by) " "
                    @for (index, carrier) in published.also.iter().enumerate() {
                        @if index > 0 { ", " }
                        a href=(visit.article(carrier.place.key)) { (plain(&carrier.agency)) }
                    }
                }
            }
            @for reason in &reasons { p.quiet { (why(visit, config, scope, reason)) } }
        }
    }
}

/// As much of the text as may be shown: sentences around the words that counted, or how it begins.
fn text(stored: &StoredArticle, allowed: Republish, spans: &Spans) -> Markup {
    let text = &stored.article.text;
    let beginning = || shortened(&plain(text.lines().next().unwrap_or_default()));
    let excerpts = if allowed == Republish::Full { excerpts(text, spans, EXCERPTS) } else { Vec::new() };
    html! {
        @if allowed > Republish::Link {
            @if excerpts.is_empty() { p { (beginning()) } }
            @for excerpt in excerpts { p { (excerpt) } }
        }
    }
}

fn why(visit: &Visit<'_>, config: &Config, scope: &Scope, found: &Match) -> Markup {
    let words = visit.words();
    let mut named: Vec<String> = Vec::new();
    for evidence in &found.evidence {
        let word = plain(&evidence.text).to_lowercase();
        if named.len() < 8 && !named.contains(&word) {
            named.push(word);
        }
    }
    let title = config.wire(&found.topic).map(|wire| plain(&wire.title)).unwrap_or_default();
    html! {
        @if *scope == Scope::Topic(found.topic.clone()) {
            (words.because)
        } @else {
            a href=(visit.wire(&Scope::Topic(found.topic.clone()), Format::Html)) { (title) }
        }
        ": " (named.join(", ")) " · " (words.score) " " span.number { (format!("{:.1}", found.score)) }
    }
}

fn paging(visit: &Visit<'_>, asked: &Asked, next: Option<Place>, here: &str) -> Markup {
    let words = visit.words();
    html! {
        nav.pages aria-label=(words.older) {
            @if asked.later { a href=(address(visit, here, asked, None)) { (words.to_newest) } }
            @if let Some(next) = next { a href=(address(visit, here, asked, Some(next))) rel="next" { (words.older) } }
        }
    }
}

/// The same page with the same filters, from a place on.
fn address(visit: &Visit<'_>, here: &str, asked: &Asked, before: Option<Place>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(asked.filters().into_iter().filter(|(_, value)| !value.is_empty()));
    if let Some(token) = visit.token() {
        query.append_pair("token", token);
    }
    if let Some(place) = before {
        query.append_pair("before", &place.to_string());
    }
    let query = query.finish();
    if query.is_empty() { here.to_owned() } else { format!("{here}?{query}") }
}
