//! The rule lab: a topic's rules in a form, and what they would do to the stored articles. Nothing is saved.

use maud::{Markup, html};

use super::chart::bars;
use super::{Section, Visit};
use crate::config::Config;
use crate::desk::{Candidate, Difference};
use crate::publish::plain;
use crate::topic::RuleError;

/// Articles that are listed of those that would be added or removed.
const LISTED: usize = 50;

/// Whether this visitor may use the lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    Open,
    /// With the admin token.
    Token,
    Closed,
}

/// The values of the form, as they are shown in it.
#[derive(Clone, Debug, Default)]
pub struct Lab {
    /// The topic's id; empty when none is chosen yet.
    pub topic: String,
    pub rules: String,
    pub threshold: String,
    pub days: String,
}

/// What came of it.
#[derive(Debug)]
pub enum Outcome {
    /// Nothing was tried yet.
    Nothing,
    Mistakes(Vec<RuleError>),
    WrongNumber,
    /// Not the token.
    Refused,
    /// The form was sent by another site.
    Foreign,
    Result(Box<Difference>),
}

/// The page.
#[must_use]
pub fn lab(visit: &Visit<'_>, config: &Config, door: Door, lab: &Lab, outcome: &Outcome) -> String {
    let words = visit.words();
    let content = html! {
        h1 { (words.lab) }
        p.lead { (words.lab_intro) }
        @if door == Door::Closed {
            p.notice { (words.lab_closed) }
        } @else {
            (choice(visit, config, lab))
            (failure(visit, lab, outcome))
            @if !lab.topic.is_empty() { (form(visit, door, lab, outcome)) }
            @if let Outcome::Result(difference) = outcome { (result(visit, difference)) }
        }
    };
    visit.page(Some(Section::Lab), words.lab, &html! {}, &content)
}

fn choice(visit: &Visit<'_>, config: &Config, lab: &Lab) -> Markup {
    let words = visit.words();
    html! {
        form method="get" action="lab" {
            div.fields {
                div.field.wide {
                    label for="topic" { (words.choose_topic) }
                    select id="topic" name="topic" {
                        @for wire in config.wires.values() {
                            option value=(wire.topic.id) selected[lab.topic == wire.topic.id.as_str()] { (plain(&wire.title)) }
                        }
                    }
                }
                button type="submit" { (words.open) }
            }
        }
    }
}

fn form(visit: &Visit<'_>, door: Door, lab: &Lab, outcome: &Outcome) -> Markup {
    let words = visit.words();
    let wrong = matches!(outcome, Outcome::Mistakes(_));
    html! {
        form method="post" action="lab" {
            input type="hidden" name="topic" value=(lab.topic);
            div.field {
                label for="rules" { (words.rules) }
                textarea id="rules" name="rules" rows="14" spellcheck="false" autocapitalize="off" required
                    aria-invalid=[wrong.then_some("true")] aria-describedby=[wrong.then_some("mistakes")] { "\n" (lab.rules) }
            }
            div.fields {
                div.field {
                    label for="threshold" { (words.threshold) }
                    input id="threshold" name="threshold" inputmode="decimal" size="6" value=(lab.threshold) required;
                }
                div.field {
                    label for="days" { (words.days) }
                    input id="days" name="days" type="number" min="1" max="3650" value=(lab.days) required;
                }
                @if door == Door::Token {
                    div.field {
                        label for="token" { (words.token) }
                        input id="token" name="token" type="password" autocomplete="current-password" required;
                    }
                }
                button type="submit" { (words.try_rules) }
            }
        }
    }
}

fn failure(visit: &Visit<'_>, lab: &Lab, outcome: &Outcome) -> Markup {
    let words = visit.words();
    html! {
        @match outcome {
            Outcome::Nothing | Outcome::Result(_) => {},
            Outcome::WrongNumber => p.notice role="alert" { (words.wrong_number) ": " (words.threshold) ", " (words.days) },
            Outcome::Refused => p.notice role="alert" { (words.lab_refused) },
            Outcome::Foreign => p.notice role="alert" { (words.lab_foreign) },
            Outcome::Mistakes(mistakes) => div.notice role="alert" id="mistakes" {
                p { strong { (words.mistakes) } }
                @for mistake in mistakes { (shown(visit, &lab.rules, mistake)) }
            },
        }
    }
}

/// A mistake and the line that it is in, with what is wrong marked.
pub(super) fn shown(visit: &Visit<'_>, text: &str, mistake: &RuleError) -> Markup {
    let words = visit.words();
    let line = text.lines().nth(mistake.line.saturating_sub(1)).unwrap_or_default();
    let at = line.char_indices().nth(mistake.column.saturating_sub(1)).map_or(line.len(), |(at, _)| at);
    let (before, rest) = line.split_at_checked(at).unwrap_or((line, ""));
    let length = rest.find(char::is_whitespace).filter(|length| *length > 0).unwrap_or(rest.len());
    let (wrong, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
    html! {
        p.code {
            (plain(before))
            span.wrong { (plain(wrong)) @if wrong.is_empty() { "▏" } }
            (plain(after))
        }
        p.quiet {
            (words.line) " " (mistake.line) ", " (words.column) " " (mistake.column) ": "
            span lang="en" { (plain(&mistake.message)) }
        }
    }
}

fn result(visit: &Visit<'_>, difference: &Difference) -> Markup {
    let words = visit.words();
    html! {
        section aria-labelledby="result" {
            h2 id="result" { (words.result) }
            @if difference.cut { p.notice { (words.lab_cut) } }
            dl.figures {
                div { dt { (words.judged) } dd.number { (difference.articles) } }
                div { dt { (words.unchanged) } dd.number { (difference.unchanged) } }
                div { dt { (words.would_add) } dd.number { (difference.added_count) } }
                div { dt { (words.would_remove) } dd.number { (difference.removed_count) } }
            }
            (spread(visit, difference))
            (candidates(visit, words.would_add, "added", &difference.added))
            (candidates(visit, words.would_remove, "removed", &difference.removed))
        }
    }
}

fn spread(visit: &Visit<'_>, difference: &Difference) -> Markup {
    let words = visit.words();
    let values: Vec<u64> = difference.distribution.iter().map(|bar| bar.articles).collect();
    let enough = difference.distribution.iter().position(|bar| bar.from >= 1.0).unwrap_or(values.len());
    html! {
        @if values.iter().any(|value| *value > 0) {
            h3 { (words.spread) }
            (bars(&values, enough, words.spread))
            div.scroll role="region" aria-label=(words.spread) tabindex="0" {
                table {
                    thead { tr { th scope="col" { (words.share_of_needed) } @for bar in &difference.distribution { th.number scope="col" { (bar.from) "+" } } } }
                    tbody { tr { th scope="row" { (words.articles) } @for value in &values { td.number { (value) } } } }
                }
            }
        }
    }
}

fn candidates(visit: &Visit<'_>, title: &str, id: &str, candidates: &[Candidate]) -> Markup {
    let words = visit.words();
    html! {
        @if !candidates.is_empty() {
            section aria-labelledby=(id) {
                h3 id=(id) { (title) }
                @for candidate in candidates.iter().take(LISTED) {
                    article.entry {
                        h4 { a href=(visit.article(candidate.key)) { (plain(&candidate.title)) } }
                        p.quiet { (candidate.feed) " · " (visit.time(candidate.published)) }
                        p.quiet {
                            (words.score) " " span.number { (candidate.score) } ", " (words.needed) " " span.number { (candidate.needed) }
                            @if !candidate.why.is_empty() { ": " (plain(&candidate.why.join(", "))) }
                        }
                    }
                }
            }
        }
    }
}
