//! What was wrong with a document and was mended, counted.

use super::Warning;

/// What was mended, to be said once.
#[derive(Default)]
pub(super) struct Troubles {
    pub(super) junk: usize,
    pub(super) unclosed: usize,
    pub(super) endless: usize,
    pub(super) cut: usize,
    pub(super) unopened: usize,
    pub(super) binary: usize,
    pub(super) over: usize,
}

impl Troubles {
    /// Says each trouble once.
    pub(super) fn say(&self, warnings: &mut Vec<Warning>) {
        let counted = [
            (self.junk, "passed over elements before the feed"),
            (self.unclosed, "closed elements that were left open"),
            (self.endless, "ended comments or CDATA sections that were left open"),
            (self.cut, "left out the last item, which is cut off"),
            (self.unopened, "passed over end tags without a start tag"),
            (self.binary, "left out content that is not text"),
            (self.over, "left out what is over the limits"),
        ];
        warnings.extend(counted.iter().filter(|(count, _)| *count > 0).map(|(count, what)| Warning(format!("{what} ({count})"))));
    }
}
