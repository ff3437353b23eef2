//! JSON that templates have written: a comma too many, or an end that is missing.

/// Mends a document, and says whether its end was missing: then it ends behind the last whole item of one of its lists.
pub(super) fn mend(text: &str) -> (String, bool) {
    let mut mended = String::with_capacity(text.len());
    let (mut is_string, mut is_escaped) = (false, false);
    let mut open = Open::default();
    // Up to where the text is whole: behind a list of the document, or behind an item of it.
    let mut whole = None;
    for character in text.chars() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if is_string => is_escaped = true,
            '"' => is_string = !is_string,
            '{' | '[' if !is_string => open.brackets.push(character),
            '}' | ']' if !is_string => {
                open.brackets.pop();
                let kept = mended.trim_end_matches(|last: char| last == ',' || last.is_whitespace()).len();
                mended.truncate(kept);
            }
            _ => {}
        }
        mended.push(character);
        if matches!(character, '}' | ']') && !is_string && open.is_list() {
            whole = Some(mended.len());
        }
        if open.brackets.len() > MAX_DEPTH {
            break;
        }
    }
    let is_cut = !open.brackets.is_empty();
    if let Some(whole) = whole.filter(|_| is_cut) {
        mended.truncate(whole);
        mended.push_str("]}");
    }
    (mended, is_cut)
}

/// Nothing that is read is deeper.
const MAX_DEPTH: usize = 100;

/// The brackets that are open.
#[derive(Default)]
struct Open {
    brackets: String,
}

impl Open {
    /// Whether this is a list of the document itself.
    fn is_list(&self) -> bool {
        self.brackets == "{["
    }
}
