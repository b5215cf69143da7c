//! What a connector signs in with, hidden in everything that it says: a server that repeats its requests gives nothing away.

use serde_json::Value;

const HIDDEN: &str = "•••";
/// Shorter ones stand in every other text.
const CHARS_MIN: usize = 6;
/// The longest sentence of a connector that is repeated in an error.
const SAID_CHARS_MAX: usize = 400;

/// Secrets that are hidden.
#[derive(Clone, Default)]
pub struct Veil(Vec<String>);

impl Veil {
    /// Hides the values of headers, and what stands behind a scheme in them: `Bearer abc` is hidden, and `abc`, too.
    pub fn over<'a>(values: impl Iterator<Item = &'a str>) -> Self {
        let pieces = values.flat_map(|value| [Some(value), value.split_once(' ').map(|(_, rest)| rest.trim())]);
        let mut secrets: Vec<_> =
            pieces.flatten().filter(|secret| secret.chars().count() >= CHARS_MIN).map(str::to_owned).collect();
        // The longest first, so that no piece of one is left over.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self(secrets)
    }

    pub fn text(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), HIDDEN))
    }

    /// Hides secrets in every text of a value.
    pub fn value(&self, value: Value) -> Value {
        if self.0.is_empty() {
            return value;
        }
        match value {
            Value::String(text) => Value::String(self.text(&text)),
            Value::Array(items) => Value::Array(items.into_iter().map(|item| self.value(item)).collect()),
            Value::Object(fields) => {
                Value::Object(fields.into_iter().map(|(name, value)| (self.text(&name), self.value(value))).collect())
            }
            plain => plain,
        }
    }

    /// Returns what a connector says of a failure: short, in one line, and without secrets.
    pub fn said(&self, text: &str) -> String {
        let line: String = self.text(text).chars().map(|char| if char.is_control() { ' ' } else { char }).collect();
        match line.char_indices().nth(SAID_CHARS_MAX) {
            Some((at, _)) => format!("{}…", &line[..at]),
            None => line,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_hidden_wherever_they_are_repeated() {
        let veil = Veil::over(["Bearer abc-def-ghi", "x"].into_iter());
        assert_eq!(veil.text("you sent Bearer abc-def-ghi, x"), "you sent •••, x");
        let said = json!({ "token abc-def-ghi": ["abc-def-ghi", 7] });
        assert_eq!(veil.value(said), json!({ "token •••": ["•••", 7] }));
        assert_eq!(veil.said("two\nlines of abc-def-ghi"), "two lines of •••");
        assert_eq!(veil.said(&"é".repeat(500)).chars().count(), 401);
    }
}
