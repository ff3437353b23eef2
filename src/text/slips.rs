//! What one slip of the pen may have been meant for.

/// `word` without a letter, with two in each other's place, with another letter for one, and with one more: the likelier slips first.
pub(super) fn corrections(word: &str, alphabet: &str) -> impl Iterator<Item = String> {
    let letters: Vec<char> = word.chars().collect();
    let count = letters.len();
    let shorter = (0..count).map(|place| (place, 1, vec![]));
    let swapped = letters.windows(2).enumerate().map(|(place, pair)| (place, 2, pair.iter().rev().copied().collect()));
    let with_letter = |count: usize, replaced: usize| {
        (0..count).flat_map(move |place| alphabet.chars().map(move |letter| (place, replaced, vec![letter])))
    };
    let changes: Vec<(usize, usize, Vec<char>)> =
        shorter.chain(swapped).chain(with_letter(count, 1)).chain(with_letter(count + 1, 0)).collect();
    changes.into_iter().map(move |(place, replaced, new)| {
        let after = letters.iter().skip(place + replaced);
        letters.iter().take(place).chain(&new).chain(after).collect()
    })
}
