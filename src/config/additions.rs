//! Feeds added to the text of feeds.toml, whose other lines stay as they are, remarks and all. Pure.

use std::collections::BTreeSet;

use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, value};

use super::{Config, Mistake};
use crate::model::{CanonicalUrl, FeedId, FeedUrl};

/// A feed to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    /// Its id is made from this, and from the address where this has no letters.
    pub title: String,
    pub url: FeedUrl,
    pub is_sitemap: bool,
    pub folder: Vec<String>,
}

/// What became of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Additions {
    pub text: String,
    /// What was added to it.
    pub tables: String,
    /// The new feeds, in order.
    pub added: Vec<(FeedId, FeedUrl)>,
    /// Those that the configuration, or the same list further up, has already: nothing was changed for them.
    pub known: Vec<FeedUrl>,
}

/// Adds feeds behind those that are there.
///
/// # Errors
/// When the text is not a configuration: what it says then cannot be kept.
pub fn add_feeds(text: &str, additions: &[Addition]) -> Result<Additions, Vec<Mistake>> {
    let config = Config::parse(text)?;
    let unreadable = |error: toml_edit::TomlError| vec![Mistake { line: 1, column: 1, message: format!("not TOML: {}", error.message()) }];
    let mut document: DocumentMut = text.parse().map_err(unreadable)?;
    let mut addresses: BTreeSet<String> = config.feeds.iter().map(|feed| address(&feed.url)).collect();
    let (new, known): (Vec<&Addition>, Vec<&Addition>) = additions.iter().partition(|addition| addresses.insert(address(&addition.url)));
    let ids = ids(&new, config.feeds.iter().map(|feed| feed.id.to_string()).collect());
    let tables: Vec<Table> = new.iter().zip(&ids).map(|(addition, id)| table(addition, id)).collect();
    let feeds = document.entry("feed").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    if let Some(feeds) = feeds.as_array_of_tables_mut() {
        feeds.extend(tables.iter().cloned());
    } else if let Some(feeds) = feeds.as_array_mut() {
        // `feed = [{ … }]`.
        feeds.extend(tables.iter().cloned().map(Table::into_inline_table));
    }
    Ok(Additions {
        text: document.to_string(),
        tables: tables.iter().map(|table| format!("[[feed]]\n{table}\n")).collect::<Vec<_>>().concat(),
        added: ids.into_iter().zip(new.into_iter().map(|addition| addition.url.clone())).collect(),
        known: known.into_iter().map(|addition| addition.url.clone()).collect(),
    })
}

/// What two spellings of one address have in common.
fn address(url: &FeedUrl) -> String {
    CanonicalUrl::of(url.as_url()).map_or_else(|_| url.as_url().to_string(), String::from)
}

/// An id for each, unlike the others and those that are taken.
fn ids(additions: &[&Addition], mut taken: BTreeSet<String>) -> Vec<FeedId> {
    let id = |addition: &&Addition| {
        let name = name(&addition.title).or_else(|| name(addition.url.as_url().host_str()?)).unwrap_or_else(|| "feed".to_owned());
        let numbered = (1_u32..).map(|number| if number == 1 { name.clone() } else { format!("{name}-{number}") });
        let id = numbered.into_iter().find_map(|name| FeedId::new(name).ok().filter(|id| !taken.contains(id.as_str())))?;
        taken.insert(id.to_string());
        Some(id)
    };
    additions.iter().filter_map(id).collect()
}

/// Text in the letters of an id, with room for a number behind it.
fn name(text: &str) -> Option<String> {
    let slug = slug::slugify(text);
    let name = slug.get(..slug.len().min(50)).unwrap_or_default().trim_matches('-');
    (!name.is_empty()).then(|| name.to_owned())
}

fn table(addition: &Addition, id: &FeedId) -> Table {
    let mut table = Table::new();
    table.insert("id", value(id.as_str()));
    table.insert("name", value(addition.title.as_str()));
    table.insert("url", value(addition.url.as_url().as_str()));
    if addition.is_sitemap {
        table.insert("kind", value("sitemap"));
    }
    match addition.folder.as_slice() {
        [] => {}
        [folder] => _ = table.insert("folder", value(folder.as_str())),
        folders => _ = table.insert("folder", value(folders.iter().map(String::as_str).collect::<Array>())),
    }
    table
}
