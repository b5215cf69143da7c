//! Finds secrets in text and puts their names in their place.

use std::borrow::Cow;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::forms::forms;

/// The field that says what kind of thing a value is.
const KIND: &str = "type";

/// Knows every form of every secret.
pub struct Masker {
    /// By their first byte; the longest first.
    forms: Box<[Vec<Form>; 256]>,
    is_empty: bool,
}

struct Form {
    text: String,
    mask: String,
}

impl Default for Masker {
    fn default() -> Self {
        Self::new([])
    }
}

impl Masker {
    pub fn new<'a>(secrets: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut sorted: Box<[Vec<Form>; 256]> = Box::new(std::array::from_fn(|_| Vec::new()));
        let mut is_empty = true;
        for (name, secret) in secrets {
            for text in forms(secret) {
                is_empty = false;
                let first = text.as_bytes()[0];
                sorted[usize::from(first)].push(Form { text, mask: format!("***{name}***") });
            }
        }
        for forms in sorted.iter_mut() {
            // The sort is stable: of two secrets with one value, the first one is named.
            forms.sort_by_key(|form| std::cmp::Reverse(form.text.len()));
        }
        Self { forms: sorted, is_empty }
    }

    /// Returns the text without secrets.
    pub fn mask<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.is_empty {
            return Cow::Borrowed(text);
        }
        let mut masked = String::with_capacity(text.len());
        self.settle(text, true, &mut masked);
        if masked == text { Cow::Borrowed(text) } else { Cow::Owned(masked) }
    }

    /// Like [`Masker::mask`], for a text that is owned.
    pub fn masked(&self, text: String) -> String {
        match self.mask(&text) {
            Cow::Borrowed(_) => text,
            Cow::Owned(masked) => masked,
        }
    }

    /// Masks every text in a value, the names of its fields included.
    pub fn masked_value(&self, value: Value) -> Value {
        if self.is_empty {
            return value;
        }
        match value {
            Value::String(text) => Value::String(self.masked(text)),
            Value::Array(values) => values.into_iter().map(|value| self.masked_value(value)).collect(),
            Value::Object(fields) => {
                fields.into_iter().map(|(name, value)| (self.masked(name), self.masked_value(value))).collect()
            }
            other => other,
        }
    }

    /// Masks every text in something that is written as JSON. Its kind is never masked; an error means that a secret stands
    /// where only certain words may.
    pub fn masked_as<T: Serialize + DeserializeOwned>(&self, value: T) -> serde_json::Result<T> {
        if self.is_empty {
            return Ok(value);
        }
        let mut written = serde_json::to_value(value)?;
        let kind = written.get_mut(KIND).map(Value::take);
        let mut masked = self.masked_value(written);
        if let Some(kind) = kind {
            masked[KIND] = kind;
        }
        serde_json::from_value(masked)
    }

    /// Writes to `masked` what is settled of `text`, and returns where the rest begins: what may become a secret, or a
    /// longer one, with more text. With the `last` text everything is settled.
    pub(super) fn settle(&self, text: &str, last: bool, masked: &mut String) -> usize {
        let bytes = text.as_bytes();
        let (mut at, mut written) = (0, 0);
        while at < bytes.len() {
            let (found, is_open) = self.look(&bytes[at..]);
            if is_open && !last {
                break;
            }
            let Some(form) = found else {
                at += 1;
                continue;
            };
            // Forms are whole characters, so both ends of a found one lie between characters.
            masked.push_str(&text[written..at]);
            masked.push_str(&form.mask);
            at += form.text.len();
            written = at;
        }
        masked.push_str(&text[written..at]);
        at
    }

    /// Returns the longest form with which `rest` begins, and whether a longer one could still come of it.
    fn look(&self, rest: &[u8]) -> (Option<&Form>, bool) {
        let mut is_open = false;
        for form in &self.forms[usize::from(rest[0])] {
            let text = form.text.as_bytes();
            if rest.starts_with(text) {
                return (Some(form), is_open);
            }
            is_open |= text.starts_with(rest);
        }
        (None, is_open)
    }
}
