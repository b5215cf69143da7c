//! What a tool answers: one sentence and the facts, as text that models read well and as data.

use serde::Serialize;
use serde_json::{Value, json};
use tenure_protocol::tool::ToolAnswer;

use crate::connectors::Said;
use crate::problem::{Rejection, unavailable};

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub data: Value,
    text: String,
}

impl Answer {
    /// Answers with facts, and one sentence that says what they are.
    pub fn new(headline: impl Into<String>, facts: impl Serialize) -> Result<Self, Rejection> {
        let data = serde_json::to_value(facts).map_err(|error| unavailable(&error.to_string()))?;
        let text = told(&headline.into(), &data)?;
        Ok(Self { data, text })
    }

    /// Returns the answer as text: the sentence, then the facts as YAML, which takes a model fewer tokens than JSON.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the size of its text, in bytes; the data are about as large.
    pub fn size(&self) -> usize {
        self.text.len()
    }
}

impl From<Answer> for ToolAnswer {
    fn from(Answer { data, text }: Answer) -> Self {
        Self { success: true, text, data }
    }
}

impl From<Said> for Answer {
    /// Passes on what a connector has said, in its own words.
    fn from(said: Said) -> Self {
        let text = said.text;
        let data = match (said.data, said.content) {
            (Some(data), None) => data,
            (None, None) => Value::Null,
            (data, Some(content)) => json!({ "data": data, "content": content }),
        };
        Self { data, text }
    }
}

/// Counts things, in words.
pub fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn told(headline: &str, data: &Value) -> Result<String, Rejection> {
    let facts = match data {
        Value::Null => String::new(),
        data => serde_norway::to_string(&lean(data)).map_err(|error| unavailable(&error.to_string()))?,
    };
    Ok(format!("{headline}\n\n{facts}").trim_end().to_owned())
}

/// Leaves out what is absent or empty: it says nothing, and models read every word.
fn lean(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let said = fields.iter().filter(|(_, value)| !says_nothing(value));
            Value::Object(said.map(|(name, value)| (name.clone(), lean(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(lean).collect()),
        plain => plain.clone(),
    }
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_holds_every_fact_and_nothing_that_says_nothing() {
        let facts = json!({ "slug": "nightly", "tags": [], "description": null, "steps": [{ "id": "a", "if": null }] });
        let answer = Answer::new("One workflow.", &facts).expect("it is plain");
        assert_eq!(answer.text(), "One workflow.\n\nslug: nightly\nsteps:\n- id: a");
        assert_eq!(answer.data, facts);
        assert_eq!(Answer::new("Done.", ()).expect("it is plain").text(), "Done.");
        assert_eq!((count(1, "run"), count(2, "run")), ("1 run".into(), "2 runs".into()));
    }
}
