//! Why a page holds no article: pages that stand in its place say so in a few words.

mod signs;

use self::signs::{SIGNS, Signs, folded};
use super::body::{Block, Kind};
use super::metadata::Metadata;
use super::weigh::Weight;

/// Why there is no article in a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    #[error("the page has no article text")]
    Empty,
    #[error("the page asks whether the reader is a robot")]
    BotWall,
    #[error("the page asks for consent to cookies and shows no article")]
    CookieWall,
    #[error("the page shows only the beginning of the article to those who do not pay")]
    Paywall,
    #[error("the page shows its text only with JavaScript")]
    NeedsScript,
    #[error("the server answered with an error page")]
    ErrorPage,
    #[error("the page is a list of articles")]
    Listing,
    #[error("what the address answers with is not text")]
    NotText,
}

/// Text this long, in characters, is an article unless all of it is a wall's, or it ends where those go on who pay.
const LONG: usize = 600;
/// And so it is whatever it says.
const LONGEST_WALL: usize = 2500;
/// And text this short on a page of links is not its subject.
const SHORT: usize = 150;
/// Of an article that must be paid for, less is only its beginning.
const BEGINNING: usize = 400;
/// Longer lines, in characters, say more than who may read on.
const MAX_NOTICE: usize = 250;
/// So many of the last lines may say who may read on.
const LAST_LINES: usize = 3;
/// So many of the first lines may say what a page is.
const FIRST_LINES: usize = 2;
/// So many headlines that lead elsewhere are a list.
const MANY: usize = 6;
/// Longer paragraphs, in characters, are no teasers.
const MAX_TEASER: usize = 300;

/// Whether a page is something else than text that was called a page: a picture, an archive, a program.
pub(super) fn is_binary(text: &str) -> bool {
    let (mut wrong, mut all) = (0, 0);
    for character in text.chars().take(4096) {
        all += 1;
        wrong += usize::from((character.is_control() && !character.is_whitespace()) || character == char::REPLACEMENT_CHARACTER);
    }
    wrong * 10 > all
}

/// What was found of an article, and what the page says of it.
pub(super) struct Shown<'a> {
    pub(super) title: &'a str,
    pub(super) body: &'a str,
    pub(super) blocks: &'a [Block],
    /// See [`last_lines`].
    pub(super) last_lines: &'a [String],
    pub(super) metadata: &'a Metadata<'a>,
    /// The weight of the page.
    pub(super) whole: Weight,
}

/// The last lines of the elements that hold the article, before it is cleaned.
pub(super) fn last_lines(blocks: &[Block]) -> Vec<String> {
    let is_line = |block: &&Block| !block.text.is_empty() && block.kind != Kind::Heading(1);
    let lines = blocks.iter().rev().filter(is_line).take(LAST_LINES);
    lines.filter(|block| block.text.chars().count() <= MAX_NOTICE).map(|block| block.text.clone()).collect()
}

/// The failure that a page shows in place of an article. `everything` tells the beginning of the page's text, `unscripted` what it says
/// to those without JavaScript.
///
/// Where some text was found, only that and the title are listened to: a short report on a page with a banner about cookies is a report.
pub(super) fn of(shown: &Shown<'_>, everything: impl FnOnce() -> String, unscripted: impl FnOnce() -> String) -> Option<Failure> {
    let is_article = says_article(shown.metadata);
    if !is_article && is_list(shown.blocks) {
        return Some(Failure::Listing);
    }
    match shown.body.chars().take(LONGEST_WALL).count() {
        LONGEST_WALL.. => None,
        LONG.. if says_paid(shown.metadata) && ends_at_paywall(shown, Signs::are_all_of) => Some(Failure::Paywall),
        LONG.. if is_article => None,
        LONG.. => wall(shown),
        SHORT.. => stub(shown, is_article),
        characters => nothing(shown, is_article, everything).or_else(|| (characters == 0).then(|| empty(unscripted))),
    }
}

/// A page of some length that is no article.
fn wall(shown: &Shown<'_>) -> Option<Failure> {
    let said = folded(&format!("{}\n{}", shown.title, shown.body));
    SIGNS.iter().find(|signs| signs.fill(&said)).map(|signs| signs.failure)
}

/// A short text that is only the beginning of an article, or no article's.
fn stub(shown: &Shown<'_>, is_article: bool) -> Option<Failure> {
    let is_beginning = || says_paid(shown.metadata) && shown.body.chars().count() < BEGINNING;
    let paywall = (is_beginning() || ends_at_paywall(shown, Signs::begin)).then_some(Failure::Paywall);
    if is_article {
        return paywall;
    }
    let (title, body) = (folded(shown.title), folded(shown.body));
    let is_said = |signs: &&Signs| signs.entitle(&title) || body.lines().take(FIRST_LINES).any(|line| signs.begin(line));
    paywall.or_else(|| SIGNS.iter().find(is_said).map(|signs| signs.failure)).or_else(|| wall(shown))
}

/// A page with hardly any text of an article.
fn nothing(shown: &Shown<'_>, is_article: bool, everything: impl FnOnce() -> String) -> Option<Failure> {
    let title = folded(shown.title);
    let found = folded(&format!("{}\n{}", shown.body, shown.last_lines.join("\n")));
    let is_told = |signs: &Signs| signs.entitle(&title) || found.lines().any(|line| signs.begin(line));
    // A flash may mention what it is not.
    let is_said = |signs: &&Signs| is_told(signs) || (!is_article && (signs.are_in(&title) || signs.are_in(&found)));
    if let Some(signs) = SIGNS.iter().find(is_said) {
        return Some(signs.failure);
    }
    if says_paid(shown.metadata) {
        return Some(Failure::Paywall);
    }
    let everything = folded(&everything());
    // What is beside a flash may be a banner, or the flash itself; but a notice to pay or a page that is drawn later stand there too.
    let is_doubtful = is_article && !shown.body.is_empty();
    let is_heard = |signs: &Signs| !is_doubtful || matches!(signs.failure, Failure::Paywall | Failure::NeedsScript);
    let is_anywhere = |signs: &&Signs| is_heard(signs) && signs.are_in(&everything);
    let is_listing = shown.whole.is_linked(50) && shown.whole.linked >= 200;
    SIGNS.iter().find(is_anywhere).map(|signs| signs.failure).or(is_listing.then_some(Failure::Listing))
}

fn empty(unscripted: impl FnOnce() -> String) -> Failure {
    let unscripted = folded(&unscripted());
    let needs_script = SIGNS.iter().any(|signs| signs.failure == Failure::NeedsScript && signs.are_in(&unscripted));
    if needs_script { Failure::NeedsScript } else { Failure::Empty }
}

/// Whether the page says that it is an article.
fn says_article(metadata: &Metadata<'_>) -> bool {
    let is_named = metadata.claim(&["og:type"]).is_some_and(|(kind, _)| kind.to_ascii_lowercase().contains("article"));
    is_named || metadata.linked.is_article || metadata.claim(&["article:published_time"]).is_some()
}

/// Whether the page says that only those who pay may read it all.
fn says_paid(metadata: &Metadata<'_>) -> bool {
    metadata.linked.is_paid || metadata.claim(&["article:content_tier"]).is_some_and(|(tier, _)| tier.eq_ignore_ascii_case("locked"))
}

/// Whether one of the last lines says so, as `says` looks at it.
fn ends_at_paywall(shown: &Shown<'_>, says: fn(&Signs, &str) -> bool) -> bool {
    let lines: Vec<String> = shown.last_lines.iter().map(|line| folded(line)).collect();
    SIGNS.iter().any(|signs| signs.failure == Failure::Paywall && lines.iter().any(|line| says(signs, line)))
}

/// Whether nearly all of a text are headlines that lead elsewhere, each with a line or two.
fn is_list(blocks: &[Block]) -> bool {
    let is_headline = |block: &Block| {
        block.linked * 5 >= block.text.len() * 4 && (15..200).contains(&block.text.chars().count()) && block.kind != Kind::Caption
    };
    let texts: Vec<&Block> = blocks.iter().filter(|block| !block.text.is_empty()).collect();
    let headlines = texts.iter().filter(|block| is_headline(block)).count();
    let Some(first) = texts.iter().position(|block| is_headline(block)) else { return false };
    let is_own = |(place, block): &(usize, &&Block)| *place < first || block.text.chars().count() > MAX_TEASER;
    let own: usize = texts.iter().enumerate().filter(is_own).map(|(_, block)| block.text.len()).sum();
    let all: usize = texts.iter().map(|block| block.text.len()).sum();
    headlines >= MANY && headlines * 3 >= texts.len() && own * 5 < all
}
