//! Where the article begins and ends among the blocks of an element that holds more: what stands above its headline, and what follows
//! its last sentence (other articles, readers' comments, the author's portrait, the site's terms).

use super::body::{Block, Kind};
use super::outline::{Outline, Tag};
use super::phrase;
use super::prune::{is_prose, is_scrap, repeats_headline};
use super::title::letters;

/// So many of a kind are no accident.
const SEVERAL: usize = 3;

/// So many blocks after a heading show what it heads.
const FORESEEN: usize = 60;

/// Less prose, in bytes, is no article.
const MIN_ARTICLE: usize = 200;
/// Longer paragraphs, in characters, are no teasers.
const MAX_TEASER: usize = 300;
/// Longer paragraphs, in characters, say more than what they invite to.
const MAX_INVITATION: usize = 500;

/// What is known of the headline.
pub(super) struct Headline {
    /// See [`letters`].
    pub(super) letters: String,
    /// It stands above the elements that hold the article: what it heads inside them is not the beginning.
    pub(super) stands_above: bool,
}

impl Headline {
    pub(super) fn of(outline: &Outline<'_>, roots: &[usize], title: &str) -> Self {
        let letters = letters(title);
        let above = outline.nodes.iter().enumerate().take(roots.first().copied().unwrap_or(0));
        let mut headings = above.filter(|(_, node)| node.tag == Tag::Heading(1));
        let stands_above = headings.any(|(index, _)| self::letters(&outline.text(index, 400)) == letters);
        Self { letters, stands_above }
    }
}

/// The blocks from the headline to where something else begins.
pub(super) fn framed(blocks: Vec<Block>, headline: &Headline, authors: &[String]) -> Vec<Block> {
    let blocks = if headline.stands_above { blocks } else { without_beginning(blocks, &headline.letters) };
    without_end(blocks, authors)
}

/// Drops the text above the headline, but not the pictures: they may be the article's.
fn without_beginning(mut blocks: Vec<Block>, title: &str) -> Vec<Block> {
    let headline = blocks.iter().position(|block| block.kind == Kind::Heading(1) && repeats_headline(block, title)).unwrap_or(0);
    let (before, after) = blocks.split_at(headline);
    if prose(after) * 3 >= prose(before) + prose(after) {
        let mut index = 0;
        blocks.retain(|block| {
            index += 1;
            index > headline || matches!(block.kind, Kind::Figure | Kind::Caption)
        });
    }
    blocks
}

/// Cuts where other articles, comments, a portrait or terms begin, if enough of the article stands before.
fn without_end(mut blocks: Vec<Block>, authors: &[String]) -> Vec<Block> {
    let before = prose_before(&blocks);
    let all = prose(&blocks);
    let ends =
        |place: &usize| begins_end(blocks.get(*place..).unwrap_or_default(), authors, before.get(*place).copied().unwrap_or(all), all);
    let said = (1..blocks.len()).find(ends);
    let enough = before.iter().position(|before| *before >= MIN_ARTICLE && before * 10 >= all).unwrap_or(blocks.len());
    let shown = [teasers(&blocks), comments(&blocks, enough)].into_iter().flatten().filter(|end| *end >= enough);
    if let Some(end) = shown.chain(said).min() {
        blocks.truncate(end);
    }
    blocks
}

/// Whether the first of these blocks says that the article has ended. `before` it stand so many bytes of prose, of `all`.
fn begins_end(blocks: &[Block], authors: &[String], before: usize, all: usize) -> bool {
    let Some((block, rest)) = blocks.split_first() else { return false };
    let (heading, after) = (matches!(block.kind, Kind::Heading(_)), all - before);
    if heading || block.text.chars().count() < 60 {
        let parts = heading && before * 3 > all;
        if phrase::begins_closing(&block.text) {
            return after * 3 < all || parts;
        }
        if phrase::begins_end(&block.text) {
            return after * 3 < all || (parts && !goes_on(rest));
        }
    }
    (is_portrait(block, authors) && after * 6 < all) || (before * 4 > all && phrase::begins_terms(&block.text))
}

/// Whether the article goes on below a heading that points to others: under their links, with paragraphs among which no others are.
fn goes_on(rest: &[Block]) -> bool {
    let is_pointer = |block: &Block| block.linked * 2 > block.text.len();
    let rest = rest.get(..FORESEEN).unwrap_or(rest);
    let (pointers, rest) = rest.split_at(rest.iter().take_while(|block| is_pointer(block)).count());
    let paragraphs = rest.iter().filter(|block| is_prose(block)).count();
    let others = rest.iter().filter(|block| is_pointer(block) || block.kind == Kind::Heading(1)).count();
    !pointers.is_empty() && paragraphs >= SEVERAL && others * SEVERAL < paragraphs
}

/// The bytes of blocks that read like sentences.
fn prose(blocks: &[Block]) -> usize {
    blocks.iter().map(prose_of).sum()
}

fn prose_of(block: &Block) -> usize {
    if is_prose(block) { block.text.len() } else { 0 }
}

/// The bytes of prose before each block.
fn prose_before(blocks: &[Block]) -> Vec<usize> {
    let sums = blocks.iter().scan(0, |sum, block| {
        let before = *sum;
        *sum += prose_of(block);
        Some(before)
    });
    sums.collect()
}

/// Whether a block presents one of the authors: it begins with the name, or with the first name, and goes on.
fn is_portrait(block: &Block, authors: &[String]) -> bool {
    let text = block.text.trim_start();
    authors.iter().any(|author| {
        let first = author.split_whitespace().next().unwrap_or_default();
        let named = text.starts_with(author.as_str()) || (first.chars().count() >= 4 && text.split_whitespace().next() == Some(first));
        author.contains(' ') && named && text.len() > author.len() + 20
    })
}

/// Where only linked headlines follow, each with a short paragraph.
fn teasers(blocks: &[Block]) -> Option<usize> {
    let shown: Vec<(usize, &Block)> = blocks.iter().enumerate().filter(|(_, block)| !matches!(block.kind, Kind::Figure)).collect();
    let (mut count, mut first) = (0, None);
    for (place, pair) in shown.windows(2).enumerate().rev() {
        let [(index, headline), (_, paragraph)] = pair else { continue };
        if paragraph.text.chars().count() > MAX_TEASER {
            break;
        }
        let linked = headline.linked * 5 >= headline.text.len() * 4 && (15..200).contains(&headline.text.chars().count());
        count += usize::from(linked && paragraph.linked * 2 < paragraph.text.len());
        if linked && count >= SEVERAL && shown.len() - place <= count * SEVERAL {
            first = Some(*index);
        }
    }
    first
}

/// Where, from `start` on, lines begin that hold a day and a time of day, as those above readers' comments do.
fn comments(blocks: &[Block], start: usize) -> Option<usize> {
    let mut signed = blocks.iter().enumerate().skip(start).filter(|(_, block)| is_signature(&block.text)).map(|(index, _)| index);
    let first = signed.next();
    first.filter(|_| signed.nth(SEVERAL - 2).is_some())
}

/// `Name 6 January 2012 14:05`.
fn is_signature(text: &str) -> bool {
    let number = |part: &str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts = || text.split(|character: char| character.is_whitespace() || matches!(character, '.' | '-' | '/' | ',' | '(' | ')'));
    let is_clock =
        |part: &str| part.split_once(':').is_some_and(|(hour, rest)| hour.len() <= 2 && number(rest.get(..2).unwrap_or_default(), 2));
    text.len() < 120 && parts().any(|part| number(part, 4)) && parts().any(is_clock)
}

/// Whether a paragraph, the last of an article, invites to something else.
fn is_invitation(block: &Block) -> bool {
    block.kind == Kind::Paragraph && block.text.chars().count() <= MAX_INVITATION && phrase::is_invitation(&block.text)
}

/// Cuts headings, scraps and links after the last sentence: they belong to what was dropped below them.
pub(super) fn without_trailing_scraps(mut blocks: Vec<Block>) -> Vec<Block> {
    let is_pointer = |block: &Block| matches!(block.kind, Kind::Item { .. } | Kind::Paragraph) && block.linked * 2 > block.text.len();
    let is_rest = |block: &Block| match block.kind {
        Kind::Heading(_) => block.text.len() < 400,
        Kind::Paragraph => is_scrap(block) || block.text.ends_with(':') && block.text.len() < 100,
        _ => false,
    };
    let mut most = blocks.len() / 4;
    for _ in 0..SEVERAL {
        let pointers = blocks.iter().rev().take_while(|block| is_pointer(block)).count();
        if pointers * 2 < blocks.len() {
            blocks.truncate(blocks.len() - pointers);
        }
        let invitations = blocks.iter().rev().take_while(|block| is_invitation(block)).count().min(most);
        blocks.truncate(blocks.len() - invitations);
        most -= invitations;
        let rest = blocks.iter().rev().take_while(|block| is_rest(block)).count().min(4).min(blocks.len().saturating_sub(2));
        blocks.truncate(blocks.len() - rest);
        if rest + invitations == 0 {
            break;
        }
    }
    blocks
}
