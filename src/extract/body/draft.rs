//! The block being written: its text and, beside it, its safe inline HTML with the marks that are open.

use super::Kind;
use crate::extract::hint::Hint;
use crate::extract::outline::{Tag, is_invisible};
use crate::extract::render::escape;

/// The block being written.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) text: String,
    pub(super) html: String,
    pub(super) linked: usize,
    /// How many of the marks are written in `html`.
    pub(super) written: usize,
    pub(super) space: bool,
    pub(super) kind: Option<(Kind, Option<usize>, Hint)>,
}

/// An inline element that is open.
pub(super) struct Mark {
    pub(super) end: usize,
    pub(super) tag: Tag,
    pub(super) open: String,
    pub(super) close: &'static str,
}

impl Draft {
    pub(super) fn write(&mut self, text: &str, marks: &[Mark]) {
        self.space |= text.starts_with(char::is_whitespace);
        let linked = marks.iter().any(|mark| mark.tag == Tag::Link);
        for word in text.split_whitespace() {
            if self.space && !self.text.is_empty() && !self.text.ends_with(['\t', ' ']) {
                self.text.push(' ');
                self.html.push(' ');
                self.linked += usize::from(linked && self.linked > 0);
            }
            self.open_marks(marks);
            let before = self.text.len();
            if word.contains(is_invisible) {
                self.text.extend(word.chars().filter(|character| !is_invisible(*character)));
            } else {
                self.text.push_str(word);
            }
            let written = self.text.len() - before;
            escape(&mut self.html, self.text.get(before..).unwrap_or_default());
            self.linked += if linked { written } else { 0 };
            self.space = true;
        }
        self.space = text.ends_with(char::is_whitespace);
    }

    pub(super) fn verbatim(&mut self, text: &str, marks: &[Mark]) {
        self.open_marks(marks);
        let text: String = text
            .chars()
            .filter(|character| *character != '\r')
            .map(|character| if character.is_whitespace() && character != '\n' { ' ' } else { character })
            .filter(|character| *character == '\n' || !is_invisible(*character))
            .collect();
        let text = if self.text.is_empty() { text.trim_start_matches('\n') } else { &text };
        self.text.push_str(text);
        escape(&mut self.html, text);
    }

    fn open_marks(&mut self, marks: &[Mark]) {
        for mark in marks.iter().skip(self.written) {
            self.html.push_str(&mark.open);
        }
        self.written = marks.len();
    }

    /// Ends a cell of a row. Marks that go on are opened again in the next.
    pub(super) fn next_cell(&mut self, marks: &[Mark]) {
        for mark in marks.iter().take(std::mem::take(&mut self.written)).rev() {
            self.html.push_str(mark.close);
        }
        if !self.text.is_empty() {
            self.text.push('\t');
            self.html.push('\t');
        }
        self.space = false;
    }
}
