//! The texts of one message on their way through the masker: what the agent says now, and what each call prints.

use std::collections::BTreeMap;

use tenure_model::chat::TextKind;

use crate::secrets::{MaskedStream, Masker};

/// The open streams. A stream goes on as long as its text stands in one part, whatever is told in between.
#[derive(Default)]
pub struct Masking {
    said: Option<(TextKind, MaskedStream)>,
    printed: BTreeMap<String, MaskedStream>,
}

impl Masking {
    /// Adds to what the agent says, and returns what can be told of it; first what was held back of another kind.
    pub fn say(&mut self, masker: &Masker, kind: TextKind, text: &str) -> Vec<(TextKind, String)> {
        let mut told = Vec::new();
        if self.said.as_ref().is_some_and(|(open, _)| *open != kind) {
            told.extend(self.end_said(masker));
        }
        let (_, stream) = self.said.get_or_insert_with(|| (kind, MaskedStream::default()));
        told.push((kind, stream.push(masker, text)));
        told
    }

    /// Returns what was held back of what the agent said: its part is over.
    pub fn end_said(&mut self, masker: &Masker) -> Option<(TextKind, String)> {
        self.said.take().map(|(kind, mut stream)| (kind, stream.finish(masker)))
    }

    /// Adds to what a call prints, and returns what can be told of it.
    pub fn print(&mut self, masker: &Masker, call: &str, text: &str) -> String {
        let stream = self.printed.entry(call.to_owned()).or_default();
        stream.push(masker, text)
    }

    /// Returns what was held back of what a call printed: it is over.
    pub fn end_printed(&mut self, masker: &Masker, call: &str) -> String {
        self.printed.remove(call).map_or_else(String::new, |mut stream| stream.finish(masker))
    }

    /// Lists the calls that may still print.
    pub fn printing(&self) -> Vec<String> {
        self.printed.keys().cloned().collect()
    }
}
