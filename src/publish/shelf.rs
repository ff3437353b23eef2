//! Archives (RFC 5005, section 4): the document that readers subscribe to leads to those that hold what came before, and never change.

use super::{Format, Wire};
use crate::model::Scope;

/// The namespace of `fh:archive`.
pub(super) const NAMESPACE: &str = "http://purl.org/syndication/history/1.0";

/// Where a document stands among those of its wire. Archives are numbered from 0, the oldest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shelf {
    /// None for the document that readers subscribe to.
    pub archive: Option<u64>,
    pub previous: Option<u64>,
    pub next: Option<u64>,
}

/// Where an archive is published, from the site's address.
#[must_use]
pub fn archive_file(scope: &Scope, archive: u64, format: Format) -> String {
    archive_path(&scope.path(), archive, format)
}

/// As [`archive_file`], of the wire at a path.
#[must_use]
pub fn archive_path(wire: &str, archive: u64, format: Format) -> String {
    format!("{wire}/archive/{}.{}", archive.saturating_add(1), format.extension())
}

/// The number of the archive that [`archive_file`] calls so, without the format's extension.
#[must_use]
pub fn archive_number(name: &str) -> Option<u64> {
    let number: u64 = name.parse().ok()?;
    (number.to_string() == name).then(|| number.checked_sub(1)).flatten()
}

impl Wire {
    /// The same, with its place among the others.
    #[must_use]
    pub fn shelved(self, place: Shelf) -> Self {
        Self { shelf: place, ..self }
    }

    /// The links to the other documents, by relation.
    pub(super) fn archives(&self, format: Format) -> Vec<(&'static str, String)> {
        let Shelf { archive, previous, next } = self.shelf;
        let current = archive.map(|_| ("current", self.address(format)));
        let archive = |relation, number: Option<u64>| number.map(|number| (relation, self.archive_address(number, format)));
        current.into_iter().chain(archive("prev-archive", previous)).chain(archive("next-archive", next)).collect()
    }

    /// The address of this document.
    pub(super) fn own_address(&self, format: Format) -> String {
        self.shelf.archive.map_or_else(|| self.address(format), |number| self.archive_address(number, format))
    }

    fn archive_address(&self, number: u64, format: Format) -> String {
        format!("{}{}{}", self.site.address, archive_file(&self.channel.scope, number, format), self.suffix())
    }
}
