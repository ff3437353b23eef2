//! What becomes of an entry and its page: an article, or another attempt later. Pure.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::TimeDelta;

use super::news::Candidate;
use crate::config::Feed;
use crate::extract::{self, extract};
use crate::fetch::{self, Answer, Response};
use crate::model::{Article, Attempt, BodySource, Entry, Identity, Instant, Match, PageRead, StoredArticle, reader_link};
use crate::story;
use crate::topic::{Matcher, Subject};

/// How often a page is asked for before the entry's own text is used: when the site did not answer well, and when it answered with
/// something else than an article, which a page that is hardly published often does.
const ATTEMPTS: u32 = 3;
const ATTEMPTS_AT_NO_ARTICLE: u32 = 2;
/// How long an entry waits for a site that asks to be left alone.
const PATIENCE: TimeDelta = TimeDelta::days(1);
/// How far an article's time may be ahead of our clock.
const AHEAD: TimeDelta = TimeDelta::hours(1);

/// The page behind an entry.
pub(super) enum Page {
    /// The entry is whole without it.
    NotNeeded,
    Asked(Box<Answer>),
}

/// What became of a candidate.
pub(super) enum Processed {
    Done(Box<StoredArticle>),
    Again(Box<Attempt>),
    /// It met a bug of ours.
    Broken(String),
}

impl Processed {
    pub(super) fn article(&self) -> Option<&StoredArticle> {
        match self {
            Self::Done(article) => Some(article),
            Self::Again(_) | Self::Broken(_) => None,
        }
    }
}

/// Makes an article of a candidate and its page. What can be tried again later is; at the end of the attempts the entry's own
/// text is used and marked.
pub(super) fn process(feed: &Feed, matcher: &Matcher, candidate: Candidate, page: Page, now: Instant) -> Processed {
    let broken = format!("`{}` met a bug in topicwire and was left out; please report its address", candidate.url);
    // An entry that finds a bug of ours costs itself, not the poll.
    catch_unwind(AssertUnwindSafe(|| decide(feed, matcher, candidate, page, now))).unwrap_or(Processed::Broken(broken))
}

fn decide(feed: &Feed, matcher: &Matcher, candidate: Candidate, page: Page, now: Instant) -> Processed {
    let answer = match page {
        Page::NotNeeded => return Processed::Done(Box::new(from_entry(feed, matcher, candidate, None, now))),
        Page::Asked(answer) => *answer,
    };
    let (reason, attempts) = match answer {
        Answer::Fresh(response) => match extract_page(feed, &candidate.entry, &response, now) {
            Ok(article) => {
                let page = page_read(&response, now);
                return Processed::Done(Box::new(stored(feed, matcher, candidate, article, Some(page), BodySource::Page, now)));
            }
            Err(failure) => (failure.to_string(), ATTEMPTS_AT_NO_ARTICLE),
        },
        Answer::Throttled { .. } => {
            let reason = "the site asks to be left alone for a while".to_owned();
            if now - candidate.since < PATIENCE {
                return Processed::Again(Box::new(candidate.later(reason)));
            }
            (reason, 0)
        }
        Answer::NotModified { .. } => ("the page answered \"not modified\" to an unconditional request".to_owned(), ATTEMPTS),
        Answer::Gone => ("the page is gone (410)".to_owned(), 0),
        Answer::Failed(failure) => (failure.to_string(), attempts(&failure)),
    };
    if candidate.attempts + 1 < attempts {
        return Processed::Again(Box::new(candidate.again(reason)));
    }
    Processed::Done(Box::new(from_entry(feed, matcher, candidate, Some(reason), now)))
}

fn attempts(failure: &fetch::Failure) -> u32 {
    match failure {
        fetch::Failure::Dns(_) | fetch::Failure::Temporary(_) => ATTEMPTS,
        fetch::Failure::Permanent(_) | fetch::Failure::Missing(_) => ATTEMPTS_AT_NO_ARTICLE,
        fetch::Failure::Robots(_) => 0,
    }
}

fn extract_page(feed: &Feed, entry: &Entry, response: &Response, now: Instant) -> Result<Article, extract::Failure> {
    let page = extract::Page {
        html: &response.body,
        url: &response.url,
        content_type: response.content_type.as_deref(),
        entry: Some(entry),
        timezone: feed.timezone,
        fetched_at: Some(now),
    };
    extract(&page, &feed.article)
}

/// The article that an entry is by itself. `failure` says why its page is missing; none when it was not needed.
fn from_entry(feed: &Feed, matcher: &Matcher, candidate: Candidate, failure: Option<String>, now: Instant) -> StoredArticle {
    let body_source = if failure.is_none() && candidate.entry.content.is_some() { BodySource::Feed } else { BodySource::Summary };
    let article = own_text(feed, &candidate.entry);
    let mut stored = stored(feed, matcher, candidate, article, None, body_source, now);
    stored.note = failure;
    stored
}

/// What an entry says itself.
fn own_text(feed: &Feed, entry: &Entry) -> Article {
    let base = entry.link.as_ref().unwrap_or(feed.url.as_url());
    let own = entry.content.as_deref().or(entry.summary.as_deref()).unwrap_or_default();
    let (html, text) = extract::fragment(own, base);
    Article { text, html, ..Article::default() }
}

fn stored(
    feed: &Feed,
    matcher: &Matcher,
    candidate: Candidate,
    article: Article,
    page: Option<PageRead>,
    body_source: BodySource,
    now: Instant,
) -> StoredArticle {
    let Candidate { key, url, entry, .. } = candidate;
    let page_url = page.as_ref().map(|page| page.url.clone());
    let link = reader_link(page_url.or_else(|| entry.link.clone()).unwrap_or_else(|| feed.url.as_url().clone()));
    let entry_id = entry.id.clone();
    let Found { article, page, matches, fingerprint, words } = found(feed, matcher, completed(article, entry, feed, now), page, now);
    StoredArticle {
        key,
        url,
        link,
        feed: feed.id.clone(),
        agency: feed.name.clone(),
        entry_id,
        first_seen: now,
        updated: now,
        article,
        body_source,
        republish: feed.republish,
        note: None,
        matches,
        story: key,
        fingerprint,
        words,
        page,
        corrections: 0,
        withdrawn: None,
    }
}

/// What a page or an entry tells, with all that follows from its words.
pub(super) struct Found {
    pub(super) article: Article,
    pub(super) page: Option<PageRead>,
    pub(super) matches: Vec<Match>,
    pub(super) fingerprint: Vec<u32>,
    pub(super) words: Option<Identity>,
}

/// `seen` is when it was first seen.
fn found(feed: &Feed, matcher: &Matcher, article: Article, page: Option<PageRead>, seen: Instant) -> Found {
    let published = article.published.unwrap_or_else(|| seen.fixed_offset());
    let subject = Subject { feed: Some(&feed.id), published: Some(published), ..Subject::of_page(&article) };
    Found {
        matches: matcher.matches(&subject),
        fingerprint: story::fingerprint(&article.title, &article.text),
        words: story::identity(&feed.id, &article.title, &article.text),
        page,
        article,
    }
}

/// What the page of a known article tells now; none when it tells nothing.
pub(super) fn of_page(feed: &Feed, matcher: &Matcher, before: &StoredArticle, response: &Response, now: Instant) -> Option<Found> {
    // What is known of the article leads to its place on the page, as the entry did.
    let known = &before.article;
    let entry = Entry {
        id: before.entry_id.clone(),
        title: Some(known.title.clone()),
        link: Some(before.link.clone()),
        content: Some(known.html.clone()),
        authors: known.authors.clone(),
        categories: known.tags.clone(),
        image: known.image.clone(),
        language: known.language.clone(),
        ..Entry::default()
    };
    let read = || {
        let article = extract_page(feed, &entry, response, now).ok()?;
        let article = completed(article, entry.clone(), feed, now);
        Some(found(feed, matcher, article, Some(page_read(response, now)), before.first_seen))
    };
    catch_unwind(AssertUnwindSafe(read)).unwrap_or(None)
}

/// What the entry of a known article tells that is the whole article.
pub(super) fn of_entry(feed: &Feed, matcher: &Matcher, before: &StoredArticle, entry: &Entry, now: Instant) -> Found {
    found(feed, matcher, completed(own_text(feed, entry), entry.clone(), feed, now), None, before.first_seen)
}

fn page_read(response: &Response, now: Instant) -> PageRead {
    PageRead {
        at: now,
        url: response.url.clone(),
        validators: response.validators.clone(),
        hash: blake3::hash(&response.body).to_hex().to_string(),
        extractor: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// Fills what the page did not say from what the entry, and then the configuration, says.
fn completed(article: Article, entry: Entry, feed: &Feed, now: Instant) -> Article {
    let title = if article.title.is_empty() { entry.title.unwrap_or_default() } else { article.title };
    Article {
        title: if title.is_empty() { format!("{} {}", feed.name, entry.id) } else { title },
        published: article.published.filter(|time| *time <= now + AHEAD).or(entry.published),
        modified: article.modified.or(entry.updated),
        language: article.language.or(entry.language).or_else(|| feed.language.clone()),
        authors: if article.authors.is_empty() { entry.authors } else { article.authors },
        image: article.image.or(entry.image),
        tags: if article.tags.is_empty() { entry.categories } else { article.tags },
        ..article
    }
}
