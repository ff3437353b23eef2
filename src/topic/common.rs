//! Words that most articles of a language have, whatever they are about: a rule that asks for one alone asks for nothing.

use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};

use super::expression::Term;
use super::vocabulary::{is_acronym, reader_language};
use crate::model::Language;
use crate::text::{Lemmas, lowercase, spelling};

/// Lists of our own.
const LISTS: [(&str, &str); 9] = [
    ("ru", include_str!("common/ru.txt")),
    ("kk", include_str!("common/kk.txt")),
    ("en", include_str!("common/en.txt")),
    ("uk", include_str!("common/uk.txt")),
    ("be", include_str!("common/be.txt")),
    ("tr", include_str!("common/tr.txt")),
    ("de", include_str!("common/de.txt")),
    ("ky", include_str!("common/ky.txt")),
    ("uz", include_str!("common/uz.txt")),
];
/// The languages that most rules are in.
pub(super) const USUAL: [&str; 3] = ["ru", "kk", "en"];

/// The grammars by which rules are checked.
pub(super) static LEMMAS: LazyLock<Lemmas> = LazyLock::new(Lemmas::default);

static COMMON: LazyLock<FxHashMap<&str, Common>> = LazyLock::new(|| {
    let list = |(language, words): (&'static str, &'static str)| {
        let forms: FxHashSet<String> = words.split_whitespace().map(|word| spelling(word).into_owned()).collect();
        let lemmas = forms.iter().flat_map(|word| LEMMAS.meant(language, word)).collect();
        (language, Common { forms, lemmas })
    };
    LISTS.into_iter().map(list).collect()
});

struct Common {
    forms: FxHashSet<String>,
    lemmas: FxHashSet<String>,
}

/// Whether nearly every article that a rule in `language` is for has the word.
pub(super) fn is_common(term: &Term, language: Option<&Language>) -> bool {
    match term {
        Term::AllForms(word) => {
            word.chars().nth(1).is_none() || !is_acronym(&spelling(word)) && any_list(language, |tag, common| common.has(tag, word))
        }
        // `=US` is no `us`.
        Term::Exact(word) => any_list(language, |_, common| common.forms.contains(&*spelling(word))),
        Term::Prefix(word) => word.chars().nth(2).is_none(),
    }
}

fn any_list(language: Option<&Language>, has: impl Fn(&str, &Common) -> bool) -> bool {
    match language {
        Some(language) => {
            let tag = reader_language(Some(language));
            COMMON.get(tag).is_some_and(|common| has(tag, common))
        }
        None => USUAL.iter().any(|tag| COMMON.get(tag).is_some_and(|common| has(tag, common))),
    }
}

impl Common {
    fn has(&self, language: &str, word: &str) -> bool {
        let word = spelling(word);
        self.forms.contains(&lowercase(&word)) || LEMMAS.meant(language, &word).iter().any(|lemma| self.lemmas.contains(lemma))
    }
}
