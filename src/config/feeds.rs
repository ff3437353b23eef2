//! `[[feed]]`: the agencies.

use std::sync::Arc;
use std::time::Duration;

use scraper::Selector;

use super::secret::tokens;
use super::table::{Mistakes, Table};
use super::{Feed, Kind, access, address_key, report_doubles, republish};
use crate::extract::{self, SiteRules};
use crate::feed::ListingRules;
use crate::model::{FeedId, FeedUrl, Language};
use crate::schedule::Interval;

pub(super) const DEFAULT_INTERVAL: Interval = Interval { min: Duration::from_mins(10), max: Duration::from_hours(4) };

const SHORTEST: Duration = Duration::from_mins(1);
const LONGEST: Duration = Duration::from_hours(720);

pub(super) fn read(tables: Vec<Table<'_>>, interval: Interval, mistakes: &mut Mistakes<'_>) -> Vec<Arc<Feed>> {
    report_doubles(&tables, "feed", mistakes);
    tables.into_iter().filter_map(|table| feed(table, interval, mistakes)).map(Arc::new).collect()
}

/// Remarks on feeds that stand there twice: the one that reads an article first has it.
pub(super) fn remark(root: &mut Table<'_>, remarks: &mut Mistakes<'_>) {
    let mut known: Vec<(String, &str)> = Vec::new();
    for table in root.tables("feed", &mut Mistakes::new("")) {
        let (Some((id, _)), Some((url, place))) = (table.peek("id"), table.peek("url")) else { continue };
        let Ok(url) = FeedUrl::new(url) else { continue };
        let address = address_key(&url);
        match known.iter().find(|(other, _)| *other == address) {
            Some((_, other)) => {
                remarks.add(place, format!("the feed `{other}` has this address too: both are polled, for the same articles"));
            }
            None => known.push((address, id)),
        }
    }
}

fn feed(mut table: Table<'_>, default: Interval, mistakes: &mut Mistakes<'_>) -> Option<Feed> {
    let id = table.required("id", mistakes, |id| FeedId::new(id));
    let url = table.required("url", mistakes, FeedUrl::new);
    let name = table.text("name", mistakes).map(|name| name.into_inner().to_owned());
    let kind = kind(&mut table, mistakes);
    let language = table.parsed("language", mistakes, Language::new);
    let timezone = table.parsed("timezone", mistakes, timezone);
    let interval = interval(&mut table, default, mistakes);
    let full_text = table.flag("full_text", mistakes).unwrap_or(true);
    let allow_private = table.flag("allow_private", mistakes).unwrap_or(false);
    let sitemap = table.parsed("sitemap", mistakes, FeedUrl::new);
    let paused = table.flag("paused", mistakes).unwrap_or(false);
    let access = access::read(&mut table, mistakes);
    let republish = table.parsed("republish", mistakes, republish).unwrap_or_default();
    let reasons = table.flag("reasons", mistakes).unwrap_or(true);
    let folder = table.texts("folder", mistakes).into_iter().map(|name| name.into_inner().to_owned()).collect();
    let tokens = tokens(&mut table, mistakes);
    let article = table.table("article", mistakes).map(|rules| site_rules(rules, mistakes)).unwrap_or_default();
    table.finish(mistakes);
    let (id, url) = (id?, url?);
    let name = name.unwrap_or_else(|| id.to_string());
    Some(Feed {
        id,
        name,
        url,
        kind: kind?,
        language,
        timezone,
        interval,
        full_text,
        allow_private,
        sitemap,
        paused,
        access,
        republish,
        reasons,
        folder,
        tokens,
        article,
    })
}

/// `interval` is the shortest and `max_interval` the longest time between two polls.
pub(super) fn interval(table: &mut Table<'_>, default: Interval, mistakes: &mut Mistakes<'_>) -> Interval {
    let min = table.duration("interval", SHORTEST..=LONGEST, mistakes).unwrap_or(default.min);
    let max = table.duration("max_interval", SHORTEST..=LONGEST, mistakes);
    if let Some(max) = max.filter(|max| *max < min) {
        let [min, max] = [min, max].map(humantime::format_duration);
        mistakes.add(table.span(), format!("`max_interval` ({max}) is shorter than `interval` ({min})"));
    }
    Interval { min, max: max.unwrap_or(default.max).max(min) }
}

pub(super) fn timezone(text: &str) -> Result<chrono_tz::Tz, String> {
    text.parse().map_err(|_| format!("there is no time zone `{text}`: write its IANA name, as in \"Asia/Almaty\""))
}

fn kind(table: &mut Table<'_>, mistakes: &mut Mistakes<'_>) -> Option<Kind> {
    let name = table.parsed("kind", mistakes, |text| match text {
        "feed" | "listing" | "sitemap" => Ok(text.to_owned()),
        _ => Err(format!("there is no kind `{text}`: write \"feed\", \"listing\" or \"sitemap\"")),
    });
    let span = table.span();
    let listing = table.table("listing", mistakes).map(|rules| listing(rules, mistakes));
    match (name.as_deref(), listing) {
        (None | Some("listing"), Some(rules)) => rules.map(|rules| Kind::Listing(Box::new(rules))),
        (Some("listing"), None) => {
            mistakes.add(span, "a listing page needs to know where its items are: write listing = { item = \".card\" }");
            None
        }
        (Some("sitemap"), None) => Some(Kind::Sitemap),
        (_, None) => Some(Kind::Feed),
        (_, Some(_)) => {
            mistakes.add(span, "`listing` is for feeds of the kind \"listing\" only");
            None
        }
    }
}

fn listing(mut table: Table<'_>, mistakes: &mut Mistakes<'_>) -> Option<ListingRules> {
    let item = table.required("item", mistakes, extract::selector);
    let [link, title, time, summary] = ["link", "title", "time", "summary"].map(|key| table.parsed(key, mistakes, extract::selector));
    table.finish(mistakes);
    Some(ListingRules { item: item?, link, title, time, summary })
}

fn site_rules(mut table: Table<'_>, mistakes: &mut Mistakes<'_>) -> SiteRules {
    let keys = ["body", "title", "date", "author", "remove", "next_page"];
    let [body, title, date, author, remove, next_page] = keys.map(|key| selectors(&mut table, key, mistakes));
    table.finish(mistakes);
    SiteRules { body, title, date, author, remove, next_page }
}

/// One selector or a list of them: a list means any of them.
fn selectors(table: &mut Table<'_>, key: &'static str, mistakes: &mut Mistakes<'_>) -> Option<Selector> {
    let texts = table.texts(key, mistakes);
    let count = mistakes.count();
    for text in &texts {
        if let Err(error) = extract::selector(text.get_ref()) {
            mistakes.add(text.span(), error);
        }
    }
    let joined: Vec<&str> = texts.into_iter().map(toml::Spanned::into_inner).collect();
    if joined.is_empty() || mistakes.count() > count { None } else { extract::selector(&joined.join(", ")).ok() }
}
