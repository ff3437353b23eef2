//! How much of each element reads like the text of an article: runs of text are weighed by their length, links and punctuation,
//! in characters of any script, and the weights are added up to the elements around them.

use super::hint::Hint;
use super::outline::{Content, Outline, Tag};
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
        let dropped = dropped(outline, &whole, &removed, None);
        let clean = summed(outline, &own, &dropped);
        let elsewhere = around(outline, &whole, &dropped);
        let weights = Self { whole, clean, dropped, elsewhere };
        match weights.wronged(outline) {
            None => weights,
            Some(class) => {
                let dropped = self::dropped(outline, &weights.whole, &removed, Some(class));
                let clean = summed(outline, &own, &dropped);
                let elsewhere = around(outline, &weights.whole, &dropped);
                Self { whole: weights.whole, clean, elsewhere, dropped }
            }
        }
    }

    /// A page has an article. When names would drop nearly all of its prose, the class of the largest element among those is
    /// misleading.
    fn wronged<'a>(&self, outline: &Outline<'a>) -> Option<&'a str> {
        let names = outline.nodes.iter().enumerate().filter(|(index, node)| {
            matches!(node.hint, Hint::Noise | Hint::Furniture | Hint::Author | Hint::Date)
                && self.is_dropped(*index)
                && !self.is_dropped(node.parent)
        });
        let (largest, node) = names.max_by_key(|(index, _)| self.whole(*index).prose)?;
        let prose = self.whole(largest).prose;
        (prose > 300 && self.clean(0).prose * 3 < prose).then(|| node.attribute("class")).flatten()
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
fn dropped(outline: &Outline<'_>, whole: &[Weight], removed: &impl Fn(usize) -> bool, trusted: Option<&str>) -> Vec<bool> {
    let total = whole.first().copied().unwrap_or_default();
    let mut dropped = vec![false; outline.nodes.len()];
    for (index, node) in outline.nodes.iter().enumerate() {
        let parent = index > 0 && dropped.get(node.parent).copied().unwrap_or(false);
        let weight = whole.get(index).copied().unwrap_or_default();
        let misleading = trusted.is_some() && node.hint != Hint::Comments && node.attribute("class") == trusted;
        let hinted = match node.hint {
            _ if misleading => false,
            Hint::None | Hint::Body | Hint::Lead | Hint::Caption => node.tag == Tag::Footer && weight.prose * 3 < total.prose,
            Hint::Noise | Hint::Hidden => weight.prose * 2 < total.prose,
            Hint::Comments => weight.prose * 10 < total.prose * 9,
            Hint::Author | Hint::Date | Hint::Furniture => {
                weight.prose * 5 < total.prose && (weight.characters < 120 || weight.is_linked(40) || !weight.is_prose(50))
            }
        };
        let meta = matches!(node.tag, Tag::Control | Tag::Meta | Tag::Title | Tag::Script);
        if let Some(slot) = dropped.get_mut(index) {
            *slot = parent || hinted || meta || removed(index);
        }
    }
    dropped
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

/// Text between two block boundaries.
#[derive(Default)]
struct Run {
    characters: usize,
    linked: usize,
    commas: usize,
    stops: usize,
}

impl Run {
    fn read(&mut self, text: &str, linked: bool) {
        let mut characters = 0;
        for character in text.chars() {
            if character.is_ascii() {
                characters += usize::from(!character.is_ascii_whitespace() && !character.is_ascii_control());
                self.commas += usize::from(matches!(character, ',' | ';' | ':' | '"'));
                self.stops += usize::from(matches!(character, '.' | '!' | '?'));
            } else {
                characters += width(character);
                self.commas += usize::from(is_comma(character));
                self.stops += usize::from(is_stop(character));
            }
        }
        self.characters += characters;
        self.linked += if linked { characters } else { 0 };
    }

    fn weight(&self, heading: bool) -> Weight {
        let Self { characters, linked, commas, stops } = *self;
        let percent = match characters {
            _ if linked * 2 > characters => 0,
            _ if heading => 30,
            0..25 => 5 * stops.min(2),
            25..70 => 20 + 40 * stops.min(1) + 10 * commas.min(1),
            _ if stops > 0 => 100,
            _ if commas > 0 => 70,
            _ => 40,
        };
        let prose = characters.saturating_sub(linked) * percent / 100;
        Weight { characters, linked, prose, runs: 1 }
    }
}

/// A letter of a script that writes syllables or words with one character counts for two.
fn width(character: char) -> usize {
    match character {
        '\u{a0}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{2000}'..='\u{200a}' | '\u{3000}' | '\u{feff}' => 0,
        '\u{1100}'..='\u{11ff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' => 2,
        _ => 1,
    }
}

fn is_comma(character: char) -> bool {
    matches!(character, '،' | '؛' | '、' | '，' | '；' | '：' | '፣' | '፤' | '՝' | '·' | '«' | '»' | '„' | '“' | '”' | '–' | '—')
}

pub(super) fn is_stop(character: char) -> bool {
    matches!(character, '.' | '!' | '?' | '…' | '。' | '！' | '？' | '؟' | '۔' | '।' | '॥' | '።' | '։' | '။' | '។' | '｡')
}
