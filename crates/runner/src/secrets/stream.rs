//! Masks a text that comes in pieces, cut anywhere.
//!
//! What may be the beginning of a secret is held back until more text tells, or the stream ends: at most one byte less than
//! the longest form of a secret, and nothing at all as long as the text ends in nothing like one. A pause lets nothing
//! out: a secret that is printed slowly is one all the same.

use super::Masker;

/// One stream of text.
#[derive(Default)]
pub struct MaskedStream {
    held: String,
}

impl MaskedStream {
    /// Adds text and returns what can be told.
    pub fn push(&mut self, masker: &Masker, text: &str) -> String {
        self.held.push_str(text);
        let mut told = String::with_capacity(self.held.len());
        let settled = masker.settle(&self.held, false, &mut told);
        self.held.drain(..settled);
        told
    }

    /// Ends the stream, or begins it anew, and returns what was held back.
    pub fn finish(&mut self, masker: &Masker) -> String {
        masker.masked(std::mem::take(&mut self.held))
    }
}
