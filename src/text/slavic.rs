//! Ukrainian and Belarusian words by the forms that dictionaries have: each word of which the word can be a form, by tables of endings.
//! Which of them is a word is for whoever asks to know (a word in a rule is one).

use std::sync::LazyLock;

/// What is left of a word without an ending has so many letters.
const SHORTEST_STEM: usize = 3;

/// Endings of one kind of words: the dictionary's, and the others.
type Paradigm = (&'static str, Vec<&'static str>);

pub(super) struct Grammar {
    paradigms: Vec<Paradigm>,
    /// Words, and their forms that no ending tells.
    irregular: &'static [(&'static str, &'static str)],
    /// What a stem's last consonant becomes before some endings.
    softened: &'static [(&'static str, &'static str)],
    /// What the last vowel of a stem is in the middle of a word, and before no ending.
    closed: &'static [(char, char)],
}

pub(super) static UKRAINIAN: LazyLock<Grammar> = LazyLock::new(|| Grammar {
    paradigms: paradigms(include_str!("slavic/uk.txt")),
    irregular: &[
        ("дитина", "діти дітей дітям дітьми дітях"),
        ("діти", "дітей дітям дітьми дітях"),
        ("людина", "люди людей людям людьми людях"),
        ("люди", "людей людям людьми людях"),
        ("мати", "матері матір матір'ю матерів матерям матерями матерях"),
        ("сім'я", "сімей"),
        ("друг", "друзі друзів друзям друзями друзях"),
    ],
    softened: &[("ці", "кі"), ("зі", "гі"), ("сі", "хі")],
    closed: &[('о', 'і'), ('е', 'і')],
});

pub(super) static BELARUSIAN: LazyLock<Grammar> = LazyLock::new(|| Grammar {
    paradigms: paradigms(include_str!("slavic/be.txt")),
    irregular: &[
        ("дзіця", "дзіцяці дзіцем дзеці дзяцей дзецям дзецьмі дзецях"),
        ("дзеці", "дзяцей дзецям дзецьмі дзецях"),
        ("чалавек", "людзі людзей людзям людзьмі людзях"),
        ("людзі", "людзей людзям людзьмі людзях"),
        ("маці", "мацеры мацяры"),
    ],
    softened: &[("цы", "кы"), ("зе", "ге"), ("се", "хе")],
    closed: &[('о', 'ё'), ('а', 'о')],
});

fn paradigms(table: &'static str) -> Vec<Paradigm> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    let ending = |ending: &'static str| if ending == "0" { "" } else { ending };
    lines
        .filter_map(|line| {
            let mut endings = line.split(' ').map(ending);
            Some((endings.next()?, endings.collect()))
        })
        .collect()
}

/// The word itself and everything that it can be a form of.
pub(super) fn lemmas(grammar: &Grammar, word: &str) -> Vec<String> {
    let mut found = vec![word.to_owned()];
    found.extend(irregular(grammar, word));
    let softened = grammar.softened.iter().filter_map(|(soft, hard)| Some(format!("{}{hard}", word.strip_suffix(soft)?)));
    for form in std::iter::once(word.to_owned()).chain(softened) {
        for (ending, others) in &grammar.paradigms {
            for stem in others.iter().filter_map(|other| form.strip_suffix(other)) {
                if stem.chars().nth(SHORTEST_STEM - 1).is_some() {
                    add(grammar, stem, ending, form.len() == stem.len(), &mut found);
                }
            }
        }
    }
    found
}

/// What is meant by whoever writes the word in a rule.
pub(super) fn meant(grammar: &Grammar, word: &str) -> Vec<String> {
    let is_lemma = grammar.irregular.iter().any(|(lemma, _)| *lemma == word);
    let of_table: Vec<String> = irregular(grammar, word).collect();
    if is_lemma || of_table.is_empty() { vec![word.to_owned()] } else { of_table }
}

fn irregular<'a>(grammar: &'a Grammar, word: &'a str) -> impl Iterator<Item = String> + 'a {
    let of_table = grammar.irregular.iter().filter(move |(_, forms)| forms.split(' ').any(|form| form == word));
    of_table.map(|(lemma, _)| (*lemma).to_owned())
}

fn add(grammar: &Grammar, stem: &str, ending: &str, form_is_closed: bool, found: &mut Vec<String>) {
    let is_closed = matches!(ending, "" | "ь" | "й");
    let mut lemmas = vec![format!("{stem}{ending}")];
    // `ніч`, of which `ночі` is a form, and `шкіл`, a form of `школа`.
    for &(open, closed) in grammar.closed {
        let (from, to) = if is_closed { (open, closed) } else { (closed, open) };
        if is_closed != form_is_closed
            && let Some(stem) = with_last_vowel(stem, from, to)
        {
            lemmas.push(format!("{stem}{ending}"));
        }
    }
    for lemma in lemmas {
        if !found.contains(&lemma) {
            found.push(lemma);
        }
    }
}

fn with_last_vowel(stem: &str, from: char, to: char) -> Option<String> {
    let (place, vowel) = stem.char_indices().rev().find(|(_, letter)| "аоуеиіїєюяыэё".contains(*letter))?;
    let (before, after) = (stem.get(..place)?, stem.get(place + vowel.len_utf8()..)?);
    (vowel == from && !after.is_empty()).then(|| format!("{before}{to}{after}"))
}
