//! Lists of subscriptions (OPML 2.0) both ways, with folders.

use url::Url;

use super::decode::{decode, is_forbidden};
use super::entities::escape;
use super::html::one_line;
use super::markup::{Piece, Pieces, Tag};
use super::read::web_url;
use super::{MAX_TITLE, Warning};

/// One feed that somebody is subscribed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Plain text.
    pub title: String,
    pub url: Url,
    /// The site that the feed belongs to.
    pub home: Option<Url>,
    /// The names of the folders that it is in, the outermost first.
    pub folders: Vec<String>,
}

/// As many subscriptions as are read.
const MAX_SUBSCRIPTIONS: usize = 100_000;
const MAX_WARNINGS: usize = 1_000;
/// Folders nested deeper are passed over, and what is in them belongs to the folder above.
const MAX_FOLDERS: usize = 20;

/// Reads the subscriptions of an OPML document in document order. None: it is no OPML.
#[must_use]
pub fn parse(bytes: &[u8]) -> Option<(Vec<Subscription>, Vec<Warning>)> {
    let mut warnings = Vec::new();
    let text = decode(bytes, None, None, &mut warnings);
    let (mut subscriptions, mut is_opml) = (Vec::new(), false);
    // What is open: folders by their names, and subscriptions, which are none.
    let mut open: Vec<Option<String>> = Vec::new();
    let mut below = 0_usize;
    // Outlines within one that is a comment, itself among them.
    let mut commented = 0_usize;
    for piece in Pieces::of(&text) {
        match piece {
            Piece::Open(tag) if tag.name.eq_ignore_ascii_case("opml") => is_opml = true,
            Piece::Open(tag) if tag.name.eq_ignore_ascii_case("outline") && (commented > 0 || is_comment(&tag)) => {
                commented += usize::from(!tag.is_empty);
            }
            Piece::Open(tag) if tag.name.eq_ignore_ascii_case("outline") => {
                let subscription = subscription(&tag, &open, &mut warnings);
                let folder = if subscription.is_some() { None } else { title(&tag) };
                subscriptions.extend(subscription.filter(|_| subscriptions.len() < MAX_SUBSCRIPTIONS));
                match tag.is_empty {
                    true => {}
                    false if open.len() < MAX_FOLDERS => open.push(folder),
                    false => below += 1,
                }
            }
            Piece::Close(name) if name.eq_ignore_ascii_case("outline") => {
                if commented > 0 {
                    commented -= 1;
                } else if below > 0 {
                    below -= 1;
                } else {
                    open.pop();
                }
            }
            Piece::Open(_) | Piece::Close(_) | Piece::Text(_) | Piece::Cdata(_) => {}
        }
    }
    is_opml.then_some((subscriptions, warnings))
}

/// Writes an OPML 2.0 document. Folders and feeds stand in the order in which they first come up.
#[must_use]
pub fn render(title: &str, subscriptions: &[Subscription]) -> String {
    let mut opml = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<opml version=\"2.0\">\n  <head>\n    <title>");
    push_escaped(title, &mut opml);
    opml.push_str("</title>\n  </head>\n  <body>\n");
    push_folder(&subscriptions.iter().collect::<Vec<_>>(), 0, &mut opml);
    opml.push_str("  </body>\n</opml>\n");
    opml
}

fn subscription(tag: &Tag<'_>, open: &[Option<String>], warnings: &mut Vec<Warning>) -> Option<Subscription> {
    let address = tag.attribute("xmlUrl")?;
    let Some(url) = web_url(address.trim()) else {
        if warnings.len() < MAX_WARNINGS {
            let shown: String = address.chars().take(200).collect();
            warnings.push(Warning(format!("left out `{}`: `{shown}` is not a web address", title(tag).unwrap_or_default())));
        }
        return None;
    };
    let home = tag.attribute("htmlUrl").and_then(|home| web_url(home.trim()));
    let mut folders: Vec<String> = open.iter().flatten().cloned().collect();
    if folders.is_empty() {
        // Some programs write the folder as a category: `/Kazakhstan/Agencies,/Other`.
        let category = tag.attribute("category").unwrap_or_default();
        let first = category.split(',').next().unwrap_or_default();
        folders = first.split('/').map(one_line).filter(|folder| !folder.is_empty()).take(MAX_FOLDERS).collect();
    }
    Some(Subscription { title: title(tag).unwrap_or_else(|| url.to_string()), url, home, folders })
}

/// Somebody put it aside, and with it what is in it.
fn is_comment(tag: &Tag<'_>) -> bool {
    tag.attribute("isComment").is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
}

fn title(tag: &Tag<'_>) -> Option<String> {
    let texts = ["title", "text"].into_iter().filter_map(|name| tag.attribute(name));
    texts.map(|text| one_line(&text).chars().take(MAX_TITLE).collect()).find(|text: &String| !text.is_empty())
}

/// Writes those of the subscriptions that are in the folder at `depth`, and the folders in it.
fn push_folder(subscriptions: &[&Subscription], depth: usize, opml: &mut String) {
    let indent = "  ".repeat(depth + 2);
    let mut written: Vec<&str> = Vec::new();
    for subscription in subscriptions {
        let Some(folder) = subscription.folders.get(depth) else {
            opml.extend([&indent, "<outline type=\"rss\""]);
            push_attribute("text", &subscription.title, opml);
            push_attribute("title", &subscription.title, opml);
            push_attribute("xmlUrl", subscription.url.as_str(), opml);
            if let Some(home) = &subscription.home {
                push_attribute("htmlUrl", home.as_str(), opml);
            }
            opml.push_str("/>\n");
            continue;
        };
        if written.contains(&folder.as_str()) {
            continue;
        }
        written.push(folder);
        let inside: Vec<_> = subscriptions.iter().copied().filter(|other| other.folders.get(depth) == Some(folder)).collect();
        opml.extend([&indent, "<outline"]);
        push_attribute("text", folder, opml);
        opml.push_str(">\n");
        push_folder(&inside, depth + 1, opml);
        opml.extend([&indent, "</outline>\n"]);
    }
}

fn push_attribute(name: &str, value: &str, opml: &mut String) {
    opml.extend([" ", name, "=\""]);
    push_escaped(value, opml);
    opml.push('"');
}

fn push_escaped(text: &str, opml: &mut String) {
    let allowed: String = text.chars().filter(|character| !is_forbidden(*character)).collect();
    escape(&allowed, opml);
}
