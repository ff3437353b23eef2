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
    /// Which words of the rules the text has, 64 of them to a block: small enough to stay at hand.
    blocks: Vec<Block>,
    /// By their numbers.
    present: Vec<Present>,
    /// Those of one present word together, in order.
    places: Vec<Span>,
    /// The last sentence to which places in the lead may belong.
    end_of_lead: u32,
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

/// More pairs of places are not looked at to tell where two words meet.
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
            blocks: vec![Block::default(); vocabulary.len().div_ceil(64)],
            present: Vec::new(),
            places: Vec::new(),
            end_of_lead: 0,
        };
        let mut hits = Vec::new();
        reading.read(Field::Title, subject.title, reader_language(title.as_ref()), vocabulary, &mut hits);
        reading.read(Field::Body, subject.body, reader_language(body.as_ref()), vocabulary, &mut hits);
        reading.arrange(hits);
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

    /// How many places of the word are within reach of one of `other`, or may be where it would take long to tell.
    pub(super) fn meetings(&self, word: &Present, other: TermId, reach: Reach) -> Tally {
        let other = self.present(other).filter(|other| word.whereabouts.may_meet(other.whereabouts, reach));
        let (mut others, mut looks) = (other.map_or(&[][..], |other| self.at(other)), 0);
        let mut tally = Tally::default();
        for one in self.at(word) {
            let is_before = |other: &&Span| match reach {
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
            others = others.get(others.iter().take_while(is_before).count()..).unwrap_or_default();
            let meets = others.iter().take_while(|other| !is_beyond(other)).any(|other| {
                looks += 1;
                looks > MAX_LOOKS || fits(other)
            });
            if meets {
                tally.add(one, self.end_of_lead);
            }
        }
        tally
    }

    pub(super) fn has(&self, term: TermId) -> bool {
        self.blocks.get(term as usize / 64).is_some_and(|block| block.bits >> (term % 64) & 1 == 1)
    }

    /// The places of one word of the rules, in order.
    pub(super) fn places(&self, term: TermId) -> &[Span] {
        self.present(term).map_or(&[], |present| self.at(present))
    }

    fn at(&self, word: &Present) -> &[Span] {
        self.places.get(word.start as usize..word.end as usize).unwrap_or_default()
    }

    fn present(&self, term: TermId) -> Option<&Present> {
        self.present.get(self.slot(term)? as usize)
    }

    /// Which of `present` the word is.
    fn slot(&self, term: TermId) -> Option<u32> {
        let Block { bits, before } = self.blocks.get(term as usize / 64).copied()?;
        let bit = 1 << (term % 64);
        (bits & bit != 0).then(|| before + (bits & (bit - 1)).count_ones())
    }

    /// Puts the places of each word together.
    fn arrange(&mut self, mut hits: Vec<(TermId, Span)>) {
        let Some((_, any)) = hits.first().copied() else { return };
        for (term, _) in &hits {
            self.blocks.get_mut(*term as usize / 64).into_iter().for_each(|block| block.bits |= 1 << (term % 64));
        }
        let mut total = 0;
        for block in &mut self.blocks {
            block.before = total;
            total += block.bits.count_ones();
        }
        self.present = vec![Present::default(); total as usize];
        // From here on a hit says which of `present` it is of.
        for (term, span) in &mut hits {
            let slot = self.slot(*term).unwrap_or_default();
            let Some(present) = self.present.get_mut(slot as usize) else { continue };
            present.term = std::mem::replace(term, slot);
            present.whereabouts.add(span);
            present.tally.add(span, self.end_of_lead);
            present.end += 1;
        }
        let mut total = 0;
        for present in &mut self.present {
            let count = present.end;
            (present.start, present.end) = (total, total);
            total += count;
        }
        self.places = vec![any; hits.len()];
        for (slot, span) in hits {
            let Some(present) = self.present.get_mut(slot as usize) else { continue };
            self.places.get_mut(present.end as usize).into_iter().for_each(|place| *place = span);
            present.end += 1;
        }
        for present in &self.present {
            let places = self.places.get_mut(present.start as usize..present.end as usize).unwrap_or_default();
            // Words that were not met before come after the others. A compound stands before its parts.
            let order = |span: &Span| (span.first, std::cmp::Reverse(span.last));
            if !places.is_sorted_by_key(order) {
                places.sort_unstable_by_key(order);
            }
        }
    }

    pub(super) fn first_place(&self, term: TermId) -> Option<Span> {
        self.places(term).first().copied()
    }

    fn read(&mut self, field: Field, text: &str, language: &'static str, vocabulary: &Vocabulary, hits: &mut Vec<(TermId, Span)>) {
        let words = words(text);
        let count = words.iter().filter(|word| word.kind != Kind::Part).count();
        self.length = self.length.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
        let shouting = is_shouting(text);
        let mut paired_until = 0;
        let readable = words.iter().filter(|word| {
            if word.kind == Kind::Compound && !vocabulary.has_free_parts(language, word.text) {
                paired_until = word.end();
            }
            word.kind != Kind::Part || word.start >= paired_until
        });
        let readable: Vec<(&Word<'_>, bool)> = readable.map(|word| (word, !shouting && is_acronym(word.text))).collect();
        hits.reserve(readable.len());
        vocabulary.look_up(language, &readable, |word, terms| hits.extend(terms.iter().map(|&term| (term, place(field, word)))));
        let in_lead = words.partition_point(|word| word.start < LEAD_BYTES);
        if let Some(word) = words.get(..in_lead).and_then(<[_]>::last).filter(|_| field == Field::Body) {
            self.end_of_lead = place(field, word).sentence + 1;
        }
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
