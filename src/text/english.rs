//! English inflection, and nothing beyond it: plurals, possessives, `-ed`, `-ing`. A stemmer that also strips derivation would make
//! `minority` a form of `minor`.

/// What all forms of a word have in common (not always a word itself): `bullied`, `bullies` and `bullying` give `bulli`.
pub(super) fn stem(word: &str) -> String {
    let word = word.strip_suffix("'s").unwrap_or(word).trim_end_matches('\'');
    if let Some((_, stem)) = IRREGULAR.iter().find(|(form, _)| *form == word) {
        return (*stem).to_owned();
    }
    let singular = without_plural(word);
    let plain = without_ending(&singular);
    let mut stem = plain.strip_suffix('e').filter(|rest| rest.len() > 2).unwrap_or(&plain).to_owned();
    if stem.ends_with('y') && stem.len() > 2 && !ends_in_vowel(&stem[..stem.len() - 1]) {
        stem.pop();
        stem.push('i');
    }
    stem
}

const IRREGULAR: [(&str, &str); 24] = [
    ("children", "child"),
    ("kids", "kid"),
    ("men", "man"),
    ("women", "woman"),
    ("feet", "foot"),
    ("teeth", "tooth"),
    ("mice", "mous"),
    ("wives", "wif"),
    ("lives", "lif"),
    ("laws", "law"),
    ("taught", "teach"),
    ("bought", "buy"),
    ("sold", "sell"),
    ("fled", "flee"),
    ("held", "hold"),
    ("lost", "los"),
    ("wed", "wed"),
    ("news", "news"),
    ("polluting", "pollut"),
    ("trafficked", "traffic"),
    ("trafficking", "traffic"),
    ("raped", "rap"),
    ("fatherless", "fatherless"),
    ("is", "is"),
];

fn without_plural(word: &str) -> String {
    if let Some(rest) = word.strip_suffix("ies").filter(|rest| rest.len() > 1) {
        return format!("{rest}y");
    }
    let sibilant = ["sses", "shes", "ches", "xes", "zzes"].iter().any(|ending| word.ends_with(ending));
    if sibilant {
        return word[..word.len() - 2].to_owned();
    }
    let plural = word.len() > 3 && word.ends_with('s') && !["ss", "us", "is"].iter().any(|ending| word.ends_with(ending));
    if plural { word[..word.len() - 1].to_owned() } else { word.to_owned() }
}

fn without_ending(word: &str) -> String {
    if let Some(rest) = word.strip_suffix("ied").filter(|rest| rest.len() > 1) {
        return format!("{rest}y");
    }
    let rest = ["ing", "ed"].iter().find_map(|ending| word.strip_suffix(ending));
    match rest.filter(|rest| rest.len() > 2 && rest.bytes().any(is_vowel) && !rest.ends_with('e')) {
        Some(rest) => without_doubling(rest).to_owned(),
        None => word.to_owned(),
    }
}

/// `stopp` of `stopped` is `stop`; but `sell`, `kill` and `press` are as they are.
fn without_doubling(stem: &str) -> &str {
    let bytes = stem.as_bytes();
    match bytes {
        [.., one, other] if one == other && !matches!(one, b'l' | b's' | b'z') && !is_vowel(*one) => &stem[..stem.len() - 1],
        _ => stem,
    }
}

fn ends_in_vowel(text: &str) -> bool {
    text.bytes().next_back().is_some_and(is_vowel)
}

fn is_vowel(letter: u8) -> bool {
    matches!(letter, b'a' | b'e' | b'i' | b'o' | b'u' | b'y')
}
