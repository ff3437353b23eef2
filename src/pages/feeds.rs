//! The health of the sources: whether each can be read, when it is asked next, how fast it is, and what may have been missed.

use maud::{Markup, html};

use super::chart::bars;
use super::{Section, Visit, reason};
use crate::desk::FeedRow;
use crate::model::{Health, Instant, Scope};
use crate::publish::{Format, plain};

/// Bars of the chart of a source's pace.
const BARS: usize = 24;
/// Gaps that are named: the newest.
const GAPS: usize = 3;

/// The page.
#[must_use]
pub fn feeds(visit: &Visit<'_>, feeds: &[FeedRow]) -> String {
    let words = visit.words();
    let content = html! {
        h1 { (words.feeds) }
        p.lead { (words.feeds_intro) }
        @if feeds.is_empty() { p { (words.no_feeds) } }
        @for feed in feeds { (card(visit, feed)) }
    };
    visit.page(Some(Section::Feeds), words.feeds, &html! {}, &content)
}

fn card(visit: &Visit<'_>, feed: &FeedRow) -> Markup {
    let words = visit.words();
    let read = feed.bodies.iter().filter(|read| **read).count();
    html! {
        section.card {
            h2 { a href=(visit.wire(&Scope::Agency(feed.id.clone()), Format::Html)) { (plain(&feed.name)) } }
            p.quiet { (feed.id) " · " (feed.url.as_url().host_str().unwrap_or_default()) }
            (health(visit, feed))
            dl.figures {
                div { dt { (words.last_success) } dd { (moment(visit, feed.last_success)) } }
                @if !feed.paused { div { dt { (words.next_poll) } dd { (moment(visit, feed.next_due)) } } }
                div { dt { (words.articles) } dd.number { (feed.articles) } }
                @if !feed.bodies.is_empty() {
                    div { dt { (words.extraction) } dd.number { (read * 100 / feed.bodies.len()) " %" } }
                }
                @if feed.pending > 0 { div { dt { (words.waiting) } dd.number { (feed.pending) } } }
            }
            (pace(visit, &feed.recent))
            (gaps(visit, feed))
            @if let Some(moved) = &feed.moved { p { (words.moved) ": " (moved.to.host_str().unwrap_or_default()) } }
            @if feed.push.as_ref().is_some_and(|push| push.works) { p.quiet { (words.push) } }
        }
    }
}

fn moment(visit: &Visit<'_>, time: Option<Instant>) -> Markup {
    html! { @match time { Some(time) => (visit.distance(time)), None => (visit.words().never) } }
}

fn health(visit: &Visit<'_>, feed: &FeedRow) -> Markup {
    let words = visit.words();
    html! {
        @match &feed.health {
            _ if feed.paused => p { (words.paused) },
            Health::New => p { (words.never_polled) },
            Health::Healthy => p.good { (words.healthy) },
            Health::Failing { failures, since, reason } => {
                p.bad { (words.failing) ": " span.number { (failures) } " " (words.times_in_a_row) ", " (words.since) " " (visit.instant(*since)) }
                p.quiet { (words.reason) ": " span lang="en" { (plain(&reason::public(reason))) } }
            }
            Health::Gone { since } => p.bad { (words.gone) ", " (words.since) " " (visit.instant(*since)) },
        }
    }
}

/// How the newest articles are spread over the time from the oldest of them to now.
fn pace(visit: &Visit<'_>, recent: &[Instant]) -> Markup {
    let words = visit.words();
    html! {
        @match recent.iter().min() {
            None => p.quiet { (words.no_pace) },
            Some(&oldest) => {
                @let text = format!("{}: {} {} {}", words.pace, recent.len(), words.pace_text, oldest.format("%Y-%m-%d %H:%M UTC"));
                (bars(&spread(recent, oldest, visit.now), BARS, &text))
                p.quiet { (text) }
            }
        }
    }
}

fn spread(recent: &[Instant], oldest: Instant, now: Instant) -> Vec<u64> {
    let mut bars = vec![0; BARS];
    let whole = (now - oldest).num_seconds().max(1);
    for time in recent {
        let part = usize::try_from((*time - oldest).num_seconds().max(0) * 24 / whole).unwrap_or(usize::MAX);
        bars.get_mut(part.min(BARS - 1)).into_iter().for_each(|bar| *bar += 1);
    }
    bars
}

fn gaps(visit: &Visit<'_>, feed: &FeedRow) -> Markup {
    let words = visit.words();
    html! {
        @if feed.gaps.is_empty() {
            @if feed.polls > 0 { p.quiet { (words.no_gaps) } }
        } @else {
            p.bad { (words.gaps) ":" }
            ul.plain {
                @for gap in feed.gaps.iter().rev().take(GAPS) { li { (visit.instant(gap.from)) " – " (visit.instant(gap.until)) } }
            }
        }
    }
}
