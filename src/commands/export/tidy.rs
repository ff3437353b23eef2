//! What an export removes: files that it wrote, of what is there no more. What somebody else put beside them stays.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::model::{Scope, UrlHash};
use crate::pages;
use crate::publish::{self, Format, Tongue};

/// Removes what was written for wires that are there no more: closed to strangers, renamed or taken away.
pub(super) fn remove_gone(out: &Path, wires: &[String]) -> io::Result<()> {
    for (path, name) in ["", "topics", "agencies"].iter().flat_map(|part| entries(&out.join(part)).map(move |entry| (entry, *part))) {
        let path = path?;
        let Some(wire) = wire(name, &path).filter(|wire| Scope::of_path(wire).is_some() && !wires.contains(wire)) else { continue };
        if path.is_dir() {
            let folder = path.join("archive");
            remove_archives(&folder, |path, format| !tells_of(path, format, &wire))?;
            // They stay where somebody put something else into them.
            let _ = std::fs::remove_dir(&folder).and_then(|()| std::fs::remove_dir(&path));
        } else if let Some(format) = format_of(&path)
            && tells_of(&path, format, &wire)
        {
            std::fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// The articles that have pages.
pub(super) fn articles(out: &Path) -> io::Result<BTreeSet<UrlHash>> {
    let mut found = BTreeSet::new();
    for path in entries(&out.join("articles")) {
        let path = path?;
        found.extend(name(&path).parse().ok().filter(|key| tells_of(&path, Format::Html, &pages::article_path(*key))));
    }
    Ok(found)
}

/// Removes the pages of an article.
pub(super) fn remove_article(out: &Path, key: UrlHash) -> io::Result<()> {
    let path = pages::article_path(key);
    let files = Tongue::ALL.map(|tongue| out.join(pages::file(&path, tongue)));
    files.into_iter().filter(|file| tells_of(file, Format::Html, &path)).try_for_each(std::fs::remove_file)
}

/// Removes the archives of a folder that are not to be kept.
pub(super) fn remove_archives(folder: &Path, is_kept: impl Fn(&Path, Format) -> bool) -> io::Result<()> {
    for path in entries(folder) {
        let path = path?;
        let number = path.file_stem().and_then(|name| publish::archive_number(name.to_str()?));
        if number.is_some() && format_of(&path).is_some_and(|format| !is_kept(&path, format)) {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Removes stylesheets that no page loads any more.
pub(super) fn remove_old_stylesheets(out: &Path) -> io::Result<()> {
    for path in entries(out) {
        let path = path?;
        let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let digest = file.strip_prefix("style-").and_then(|name| name.strip_suffix(".css"));
        let is_ours = digest.is_some_and(|digest| digest.len() == 16 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()));
        if is_ours && file != publish::stylesheet_name() {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// What is in a folder; nothing where there is none.
fn entries(folder: &Path) -> impl Iterator<Item = io::Result<PathBuf>> + use<> {
    std::fs::read_dir(folder).into_iter().flatten().map(|entry| Ok(entry?.path()))
}

/// The wire that a file or folder is named after, in the folder `part`.
fn wire(part: &str, path: &Path) -> Option<String> {
    let name = name(path);
    (!name.is_empty()).then(|| if part.is_empty() { name.to_owned() } else { format!("{part}/{name}") })
}

/// A file's name without what says its form and language: the names of wires and articles have no points in them.
fn name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()?.split('.').next()).unwrap_or_default()
}

fn format_of(path: &Path) -> Option<Format> {
    Format::of_extension(path.extension()?.to_str()?)
}

/// Whether a file says of itself that it is a document of this wire, or a page at this path: others may have been put beside those, under
/// any name.
fn tells_of(file: &Path, format: Format, path: &str) -> bool {
    let text = std::fs::read(file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    match format {
        Format::Html => {
            let name = path.rsplit('/').next().unwrap_or_default();
            let is_translated = [path, name].iter().any(|path| text.contains(&format!("{}\"", pages::file(path, Tongue::Russian))));
            // Pages were in one language once.
            let is_older = || text.contains("href=\"style-") && text.contains(&format!("href=\"{name}.{}\"", Format::Atom));
            is_translated || is_older()
        }
        Format::Atom | Format::Rss | Format::Json => ["\"", "<"].iter().any(|end| text.contains(&format!("/{path}.{}{end}", Format::Html))),
    }
}
