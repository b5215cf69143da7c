//! The published JSON Schema of a trigger, written from the tables that the reader reads by.

use serde_json::{Map, Value, json};

use super::definition::COMMON;
use super::kind::FORMS;
use crate::schema::object;

/// Returns the schema of a new trigger, draft 2020-12. Changing one demands its name only.
pub fn schema() -> Value {
    let words: Vec<&str> = FORMS.iter().map(|form| form.word).collect();
    let explained = FORMS.iter().map(|form| format!("{}: {}", form.word, form.description)).collect::<Vec<_>>();
    let by_type = FORMS.iter().map(|form| {
        let is_type = json!({ "properties": { "type": { "const": form.word } }, "required": ["type"] });
        json!({ "if": is_type, "then": { "$ref": format!("#/$defs/{}", form.word) } })
    });
    let mut defs = Map::new();
    for form in FORMS {
        let mut one = object(&[COMMON, form.fields], form.description);
        if let Some(Value::Object(properties)) = one.get_mut("properties") {
            properties.insert("type".to_owned(), json!({ "const": form.word }));
        }
        defs.insert(form.word.to_owned(), Value::Object(one));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tenure trigger",
        "description": "What starts a workflow, or asks the orchestrator something. Its `type` says when.",
        "type": "object",
        "properties": { "type": { "enum": words, "description": explained.join("\n") } },
        "required": ["type"],
        "allOf": by_type.collect::<Vec<_>>(),
        "$defs": defs,
    })
}
