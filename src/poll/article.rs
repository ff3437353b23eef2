//! What becomes of an entry and its page: an article, or another attempt later. Pure.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::TimeDelta;
use url::Url;

use super::news::Candidate;
use crate::config::Feed;
use crate::extract::{self, Extraction};
use crate::fetch::{self, Answer, Response};
use crate::model::{
    Article, Attempt, BodySource, Entry, Identity, Instant, Match, Origin, PageRead, Part, RuleName, StoredArticle, reader_link,
};
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

/// A page behind an entry.
pub(super) enum Page {
    /// The entry is whole without it.
    NotNeeded,
    Asked(Box<Answer>),
}

/// A candidate of which a page is to be read: its first, or one that continues what was read.
pub(super) struct Unfinished {
    candidate: Candidate,
    begun: Option<Begun>,
}

struct Begun {
    /// How the first page was read.
    page: PageRead,
    extraction: Extraction,
}

/// What is to be done with a candidate next.
pub(super) enum Step {
    Read(Box<Unfinished>),
    End(Processed),
}

/// What became of a candidate.
pub(super) enum Processed {
    Done(Box<Done>),
    Again(Box<Attempt>),
    /// It met a bug of ours.
    Broken(String),
}

/// An article to store, and what there is to say of its pages.
pub(super) struct Done {
    pub(super) article: StoredArticle,
    /// The rules of the site that did not match its page; none when no page was read.
    pub(super) unmatched: Option<Vec<RuleName>>,
    /// Why the text breaks off.
    pub(super) incomplete: Option<String>,
}

impl Processed {
    /// The page that was read or is to be read.
    pub(super) fn page(&self) -> Option<&Url> {
        match self {
            Self::Done(done) => Some(&done.article.link),
            Self::Again(attempt) => attempt.entry.link.as_ref(),
            Self::Broken(_) => None,
        }
    }

    pub(super) fn article(&self) -> Option<&StoredArticle> {
        match self {
            Self::Done(done) => Some(&done.article),
            Self::Again(_) | Self::Broken(_) => None,
        }
    }
}

impl Unfinished {
    pub(super) fn new(candidate: Candidate) -> Self {
        Self { candidate, begun: None }
    }

    /// The page to read; none when the entry is the whole article.
    pub(super) fn page_url(&self, feed: &Feed) -> Option<&Url> {
        match &self.begun {
            None => self.candidate.page_url(feed),
            Some(begun) => begun.extraction.next_page(),
        }
    }

    fn read(&mut self, feed: &Feed, response: &Response, now: Instant) -> Result<(), extract::Failure> {
        let page = extract::Page {
            html: &response.body,
            url: &response.url,
            content_type: response.content_type.as_deref(),
            entry: Some(&self.candidate.entry).filter(|_| self.begun.is_none()),
            timezone: feed.timezone,
            fetched_at: Some(now),
        };
        match &mut self.begun {
            Some(begun) => begun.extraction.join(&page, &feed.article)?,
            None => self.begun = Some(Begun { page: page_read(response, now), extraction: extract::read(&page, &feed.article)? }),
        }
        Ok(())
    }
}

/// Makes an article of a candidate and its page, or asks for the page that continues it. What can be tried again later is; at the
/// end of the attempts the entry's own text is used and marked.
pub(super) fn process(feed: &Feed, matcher: &Matcher, unfinished: Unfinished, page: Page, now: Instant) -> Step {
    let broken = format!("`{}` met a bug in topicwire and was left out; please report its address", unfinished.candidate.url);
    // An entry that finds a bug of ours costs itself, not the poll.
    catch_unwind(AssertUnwindSafe(|| decide(feed, matcher, unfinished, page, now))).unwrap_or(Step::End(Processed::Broken(broken)))
}

fn decide(feed: &Feed, matcher: &Matcher, mut unfinished: Unfinished, page: Page, now: Instant) -> Step {
    let answer = match page {
        Page::NotNeeded => return Step::End(from_entry(feed, matcher, unfinished.candidate, None, now)),
        Page::Asked(answer) => *answer,
    };
    let (reason, attempts) = match answer {
        Answer::Fresh(response) => match unfinished.read(feed, &response, now) {
            Ok(()) if unfinished.page_url(feed).is_some() => return Step::Read(Box::new(unfinished)),
            Ok(()) => return Step::End(finished(feed, matcher, unfinished, None, now)),
            // What continues an article in name only will not do so later.
            Err(failure) => (failure.to_string(), if unfinished.begun.is_some() { 0 } else { ATTEMPTS_AT_NO_ARTICLE }),
        },
        Answer::Throttled { .. } => {
            let reason = "the site asks to be left alone for a while".to_owned();
            if now - unfinished.candidate.since < PATIENCE {
                return Step::End(Processed::Again(Box::new(unfinished.candidate.later(reason))));
            }
            (reason, 0)
        }
        Answer::NotModified { .. } => ("the page answered \"not modified\" to an unconditional request".to_owned(), ATTEMPTS),
        Answer::Gone => ("the page is gone (410)".to_owned(), 0),
        Answer::Failed(failure) => (failure.to_string(), attempts(&failure)),
    };
    if unfinished.candidate.attempts + 1 < attempts {
        return Step::End(Processed::Again(Box::new(unfinished.candidate.again(reason))));
    }
    Step::End(finished(feed, matcher, unfinished, Some(reason), now))
}

fn attempts(failure: &fetch::Failure) -> u32 {
    match failure {
        fetch::Failure::Dns(_) | fetch::Failure::Temporary(_) => ATTEMPTS,
        fetch::Failure::Permanent(_) | fetch::Failure::Missing(_) => ATTEMPTS_AT_NO_ARTICLE,
        fetch::Failure::Robots(_) => 0,
    }
}

/// The article of all pages that could be read. `failure` says why the last could not.
fn finished(feed: &Feed, matcher: &Matcher, unfinished: Unfinished, failure: Option<String>, now: Instant) -> Processed {
    let Unfinished { candidate, begun } = unfinished;
    let Some(Begun { page, extraction }) = begun else { return from_entry(feed, matcher, candidate, failure, now) };
    let unmatched = Some(extraction.unmatched().to_vec());
    let article = stored(feed, matcher, candidate, extraction.into_article(), Some(page), BodySource::Page, now);
    Processed::Done(Box::new(Done { article, unmatched, incomplete: failure }))
}

/// The article that an entry is by itself. `failure` says why its page is missing; none when it was not needed.
fn from_entry(feed: &Feed, matcher: &Matcher, candidate: Candidate, failure: Option<String>, now: Instant) -> Processed {
    let body_source = if failure.is_none() && candidate.entry.content.is_some() { BodySource::Feed } else { BodySource::Summary };
    let article = own_text(feed, &candidate.entry);
    let mut article = stored(feed, matcher, candidate, article, None, body_source, now);
    article.note = failure;
    Processed::Done(Box::new(Done { article, unmatched: None, incomplete: None }))
}

/// What an entry says itself.
fn own_text(feed: &Feed, entry: &Entry) -> Article {
    let base = entry.link.as_ref().unwrap_or(feed.url.as_url());
    let own = entry.content.as_deref().or(entry.summary.as_deref()).unwrap_or_default();
    let (html, text) = extract::fragment(own, base);
    let mut article = Article { html, ..Article::default() };
    article.text = article.provenance.take(Part::Body, Some((text, Origin::FeedEntry))).unwrap_or_default();
    article
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
        let page = extract::Page {
            html: &response.body,
            url: &response.url,
            content_type: response.content_type.as_deref(),
            entry: Some(&entry),
            timezone: feed.timezone,
            fetched_at: Some(now),
        };
        // Of an article that goes on elsewhere the first page alone tells nothing.
        let read = extract::read(&page, &feed.article).ok().filter(|read| read.next_page().is_none())?;
        let article = completed(read.into_article(), entry.clone(), feed, now);
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

/// Whether what states a time does so of the article, and to the minute. A line somewhere on the page may be about something else, and
/// an address names a day at most.
fn is_certain_of_time(origin: Origin) -> bool {
    match origin {
        Origin::SiteRule
        | Origin::JsonLd
        | Origin::Microdata
        | Origin::OpenGraph
        | Origin::DublinCore
        | Origin::Meta
        | Origin::Element
        | Origin::FeedEntry
        | Origin::Configuration => true,
        Origin::Url | Origin::VisibleText | Origin::Content => false,
    }
}

/// Fills what the page did not say from what the entry, and then the configuration, says. A time that is only guessed from what the
/// page shows gives way to that of the entry.
fn completed(article: Article, entry: Entry, feed: &Feed, now: Instant) -> Article {
    fn said<T>(origin: Origin) -> impl Fn(T) -> (T, Origin) {
        move |value| (value, origin)
    }
    let mut provenance = article.provenance;
    let entry_title = entry.title.filter(|title| !title.is_empty());
    let title = Some(article.title).filter(|title| !title.is_empty());
    let title = provenance.or(Part::Title, title, entry_title.map(said(Origin::FeedEntry)));
    let own_language = feed.language.clone().map(said(Origin::Configuration));
    let authors = Some(article.authors).filter(|authors| !authors.is_empty());
    let entry_authors = Some(entry.authors).filter(|authors| !authors.is_empty());
    let tags = Some(article.tags).filter(|tags| !tags.is_empty());
    let categories = Some(entry.categories).filter(|categories| !categories.is_empty());
    let is_guess = provenance.get(Part::Published).is_some_and(|origin| !is_certain_of_time(origin));
    let published = article.published.filter(|time| *time <= now + AHEAD && !(is_guess && entry.published.is_some()));
    Article {
        title: title.unwrap_or_else(|| format!("{} {}", feed.name, entry.id)),
        published: provenance.or(Part::Published, published, entry.published.map(said(Origin::FeedEntry))),
        modified: provenance.or(Part::Modified, article.modified, entry.updated.map(said(Origin::FeedEntry))),
        language: provenance.or(Part::Language, article.language, entry.language.map(said(Origin::FeedEntry)).or(own_language)),
        authors: provenance.or(Part::Authors, authors, entry_authors.map(said(Origin::FeedEntry))).unwrap_or_default(),
        image: provenance.or(Part::Image, article.image, entry.image.map(said(Origin::FeedEntry))),
        tags: provenance.or(Part::Tags, tags, categories.map(said(Origin::FeedEntry))).unwrap_or_default(),
        provenance,
        ..article
    }
}
