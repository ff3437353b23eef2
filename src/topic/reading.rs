//! A subject as a matcher reads it: in its languages, word by word, with the places where words of the rules stand.

use super::Subject;
use super::evaluate::is_near;
use super::expression::Reach;
use super::score::Scale;
use super::vocabulary::{TermId, Vocabulary, is_acronym, reader_language};
use crate::model::{Field, Language, TopicId};
use crate::text::{Detection, Kind, Word, detect, words};

/// How many bytes of the body its lead is.
const LEAD_BYTES: usize = 700;
/// A detected language overrules the page's claim from here on.
const SURE: f64 = 0.95;
/// The body's words and sentences are counted from here, so that none is near one of the title.
const BEFORE_BODY: u32 = u32::MAX / 2;

/// A stretch of the text that counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub(super) field: Field,
    /// Byte offsets into the field.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Positions of the first and last word, and the first one's sentence, counted through both fields.
    pub(super) first: u32,
    pub(super) last: u32,
    pub(super) sentence: u32,
    pub(super) in_lead: bool,
}

pub(super) struct Reading<'a> {
    pub(super) subject: &'a Subject<'a>,
    pub(super) language: Option<Language>,
    /// How many words the article has.
    pub(super) length: u32,
    pub(super) scale: Scale,
    /// The topics that the article was found to be on so far.
    pub(super) matched: Vec<TopicId>,
    /// All words of the article, in order.
    spans: Vec<Span>,
    /// Which words of the rules the text has, 64 of them to a block: small enough to stay at hand.
    blocks: Vec<Block>,
    /// By their numbers.
    present: Vec<Present>,
    /// Indices of spans: those of one present word together, in order.
    places: Vec<u32>,
}

/// A bit for each of 64 words that is present, and how many are present before them.
#[derive(Clone, Copy, Debug, Default)]
struct Block {
    bits: u64,
    before: u32,
}

/// A word of the rules that the text has.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Present {
    pub(super) term: TermId,
    whereabouts: Whereabouts,
    pub(super) tally: Tally,
    /// Where its places begin and end.
    start: u32,
    end: u32,
}

/// How many places are in each part. A sentence that begins in the lead, and the one after it, may belong to a place that does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) title: u32,
    pub(super) lead: u32,
    pub(super) body: u32,
}

/// More pairs of places are not looked at to tell that two words never meet.
const MAX_LOOKS: u32 = 4096;
/// The width of a stretch in words.
const STRETCH: u32 = 8;

/// Where a word stands: its sentences, and its stretches of [`STRETCH`] words, by their numbers modulo 64. Two words that never
/// share a bit never meet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Whereabouts {
    sentences: u64,
    stretches: u64,
}

impl Tally {
    pub(super) fn plus(self, other: Self) -> Self {
        Self { title: self.title + other.title, lead: self.lead + other.lead, body: self.body + other.body }
    }

    /// How many pairs of one and the other there can be in one sentence.
    pub(super) fn pairs(self, other: Self) -> Self {
        Self { title: self.title.min(other.title), lead: self.lead.min(other.lead), body: self.body.min(other.body) }
    }

    fn add(&mut self, span: &Span, end_of_lead: u32) {
        match span.field {
            Field::Title => self.title += 1,
            Field::Body if span.sentence <= end_of_lead => self.lead += 1,
            Field::Body => self.body += 1,
        }
    }
}

impl Whereabouts {
    fn add(&mut self, span: &Span) {
        self.sentences |= 1 << (span.sentence % 64);
        for position in [span.first, span.last] {
            self.stretches |= 1 << (position / STRETCH % 64);
        }
    }

    fn may_meet(self, other: Self, reach: Reach) -> bool {
        // In the same stretch or in neighbouring ones.
        let around = other.stretches | other.stretches.rotate_left(1) | other.stretches.rotate_right(1);
        let is_close = match reach {
            Reach::Words(words) if words <= STRETCH => self.stretches & around != 0,
            Reach::Words(_) | Reach::Sentence => true,
        };
        is_close && self.sentences & other.sentences != 0
    }
}

impl<'a> Reading<'a> {
    pub(super) fn new(subject: &'a Subject<'a>, vocabulary: &Vocabulary) -> Self {
        let (title, body) = languages(subject);
        let mut reading = Self {
            subject,
            language: body.clone().or_else(|| title.clone()),
            length: 0,
            scale: Scale::default(),
            matched: Vec::new(),
            spans: Vec::new(),
            blocks: vec![Block::default(); vocabulary.len().div_ceil(64)],
            present: Vec::new(),
            places: Vec::new(),
        };
        let mut hits = Vec::new();
        reading.read(Field::Title, subject.title, reader_language(title.as_ref()), vocabulary, &mut hits);
        reading.read(Field::Body, subject.body, reader_language(body.as_ref()), vocabulary, &mut hits);
        reading.arrange(&hits);
        reading.scale = Scale::of(reading.length);
        reading
    }

    /// The words of the rules that the text has, each once.
    pub(super) fn words(&self) -> &[Present] {
        &self.present
    }

    /// How often `other` is there, if it can be within reach of the word at all: quickly told.
    pub(super) fn may_meet(&self, word: &Present, other: TermId, reach: Option<Reach>) -> Option<Tally> {
        let other = self.present(other)?;
        reach.is_none_or(|reach| word.whereabouts.may_meet(other.whereabouts, reach)).then_some(other.tally)
    }

    /// Whether a place of the word and a place of `other` are within reach of each other; or that would take long to tell.
    pub(super) fn meet(&self, one: &Present, other: TermId, reach: Reach) -> bool {
        let Some(other) = self.present(other).filter(|other| one.whereabouts.may_meet(other.whereabouts, reach)) else { return false };
        let (mut others, mut looks) = (self.at(other).peekable(), 0);
        self.at(one).any(|one| {
            let is_before = |other: &Span| match reach {
                Reach::Words(words) => other.last.saturating_add(words) < one.first,
                Reach::Sentence => other.sentence < one.sentence,
            };
            let is_beyond = |other: &Span| match reach {
                Reach::Words(words) => other.first > one.last.saturating_add(words),
                Reach::Sentence => other.sentence > one.sentence,
            };
            let fits = |other: &Span| match reach {
                Reach::Words(words) => is_near(one, other, words, false),
                Reach::Sentence => one.sentence == other.sentence,
            };
            while others.next_if(|other| is_before(other)).is_some() {}
            others.clone().take_while(|other| !is_beyond(other)).any(|other| {
                looks += 1;
                looks > MAX_LOOKS || fits(other)
            })
        })
    }

    pub(super) fn has(&self, term: TermId) -> bool {
        self.blocks.get(term as usize / 64).is_some_and(|block| block.bits >> (term % 64) & 1 == 1)
    }

    /// The places of one word of the rules, in order.
    pub(super) fn places(&self, term: TermId) -> impl Iterator<Item = Span> {
        self.present(term).into_iter().flat_map(|present| self.at(present)).copied()
    }

    fn at(&self, word: &Present) -> impl Iterator<Item = &Span> + Clone {
        let places = self.places.get(word.start as usize..word.end as usize).unwrap_or_default();
        places.iter().filter_map(|&span| self.spans.get(span as usize))
    }

    fn present(&self, term: TermId) -> Option<&Present> {
        self.present.get(self.slot(term)?)
    }

    /// Which of `present` the word is.
    fn slot(&self, term: TermId) -> Option<usize> {
        let Block { bits, before } = self.blocks.get(term as usize / 64).copied()?;
        let bit = 1 << (term % 64);
        (bits & bit != 0).then(|| before as usize + (bits & (bit - 1)).count_ones() as usize)
    }

    /// Puts the places of each word together. A hit is a word of the rules and the index of a span.
    fn arrange(&mut self, hits: &[(TermId, u32)]) {
        for &(term, _) in hits {
            self.blocks.get_mut(term as usize / 64).into_iter().for_each(|block| block.bits |= 1 << (term % 64));
        }
        let mut total = 0;
        for block in &mut self.blocks {
            block.before = total;
            total += block.bits.count_ones();
        }
        let end_of_lead = self.spans.iter().rfind(|span| span.in_lead).map_or(0, |span| span.sentence + 1);
        self.present = vec![Present::default(); total as usize];
        for &(term, span) in hits {
            let present = self.slot(term).and_then(|slot| self.present.get_mut(slot));
            if let (Some(present), Some(span)) = (present, self.spans.get(span as usize)) {
                present.term = term;
                present.whereabouts.add(span);
                present.tally.add(span, end_of_lead);
                present.end += 1;
            }
        }
        let mut total = 0;
        for present in &mut self.present {
            let count = present.end;
            (present.start, present.end) = (total, total);
            total += count;
        }
        self.places = vec![0; total as usize];
        for &(term, span) in hits {
            let Some(present) = self.slot(term).and_then(|slot| self.present.get_mut(slot)) else { continue };
            self.places.get_mut(present.end as usize).into_iter().for_each(|place| *place = span);
            present.end += 1;
        }
        for present in &self.present {
            let places = self.places.get_mut(present.start as usize..present.end as usize).unwrap_or_default();
            // Words that were not met before come after the others.
            if !places.is_sorted() {
                places.sort_unstable();
            }
        }
    }

    pub(super) fn first_place(&self, term: TermId) -> Option<Span> {
        if self.has(term) { self.places(term).next() } else { None }
    }

    fn read(&mut self, field: Field, text: &str, language: &'static str, vocabulary: &Vocabulary, hits: &mut Vec<(TermId, u32)>) {
        let words = words(text);
        let count = words.iter().filter(|word| word.kind != Kind::Part).count();
        self.length = self.length.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
        let shouting = is_shouting(text);
        let mut paired_until = 0;
        let readable = words.iter().enumerate().filter(|(_, word)| {
            if word.kind == Kind::Compound && !vocabulary.has_free_parts(language, word.text) {
                paired_until = word.end();
            }
            word.kind != Kind::Part || word.start >= paired_until
        });
        let readable = readable.map(|(index, word)| (index, word.text, !shouting && is_acronym(word.text)));
        let before = self.spans.len();
        vocabulary.look_up(language, readable, |index, terms| {
            let span = u32::try_from(before + index).unwrap_or(u32::MAX);
            hits.extend(terms.iter().map(|&term| (term, span)));
        });
        self.spans.extend(words.iter().map(|word| place(field, word)));
    }
}

fn place(field: Field, word: &Word<'_>) -> Span {
    let before = if field == Field::Body { BEFORE_BODY } else { 0 };
    Span {
        field,
        start: word.start,
        end: word.end(),
        first: before.saturating_add(word.first),
        last: before.saturating_add(word.last),
        sentence: before.saturating_add(word.sentence),
        in_lead: field == Field::Body && word.start < LEAD_BYTES,
    }
}

/// The languages of title and body. What the page claims stands where the text does not clearly say otherwise, and a title, being
/// short, is in the body's language unless it clearly is not.
pub(super) fn languages(subject: &Subject<'_>) -> (Option<Language>, Option<Language>) {
    let sure = |detection: &Detection| detection.language.clone().filter(|_| detection.confidence >= SURE);
    let (title, body) = (detect(subject.title), detect(subject.body));
    let claimed = || subject.language.cloned();
    let body_language = sure(&body).or_else(claimed).or_else(|| body.language.clone()).or_else(|| title.language.clone());
    let title_language = sure(&title).or_else(|| body_language.clone());
    (title_language, body_language)
}

/// Whether a text is in capitals throughout, so that they say nothing.
fn is_shouting(text: &str) -> bool {
    let sample = || text.chars().take(400);
    sample().filter(|letter| letter.is_uppercase()).count() > sample().filter(|letter| letter.is_lowercase()).count()
}
