//! `[[topic]]`: the topics and how they are published.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use indexmap::IndexMap;

use super::secret::{Secret, tokens};
use super::table::{Mistakes, Table};
use super::{DEFAULT_ENTRIES, Webhook, Wire, clamp, email, report_doubles, republish};
use crate::model::{FeedUrl, TopicId};
use crate::text::Lemmas;
use crate::topic::{DEFAULT_THRESHOLD, Learned, RuleError, Rules, Topic, lint};

/// `has_relay`: there is an `[email]`.
pub(super) fn read(root: &mut Table<'_>, feeds: &[&str], has_relay: bool, mistakes: &mut Mistakes<'_>) -> IndexMap<TopicId, Arc<Wire>> {
    let tables = root.tables("topic", mistakes);
    report_doubles(&tables, "topic", mistakes);
    let names: Vec<&str> = tables.iter().filter_map(|table| table.peek("id")).map(|(id, _)| id).collect();
    let mut wires = IndexMap::with_capacity(tables.len());
    for table in tables {
        let place = table.peek("rules").map_or(table.span(), |(_, span)| span);
        let Some(wire) = wire(table, has_relay, mistakes) else { continue };
        for topic in wire.topic.rules.topics().filter(|topic| !names.contains(&topic.as_str())) {
            mistakes.add(place.clone(), format!("the rules build on `topic:{topic}`, and there is no such topic"));
        }
        for feed in wire.topic.rules.feeds().filter(|feed| !feeds.contains(feed)) {
            mistakes.add(place.clone(), format!("the rules ask for `feed:{feed}`, and there is no such feed"));
        }
        wires.insert(wire.topic.id.clone(), (wire, place));
    }
    for (topic, (_, place)) in &wires {
        if builds_on_itself(topic, &wires) {
            mistakes.add(place.clone(), format!("the topic `{topic}` builds on itself: no article can be on it"));
        }
    }
    wires.into_iter().map(|(topic, (wire, _))| (topic, Arc::new(wire))).collect()
}

/// Whether following `topic:` leads back to where it began.
fn builds_on_itself(start: &TopicId, wires: &IndexMap<TopicId, (Wire, Range<usize>)>) -> bool {
    let (mut reached, mut next) = (BTreeSet::new(), vec![start]);
    while let Some(id) = next.pop() {
        let rules = wires.get(id).map(|(wire, _)| &wire.topic.rules);
        next.extend(rules.into_iter().flat_map(Rules::topics).filter(|topic| reached.insert(*topic)));
    }
    reached.contains(start)
}

fn wire(mut table: Table<'_>, has_relay: bool, mistakes: &mut Mistakes<'_>) -> Option<Wire> {
    let id = table.required("id", mistakes, |id| TopicId::new(id));
    let title = table.text("title", mistakes).map(|title| title.into_inner().to_owned());
    let description = table.text("description", mistakes).map(|text| text.into_inner().to_owned());
    let threshold = table.decimal("threshold", mistakes).unwrap_or(DEFAULT_THRESHOLD);
    let entries = table.number("entries", 1..=1000, mistakes).map_or(DEFAULT_ENTRIES, clamp);
    let republish = table.parsed("republish", mistakes, republish).unwrap_or_default();
    let reasons = table.flag("reasons", mistakes).unwrap_or(true);
    let learned = table.flag("learn", mistakes).unwrap_or(false).then(Learned::default);
    let webhook = table.table("webhook", mistakes).and_then(|table| webhook(table, mistakes));
    let digest = table.table("digest", mistakes).map(|table| email::digest(table, has_relay, mistakes));
    let tokens = tokens(&mut table, mistakes);
    let rules = rules(&mut table, mistakes);
    table.finish(mistakes);
    let id = id?;
    let title = title.unwrap_or_else(|| id.to_string());
    let topic = Topic { learned, ..Topic::new(id, threshold, rules?) };
    Some(Wire { topic, title, description, entries, republish, reasons, webhook, digest, tokens })
}

fn webhook(mut table: Table<'_>, mistakes: &mut Mistakes<'_>) -> Option<Webhook> {
    let url = table.required("url", mistakes, FeedUrl::new);
    let secret = table.required("secret", mistakes, Secret::parse);
    let allow_private = table.flag("allow_private", mistakes).unwrap_or(false);
    table.finish(mistakes);
    Some(Webhook { url: url?.as_url().clone(), secret: secret?, allow_private })
}

fn rules(table: &mut Table<'_>, mistakes: &mut Mistakes<'_>) -> Option<Rules> {
    let count = mistakes.count();
    let Some(text) = table.text("rules", mistakes) else {
        if mistakes.count() == count {
            mistakes.add(table.span(), "a topic without `rules` matches nothing: write rules = \"\"\"…\"\"\", one rule a line");
        }
        return None;
    };
    let errors = match Rules::parse(text.get_ref()) {
        Ok(rules) => return Some(rules),
        Err(errors) => errors,
    };
    add_at(text.span(), errors, mistakes);
    None
}

/// Remarks on the rules of all topics.
pub(super) fn remark(root: &mut Table<'_>, remarks: &mut Mistakes<'_>) {
    let lemmas = Lemmas::default();
    // What is wrong with the tables is for `read` to say.
    for (rules, place) in root.tables("topic", &mut Mistakes::new("")).iter().filter_map(|table| table.peek("rules")) {
        add_at(place, lint(rules, &lemmas), remarks);
    }
}

/// Adds what is said of the rules that are written at `place`.
fn add_at(place: Range<usize>, errors: Vec<RuleError>, mistakes: &mut Mistakes<'_>) {
    // Places inside the text are those of the file as long as the text is written as it is, without escapes.
    let written = mistakes.written(place.clone());
    let quotes = ["\"\"\"\r\n", "'''\r\n", "\"\"\"\n", "'''\n", "\"\"\"", "'''"].iter().find(|quotes| written.starts_with(**quotes));
    let start = place.start + quotes.map_or(1, |quotes| quotes.len());
    for error in errors {
        let place = mistakes.place(start, error.line, error.column);
        mistakes.add(place..place, error.message);
    }
}
