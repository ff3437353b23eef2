//! What stands among the blocks of an article and is not its text: headlines and bylines repeated, pointers to other articles,
//! sharing and subscribing, photo credits, notices.

use rustc_hash::FxHashSet;

use super::body::{Block, Kind};
use super::frame::{self, Headline};
use super::hint::Hint;
use super::phrase;
use super::title::letters;
use super::weigh::is_stop;

/// How many quotations are looked for in the text: each takes time with its length.
const MAX_QUOTES: usize = 50;

/// The blocks that are the article's.
pub(super) fn pruned(blocks: Vec<Block>, headline: &Headline, authors: &[String]) -> Vec<Block> {
    let mut kept: Vec<Block> = Vec::with_capacity(blocks.len());
    let blocks = frame::framed(blocks, headline, authors);
    let authors: Vec<String> = authors.iter().map(|author| letters(author)).collect();
    let pulled = pull_quotes(&blocks);
    let (mut sentences, mut begun, mut points) = (0, false, false);
    let mut said = FxHashSet::default();
    for (_, block) in blocks.into_iter().enumerate().filter(|(place, _)| !pulled.contains(place)) {
        let repeated = sentences < 2 && repeats(&block, &headline.letters, &authors);
        let early = sentences == 0 && is_scrap(&block) && !(begun && matches!(block.kind, Kind::Item { .. })) && !is_dateline(&block);
        // A lead often stands above the body and once more in it.
        let again = is_long(&block) && !said.insert(letters(&block.text));
        // In a quotation, what a line points to stands below it.
        let furniture = is_furniture(&block) || (points && block.quote.is_some() && is_only_link(&block));
        points = furniture;
        if !(repeated || early || again || furniture) {
            sentences += usize::from(is_prose(&block));
            begun |= matches!(block.kind, Kind::Paragraph) && block.text.ends_with(is_stop);
            kept.push(block);
        }
    }
    frame::without_trailing_scraps(kept)
}

/// The blocks but for lines that point elsewhere: all that may be dropped where every block is known to be the agency's.
pub(super) fn without_furniture(blocks: Vec<Block>) -> Vec<Block> {
    blocks.into_iter().filter(|block| !is_furniture(block)).collect()
}

/// The places of quotations that only show again, in large letters, what the text says itself.
fn pull_quotes(blocks: &[Block]) -> FxHashSet<usize> {
    let is_quoted = |block: &Block| block.quote.is_some() && is_long(block);
    let quotes: Vec<(usize, String)> = (0..)
        .zip(blocks)
        .filter(|(_, block)| is_quoted(block))
        .take(MAX_QUOTES)
        .map(|(place, block)| (place, letters(&block.text)))
        .collect();
    if quotes.is_empty() {
        return FxHashSet::default();
    }
    let text: Vec<String> = blocks.iter().filter(|block| block.quote.is_none()).map(|block| letters(&block.text)).collect();
    let text = text.join("\n");
    quotes.into_iter().filter(|(_, quote)| text.contains(quote.as_str())).map(|(place, _)| place).collect()
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

/// `АЛМАТЫ. 26 ноября. KAZINFORM`, on a line of its own: where the news is from.
fn is_dateline(block: &Block) -> bool {
    let mut words = block.text.split_whitespace();
    let is_name = |word: &str| word.chars().filter(|letter| letter.is_uppercase()).count() >= 3 && !word.chars().any(char::is_lowercase);
    let agency = words.next_back().is_some_and(is_name);
    agency && block.kind == Kind::Paragraph && words.any(|word| word.ends_with(['.', ',']) || matches!(word, "–" | "—" | "-" | "/"))
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
    let only_link = is_only_link(block) && !heading && block.quote.is_none();
    let item = matches!(block.kind, Kind::Item { .. });
    (only_link && !item && !block.text.ends_with('.'))
        || phrase::is_furniture(&block.text, length, block.linked * 3 >= block.text.len())
        || block.hint == Hint::Furniture && length < 40
}

/// A short line that is all a link.
fn is_only_link(block: &Block) -> bool {
    !block.text.is_empty() && block.linked * 10 >= block.text.len() * 9 && block.text.chars().count() < 200
}
