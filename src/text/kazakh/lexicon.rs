//! Words that Kazakh has, to tell a slip of the pen from a word: some 27,000, of whose forms there are hundreds of thousands.
//!
//! `words.txt` has them sorted, each as the number (base 36) of first letters that it shares with the word before, and its other letters.
//! They are from the word list in Tesseract's model for Kazakh (`tessdata_fast`, Apache-2.0, Copyright Google Inc.): those that it has in
//! several forms or spellings, less what an ending makes of another one, what is Russian only, and what one wrong letter makes of a
//! commoner word (`қүқық`). To them come words that `KazNERD` (CC BY 4.0) has three times, and a few of our own.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

static WORDS: LazyLock<FxHashSet<String>> = LazyLock::new(|| {
    let (mut words, mut before) = (FxHashSet::default(), String::new());
    for line in include_str!("words.txt").lines() {
        let mut rest = line.chars();
        let shared = rest.next().and_then(|digit| digit.to_digit(36)).unwrap_or(0);
        let word: String = before.chars().take(shared as usize).chain(rest).collect();
        words.insert(word.clone());
        before = word;
    }
    words
});

/// Whether it is a word in the form of a dictionary.
pub(in crate::text) fn has(word: &str) -> bool {
    WORDS.contains(word)
}

#[cfg(test)]
mod tests {
    use super::{WORDS, has};

    #[test]
    fn words_are_unpacked() {
        assert!(WORDS.len() > 27_000);
        assert!(["аа", "бала", "құқық", "халық", "қорғау", "әлеуметтік"].into_iter().all(has));
        assert!(!["", "қүқық", "мектебб"].into_iter().any(has));
    }
}
