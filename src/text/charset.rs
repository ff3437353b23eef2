//! The charsets of the web by their labels, and the one of Kazakhstan, which browsers do not know.

use std::borrow::Cow;

use encoding_rs::{Encoding, WINDOWS_1251};

/// How the bytes of a text stand for its characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Charset {
    pub(crate) encoding: &'static Encoding,
    /// KZ-1048, which is Windows-1251 but for the letters of Kazakh.
    is_kazakh: bool,
}

impl From<&'static Encoding> for Charset {
    fn from(encoding: &'static Encoding) -> Self {
        Self { encoding, is_kazakh: false }
    }
}

impl Charset {
    /// The charset that a document names.
    pub(crate) fn for_label(label: &str) -> Option<Self> {
        // Its names in the registry of IANA.
        let is_kazakh = ["KZ-1048", "STRK1048-2002", "RK1048", "csKZ1048"].iter().any(|known| label.trim().eq_ignore_ascii_case(known));
        let encoding = if is_kazakh { Some(WINDOWS_1251) } else { Encoding::for_label(label.as_bytes()) };
        encoding.map(|encoding| Self { encoding, is_kazakh })
    }

    /// The text. What stands for nothing becomes a replacement character.
    pub(crate) fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        self.whole(self.encoding.decode_without_bom_handling(bytes).0)
    }

    /// The text, if all of it stands for something.
    pub(crate) fn decode_strictly(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        self.encoding.decode_without_bom_handling_and_without_replacement(bytes).map(|text| self.whole(text))
    }

    fn whole(self, text: Cow<'_, str>) -> Cow<'_, str> {
        if self.is_kazakh { Cow::Owned(text.chars().map(kazakh).collect()) } else { text }
    }
}

/// The letter of KZ-1048 that has the byte of a letter of Windows-1251: as registered with IANA, they differ in these.
fn kazakh(letter: char) -> char {
    match letter {
        'Ќ' => 'Қ',
        'Ћ' => 'Һ',
        'ќ' => 'қ',
        'ћ' => 'һ',
        'Ў' => 'Ұ',
        'ў' => 'ұ',
        'Ј' => 'Ә',
        'Ґ' => 'Ө',
        'Є' => 'Ғ',
        'Ї' => 'Ү',
        'ґ' => 'ө',
        'є' => 'ғ',
        'ј' => 'ә',
        'Ѕ' => 'Ң',
        'ѕ' => 'ң',
        'ї' => 'ү',
        letter => letter,
    }
}
