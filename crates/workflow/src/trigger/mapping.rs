//! Inputs whose values are found in what was delivered.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::json_path::JsonPath;
use crate::definition::{Ident, Input, InputType};
use crate::read::draft::Draft;
use crate::read::form::{Field, Form, Shape};

/// One input, and where its value stands in the payload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mapped {
    pub name: Ident,
    pub path: JsonPath,
    /// What the value is made, or must be.
    #[serde(rename = "type")]
    pub of: InputType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    #[serde(default)]
    pub required: bool,
}

/// Why a value could not be taken from a payload.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    #[error("the payload has nothing at {path}, and `{name}` is required")]
    Missing { name: Ident, path: JsonPath },
    #[error("what the payload has at {path} is no {wanted}, as `{name}` demands")]
    WrongType { name: Ident, path: JsonPath, wanted: &'static str },
}

pub(super) const MAPPED: Form = Form {
    word: "",
    description: "One input, and where its value stands in the payload.",
    fields: &[
        Field::new("name", Shape::Ident, "The name of the input.").required(),
        Field::new("path", Shape::Text, "Where the value stands, like `$.commits[0].author.name` or `$.tags[-1]`.")
            .required(),
        Field::new(
            "type",
            Shape::OneOf(&["string", "number", "integer", "boolean", "array", "object", "any"]),
            "What kind of value it must be. A text that reads as a number or as true or false is made one.",
        )
        .default("\"any\""),
        Field::new("default", Shape::Plain, "The value that is taken when there is nothing at the path."),
        Field::new("required", Shape::Bool, "Whether nothing is started without it.").default("false"),
    ],
    check,
};

fn check(draft: &mut Draft<'_, '_>) {
    if let Some(Err(bad)) = draft.text("path").map(str::parse::<JsonPath>) {
        let written = if draft.node.entry("path").is_some() { "path" } else { "" };
        draft.wrong(written, "bad_path", bad.to_string(), "write it like `$.a.b[0]` or `$[\"a b\"]`");
    }
    if draft.object.get("required") == Some(&Value::Bool(true)) && draft.has("default") {
        draft.wrong("default", "never_used", "a required input never takes its default", "remove one of the two");
    }
}

impl Mapped {
    /// Finds the value in a payload. What is not there is the default, or left out.
    pub fn find(&self, payload: &Value) -> Result<Option<Value>, MapError> {
        let found = self.path.find(payload).filter(|found| !found.is_null() || self.of == InputType::Any);
        let Some(found) = found else {
            return match &self.default {
                None if self.required => Err(MapError::Missing { name: self.name.clone(), path: self.path.clone() }),
                default => Ok(default.clone()),
            };
        };
        self.take(found).map(Some).ok_or_else(|| MapError::WrongType {
            name: self.name.clone(),
            path: self.path.clone(),
            wanted: self.of.word(),
        })
    }

    /// Brings a value into the type: numbers become texts, and texts that read as a number or a boolean become one.
    fn take(&self, found: &Value) -> Option<Value> {
        if self.of.takes(found) {
            return Some(found.clone());
        }
        match (self.of, found) {
            (InputType::String, Value::Number(_) | Value::Bool(_)) => Some(found.to_string().into()),
            (_, Value::String(text)) => {
                let input = Input {
                    name: self.name.clone(),
                    of: self.of,
                    required: false,
                    default: None,
                    one_of: vec![],
                    description: None,
                };
                Some(input.typed(text.trim())).filter(|value| self.of.takes(value))
            }
            _ => None,
        }
    }
}

/// Finds all mapped values, on top of those that are the same every time.
pub(crate) fn inputs(
    fixed: &Map<String, Value>,
    mapping: &[Mapped],
    payload: &Value,
) -> Result<Map<String, Value>, MapError> {
    let mut inputs = fixed.clone();
    for mapped in mapping {
        if let Some(value) = mapped.find(payload)? {
            inputs.insert(mapped.name.to_string(), value);
        }
    }
    Ok(inputs)
}
