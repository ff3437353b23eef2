//! What stands among the blocks of an article and is not its text: headlines and bylines repeated, pointers to other articles,
//! sharing and subscribing, photo credits, notices.

use rustc_hash::FxHashSet;

use super::body::{Block, Kind};
use super::frame::{self, Headline};
use super::hint::Hint;
use super::phrase;
use super::title::letters;
use super::weigh::is_stop;

/// The blocks that are the article's.
pub(super) fn pruned(blocks: Vec<Block>, headline: &Headline, authors: &[String]) -> Vec<Block> {
    let mut kept: Vec<Block> = Vec::with_capacity(blocks.len());
    let blocks = frame::framed(blocks, headline, authors);
    let authors: Vec<String> = authors.iter().map(|author| letters(author)).collect();
    let mut sentences = 0;
    let mut said = FxHashSet::default();
    for block in blocks {
        let repeated = sentences < 2 && repeats(&block, &headline.letters, &authors);
        let early = sentences == 0 && is_scrap(&block);
        // A lead often stands above the body and once more in it.
        let again = is_long(&block) && !said.insert(letters(&block.text));
        if !(repeated || early || again || is_furniture(&block)) {
            sentences += usize::from(is_prose(&block));
            kept.push(block);
        }
    }
    frame::without_trailing_scraps(kept)
}

/// The blocks but for lines that point elsewhere: all that may be dropped where every block is known to be the agency's.
pub(super) fn without_furniture(blocks: Vec<Block>) -> Vec<Block> {
    blocks.into_iter().filter(|block| !is_furniture(block)).collect()
}

/// Whether a block says so much that nobody says it twice.
fn is_long(block: &Block) -> bool {
    !matches!(block.kind, Kind::Figure | Kind::Caption | Kind::Row { .. } | Kind::Preformatted)
        && block.text.chars().count() >= 60
        && block.linked * 2 < block.text.len()
}

/// Whether a block reads like sentences.
pub(super) fn is_prose(block: &Block) -> bool {
    !matches!(block.kind, Kind::Heading(_) | Kind::Figure | Kind::Caption | Kind::Row { .. })
        && block.linked * 2 < block.text.len()
        && block.text.chars().nth(59).is_some()
        && block.text.contains(is_stop)
}

/// A few words without a sentence: a date, a section, a name.
pub(super) fn is_scrap(block: &Block) -> bool {
    match block.kind {
        Kind::Paragraph | Kind::Item { .. } => {
            let text = block.text.trim_end();
            text.chars().count() < 40 && !text.ends_with(|last| is_stop(last) || matches!(last, ':' | '"' | '»' | '”' | ','))
        }
        Kind::Heading(_) | Kind::Row { .. } | Kind::Preformatted | Kind::Figure | Kind::Caption => false,
    }
}

/// The headline once more, in `title` by its letters.
pub(super) fn repeats_headline(block: &Block, title: &str) -> bool {
    !title.is_empty() && letters(&block.text) == title
}

/// The headline or the byline once more.
fn repeats(block: &Block, title: &str, authors: &[String]) -> bool {
    if matches!(block.kind, Kind::Figure) {
        return false;
    }
    let text = letters(&block.text);
    let heading = matches!(block.kind, Kind::Heading(_)) && (title.contains(&text) || text.contains(title));
    let headline = !title.is_empty() && (text == title || heading);
    let byline = text.len() < 120
        && authors.iter().any(|author| !author.is_empty() && text.contains(author) && text.len() < author.len() + 30)
        && !block.text.ends_with('.');
    headline || byline
}

/// Lines that point elsewhere or speak about the page.
fn is_furniture(block: &Block) -> bool {
    if matches!(block.kind, Kind::Figure | Kind::Caption | Kind::Preformatted | Kind::Row { .. }) {
        return false;
    }
    let length = block.text.chars().count();
    let heading = matches!(block.kind, Kind::Heading(_));
    let only_link = block.linked * 10 >= block.text.len() * 9 && length < 200 && !heading && block.quote.is_none();
    let item = matches!(block.kind, Kind::Item { .. });
    (only_link && !item && !block.text.ends_with('.'))
        || phrase::is_furniture(&block.text, length, block.linked * 3 >= block.text.len())
        || block.hint == Hint::Furniture && length < 40
}
