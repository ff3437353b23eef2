//! A subject as a matcher reads it: in its languages, word by word, with the places where words of the rules stand.

use super::Subject;
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
    /// The topics that the article was found to be on so far.
    pub(super) matched: Vec<TopicId>,
    /// All words of the article, in order.
    spans: Vec<Span>,
    /// Words of the rules with the indices of the spans that stand for them, sorted.
    hits: Vec<(TermId, u32)>,
    /// Where each word of the rules begins in `hits`.
    offsets: Vec<u32>,
}

const ABSENT: u32 = u32::MAX;

impl<'a> Reading<'a> {
    pub(super) fn new(subject: &'a Subject<'a>, vocabulary: &Vocabulary) -> Self {
        let (title, body) = languages(subject);
        let mut reading = Self {
            subject,
            language: body.clone().or_else(|| title.clone()),
            length: 0,
            matched: Vec::new(),
            spans: Vec::new(),
            hits: Vec::new(),
            offsets: vec![ABSENT; vocabulary.len()],
        };
        reading.read(Field::Title, subject.title, reader_language(title.as_ref()), vocabulary);
        reading.read(Field::Body, subject.body, reader_language(body.as_ref()), vocabulary);
        reading.hits.sort_unstable();
        for (index, (term, _)) in (0_u32..).zip(&reading.hits) {
            if let Some(offset) = reading.offsets.get_mut(*term as usize).filter(|offset| **offset == ABSENT) {
                *offset = index;
            }
        }
        reading
    }

    /// The words of the rules that the text has, each once, in order.
    pub(super) fn terms(&self) -> impl Iterator<Item = TermId> {
        self.hits.chunk_by(|one, next| one.0 == next.0).filter_map(|chunk| chunk.first()).map(|hit| hit.0)
    }

    pub(super) fn has(&self, term: TermId) -> bool {
        self.offsets.get(term as usize).is_some_and(|&offset| offset != ABSENT)
    }

    /// The places of one word of the rules, in order.
    pub(super) fn places(&self, term: TermId) -> impl Iterator<Item = Span> {
        let offset = self.offsets.get(term as usize).copied().unwrap_or(ABSENT) as usize;
        let hits = self.hits.get(offset..).unwrap_or_default();
        hits.iter().take_while(move |hit| hit.0 == term).filter_map(|&(_, span)| self.spans.get(span as usize).copied())
    }

    pub(super) fn first_place(&self, term: TermId) -> Option<Span> {
        if self.has(term) { self.places(term).next() } else { None }
    }

    fn read(&mut self, field: Field, text: &str, language: &'static str, vocabulary: &Vocabulary) {
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
        let (before, hits) = (self.spans.len(), &mut self.hits);
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
