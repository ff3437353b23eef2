//! Changes to the text of feeds.toml that keep its remarks and its order. Pure: text in, text out.
//!
//! What comes out is not checked beyond what a change needs: whoever writes it to the file parses it first.

use toml_edit::{Array, ArrayOfTables, Decor, DocumentMut, Item, Table, value};

use crate::model::{FeedId, FeedUrl, TopicId};

/// A change to the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    AddFeed(NewFeed),
    RemoveFeed(FeedId),
    PauseFeed(FeedId),
    ResumeFeed(FeedId),
    AddTopic { id: TopicId, title: Option<String>, rules: String },
}

/// A feed to add: what differs from the defaults is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFeed {
    pub id: FeedId,
    pub name: Option<String>,
    pub url: FeedUrl,
    pub is_sitemap: bool,
    pub allow_private: bool,
    pub folder: Vec<String>,
}

/// Makes all changes, one after the other.
///
/// # Errors
/// Why one of them cannot be made, for people.
pub fn changed(text: &str, changes: &[Change]) -> Result<String, String> {
    // As some editors write them; a file has one kind.
    let has_returns = text.split_inclusive('\n').next().is_some_and(|line| line.ends_with("\r\n"));
    let lines = text.replace("\r\n", "\n");
    let mut document: DocumentMut = lines.parse().map_err(|error: toml_edit::TomlError| format!("not TOML: {}", error.message()))?;
    changes.iter().try_for_each(|change| make(change, &mut document))?;
    let edited = document.to_string();
    Ok(if has_returns { edited.replace('\n', "\r\n") } else { edited })
}

fn make(change: &Change, document: &mut DocumentMut) -> Result<(), String> {
    match change {
        Change::AddFeed(feed) => add(document, "feed", feed.table()),
        Change::RemoveFeed(id) => remove(document, id.as_str()),
        Change::PauseFeed(id) => feed(document, id.as_str()).map(|feed| pause(feed, true)),
        Change::ResumeFeed(id) => feed(document, id.as_str()).map(resume),
        Change::AddTopic { id, title, rules } => {
            let mut table = named(id.as_str());
            if let Some(title) = title {
                table.insert("title", value(title.as_str()));
            }
            table.insert("rules", value(rules.as_str()));
            add(document, "topic", table)
        }
    }
}

impl NewFeed {
    /// Its lines, under `[[feed]]`.
    pub(super) fn table(&self) -> Table {
        let mut table = named(self.id.as_str());
        if let Some(name) = &self.name {
            table.insert("name", value(name.as_str()));
        }
        table.insert("url", value(self.url.as_url().as_str()));
        if self.is_sitemap {
            table.insert("kind", value("sitemap"));
        }
        if self.allow_private {
            table.insert("allow_private", value(true));
        }
        match self.folder.as_slice() {
            [] => {}
            [folder] => _ = table.insert("folder", value(folder.as_str())),
            folders => _ = table.insert("folder", value(folders.iter().map(String::as_str).collect::<Array>())),
        }
        table
    }
}

fn named(id: &str) -> Table {
    let mut table = Table::new();
    table.decor_mut().set_prefix("\n");
    table.insert("id", value(id));
    table
}

/// Puts it behind the others of its kind; where these stand last, behind all that the text ends with.
fn add(document: &mut DocumentMut, kind: &str, mut table: Table) -> Result<(), String> {
    let last = document.iter_mut().flat_map(|(_, item)| tables(item)).filter_map(|table| table.position()).max();
    let others = document.entry(kind).or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    if let Some(others) = others.as_array_mut() {
        // `feed = [{ … }]`.
        others.push(table.into_inline_table());
        return Ok(());
    }
    let others = others.as_array_of_tables_mut().ok_or_else(|| by_hand(kind))?;
    if let Some(id) = id(&table).filter(|wanted| others.iter().any(|other| id(other) == Some(wanted))) {
        return Err(format!("there is a {kind} `{id}` already"));
    }
    let before = others.iter().last().and_then(Table::position);
    if before.is_none() || before == last {
        let end = document.trailing().as_str().unwrap_or_default().to_owned();
        document.set_trailing("");
        table.decor_mut().set_prefix(format!("{end}\n"));
    }
    if let Some(others) = document.get_mut(kind).and_then(Item::as_array_of_tables_mut) {
        others.push(table);
    }
    Ok(())
}

fn feed<'a>(document: &'a mut DocumentMut, wanted: &str) -> Result<&'a mut Table, String> {
    let feeds = feeds(document, wanted)?;
    feeds.iter_mut().find(|table| id(table) == Some(wanted)).ok_or_else(|| unknown(wanted))
}

/// Writes whether a feed is paused; what is remarked beside that stays.
fn pause(feed: &mut Table, is_paused: bool) {
    match feed.get_mut("paused").and_then(Item::as_value_mut) {
        Some(paused) => {
            let remarks = paused.decor().clone();
            *paused = is_paused.into();
            *paused.decor_mut() = remarks;
        }
        None => _ = feed.insert("paused", value(is_paused)),
    }
}

/// Takes the line away, unless something is remarked beside or above it.
fn resume(feed: &mut Table) {
    let remarks = |decor: &Decor| {
        let around = [decor.prefix(), decor.suffix()];
        around.into_iter().flatten().any(|around| around.as_str().is_some_and(|text| text.contains('#')))
    };
    let Some((key, item)) = feed.get_key_value("paused") else { return };
    if remarks(key.leaf_decor()) || item.as_value().is_some_and(|paused| remarks(paused.decor())) {
        pause(feed, false);
    } else {
        feed.remove("paused");
    }
}

/// Removes a feed with the remark right above it. Remarks further up, behind an empty line, are about more than this feed: they stay.
fn remove(document: &mut DocumentMut, wanted: &str) -> Result<(), String> {
    let feeds = feeds(document, wanted)?;
    let index = feeds.iter().position(|table| id(table) == Some(wanted)).ok_or_else(|| unknown(wanted))?;
    let removed = feeds.remove(index);
    let above = prefix(&removed);
    let kept = above.rfind("\n\n").map_or("", |end| above.get(..=end).unwrap_or_default());
    if kept.trim().is_empty() {
        return Ok(());
    }
    let next = document.iter_mut().flat_map(|(_, item)| tables(item)).filter(|table| table.position() > removed.position());
    if let Some(next) = next.min_by_key(|table| table.position()) {
        let both = format!("{kept}{}", prefix(next));
        next.decor_mut().set_prefix(both);
    } else {
        let both = format!("{kept}{}", document.trailing().as_str().unwrap_or_default());
        document.set_trailing(both);
    }
    Ok(())
}

/// The feeds, of which one is wanted.
fn feeds<'a>(document: &'a mut DocumentMut, wanted: &str) -> Result<&'a mut ArrayOfTables, String> {
    match document.get_mut("feed") {
        None => Err(unknown(wanted)),
        Some(feeds) => feeds.as_array_of_tables_mut().ok_or_else(|| by_hand("feed")),
    }
}

fn tables(item: &mut Item) -> Vec<&mut Table> {
    match item {
        Item::Table(table) => vec![table],
        Item::ArrayOfTables(tables) => tables.iter_mut().collect(),
        Item::None | Item::Value(_) => Vec::new(),
    }
}

fn prefix(table: &Table) -> &str {
    table.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default()
}

fn id(table: &Table) -> Option<&str> {
    table.get("id")?.as_str()
}

fn unknown(id: &str) -> String {
    format!("there is no feed `{id}`; `topicwire feed list` names them")
}

fn by_hand(kind: &str) -> String {
    format!("`{kind}` is not written as [[{kind}]] tables: change the file by hand")
}
