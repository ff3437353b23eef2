//! How much of each element reads like the text of an article: runs of text are weighed by their length, links and punctuation,
//! in characters of any script, and the weights are added up to the elements around them.

mod run;

use self::run::Run;
use super::hint::Hint;
use super::outline::{Content, Node, Outline, Tag};
use super::repeat;

/// What a subtree holds, in characters without white space.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Weight {
    pub(super) characters: usize,
    /// Of them, in links.
    pub(super) linked: usize,
    /// Of them, those that read like sentences.
    pub(super) prose: usize,
    /// Runs of text between block boundaries.
    pub(super) runs: usize,
}

impl Weight {
    pub(super) fn add(&mut self, other: Self) {
        self.characters += other.characters;
        self.linked += other.linked;
        self.prose += other.prose;
        self.runs += other.runs;
    }

    /// Whether at least `percent` of the characters are in links.
    pub(super) fn is_linked(&self, percent: usize) -> bool {
        self.linked * 100 >= self.characters * percent && self.characters > 0
    }

    /// Whether at least `percent` of the characters read like sentences.
    pub(super) fn is_prose(&self, percent: usize) -> bool {
        self.prose * 100 >= self.characters * percent && self.characters > 0
    }
}

/// The weights of a page's elements, by their index in the outline.
#[derive(Debug)]
pub(super) struct Weights {
    /// Of everything that is text.
    pub(super) whole: Vec<Weight>,
    /// Without what is dropped.
    pub(super) clean: Vec<Weight>,
    /// What is certainly not the article's, with all that is in it.
    dropped: Vec<bool>,
    /// What is around the article rather than in it: side columns, comments, other articles.
    elsewhere: Vec<bool>,
}

impl Weights {
    /// Weighs a page. What `removed` says is never part of the article.
    pub(super) fn of(outline: &Outline<'_>, removed: impl Fn(usize) -> bool) -> Self {
        let own = own_weights(outline);
        let whole = summed(outline, &own, &[]);
        let teasers = repeat::teasers(outline, &whole);
        let removed = |index| removed(index) || teasers.get(index).copied().unwrap_or(false);
        let dropped = dropped(outline, &whole, &removed, Doubt::Nothing);
        let clean = summed(outline, &own, &dropped);
        let elsewhere = around(outline, &whole, &dropped);
        let weights = Self { whole, clean, dropped, elsewhere };
        match weights.wronged(outline) {
            Doubt::Nothing => weights,
            doubt => {
                let dropped = self::dropped(outline, &weights.whole, &removed, doubt);
                let clean = summed(outline, &own, &dropped);
                let elsewhere = around(outline, &weights.whole, &dropped);
                Self { whole: weights.whole, clean, elsewhere, dropped }
            }
        }
    }

    /// A page has an article. When names would drop nearly all of its prose, the class of the largest element among those is
    /// misleading; when all there is are readers' words, these are the text.
    fn wronged<'a>(&self, outline: &Outline<'a>) -> Doubt<'a> {
        let dropped_by = |hinted: fn(Hint) -> bool| {
            let nodes = outline.nodes.iter().enumerate();
            nodes.filter(move |(index, node)| hinted(node.hint) && self.is_dropped(*index) && !self.is_dropped(node.parent))
        };
        let prose = |(index, _): &(usize, &Node<'a>)| self.whole(*index).prose;
        let is_lost = |prose: usize| prose > 300 && self.clean(0).prose * 3 < prose;
        let named = dropped_by(|hint| matches!(hint, Hint::Noise | Hint::Furniture | Hint::Author | Hint::Date)).max_by_key(prose);
        let class = named.filter(|named| is_lost(prose(named))).and_then(|(_, node)| node.attribute("class"));
        let said: usize = dropped_by(|hint| hint == Hint::Comments).map(|comment| prose(&comment)).sum();
        match class {
            Some(class) => Doubt::Class(class),
            None if said > 300 && self.clean(0).prose < LEAST => Doubt::Comments,
            None => Doubt::Nothing,
        }
    }

    pub(super) fn whole(&self, index: usize) -> Weight {
        self.whole.get(index).copied().unwrap_or_default()
    }

    pub(super) fn clean(&self, index: usize) -> Weight {
        self.clean.get(index).copied().unwrap_or_default()
    }

    pub(super) fn is_elsewhere(&self, index: usize) -> bool {
        self.elsewhere.get(index).copied().unwrap_or(true)
    }

    pub(super) fn is_dropped(&self, index: usize) -> bool {
        self.dropped.get(index).copied().unwrap_or(true)
    }
}

/// Less prose, in characters, is no article.
const LEAST: usize = 150;

/// Which names of a page are not to be believed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doubt<'a> {
    Nothing,
    Class(&'a str),
    /// The page is a discussion.
    Comments,
}

/// What stands around the article. An element that holds the headline does not, whatever its name; nor does an `aside` of a line or
/// two, which is about the article.
fn around(outline: &Outline<'_>, whole: &[Weight], dropped: &[bool]) -> Vec<bool> {
    let headline = outline.nodes.iter().position(|node| node.tag == Tag::Heading(1)).unwrap_or(0);
    let mut around = vec![false; outline.nodes.len()];
    for (index, node) in outline.nodes.iter().enumerate() {
        let named = matches!(node.hint, Hint::Noise | Hint::Comments | Hint::Hidden) && dropped.get(index).copied().unwrap_or(false);
        let holds_headline = index < headline && headline < node.end;
        let note = node.tag == Tag::Aside && whole.get(index).is_some_and(|weight| weight.characters < 200 && !weight.is_linked(50));
        let parent = index > 0 && around.get(node.parent).copied().unwrap_or(false);
        if let Some(slot) = around.get_mut(index) {
            *slot = parent || (named && !holds_headline && !note);
        }
    }
    around
}

fn summed(outline: &Outline<'_>, own: &[Weight], dropped: &[bool]) -> Vec<Weight> {
    let mut sums = own.to_vec();
    for index in (1..sums.len()).rev() {
        if dropped.get(index).copied().unwrap_or(false) {
            if let Some(sum) = sums.get_mut(index) {
                *sum = Weight::default();
            }
            continue;
        }
        let weight = sums.get(index).copied().unwrap_or_default();
        let parent = outline.get(index).map_or(0, |node| node.parent);
        if let Some(sum) = sums.get_mut(parent) {
            sum.add(weight);
        }
    }
    sums
}

/// The hints that are believed: a name may say "sidebar", but what holds most of the page's prose is not one.
fn dropped(outline: &Outline<'_>, whole: &[Weight], removed: &impl Fn(usize) -> bool, doubt: Doubt<'_>) -> Vec<bool> {
    let total = whole.first().copied().unwrap_or_default();
    let headline = outline.nodes.iter().position(|node| node.tag == Tag::Heading(1)).unwrap_or(0);
    let mut dropped = vec![false; outline.nodes.len()];
    // The innermost element around that says it is the text: what is nearly all of it is no noise, whatever it is called.
    let mut text: Option<(usize, Weight)> = None;
    for (index, node) in outline.nodes.iter().enumerate() {
        let parent = index > 0 && dropped.get(node.parent).copied().unwrap_or(false);
        let weight = whole.get(index).copied().unwrap_or_default();
        text = text.filter(|(end, _)| index < *end);
        if node.hint == Hint::Body {
            text = Some((node.end, weight));
        }
        let is_text = text.is_some_and(|(_, text)| weight.prose >= 200 && weight.prose * 10 >= text.prose * 7 && !weight.is_linked(10));
        let holds_headline = index < headline && headline < node.end;
        let doubted = is_doubted(node, doubt, is_text, holds_headline) || (node.tag.is_inline() && is_in_sentence(outline, whole, index));
        let hinted = is_hinted_out(node, weight, total) && !doubted;
        let meta = matches!(node.tag, Tag::Control | Tag::Meta | Tag::Title | Tag::Script);
        if let Some(slot) = dropped.get_mut(index) {
            *slot = parent || hinted || meta || removed(index);
        }
    }
    dropped
}

/// Whether the hint of an element says that it is no part of the article, and its weight does not speak against that.
fn is_hinted_out(node: &Node<'_>, weight: Weight, total: Weight) -> bool {
    match node.hint {
        Hint::None | Hint::Body | Hint::Lead | Hint::Caption => node.tag == Tag::Footer && weight.prose * 3 < total.prose,
        Hint::Noise | Hint::Hidden => weight.prose * 2 < total.prose,
        Hint::Comments => weight.prose * 10 < total.prose * 9,
        // Who the author is, at any length.
        Hint::Author => weight.prose * 5 < total.prose,
        Hint::Date | Hint::Furniture => {
            weight.prose * 5 < total.prose && (weight.characters < 120 || weight.is_linked(40) || !weight.is_prose(50))
        }
    }
}

/// Whether there is reason not to believe the hint of an element.
fn is_doubted(node: &Node<'_>, doubt: Doubt<'_>, is_text: bool, holds_headline: bool) -> bool {
    match (doubt, node.hint) {
        (Doubt::Comments, Hint::Comments) => true,
        // `article-type-comment`: an opinion.
        (_, Hint::Comments) => node.tag == Tag::Article && holds_headline,
        (Doubt::Class(class), _) => node.attribute("class") == Some(class) || (node.hint == Hint::Noise && is_text),
        (_, Hint::Noise) => is_text,
        _ => false,
    }
}

/// Whether an element is part of a paragraph that reads like sentences: a link called `link` is, hidden text is not.
fn is_in_sentence(outline: &Outline<'_>, whole: &[Weight], index: usize) -> bool {
    if outline.get(index).is_none_or(|node| matches!(node.hint, Hint::None | Hint::Hidden | Hint::Comments)) {
        return false;
    }
    let mut around = outline.ancestors(index);
    let block = around.find(|ancestor| outline.get(*ancestor).is_some_and(|node| !node.tag.is_inline()));
    block.and_then(|block| whole.get(block)).is_some_and(|block| block.runs == 1 && block.characters >= 40 && block.is_prose(60))
}

/// The weight of each run of text, at the element that the run stands in.
fn own_weights(outline: &Outline<'_>) -> Vec<Weight> {
    let mut own = vec![Weight::default(); outline.nodes.len()];
    let mut block = vec![0_usize; outline.nodes.len()];
    let (mut run, mut holder, mut link_end) = (Run::default(), 0, 0);
    let mut flush = |run: &mut Run, holder: usize| {
        if run.characters > 0 {
            let heading = outline.get(holder).is_some_and(|node| matches!(node.tag, Tag::Heading(_)));
            if let Some(own) = own.get_mut(holder) {
                own.add(run.weight(heading));
            }
        }
        *run = Run::default();
    };
    for (index, node) in outline.nodes.iter().enumerate() {
        match node.content {
            Content::Text(text) => {
                let parent = block.get(node.parent).copied().unwrap_or(0);
                if outline.get(node.parent).is_some_and(|parent| matches!(parent.tag, Tag::Script | Tag::Title)) {
                    continue;
                }
                if parent != holder {
                    flush(&mut run, holder);
                    holder = parent;
                }
                run.read(text, index < link_end);
            }
            Content::Element(_) => {
                let inline = node.tag.is_inline();
                let own_block = if inline { block.get(node.parent).copied().unwrap_or(0) } else { index };
                if let Some(slot) = block.get_mut(index) {
                    *slot = own_block;
                }
                if !inline {
                    flush(&mut run, holder);
                }
                if node.tag == Tag::Link && node.end > link_end {
                    link_end = node.end;
                }
            }
        }
    }
    flush(&mut run, holder);
    own
}

pub(super) fn is_stop(character: char) -> bool {
    matches!(character, '.' | '!' | '?' | '…' | '。' | '！' | '？' | '؟' | '۔' | '।' | '॥' | '።' | '։' | '။' | '។' | '｡')
}
