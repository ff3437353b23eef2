//! English inflection, and nothing beyond it: plurals, possessives, `-ed`, `-ing`, and a table of the verbs and nouns that go their own
//! way. What also strips derivation would make `minority` a form of `minor`.
//!
//! A form has every lemma that the endings allow, each a word as it would be written: `hoping` is of `hope`, `hopping` of `hop`, and
//! `visited` may be of `visit` or `visite`, which is for whoever asks to know (a word in a rule is one). The tables are our own.

use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};

/// What the table says of a form.
#[derive(Debug, Default)]
struct Irregular {
    lemmas: Vec<&'static str>,
    /// It is also a word of its own, or a regular form of another one: `left`, `lives`.
    is_word: bool,
}

static IRREGULAR: LazyLock<FxHashMap<&str, Irregular>> = LazyLock::new(|| {
    let mut table: FxHashMap<&str, Irregular> = FxHashMap::default();
    for line in include_str!("english/irregular.txt").lines().filter(|line| !line.starts_with('#')) {
        let Some((lemma, forms)) = line.split_once(' ') else { continue };
        for form in forms.split(' ') {
            let entry = table.entry(form.trim_end_matches('+')).or_default();
            entry.lemmas.push(lemma);
            entry.is_word |= form.ends_with('+');
        }
    }
    table
});

static UNINFLECTED: LazyLock<FxHashSet<&str>> = LazyLock::new(|| {
    let lines = include_str!("english/uninflected.txt").lines();
    lines.filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace).collect()
});

/// Endings of nouns of which the table has the last part only: `schoolchildren`, `policewomen`.
const COMPOUNDED: [(&str, &str); 4] = [("children", "child"), ("women", "woman"), ("men", "man"), ("wives", "wife")];

/// All words that `word` can be a form of.
pub(super) fn lemmas(word: &str) -> Vec<String> {
    let word = without_possessive(word);
    if let Some((before, last)) = word.rsplit_once('-') {
        return lemmas(last).into_iter().map(|lemma| format!("{before}-{lemma}")).collect();
    }
    let irregular = IRREGULAR.get(word);
    let mut found = Vec::new();
    if irregular.is_none_or(|irregular| irregular.is_word) {
        found.push(word.to_owned());
    }
    found.extend(irregular.into_iter().flat_map(|irregular| &irregular.lemmas).map(|lemma| (*lemma).to_owned()));
    if irregular.is_some_and(|irregular| !irregular.is_word) || UNINFLECTED.contains(word) {
        return found;
    }
    let singulars = singulars(word);
    for form in singulars.iter().map(String::as_str).chain([word]) {
        without_ending(form, &mut found);
    }
    for singular in singulars {
        add(singular, &mut found);
    }
    found
}

/// The lemmas that are meant by whoever writes `word` in a rule: itself, save that what is only a form, or a plural, stands for its lemma.
pub(super) fn meant(word: &str) -> Vec<String> {
    let word = without_possessive(word);
    let (before, last) = word.rsplit_once('-').map_or((None, word), |(before, last)| (Some(before), last));
    let mut meant = match IRREGULAR.get(last) {
        Some(irregular) if !irregular.is_word => irregular.lemmas.iter().map(|lemma| (*lemma).to_owned()).collect(),
        _ if UNINFLECTED.contains(last) => Vec::new(),
        irregular => {
            let of_table = irregular.filter(|_| last.ends_with('s')).into_iter().flat_map(|irregular| &irregular.lemmas);
            let mut plural_of: Vec<String> = of_table.map(|lemma| (*lemma).to_owned()).collect();
            // Who writes `virus` or `crisis` hardly means a `viru`.
            if !["us", "is"].iter().any(|ending| last.ends_with(ending)) {
                plural_of.extend(singulars(last));
            }
            plural_of
        }
    };
    if meant.is_empty() {
        meant.push(last.to_owned());
    }
    before.map_or_else(|| meant.clone(), |before| meant.iter().map(|lemma| format!("{before}-{lemma}")).collect())
}

fn without_possessive(word: &str) -> &str {
    word.strip_suffix("'s").unwrap_or(word).trim_end_matches('\'')
}

fn add(lemma: String, found: &mut Vec<String>) {
    if !found.contains(&lemma) {
        found.push(lemma);
    }
}

/// What the word can be the plural (or as a verb the third person) of.
fn singulars(word: &str) -> Vec<String> {
    if let Some((rest, singular)) = COMPOUNDED.iter().find_map(|(plural, singular)| Some((word.strip_suffix(plural)?, singular))) {
        return if rest.is_empty() { Vec::new() } else { vec![format!("{rest}{singular}")] };
    }
    let Some(rest) = word.strip_suffix('s').filter(|rest| rest.len() > 1 && !rest.ends_with('s')) else { return Vec::new() };
    let mut found = vec![rest.to_owned()];
    if let Some(stem) = rest.strip_suffix("ie").filter(|stem| stem.len() > 1) {
        found.insert(0, format!("{stem}y"));
    }
    let Some(stem) = rest.strip_suffix('e') else { return found };
    let is_sibilant = ["ss", "sh", "ch", "x", "zz"].iter().any(|ending| stem.ends_with(ending));
    if is_sibilant {
        found.insert(0, stem.to_owned());
    } else if stem.ends_with(['s', 'o']) && !has_one_syllable(stem) {
        // `virus` and `hero`; but `toes` is not of `to`, nor `uses` of `us`.
        found.push(stem.to_owned());
    }
    found
}

/// Adds what the word can be a form of by `-ed` or `-ing`.
fn without_ending(word: &str, found: &mut Vec<String>) {
    if let Some(rest) = word.strip_suffix("ied").filter(|rest| rest.len() > 1) {
        return add(format!("{rest}y"), found);
    }
    let past = word.strip_suffix("ed").filter(|stem| !stem.ends_with('e'));
    let Some(stem) = past.or_else(|| word.strip_suffix("ing")) else { return };
    if stem.len() > 1 && vowels(stem).any(|is_vowel| is_vowel) {
        for lemma in of_stem(stem) {
            add(lemma, found);
        }
    }
}

/// The words that lose their `e`, double their last letter or stay as they are before an ending, and then are `stem`.
fn of_stem(stem: &str) -> Vec<String> {
    let (as_it_is, with_e) = (stem.to_owned(), format!("{stem}e"));
    let short = has_one_syllable(stem);
    let mut letters = stem.chars().rev();
    let (last, before) = (letters.next().unwrap_or_default(), letters.next().unwrap_or_default());
    let mut kinds = vowels(stem).collect::<Vec<_>>().into_iter().rev();
    let (ends_in_vowel, after_vowel, after_two) =
        (kinds.next().unwrap_or(false), kinds.next().unwrap_or(false), kinds.next().unwrap_or(false));
    match last {
        'y' | 'w' | 'x' => vec![as_it_is],
        'u' => vec![with_e],
        'o' => vec![as_it_is, with_e],
        _ if ends_in_vowel => vec![as_it_is],
        _ if last == before => without_doubling(stem, last, short),
        'k' if !short && stem.ends_with("ick") => vec![as_it_is, stem.trim_end_matches('k').to_owned()],
        'c' | 'v' => vec![with_e],
        'z' | 'g' if after_vowel || matches!(before, 'r' | 'l' | 'd') => vec![with_e],
        's' if short || !after_vowel => vec![with_e],
        'l' | 'r' if !after_vowel && !matches!(before, 'l' | 'r' | 'w') => vec![with_e],
        // One vowel and one consonant: what has no `e` would have doubled it.
        _ if short && after_vowel => vec![if after_two { as_it_is } else { with_e }],
        'h' | 't' if WITH_E.contains(&stem) => vec![with_e],
        'h' if stem.ends_with("bath") => vec![as_it_is, with_e],
        'g' | 'z' => vec![as_it_is, with_e],
        _ if after_vowel => vec![as_it_is, with_e],
        _ => vec![as_it_is],
    }
}

/// Stems that end like words without an `e`.
const WITH_E: [&str; 18] = [
    "tast", "past", "wast", "hast", "bast", "breath", "cloth", "sooth", "loath", "seeth", "teeth", "wreath", "sheath", "writh", "swath",
    "scath", "tith", "lath",
];

fn without_doubling(stem: &str, last: char, short: bool) -> Vec<String> {
    let undoubled = stem.strip_suffix(last).unwrap_or(stem).to_owned();
    match last {
        's' | 'z' | 'f' => vec![stem.to_owned()],
        'l' if short => vec![stem.to_owned()],
        // `controlled`, `installed`
        'l' => vec![stem.to_owned(), undoubled],
        _ => vec![undoubled],
    }
}

fn has_one_syllable(stem: &str) -> bool {
    let (mut syllables, mut before) = (0, false);
    for is_vowel in vowels(stem) {
        syllables += usize::from(is_vowel && !before);
        before = is_vowel;
    }
    syllables == 1
}

/// Of each letter whether it is a vowel; `y` at the beginning is none, nor is the `u` of `qu` and of `guide`.
fn vowels(stem: &str) -> impl Iterator<Item = bool> {
    let mut before = None;
    let mut letters = stem.chars().peekable();
    std::iter::from_fn(move || {
        let letter = letters.next()?;
        let is_vowel = match letter {
            'a' | 'e' | 'i' | 'o' => true,
            'y' => before.is_some(),
            'u' => before != Some('q') && !(before == Some('g') && letters.peek().is_some_and(|next| "aeio".contains(*next))),
            _ => false,
        };
        before = Some(letter);
        Some(is_vowel)
    })
}
