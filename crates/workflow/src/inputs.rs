//! Checks the values that a run is started with, wherever it is started, and fills in defaults.

use serde_json::{Map, Value};

use crate::definition::{Definition, Input, InputType};
use crate::nearest::nearest;
use crate::read::Mistake;

impl Definition {
    /// Returns the inputs of a run: what was given, and defaults for the rest. The same values are `inputs` and the first
    /// `variables` of the run. Nothing is converted; null counts as not given, except where any value is taken.
    pub fn check_inputs(&self, given: &Map<String, Value>) -> Result<Map<String, Value>, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        for name in given.keys().filter(|name| !self.inputs.iter().any(|input| input.name.as_str() == name.as_str())) {
            let names = || self.inputs.iter().map(|input| input.name.as_str());
            let fix = match nearest(name, names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if self.inputs.is_empty() => "the workflow takes no inputs".to_owned(),
                None => format!("there are {}", names().collect::<Vec<_>>().join(", ")),
            };
            mistakes.push(mistake(name, "unknown_input", format!("there is no input `{name}`"), Some(fix)));
        }
        let mut inputs = Map::new();
        for input in &self.inputs {
            let name = input.name.as_str();
            let value = given.get(name).filter(|value| !value.is_null() || input.of == InputType::Any);
            match value {
                Some(value) => match input.refuses(value) {
                    None => drop(inputs.insert(name.to_owned(), value.clone())),
                    Some(wrong) => mistakes.push(wrong),
                },
                None if input.required => {
                    let fix = input.description.clone();
                    mistakes.push(mistake(name, "missing_input", format!("`{name}` is required"), fix));
                }
                None => inputs.extend(input.default.clone().map(|default| (name.to_owned(), default))),
            }
        }
        if mistakes.is_empty() { Ok(inputs) } else { Err(mistakes) }
    }
}

impl Input {
    /// Takes what somebody typed, as on a command line, for a value of this input's type. What is none stays a text, so
    /// that the check says what is wrong with it.
    pub fn typed(&self, text: &str) -> Value {
        if self.of == InputType::String {
            return text.into();
        }
        let value = serde_json::from_str::<Value>(text).ok().filter(|value| self.of.takes(value));
        value.unwrap_or_else(|| text.into())
    }

    fn refuses(&self, value: &Value) -> Option<Mistake> {
        let name = self.name.as_str();
        if !self.of.takes(value) {
            let message = format!("{} is no {}", short(value), self.of.word());
            return Some(mistake(name, "wrong_type", message, None));
        }
        if !self.one_of.is_empty() && !self.one_of.contains(value) {
            let fix = format!("there are {}", self.one_of.iter().map(short).collect::<Vec<_>>().join(", "));
            return Some(mistake(name, "unknown_value", format!("{} is not taken", short(value)), Some(fix)));
        }
        None
    }
}

fn mistake(name: &str, code: &'static str, message: String, fix: Option<String>) -> Mistake {
    Mistake { path: format!("inputs.{name}"), line: None, column: None, code, message, fix }
}

/// Writes a value as JSON, cut to what fits into a message.
fn short(value: &Value) -> String {
    const CHARS_MAX: usize = 60;
    let text = value.to_string();
    match text.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
