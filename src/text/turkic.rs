//! Nouns of Kyrgyz and Uzbek without their endings: stem + plural + possessive + case. Every stem that the endings leave is given; which
//! of them is a word is for whoever asks to know. Verbs are left as they are. (Kazakh, of which more is known, is in a file of its own.)

/// The endings of a language, of which a word takes at most one of each kind.
pub(super) struct Grammar {
    /// Cases with the locative inside among them: `мектептеги`.
    cases: &'static [&'static str],
    possessives: &'static [&'static str],
    plurals: &'static [&'static str],
    /// What a stem's last sound was before a vowel.
    softened: &'static [(char, char)],
    /// Plurals that have lost a sound.
    contracted: &'static [(&'static str, &'static str)],
    /// Words that only look inflected.
    roots: &'static [&'static str],
    /// Endings take the vowels of the stem.
    in_harmony: bool,
}

#[rustfmt::skip]
pub(super) const KYRGYZ: Grammar = Grammar {
    cases: &[
        "нын", "нин", "нун", "нүн", "дын", "дин", "дун", "дүн", "тын", "тин", "тун", "түн", "га", "ге", "го", "гө", "ка", "ке", "ко", "кө",
        "на", "не", "но", "нө", "а", "е", "о", "ө", "ны", "ни", "ну", "нү", "ды", "ди", "ду", "дү", "ты", "ти", "ту", "тү", "н", "да", "де",
        "до", "дө", "та", "те", "то", "тө", "нда", "нде", "ндо", "ндө", "дан", "ден", "дон", "дөн", "тан", "тен", "тон", "төн", "нан", "нен",
        "нон", "нөн", "дагы", "деги", "догу", "дөгү", "тагы", "теги", "тогу", "төгү", "ндагы", "ндеги", "ндогу", "ндөгү",
    ],
    possessives: &[
        "ым", "им", "ум", "үм", "м", "ың", "иң", "уң", "үң", "ң", "ыбыз", "ибиз", "убуз", "үбүз", "быз", "биз", "буз", "бүз", "ыңыз", "иңиз",
        "уңуз", "үңүз", "ңыз", "ңиз", "ңуз", "ңүз", "сы", "си", "су", "сү", "ы", "и", "у", "ү",
    ],
    plurals: &["лар", "лер", "лор", "лөр", "дар", "дер", "дор", "дөр", "тар", "тер", "тор", "төр"],
    softened: &[('г', 'к'), ('б', 'п')],
    contracted: &[("балдар", "бала")],
    roots: &["жетим", "билим", "кийим", "адам", "өлүм", "бөлүм", "ата", "эне", "ана", "апа", "ага", "бала", "коом", "аалам", "окуучу"],
    in_harmony: true,
};

#[rustfmt::skip]
pub(super) const UZBEK: Grammar = Grammar {
    cases: &[
        "ning", "ni", "ga", "ka", "qa", "da", "dan", "dagi", "нинг", "ни", "га", "ка", "қа", "да", "дан", "даги",
    ],
    possessives: &[
        "im", "ing", "i", "si", "imiz", "ingiz", "m", "ng", "miz", "ngiz", "им", "инг", "и", "си", "имиз", "ингиз", "м", "нг", "миз", "нгиз",
    ],
    plurals: &["lar", "лар"],
    softened: &[('g', 'k'), ('г', 'к'), ('ғ', 'қ')],
    contracted: &[],
    roots: &["yetim", "етим", "ta'lim", "таълим", "odam", "одам", "kiyim", "кийим", "o'lim", "ўлим", "bilim", "билим", "yangi", "янги"],
    in_harmony: false,
};

/// The word itself and everything that it can be an inflected form of.
pub(super) fn stems(grammar: &Grammar, word: &str) -> Vec<String> {
    let mut found = vec![word.to_owned()];
    strip(grammar, word, &[grammar.cases, grammar.possessives, grammar.plurals], &mut found);
    found
}

/// Takes off at most one ending of each kind, outermost first.
fn strip(grammar: &Grammar, word: &str, kinds: &[&[&str]], found: &mut Vec<String>) {
    if grammar.roots.contains(&word) {
        return;
    }
    if let Some((_, stem)) = grammar.contracted.iter().find(|(plural, _)| *plural == word) {
        add(grammar, stem, found);
    }
    let Some((endings, inner)) = kinds.split_first() else { return };
    strip(grammar, word, inner, found);
    for stem in endings.iter().filter_map(|ending| without(grammar, word, ending)) {
        add(grammar, stem, found);
        strip(grammar, stem, inner, found);
    }
}

fn add(grammar: &Grammar, stem: &str, found: &mut Vec<String>) {
    let hard = |(soft, hard): &(char, char)| stem.strip_suffix(*soft).map(|rest| format!("{rest}{hard}"));
    // `g'` is one letter.
    let q = stem.strip_suffix("g'").map(|rest| format!("{rest}q"));
    for stem in std::iter::once(stem.to_owned()).chain(q).chain(grammar.softened.iter().filter_map(hard)) {
        if !found.contains(&stem) {
            found.push(stem);
        }
    }
}

/// The stem, if `ending` can follow it: two letters, one of them a vowel, of the ending's kind.
fn without<'word>(grammar: &Grammar, word: &'word str, ending: &str) -> Option<&'word str> {
    let stem = word.strip_suffix(ending)?;
    stem.chars().nth(1)?;
    let last_vowel = |text: &str| text.chars().rev().find(|letter| BACK.contains(*letter) || FRONT.contains(*letter));
    let vowel = last_vowel(stem)?;
    let fits = !grammar.in_harmony || last_vowel(ending).is_none_or(|other| BACK.contains(vowel) == BACK.contains(other));
    fits.then_some(stem)
}

const BACK: &str = "аоуыяёюaou";
const FRONT: &str = "эеиөүўei";
