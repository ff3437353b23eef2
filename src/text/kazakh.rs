//! Kazakh nouns without their endings: stem + plural + possessive + case, each in the form that the sounds before it demand.
//!
//! Every stem that the endings allow is given; which of them is a word is for whoever asks to know (a word in a rule is one).
//! [`ROOTS`] are words that only look inflected: `жетім` (orphan) is not `жеті` (seven) with an ending. Verbs are in a file of their own.

mod latin;
mod lexicon;
mod verb;

pub(super) use self::latin::to_cyrillic;
pub(super) use self::lexicon::has;

/// The word itself and everything that it can be an inflected form of.
pub(super) fn stems(word: &str) -> Vec<String> {
    let mut found = vec![word.to_owned()];
    // A compound's ending is its last part's: `ата-анасы`.
    let without_ending_slots: [&[&str]; 4] = [CASES, POSSESSIVES, PLURALS, &[]];
    strip(word, &without_ending_slots, &mut found);
    if let Some(base) = RELATIVES.iter().find_map(|ending| without(word, ending)) {
        add(&base, &mut found);
        strip(&base, &[POSSESSIVES, PLURALS, &[], &[]], &mut found);
    }
    verb::add_infinitives(&mut found);
    found
}

/// Whether the word is one, or a form of one.
pub(super) fn knows(word: &str) -> bool {
    stems(word).iter().any(|stem| has(stem))
}

/// What a word in the plural is the plural of, with or without possession and case: `бала` of `балаларға`.
pub(super) fn singular(word: &str) -> Option<String> {
    let or_as_it_is = |word: &str, slot: &[&str]| {
        let shorter: Vec<String> = slot.iter().filter_map(|ending| without(word, ending)).collect();
        std::iter::once(word.to_owned()).chain(shorter).collect::<Vec<_>>()
    };
    let in_no_case = or_as_it_is(word, CASES);
    let unowned = in_no_case.iter().flat_map(|word| or_as_it_is(word, POSSESSIVES));
    let mut plurals = unowned.filter(|word| !ROOTS.contains(&word.as_str()));
    plurals.find_map(|word| PLURALS.iter().find_map(|ending| without(&word, ending)).filter(|stem| stem.chars().nth(2).is_some()))
}

/// Paired words mean more than their parts: `ата-ана` are parents, not a grandfather and a mother.
pub(super) fn is_paired(compound: &str) -> bool {
    PAIRED.iter().any(|pair| compound.starts_with(pair))
}

#[rustfmt::skip]
const PAIRED: [&str; 22] = [
    "ата-ана", "әке-шеше", "бала-шаға", "ұл-қыз", "аға-іні", "апа-сіңлі", "аға-бауыр", "туған-туыс", "ағайын-туыс", "кемпір-шал",
    "ата-баба", "ата-әже", "әже-ата", "қыз-келіншек", "жігіт-желең", "үй-жай", "бау-бақша", "жан-жақ", "зорлық-зомбылық", "мән-жай",
    "ой-пікір", "жас-кәрі",
];

/// Lemmas that end like inflected forms of others.
#[rustfmt::skip]
const ROOTS: [&str; 92] = [
    "жетім", "адам", "қалам", "әлем", "білім", "әкім", "хакім", "көлем", "өлім", "тұрғын", "бөлім", "жарым", "киім", "үкім", "шешім",
    "өкім", "есім", "тәлім", "сенім", "төлем", "қоғам", "мәлім", "бауырым", "ойын", "халық", "орын", "жасөспірім", "бүлдіршін",
    "қорғаншы", "тәрбиеші", "оқушы", "мұғалім", "зардап", "құқық", "заң", "тілші", "қыз", "ұлт", "ұста", "ана", "ата", "апа", "аға",
    "әке", "шеше", "бала", "сәби", "бөпе", "қала", "дала", "жаңа", "қара", "сана", "баға", "жаға", "саға", "шаға", "мақала", "сала",
    "шара", "ара", "көше", "кеңсе", "мекеме", "дене", "пәтер", "мемлекет", "өмір", "темір", "көмір", "дәптер", "аялдама", "қорғау",
    "дәрі", "кәрі", "бәрі", "барлығы", "қызметкер", "дәрігер", "азамат", "алимент", "ереже", "мереке", "бағдар", "хабар", "базар",
    "тұлғалар", "қатар", "назар", "жақын", "қазан", "адал",
];

#[rustfmt::skip]
const CASES: &[&str] = &[
    "ның", "нің", "дың", "дің", "тың", "тің", "ға", "ге", "қа", "ке", "на", "не", "а", "е", "ны", "ні", "ды", "ді", "ты", "ті", "н", "да",
    "де", "та", "те", "нда", "нде", "дан", "ден", "тан", "тен", "нан", "нен", "мен", "бен", "пен", "менен", "бенен", "пенен", "дай", "дей", "тай", "тей",
];
/// With the locative inside: `мектептегі`, of the school.
const RELATIVES: &[&str] = &["ндағы", "ндегі", "дағы", "дегі", "тағы", "тегі", "нікі", "дікі", "тікі"];
const POSSESSIVES: &[&str] =
    &["ыңыз", "іңіз", "ңыз", "ңіз", "ымыз", "іміз", "мыз", "міз", "ым", "ім", "ың", "ің", "сы", "сі", "м", "ң", "ы", "і"];
const PLURALS: &[&str] = &["лар", "лер", "дар", "дер", "тар", "тер"];

/// Takes off at most one ending of each slot, outermost first.
fn strip(word: &str, slots: &[&[&str]], found: &mut Vec<String>) {
    let Some((slot, inner)) = slots.split_first() else { return };
    strip(word, inner, found);
    if ROOTS.contains(&word) {
        return;
    }
    for ending in *slot {
        if let Some(stem) = without(word, ending) {
            add(&stem, found);
            strip(&stem, inner, found);
        }
    }
}

/// Adds a stem and what its last sounds may have been before a vowel: `құқығ(ы)` of `құқық`, `халқ(ы)` of `халық`.
fn add(stem: &str, found: &mut Vec<String>) {
    let mut candidates = vec![stem.to_owned()];
    candidates.extend(hardened(stem));
    if let Some(full) = candidates.last().and_then(|stem| with_vowel_back(stem)) {
        candidates.push(full);
    }
    for candidate in candidates {
        if !found.contains(&candidate) {
            found.push(candidate);
        }
    }
}

fn hardened(stem: &str) -> Option<String> {
    let (last, hard) = [('ғ', 'қ'), ('г', 'к'), ('б', 'п')].into_iter().find(|(soft, _)| stem.ends_with(*soft))?;
    stem.strip_suffix(last).map(|rest| format!("{rest}{hard}"))
}

/// `халқ`, `орн`, `мойн`: a narrow vowel that fell out between two consonants.
fn with_vowel_back(stem: &str) -> Option<String> {
    let mut letters = stem.chars().rev();
    let (last, before) = (letters.next()?, letters.next()?);
    let sounds = matches!(last, 'қ' | 'к' | 'п' | 'н' | 'л' | 'з') && matches!(before, 'л' | 'р' | 'й' | 'у' | 'ж' | 'с' | 'н');
    let vowel = if last_vowel(stem)?.is_back()? { 'ы' } else { 'і' };
    sounds.then(|| format!("{}{vowel}{last}", &stem[..stem.len() - last.len_utf8()]))
}

/// The stem, if `ending` can follow it: long enough, with a vowel of the same kind, and a last sound that asks for that consonant.
fn without(word: &str, ending: &str) -> Option<String> {
    without_if(word, ending, fits_sound).map(str::to_owned)
}

fn without_if<'word>(word: &'word str, ending: &str, fits: fn(&str, &str) -> bool) -> Option<&'word str> {
    let stem = word.strip_suffix(ending)?;
    let vowel = last_vowel(stem)?;
    (stem.chars().nth(1).is_some() && in_harmony(vowel, ending) && fits(stem, ending)).then_some(stem)
}

fn in_harmony(vowel: Vowel, ending: &str) -> bool {
    if matches!(ending, "мен" | "бен" | "пен" | "менен" | "бенен" | "пенен" | "нікі" | "дікі" | "тікі")
    {
        return true;
    }
    let ending_is_back = last_vowel(ending).and_then(Vowel::is_back);
    match (vowel.is_back(), ending_is_back) {
        (Some(stem), Some(ending)) => stem == ending,
        (None, _) | (_, None) => true,
    }
}

/// Kazakh endings take their first consonant from the sound before: `бала-лар`, `көз-дер`, `мектеп-тер`.
fn fits_sound(stem: &str, ending: &str) -> bool {
    let Some(last) = stem.chars().next_back() else { return false };
    let (vowel, voiceless) = (is_vowel(last), is_voiceless(last));
    match ending.chars().next() {
        Some('т' | 'қ' | 'к' | 'п') => voiceless,
        Some('д') => !(voiceless || vowel && matches!(ending, "ды" | "ді" | "дың" | "дің" | "дар" | "дер")),
        Some('л') => vowel || matches!(last, 'р' | 'й' | 'у'),
        Some('ғ' | 'г') => !voiceless,
        // After possessives of the third person and vowels; `н` alone only there.
        Some('н') => vowel || matches!(ending, "нан" | "нен" | "ның" | "нің") && matches!(last, 'м' | 'н' | 'ң'),
        Some('с') => vowel,
        Some('б') => matches!(last, 'з' | 'ж' | 'б' | 'в' | 'г' | 'д'),
        Some('м' | 'ң') if !matches!(ending, "мен" | "менен") => vowel,
        Some('ы' | 'і') => !vowel || matches!(last, 'у' | 'и'),
        Some('а' | 'е') => matches!(last, 'м' | 'ң'),
        Some(_) | None => true,
    }
}

#[derive(Clone, Copy)]
struct Vowel(char);

impl Vowel {
    /// None for vowels that stand with both kinds.
    fn is_back(self) -> Option<bool> {
        match self.0 {
            'а' | 'о' | 'ұ' | 'ы' => Some(true),
            'ә' | 'ө' | 'ү' | 'і' | 'е' => Some(false),
            _ => None,
        }
    }
}

fn last_vowel(text: &str) -> Option<Vowel> {
    text.chars().rev().find(|&letter| is_vowel(letter)).map(Vowel)
}

fn is_vowel(letter: char) -> bool {
    "аәеоөұүыіиуэюяё".contains(letter)
}

fn is_voiceless(letter: char) -> bool {
    "пфкқтсшщчцхһбвгд".contains(letter)
}
