//! What a poll found of articles that are known already, and what of that is committed with its news. Pure.

use std::collections::BTreeMap;

use super::identity::{self, Recognised};
use super::report::{Outcome, Report};
use super::watch::{self, Again};
use crate::config::Feed;
use crate::model::{Alarm, BodySource, Identity, Instant, PollCommit, StoredArticle, UrlHash, Watch};
use crate::ops::{self, Seen};

/// What the store has to say.
pub(super) struct Stored {
    /// The articles that were recognised.
    pub(super) articles: Vec<StoredArticle>,
    /// The feed's alarms so far.
    pub(super) alarms: Vec<Alarm>,
}

/// What was found beside the news.
pub(super) struct Found {
    /// Of each listed article, how its entry reads.
    pub(super) digests: BTreeMap<UrlHash, String>,
    /// The young articles that were not read again.
    pub(super) watched: Vec<Watch>,
    pub(super) again: Vec<Again>,
    pub(super) recognised: Vec<Recognised>,
    /// Known articles with other ids.
    pub(super) renamed: Vec<(Identity, UrlHash)>,
    pub(super) stored: Stored,
    pub(super) gap: bool,
}

/// Adds it to what the poll commits. Returns with it the known articles that are to be replaced.
pub(super) fn conclude(
    feed: &Feed,
    found: Found,
    mut commit: PollCommit,
    report: &Report,
    now: Instant,
) -> (PollCommit, Vec<StoredArticle>) {
    let Found { digests, mut watched, again, recognised, renamed, stored, gap } = found;
    identity::remember(&mut commit, &recognised);
    commit.aliases.extend(renamed);
    let mut corrected: BTreeMap<UrlHash, StoredArticle> = BTreeMap::new();
    for Again { watch, article } in again {
        watched.push(watch);
        corrected.extend(article.map(|article| (article.key, *article)));
    }
    watch::follow(&mut watched, &recognised);
    watched.extend(commit.articles.iter().map(|article| watch::new(feed, article, digests.get(&article.key), now)));
    commit.state.watched = watched;
    follow(&mut corrected, &recognised, stored.articles);
    ops::remember(&mut commit.state.bodies, commit.articles.iter().filter_map(yielded));
    let flood = Some(recognised.len()).filter(|count| identity::is_flood(*count, commit.articles.len())).unwrap_or_default();
    let seen = Seen { document: report.outcome == Outcome::Read, gap, flood };
    commit.alarms = ops::after_poll(feed, &commit.state, seen, &stored.alarms, now);
    (commit, corrected.into_values().collect())
}

/// Sends readers to where the articles are now. That is no correction.
fn follow(corrected: &mut BTreeMap<UrlHash, StoredArticle>, recognised: &[Recognised], stored: Vec<StoredArticle>) {
    for article in stored {
        let link = recognised.iter().rev().find(|each| each.key == article.key).and_then(|each| each.link.clone());
        if let Some(link) = link.filter(|link| *link != article.link) {
            corrected.entry(article.key).or_insert(article).link = link;
        }
    }
}

/// Whether the article's page yielded it; none when it was not asked for.
fn yielded(article: &StoredArticle) -> Option<bool> {
    match article.body_source {
        BodySource::Page => Some(true),
        BodySource::Feed | BodySource::Summary => article.note.as_ref().map(|_| false),
    }
}
