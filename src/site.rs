//! The site as files, a document at a time: what the desk answers, laid out by `pages`, for any web host.

use serde::{Deserialize, Serialize};

use crate::clock;
use crate::desk::{Article, Browsed, Desk, Found, Question, Refusal, Topics};
use crate::model::{Published, Scope, UrlHash};
use crate::pages::{self, Asked, Visit, Way};
use crate::publish::{self, Format, Tongue, View};

/// Asks which wires there are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Site {
    /// The forms in which they are written: pages lead to no other.
    pub formats: Vec<Format>,
}

/// What stands around the wires, and their paths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Around {
    pub wires: Vec<String>,
    /// Names and texts of the files beside them, apart from what all pages load.
    pub files: Vec<(String, String)>,
}

/// Asks for a wire's pages.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WirePages {
    /// See [`Scope::path`].
    pub wire: String,
    /// As [`Site::formats`].
    pub formats: Vec<Format>,
}

/// A wire's pages, one for each language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paged {
    /// Names and texts.
    pub files: Vec<(String, String)>,
    /// The articles to whose pages they lead, by these or over each other.
    pub articles: Vec<UrlHash>,
}

/// Asks for the pages of articles.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ArticlePages {
    pub keys: Vec<UrlHash>,
    /// As [`Site::formats`]. Without pages among them, only whether the articles may be shown is asked.
    pub formats: Vec<Format>,
}

impl Question for Site {
    const NAME: &'static str = "site";
    type Answer = Around;

    fn answer(&self, desk: &Desk) -> Result<Around, Refusal> {
        let desk = desk.for_strangers();
        let mut files = vec![
            ("robots.txt".to_owned(), publish::ROBOTS.to_owned()),
            ("wires.opml".to_owned(), publish::opml(&desk.config, Tongue::default())),
        ];
        if self.formats.contains(&Format::Html) {
            let topics = Topics {}.answer(&desk)?;
            files.extend(in_all_tongues(&desk, pages::INDEX, &self.formats, |visit| pages::index(visit, &desk.config, &topics)));
        }
        Ok(Around { wires: desk.config.scopes().map(|scope| scope.path()).collect(), files })
    }
}

impl Question for WirePages {
    const NAME: &'static str = "wire-pages";
    type Answer = Paged;

    fn answer(&self, desk: &Desk) -> Result<Paged, Refusal> {
        let desk = desk.for_strangers();
        let channel = Scope::of_path(&self.wire).and_then(|scope| desk.config.channel(&scope));
        let channel = channel.ok_or_else(|| Refusal::Wrong(format!("there is no wire `{}`", self.wire)))?;
        let (published, _) = desk.entries(&channel, &View::default())?;
        let also = |entry: &Published| entry.also.iter().map(|carrier| carrier.place.key).collect::<Vec<_>>();
        let articles = published.iter().flat_map(|entry| std::iter::once(entry.article.key).chain(also(entry))).collect();
        let entries = published.into_iter().map(|published| Found { published, evidence: Vec::new() }).collect();
        let browsed = Browsed { channel, entries, next: None };
        let page = |visit: &Visit<'_>| pages::wire(visit, &desk.config, &browsed, &Asked::default());
        Ok(Paged { files: in_all_tongues(&desk, &self.wire, &self.formats, page), articles })
    }
}

impl Question for ArticlePages {
    const NAME: &'static str = "article-pages";
    /// For each article the names and texts of its pages; none where it is not there, or not for everybody.
    type Answer = Vec<Option<Vec<(String, String)>>>;

    fn answer(&self, desk: &Desk) -> Result<Self::Answer, Refusal> {
        let desk = desk.for_strangers();
        let pages = |key: &UrlHash| {
            if !desk.store()?.article(*key)?.is_some_and(|article| desk.config.shows(&article)) {
                return Ok(None);
            }
            if !self.formats.contains(&Format::Html) {
                return Ok(Some(Vec::new()));
            }
            let dossier = Article { address: key.to_string() }.answer(&desk)?;
            let page = |visit: &Visit<'_>| pages::article(visit, &desk.config, &dossier);
            Ok(Some(in_all_tongues(&desk, &pages::article_path(*key), &self.formats, page)))
        };
        self.keys.iter().map(pages).collect()
    }
}

/// A page as a file for each language.
fn in_all_tongues(desk: &Desk, path: &str, formats: &[Format], page: impl Fn(&Visit<'_>) -> String) -> Vec<(String, String)> {
    let root = if path.contains('/') { "../" } else { "" };
    let (site, now, way) = (&desk.config.site, clock::now(), Way::Files { path, formats });
    Tongue::ALL.map(|tongue| (pages::file(path, tongue), page(&Visit { site, tongue, now, root, way }))).into()
}
