//! The whole site, a document at a time: what is needed to put it on a static host.

use serde::{Deserialize, Serialize};

use super::wire::Rendered;
use super::{Desk, Question, Refusal};
use crate::model::Scope;
use crate::publish::{self, Format, Tongue, View};

/// Asks which wires there are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Site {}

/// What stands around the wires, and their paths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Around {
    pub wires: Vec<String>,
    /// Names and texts of the files beside them; what leads to others stands behind those.
    pub files: Vec<(String, String)>,
}

/// Asks for the last archive of a wire before one, or its last.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Archived {
    /// See [`Scope::path`].
    pub wire: String,
    pub before: Option<u64>,
    /// None of them: only its number is asked for.
    pub formats: Vec<Format>,
}

/// An archive in some formats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shelved {
    pub number: u64,
    /// The number that it says follows: of another one, or what is in no archive yet.
    pub next: u64,
    pub documents: Vec<Rendered>,
}

impl Question for Site {
    const NAME: &'static str = "site";
    type Answer = Around;

    fn answer(&self, desk: &Desk) -> Result<Around, Refusal> {
        // What is put on another host is for everybody there.
        let (public, tongue) = (desk.config.public(), Tongue::default());
        let files = [
            ("robots.txt".to_owned(), publish::ROBOTS.to_owned()),
            (publish::stylesheet_name().to_owned(), publish::STYLESHEET.to_owned()),
            ("wires.opml".to_owned(), publish::opml(&public, tongue)),
            ("index.html".to_owned(), publish::contents(&public, tongue)),
        ];
        Ok(Around { wires: public.scopes().map(|scope| scope.path()).collect(), files: files.into() })
    }
}

impl Question for Archived {
    const NAME: &'static str = "archive";
    type Answer = Option<Shelved>;

    fn answer(&self, desk: &Desk) -> Result<Option<Shelved>, Refusal> {
        let scope = Scope::of_path(&self.wire).ok_or_else(|| Refusal::Wrong(format!("there is no wire `{}`", self.wire)))?;
        let desk = desk.for_readers_of(&scope);
        let store = desk.store()?;
        let before = self.before.map_or_else(|| Ok(store.wire_state(&scope)?.archives()), Ok::<_, Refusal>)?;
        let Some(number) = store.archive_before(&scope, before)? else { return Ok(None) };
        if desk.config.channel(&scope).is_none() {
            return Ok(None);
        }
        let next = store.archive(&scope, number)?.map_or(number + 1, |archive| archive.next);
        if self.formats.is_empty() {
            return Ok(Some(Shelved { number, next, documents: Vec::new() }));
        }
        let Some(wire) = desk.lay_out_archive(&scope, number, &View::default())? else { return Ok(None) };
        let render = |format: &Format| Rendered { format: *format, text: wire.render(*format, Tongue::default()) };
        Ok(Some(Shelved { number, next, documents: self.formats.iter().map(render).collect() }))
    }
}
