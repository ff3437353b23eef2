//! Text as words: normalise, detect the language, split, reduce to lemmas; and dates as agencies write them.
//!
//! Words keep their byte offsets into the text as it was given; folding (case, look-alike letters, accents) is done word by word
//! and never moves an offset. Which lemmas a word can have is for [`Lemmas`] to say; it never picks one of several.

pub(crate) mod charset;
pub mod date;

mod english;
mod kazakh;
mod language;
mod lemma;
mod letters;
mod slavic;
mod slips;
mod turkic;
mod words;

pub use self::language::{Detection, detect, known_languages};
pub use self::lemma::Lemmas;
pub(crate) use self::letters::lowercase_letter;
pub use self::letters::{lowercase, spelling};
pub use self::words::{Kind, Word, words};
