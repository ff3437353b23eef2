//! What the answer to a poll means. Pure.

use std::time::Duration;

use url::Url;

use super::gap::Sequel;
use super::report::Outcome;
use crate::config::{Feed, Kind};
use crate::feed::{self, Context, Index, Warning};
use crate::fetch::{Answer, Response};
use crate::model::{Document, Instant, Validators};
use crate::schedule::Trouble;
use crate::websub::{self, Delivery, Sighting};

/// What an answer means.
pub(super) struct Reading {
    pub(super) outcome: Outcome,
    pub(super) document: Document,
    pub(super) warnings: Vec<String>,
    /// As the answer gave them; none when it brought no document.
    pub(super) validators: Option<Validators>,
    /// The document lists only what is new (RFC 3229).
    pub(super) is_delta: bool,
    /// The address that was asked, and the new one that the server named for good.
    pub(super) asked: Option<Url>,
    pub(super) moved: Option<Url>,
    pub(super) max_age: Option<Duration>,
    pub(super) retry_after: Option<Duration>,
    /// How bad it is when it failed.
    pub(super) trouble: Trouble,
    /// What it says of its hub.
    pub(super) hub: Sighting,
    /// A hub sent it: nothing was asked.
    pub(super) is_pushed: bool,
    /// How it follows upon the last one.
    pub(super) sequel: Sequel,
    /// The sitemaps that it lists, when that is all that it does.
    pub(super) index: Option<Index>,
}

/// Reads the answer to a poll at `asked`, which is a document of that `kind`.
pub(super) fn read(feed: &Feed, kind: &Kind, asked: &Url, answer: Answer, now: Instant) -> Reading {
    let reading = match answer {
        Answer::Fresh(response) => read_document(feed, kind, response, now),
        Answer::NotModified { validators, max_age, moved } => {
            Reading { validators: Some(validators), max_age, moved, ..Reading::without_document(Outcome::Unchanged) }
        }
        Answer::Gone => Reading::without_document(Outcome::Gone),
        Answer::Throttled { retry_after } => Reading { retry_after, ..Reading::without_document(Outcome::Throttled) },
        Answer::Failed(failure) => {
            Reading { trouble: failure.trouble(), ..Reading::without_document(Outcome::Failed { reason: failure.to_string() }) }
        }
    };
    Reading { asked: Some(asked.clone()), ..reading }
}

/// Reads what a hub sent. It lists what is new, or everything, or it only says that there is something new: then it cannot be read.
pub(super) fn read_push(feed: &Feed, push: Delivery, now: Instant) -> Option<Reading> {
    let response = Response {
        url: push.topic,
        moved: None,
        content_type: push.content_type,
        body: push.body,
        validators: Validators::default(),
        max_age: None,
        links: Vec::new(),
        is_delta: true,
    };
    let reading = read_document(feed, &feed.kind, response, now);
    let has_news = reading.outcome == Outcome::Read && !reading.document.entries.is_empty();
    has_news.then_some(Reading { hub: Sighting::Unknown, is_pushed: true, validators: None, ..reading })
}

fn read_document(feed: &Feed, kind: &Kind, response: Response, now: Instant) -> Reading {
    let context = Context { url: &response.url, content_type: response.content_type.as_deref(), timezone: feed.timezone, now: Some(now) };
    let parsed = match kind {
        Kind::Feed => feed::parse(&response.body, &context),
        Kind::Listing(rules) => feed::parse_listing(&response.body, &context, rules),
        Kind::Sitemap => feed::parse_sitemap(&response.body, &context),
    };
    match parsed {
        Ok((document, warnings)) => Reading {
            hub: websub::offer(&response.links, &document, &response.url).map_or(Sighting::NoHub, Sighting::Hub),
            // What is cut off must come whole the next time, and not be "not modified".
            validators: Some(if document.is_cut { Validators::default() } else { response.validators }),
            document,
            warnings: warnings.into_iter().map(|Warning(text)| text).collect(),
            is_delta: response.is_delta,
            moved: response.moved,
            max_age: response.max_age,
            ..Reading::without_document(Outcome::Read)
        },
        Err(feed::Error::Index(index)) => Reading {
            // What does not say when its parts change does not change with them.
            validators: Some(response.validators).filter(|_| index.is_dated).or_else(|| Some(Validators::default())),
            moved: response.moved,
            max_age: response.max_age,
            ..Reading::of_index(index)
        },
        // The validators of a document that could not be read are not kept: the next answer must not be "not modified".
        Err(error) => Reading::without_document(Outcome::Failed { reason: error.to_string() }),
    }
}

/// Puts the parts of an index in its place.
pub(super) fn assemble(index: Reading, parts: Vec<Reading>) -> Reading {
    let mut whole = index;
    for part in parts {
        whole.warnings.extend(part.warnings);
        match part.outcome {
            Outcome::Read => {
                whole.outcome = Outcome::Read;
                whole.document.entries.extend(part.document.entries);
                continue;
            }
            Outcome::Failed { reason } => whole.warnings.push(format!("a part of the sitemap could not be read: {reason}")),
            Outcome::Throttled if whole.outcome != Outcome::Read => {
                (whole.outcome, whole.retry_after) = (Outcome::Throttled, part.retry_after);
            }
            Outcome::Throttled | Outcome::Unchanged | Outcome::Gone => {}
        }
        // The next answer must not be "not modified".
        whole.validators = whole.validators.map(|_| Validators::default());
    }
    whole
}

impl Reading {
    /// An index fails unless one of its parts is read.
    fn of_index(index: Index) -> Self {
        let reason = feed::Error::Index(index.clone()).to_string();
        Self { index: Some(index), ..Self::without_document(Outcome::Failed { reason: format!("{reason}, none of which could be read") }) }
    }

    pub(super) fn broken() -> Self {
        Self::without_document(Outcome::Failed { reason: "the document met a bug in topicwire; please report its address".to_owned() })
    }

    fn without_document(outcome: Outcome) -> Self {
        Self {
            outcome,
            document: Document::default(),
            warnings: Vec::new(),
            validators: None,
            is_delta: false,
            asked: None,
            moved: None,
            max_age: None,
            retry_after: None,
            trouble: Trouble::Soft,
            hub: Sighting::Unknown,
            is_pushed: false,
            sequel: Sequel::default(),
            index: None,
        }
    }
}
