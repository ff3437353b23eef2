//! The words of all rules, numbered, and which of them a word of a text stands for.
//!
//! A word is analysed once: what came out is kept, so that in the long run a text costs a look-up a word.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};

use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use smol_str::SmolStr;

use super::expression::Term;
use crate::model::Language;
use crate::text::{Lemmas, Word, known_languages, lowercase, spelling};

/// The number of a word in the rules.
pub(super) type TermId = u32;

/// The numbers of one word of a rule, or of alternatives; few, so that they lie where the rule lies.
pub(super) type Terms = SmallVec<[TermId; 6]>;

/// How many analysed words a language may keep; then it starts anew.
const MAX_REMEMBERED: usize = 500_000;

#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    lemmas: Arc<Lemmas>,
    /// By the language of the rules, or nothing for any: a primary subtag.
    written: FxHashMap<SmolStr, Written>,
    /// How many words have a number.
    count: TermId,
    /// Analysed words, by the language that they were read in: a primary subtag, or nothing when it is not known.
    remembered: RwLock<FxHashMap<&'static str, Remembered>>,
}

/// The words of the rules in one language, each kind for itself: what few rules ask for is quickly looked up.
#[derive(Clone, Debug, Default)]
struct Written {
    /// All forms.
    lemmas: FxHashMap<SmolStr, TermId>,
    /// In this form and letter case.
    exact: FxHashMap<SmolStr, TermId>,
    prefixes: FxHashMap<SmolStr, TermId>,
    /// The lengths of the prefixes in letters, the shortest first.
    prefix_lengths: BTreeSet<usize>,
}

/// What words stand for; an acronym has no other forms, and is kept apart from a word that is written the same.
#[derive(Debug, Default)]
struct Remembered {
    words: FxHashMap<SmolStr, Meaning>,
    acronyms: FxHashMap<SmolStr, Meaning>,
    /// The numbers of words that stand for several.
    several: Vec<TermId>,
}

/// What a word stands for: so small that it lies beside the word, as nearly all are looked up in vain.
#[derive(Clone, Copy, Debug)]
enum Meaning {
    Nothing,
    One(TermId),
    Two([TermId; 2]),
    Several { start: u32, count: u16 },
}

impl Remembered {
    fn get(&self, word: &str, acronym: bool) -> Option<Meaning> {
        if acronym { self.acronyms.get(word) } else { self.words.get(word) }.copied()
    }

    fn ids<'a>(&'a self, meaning: &'a Meaning) -> &'a [TermId] {
        match meaning {
            Meaning::Nothing => &[],
            Meaning::One(id) => std::slice::from_ref(id),
            Meaning::Two(ids) => ids,
            Meaning::Several { start, count } => {
                self.several.get(*start as usize..*start as usize + usize::from(*count)).unwrap_or_default()
            }
        }
    }

    fn insert(&mut self, word: &str, acronym: bool, ids: &[TermId]) {
        if self.words.len() + self.acronyms.len() >= MAX_REMEMBERED {
            *self = Self::default();
        }
        let meaning = match ids {
            [] => Meaning::Nothing,
            [id] => Meaning::One(*id),
            [one, other] => Meaning::Two([*one, *other]),
            ids => {
                let start = u32::try_from(self.several.len()).unwrap_or(u32::MAX);
                self.several.extend(ids);
                Meaning::Several { start, count: u16::try_from(ids.len()).unwrap_or(u16::MAX) }
            }
        };
        let words = if acronym { &mut self.acronyms } else { &mut self.words };
        words.insert(word.into(), meaning);
    }
}

impl Vocabulary {
    /// The same words under the same numbers, to which others can be added.
    pub(super) fn extended(&self) -> Self {
        Self { lemmas: Arc::clone(&self.lemmas), written: self.written.clone(), count: self.count, remembered: RwLock::default() }
    }

    /// Numbers a lemma that was read from texts. `language` is as [`reader_language`] gives it.
    pub(super) fn lemma(&mut self, language: &str, lemma: &str) -> TermId {
        self.id(language, lemma, |written| &mut written.lemmas)
    }

    /// Numbers a rule's word: all that it can be in the rule's language.
    pub(super) fn intern(&mut self, language: Option<&Language>, term: &Term) -> Terms {
        let languages: Vec<&str> = language.map_or_else(every_language, |language| vec![reader_language(Some(language))]);
        let primary = language.map_or("", Language::primary);
        let mut ids = Terms::new();
        match term {
            Term::AllForms(word) => {
                let word = spelling(word);
                for language in languages {
                    let lemmas = if is_acronym(&word) { vec![lowercase(&word)] } else { self.lemmas.meant(language, &word) };
                    ids.extend(lemmas.iter().map(|lemma| self.lemma(language, lemma)));
                }
            }
            Term::Exact(word) => ids.push(self.id(primary, &spelling(word), |written| &mut written.exact)),
            Term::Prefix(word) => {
                let prefix = lowercase(&spelling(word));
                ids.push(self.id(primary, &prefix, |written| &mut written.prefixes));
                self.written.entry(primary.into()).or_default().prefix_lengths.insert(prefix.chars().count());
            }
        }
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    pub(super) fn len(&self) -> usize {
        self.count as usize
    }

    /// Calls `found` with each word that stands for any of the rules' words, and with these; with those that were not met before
    /// last. A word comes with whether it is an acronym.
    pub(super) fn look_up<'a>(&self, language: &'static str, words: &[(&Word<'a>, bool)], mut found: impl FnMut(&Word<'a>, &[TermId])) {
        let mut unknown = Vec::new();
        if let Some(remembered) = self.remembered.read().unwrap_or_else(PoisonError::into_inner).get(language) {
            // All are looked up first: so memory brings several at once, and what is done with one does not hold up the next.
            let meanings: Vec<Option<Meaning>> = words.iter().map(|(word, acronym)| remembered.get(word.text, *acronym)).collect();
            for (&(word, acronym), meaning) in words.iter().zip(&meanings) {
                match meaning {
                    Some(meaning) => found(word, remembered.ids(meaning)),
                    None => unknown.push((word, acronym)),
                }
            }
        } else {
            unknown.extend_from_slice(words);
        }
        let mut learnt: FxHashMap<(&str, bool), Vec<TermId>> = FxHashMap::default();
        for (word, acronym) in unknown {
            let key = (word.text, acronym);
            found(word, learnt.entry(key).or_insert_with(|| self.analyse(language, word.text, acronym)));
        }
        if !learnt.is_empty() {
            let mut remembered = self.remembered.write().unwrap_or_else(PoisonError::into_inner);
            let remembered = remembered.entry(language).or_default();
            for ((word, acronym), ids) in learnt {
                remembered.insert(word, acronym, &ids);
            }
        }
    }

    /// Whether the parts of a compound may be read on their own.
    pub(super) fn has_free_parts(&self, language: &str, compound: &str) -> bool {
        self.lemmas.has_free_parts(language, &spelling(compound))
    }

    fn id(&mut self, language: &str, word: &str, kind: impl FnOnce(&mut Written) -> &mut FxHashMap<SmolStr, TermId>) -> TermId {
        let id = *kind(self.written.entry(language.into()).or_default()).entry(word.into()).or_insert(self.count);
        self.count = self.count.max(id.saturating_add(1));
        id
    }

    fn analyse(&self, language: &'static str, word: &str, acronym: bool) -> Vec<TermId> {
        let word = spelling(word);
        let lower = lowercase(&word);
        let lemmas = if acronym { vec![lower.clone()] } else { self.lemmas.of(language, &word) };
        let mut written = vec![lower];
        written.extend(self.lemmas.transliterated(language, &word));
        let mut ids = Vec::new();
        let in_language = self.written.get(language);
        ids.extend(in_language.into_iter().flat_map(|rules| lemmas.iter().filter_map(|lemma| rules.lemmas.get(lemma.as_str()))));
        for rules in in_language.into_iter().chain(self.written.get("")) {
            ids.extend(rules.exact.get(&*word));
            let end_of = |word: &str, letters| word.char_indices().nth(letters).map_or(word.len(), |(end, _)| end);
            for word in &written {
                let prefixes = rules.prefix_lengths.iter().filter_map(|&letters| word.get(..end_of(word, letters)));
                ids.extend(prefixes.filter_map(|prefix| rules.prefixes.get(prefix)));
            }
        }
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

/// `ЮНИСЕФ`, `ОПЕК`: short, and in capitals only.
pub(super) fn is_acronym(word: &str) -> bool {
    let mut letters = word.chars();
    letters.by_ref().take(6).filter(|letter| letter.is_uppercase()).count() >= 2
        && letters.next().is_none()
        && !word.chars().any(char::is_lowercase)
}

/// The primary subtag of `language`, or nothing when it is not one that we know.
pub(super) fn reader_language(language: Option<&Language>) -> &'static str {
    let primary = language.map_or("", Language::primary);
    known_languages().iter().map(Language::primary).find(|tag| *tag == primary).unwrap_or("")
}

pub(super) fn every_language() -> Vec<&'static str> {
    let mut tags: Vec<&str> = known_languages().iter().map(Language::primary).chain([""]).collect();
    tags.sort_unstable();
    tags.dedup();
    tags
}
