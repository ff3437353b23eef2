//! An article's page: what it says, where that came from, what it said before, why it is on its topics, and who else tells the story.
//! What the agency's licence does not allow to be shown is not shown here either.

use maud::{Markup, html};

use super::marks::{Spans, body, excerpts, marked};
use super::{Visit, reason};
use crate::config::Config;
use crate::desk::{Corrected, Dossier};
use crate::model::{BodySource, Carrier, Evidence, Field, Match, Republish, Scope, StoredArticle};
use crate::publish::{self, Format, plain, shortened};
use crate::story::Piece;

/// Excerpts for each topic.
const EXCERPTS: usize = 5;
/// Words that stay around a change.
const AROUND: usize = 12;

/// The page.
#[must_use]
pub fn article(visit: &Visit<'_>, config: &Config, dossier: &Dossier) -> String {
    let words = visit.words();
    let stored = &dossier.article;
    let matches: Vec<&Match> = stored.matches.iter().filter(|found| config.wire(&found.topic).is_some()).collect();
    let evidence: Vec<&Evidence> = matches.iter().flat_map(|found| &found.evidence).collect();
    let allowed = publish::allowed(config, stored);
    let title = plain(&stored.article.title);
    let content = html! {
        article {
            h1 lang=[stored.article.language.as_ref()] { (marked(&stored.article.title, &Spans::of(evidence.iter().copied(), Field::Title))) }
            p.quiet {
                @if config.feed(&stored.feed).is_some() {
                    a href=(visit.wire(&Scope::Agency(stored.feed.clone()), Format::Html)) { (plain(&stored.agency)) }
                } @else { (plain(&stored.agency)) }
                " · " (visit.time(stored.time()))
                @if stored.corrections > 0 { " · " (words.corrected) ": " span.number { (stored.corrections) } }
            }
            @if stored.withdrawn.is_some() { p.notice.bad { (words.withdrawn) } }
            @if let Some(note) = &stored.note {
                div.notice { p { (words.no_page) } p.quiet { (words.reason) ": " span lang="en" { (plain(&reason::public(note))) } } }
            }
            (text(visit, stored, allowed, &Spans::of(evidence.iter().copied(), Field::Body)))
            p { a.button.first href=(stored.link) rel="noreferrer" { (words.at_agency) } }
        }
        (topics(visit, config, stored, &matches, allowed))
        (carriers(visit, stored, &dossier.carriers))
        @if allowed == Republish::Full { (versions(visit, &dossier.versions)) }
        (facts(visit, config, dossier))
        (provenance(visit, stored))
    };
    visit.page(None, &title, &html! {}, &content)
}

fn text(visit: &Visit<'_>, stored: &StoredArticle, allowed: Republish, spans: &Spans) -> Markup {
    let (words, article) = (visit.words(), &stored.article);
    html! {
        @match allowed {
            Republish::Full => {
                @if let Some(image) = &article.image { p.quiet { a href=(image) rel="noreferrer" { (words.picture) } } }
                div.body lang=[article.language.as_ref()] { (body(&article.html, &article.text, spans, words.picture)) }
            }
            Republish::Summary => {
                div.body lang=[article.language.as_ref()] { p { (shortened(&plain(article.text.lines().next().unwrap_or_default()))) } }
                p.notice { (words.only_summary) }
            }
            Republish::Link => p.notice { (words.only_link) },
        }
    }
}

fn topics(visit: &Visit<'_>, config: &Config, stored: &StoredArticle, matches: &[&Match], allowed: Republish) -> Markup {
    let words = visit.words();
    html! {
        section aria-labelledby="topics" {
            h2 id="topics" { (words.matches) }
            @if matches.is_empty() { p { (words.no_matches) } }
            @for found in matches {
                div.card {
                    h3 {
                        a href=(visit.wire(&Scope::Topic(found.topic.clone()), Format::Html)) {
                            (config.wire(&found.topic).map(|wire| plain(&wire.title)).unwrap_or_default())
                        }
                    }
                    p.quiet { (words.score) " " span.number { (format!("{:.1}", found.score)) } }
                    ul.plain lang=[stored.article.language.as_ref()] { (reasons(stored, found, allowed)) }
                }
            }
        }
    }
}

/// The words of a match in their sentences, or alone where the text may not be shown.
fn reasons(stored: &StoredArticle, found: &Match, allowed: Republish) -> Markup {
    let title = Spans::of(&found.evidence, Field::Title);
    let in_title = found.evidence.iter().any(|evidence| evidence.field == Field::Title);
    let excerpts = excerpts(&stored.article.text, &Spans::of(&found.evidence, Field::Body), EXCERPTS);
    html! {
        @if in_title { li { (marked(&stored.article.title, &title)) } }
        @if allowed == Republish::Full {
            @for excerpt in excerpts { li { (excerpt) } }
        } @else {
            @for evidence in found.evidence.iter().filter(|evidence| evidence.field == Field::Body).take(EXCERPTS) {
                li { mark { (plain(&evidence.text)) } }
            }
        }
    }
}

fn carriers(visit: &Visit<'_>, stored: &StoredArticle, carriers: &[Carrier]) -> Markup {
    html! {
        @if carriers.len() > 1 {
            section aria-labelledby="carriers" {
                h2 id="carriers" { (visit.words().carriers) }
                ul.plain {
                    @for carrier in carriers.iter().filter(|carrier| carrier.place.key != stored.key) {
                        li {
                            (plain(&carrier.agency)) ": "
                            a href=(visit.article(carrier.place.key)) { (plain(&carrier.title)) }
                            " " span.quiet { (visit.instant(carrier.place.time)) }
                        }
                    }
                }
            }
        }
    }
}

fn versions(visit: &Visit<'_>, versions: &[Corrected]) -> Markup {
    let words = visit.words();
    html! {
        @if !versions.is_empty() {
            section aria-labelledby="versions" {
                h2 id="versions" { (words.versions) }
                @for (number, corrected) in (1..).zip(versions) {
                    div.card {
                        h3 { (number) ". " (words.version_of) " " (visit.instant(corrected.version.since)) }
                        p.quiet { (words.changed_then) }
                        (change(visit, words.title_word, &corrected.diff.title))
                        (change(visit, words.text_word, &corrected.diff.text))
                    }
                }
            }
        }
    }
}

/// What changed in a field, with the words around it; nothing where nothing did.
fn change(visit: &Visit<'_>, name: &str, pieces: &[Piece]) -> Markup {
    let words = visit.words();
    html! {
        @if pieces.iter().any(|piece| !matches!(piece, Piece::Same(_))) {
            p.diff {
                span.quiet { (name) ": " }
                @for (index, piece) in pieces.iter().enumerate() {
                    @match piece {
                        Piece::Same(text) => (plain(&around(text, index > 0, index + 1 < pieces.len()))),
                        Piece::Removed(text) => { del { span.hidden { (words.removed) ": " } (plain(text)) } " " },
                        Piece::Added(text) => { ins { span.hidden { (words.added) ": " } (plain(text)) } " " },
                    }
                }
            }
        }
    }
}

/// The words at those ends of an unchanged piece that a change stands at.
fn around(text: &str, before: bool, after: bool) -> String {
    let words: Vec<&str> = text.split_inclusive(char::is_whitespace).collect();
    let (head, tail) = (if before { AROUND } else { 0 }, if after { AROUND } else { 0 });
    if words.len() <= head + tail {
        return text.to_owned();
    }
    let first = words.get(..head).unwrap_or_default().concat();
    let last = words.get(words.len() - tail..).unwrap_or_default().concat();
    format!("{first}… {last}")
}

fn facts(visit: &Visit<'_>, config: &Config, dossier: &Dossier) -> Markup {
    let (words, stored) = (visit.words(), &dossier.article);
    let article = &stored.article;
    let source = match stored.body_source {
        BodySource::Page => words.from_page,
        BodySource::Feed => words.from_feed,
        BodySource::Summary => words.from_summary,
    };
    let list = |texts: &[String]| texts.iter().map(|text| plain(text)).collect::<Vec<_>>().join(", ");
    html! {
        section aria-labelledby="facts" {
            h2 id="facts" { (words.facts) }
            dl {
                dt { (words.published) }
                dd { @match article.published { Some(time) => (visit.time(time)), None => (words.unknown_time) } }
                dt { (words.first_seen) } dd { (visit.instant(stored.first_seen)) }
                dt { (words.updated) } dd { (visit.instant(stored.updated)) }
                @if let Some(withdrawn) = stored.withdrawn { dt { (words.withdrawn) } dd { (visit.instant(withdrawn)) } }
                @if let Some(language) = &article.language { dt { (words.language) } dd { (language) } }
                @if !article.authors.is_empty() { dt { (words.authors) } dd { (list(&article.authors)) } }
                @if !article.tags.is_empty() { dt { (words.tags) } dd { (list(&article.tags)) } }
                @if config.feed(&stored.feed).is_some() { dt { (words.feed) } dd { (stored.feed) } }
                dt { (words.text_from) } dd { (source) }
                @if let Some(page) = &stored.page { dt { (words.page_read) } dd { (visit.instant(page.at)) } }
                dt { (words.key) } dd { code { (stored.key) } }
            }
        }
    }
}

fn provenance(visit: &Visit<'_>, stored: &StoredArticle) -> Markup {
    let words = visit.words();
    html! {
        @if !stored.article.provenance.is_empty() {
            section aria-labelledby="provenance" {
                h2 id="provenance" { (words.provenance) }
                table {
                    thead { tr { th scope="col" { (words.part) } th scope="col" { (words.said_by) } } }
                    tbody {
                        @for (part, origin) in stored.article.provenance.iter() {
                            tr { td { ((words.part_name)(part)) } td { ((words.origin_name)(origin)) } }
                        }
                    }
                }
            }
        }
    }
}
