//! The article that a page holds, and what continues it on further pages.

use rustc_hash::FxHashSet;
use url::Url;

use super::body::{Block, Kind};
use super::next::Next;
use super::title::{agrees, letters};
use super::{Failure, Page, SiteRules, read, render};
use crate::model::{Article, Origin, Part, RuleName};

/// The most pages that one article may have.
const MAX_PAGES: usize = 12;

/// What a page holds of an article, and where it says that it goes on.
#[derive(Clone, Debug)]
pub struct Extraction {
    article: Article,
    blocks: Vec<Block>,
    /// The addresses of the pages read so far, without fragments.
    pages: Vec<Url>,
    next: Option<Next>,
    unmatched: Vec<RuleName>,
}

impl Extraction {
    pub(super) fn new(article: Article, blocks: Vec<Block>, url: &Url, next: Option<Next>, unmatched: Vec<RuleName>) -> Self {
        Self { article, blocks, pages: vec![bare(url)], next, unmatched }
    }

    #[must_use]
    pub fn article(&self) -> &Article {
        &self.article
    }

    #[must_use]
    pub fn into_article(self) -> Article {
        self.article
    }

    /// The rules of the site that say nothing of the (first) page.
    #[must_use]
    pub fn unmatched(&self) -> &[RuleName] {
        &self.unmatched
    }

    /// The page to read next: on the same host, not read before, and the one after the last.
    #[must_use]
    pub fn next_page(&self) -> Option<&Url> {
        let (url, in_turn) = match self.next.as_ref()? {
            Next::Ruled(url) => (url, true),
            Next::Numbered(url, number) => (url, usize::try_from(*number).is_ok_and(|number| number == self.pages.len() + 1)),
        };
        let same_host = self.pages.iter().all(|page| page.host() == url.host());
        (in_turn && same_host && self.pages.len() < MAX_PAGES && !self.pages.contains(&bare(url))).then_some(url)
    }

    /// Adds the page that [`Extraction::next_page`] named. What was said before is not said again; a page that says nothing else, or
    /// that is another article's, adds nothing and ends the article.
    ///
    /// # Errors
    /// When the page holds no article: then this one is not whole.
    pub fn join(&mut self, page: &Page<'_>, rules: &SiteRules) -> Result<(), Failure> {
        let by_rule = matches!(self.next.take(), Some(Next::Ruled(_)));
        let seen = self.pages.contains(&bare(page.url));
        let more = read(page, rules)?;
        if seen || !(by_rule || is_same(&self.article, &more.article)) {
            return Ok(());
        }
        let before = self.blocks.len();
        append(&mut self.blocks, &more.blocks);
        if self.blocks.len() > before {
            self.article.text = render::text(&self.blocks);
            self.article.html = render::html(&self.blocks);
            self.pages.push(bare(page.url));
            self.next = more.next;
        }
        Ok(())
    }
}

fn bare(url: &Url) -> Url {
    let mut bare = url.clone();
    bare.set_fragment(None);
    bare
}

/// Whether two pages speak of one article: by the headline, and by the day that both state.
fn is_same(first: &Article, later: &Article) -> bool {
    let stated = |article: &Article| {
        let origin = article.provenance.get(Part::Published)?;
        article.published.filter(|_| matches!(origin, Origin::JsonLd | Origin::Microdata | Origin::OpenGraph | Origin::Meta))
    };
    let another_day = stated(first).zip(stated(later)).is_some_and(|(one, other)| (one - other).num_hours().abs() >= 24);
    // The entry led to the first page only: its title says nothing of what the pages show.
    let shown = |article: &Article| article.provenance.get(Part::Title).is_some_and(|origin| origin != Origin::FeedEntry);
    let other_title = shown(first) && shown(later) && !agrees(&first.title, &later.title);
    !another_day && !other_title
}

/// Appends what is not yet said. A table is said as a whole.
fn append(blocks: &mut Vec<Block>, more: &[Block]) {
    let said: FxHashSet<String> = blocks.chunk_by(same_table).map(saying).collect();
    let fresh: Vec<Block> = more.chunk_by(same_table).filter(|unit| !said.contains(&saying(unit))).flatten().cloned().collect();
    // The numbers of lists, tables and quotes are those of their page.
    let offset = blocks.iter_mut().flat_map(numbers).map(|number| *number + 1).max().unwrap_or(0);
    for mut block in fresh {
        numbers(&mut block).for_each(|number| *number += offset);
        blocks.push(block);
    }
}

fn same_table(one: &Block, other: &Block) -> bool {
    matches!((one.kind, other.kind), (Kind::Row { table }, Kind::Row { table: same }) if table == same)
}

/// What blocks say, whatever they look like: their letters, or the picture.
fn saying(blocks: &[Block]) -> String {
    let said: String = blocks.iter().map(|block| letters(&block.text)).collect();
    if said.is_empty() { blocks.iter().map(|block| block.html.as_str()).collect() } else { said }
}

fn numbers(block: &mut Block) -> impl Iterator<Item = &mut usize> {
    let of_kind = match &mut block.kind {
        Kind::Item { list, item, ordered: _ } => [Some(list), Some(item)],
        Kind::Row { table } => [Some(table), None],
        Kind::Paragraph | Kind::Heading(_) | Kind::Preformatted | Kind::Figure | Kind::Caption => [None, None],
    };
    of_kind.into_iter().flatten().chain(&mut block.quote)
}
