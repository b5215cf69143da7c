//! The published JSON Schema of a definition, written from the tables that the reader reads by.

use serde_json::{Map, Value, json};

use crate::definition::FORM;
use crate::limits::{ENTRIES_MAX, NAME_BYTES_MAX, TEMPLATE_BYTES_MAX, TIMEOUT_MAX};
use crate::read::form::{Field, Form, Shape};
use crate::step::{COMMON, FORMS};

/// Returns the schema, draft 2020-12.
///
/// It says what each field holds and means. What only the whole definition shows (references, merges, ids that occur twice)
/// stands with the reader.
pub fn schema() -> Value {
    let mut schema = object(&[FORM.fields], FORM.description);
    schema.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
    schema.insert("title".to_owned(), "Tenure workflow".into());
    let words: Vec<&str> = FORMS.iter().map(|form| form.word).collect();
    let by_type = FORMS.iter().map(|form| {
        let is_type = json!({ "properties": { "type": { "const": form.word } }, "required": ["type"] });
        json!({ "if": is_type, "then": { "$ref": format!("#/$defs/{}", form.word) } })
    });
    let explained = FORMS.iter().map(|form| format!("{}: {}", form.word, form.description)).collect::<Vec<_>>();
    let mut defs = Map::new();
    defs.insert("steps".to_owned(), json!({ "type": "array", "items": { "$ref": "#/$defs/step" }, "minItems": 1 }));
    defs.insert(
        "step".to_owned(),
        json!({
            "description": "One step. Its `type` says what it does.",
            "type": "object",
            "properties": { "type": { "enum": words, "description": explained.join("\n") } },
            "required": ["type"],
            "allOf": by_type.collect::<Vec<_>>(),
        }),
    );
    for form in FORMS {
        let mut step = object(&[COMMON, form.fields], form.description);
        if let Some(Value::Object(properties)) = step.get_mut("properties") {
            properties.insert("type".to_owned(), json!({ "const": form.word }));
        }
        defs.insert(form.word.to_owned(), Value::Object(step));
    }
    schema.insert("$defs".to_owned(), Value::Object(defs));
    Value::Object(schema)
}

pub(crate) fn object(tables: &[&[Field]], description: &str) -> Map<String, Value> {
    let mut properties = Map::new();
    let mut demands = Vec::new();
    for field in tables.iter().copied().flatten() {
        let names: Vec<&str> = field.names().collect();
        for name in &names {
            properties.insert((*name).to_owned(), property(field, name));
        }
        if field.required {
            let one = names.iter().map(|name| json!({ "required": [name] }));
            demands.push(json!({ "anyOf": one.collect::<Vec<_>>() }));
        }
    }
    let Value::Object(mut schema) = json!({
        "description": description,
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    }) else {
        unreachable!("the macro above writes an object")
    };
    if !demands.is_empty() {
        schema.insert("allOf".to_owned(), demands.into());
    }
    schema
}

fn property(field: &Field, name: &str) -> Value {
    let mut schema = match (field.shape, field.spoken() == Some(name)) {
        (Shape::Duration | Shape::Window, true) => json!({
            "type": "string", "pattern": "^\\s*([0-9]+(d|h|m|s|ms))+\\s*$", "examples": ["30s", "5m", "2h", "1d"],
        }),
        (Shape::Delay, true) => json!({ "type": "string", "minLength": 2, "examples": ["30s", "{{ inputs.pause }}"] }),
        (Shape::Duration | Shape::Delay, false) => json!({ "type": "integer", "minimum": 1, "maximum": TIMEOUT_MAX }),
        (Shape::Window, false) => json!({ "type": "integer", "minimum": 0, "maximum": TIMEOUT_MAX }),
        (shape, _) => of_shape(shape),
    };
    let is_main = name == field.spoken().unwrap_or(field.name);
    let in_ms = if field.spoken().is_some() && field.spoken() != Some(name) { " In milliseconds." } else { "" };
    schema["description"] = format!("{}{in_ms}", field.description).into();
    match field.default_value().filter(|_| is_main && field.spoken().is_none()) {
        Some(default) => schema["default"] = default,
        None if !is_main && field.name != name => schema["deprecated"] = true.into(),
        None => {}
    }
    schema
}

fn of_shape(shape: Shape) -> Value {
    let text = || json!({ "type": "string", "minLength": 1 });
    let template =
        || json!({ "type": ["string", "number", "boolean"], "minLength": 1, "maxLength": TEMPLATE_BYTES_MAX });
    let one_or_more =
        |one: Value| json!({ "anyOf": [one, { "type": "array", "items": one, "maxItems": ENTRIES_MAX }] });
    match shape {
        Shape::Text => text(),
        Shape::StepId => json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]+$", "maxLength": NAME_BYTES_MAX }),
        Shape::Ident => json!({ "type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "maxLength": NAME_BYTES_MAX }),
        Shape::Slug => {
            json!({ "type": "string", "pattern": "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", "maxLength": NAME_BYTES_MAX })
        }
        Shape::Version => json!({ "type": "string", "pattern": "^[0-9]+\\.[0-9]+\\.[0-9]+([-+].*)?$" }),
        Shape::Template | Shape::Shell => template(),
        Shape::Condition => json!({ "anyOf": [
            text(),
            { "type": "boolean" },
            { "type": "object", "properties": { "variable": text(), "equals": true },
              "required": ["variable", "equals"], "additionalProperties": false, "deprecated": true },
        ] }),
        Shape::Value | Shape::Plain => json!({}),
        Shape::Values => json!({ "type": "object", "maxProperties": ENTRIES_MAX }),
        Shape::Variables => json!({
            "type": "object", "propertyNames": of_shape(Shape::Ident), "maxProperties": ENTRIES_MAX,
        }),
        Shape::Environment => json!({
            "type": "object", "propertyNames": of_shape(Shape::Ident), "additionalProperties": template(),
            "maxProperties": ENTRIES_MAX,
        }),
        Shape::Labels => json!({
            "type": "object", "additionalProperties": { "type": "string" }, "maxProperties": ENTRIES_MAX,
        }),
        Shape::Items => json!({ "anyOf": [{ "type": "array" }, text()] }),
        Shape::Plains => json!({ "type": "array", "minItems": 1 }),
        Shape::Bool => json!({ "type": "boolean" }),
        Shape::Integer { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Shape::Number { min, max } => json!({ "type": "number", "minimum": min, "maximum": max }),
        Shape::Duration | Shape::Window | Shape::Delay => unreachable!("lengths of time are written by their names"),
        Shape::OneOf(words) => json!({ "enum": words }),
        Shape::Texts => one_or_more(text()),
        Shape::Templates => one_or_more(template()),
        Shape::Object { form, short } => {
            let object = Value::Object(object(&[form.fields], form.description));
            let short = short.and_then(|short| {
                form.fields.iter().find_map(|field| field.names().any(|name| name == short).then_some((field, short)))
            });
            match short {
                Some((field, name)) => json!({ "anyOf": [property(field, name), object] }),
                None => object,
            }
        }
        Shape::Named { form, short } => named(form, short),
        Shape::Steps => json!({ "$ref": "#/$defs/steps" }),
    }
}

/// Writes both forms of named things: an object by name, and a list of objects that say their `name`.
fn named(form: &Form, short: Option<&str>) -> Value {
    let listed = object(&[form.fields], form.description);
    let unnamed: Vec<Field> = form.fields.iter().filter(|field| field.name != "name").copied().collect();
    let short_field = short.and_then(|short| form.fields.iter().find(|field| field.name == short));
    let by_name = match short_field {
        Some(field) if field.name == "value" => property(field, field.name),
        Some(field) => json!({ "anyOf": [property(field, field.name), object(&[&unnamed], form.description)] }),
        None => Value::Object(object(&[&unnamed], form.description)),
    };
    let by_name = json!({ "type": "object", "additionalProperties": by_name, "maxProperties": ENTRIES_MAX });
    json!({ "anyOf": [by_name, { "type": "array", "items": listed, "maxItems": ENTRIES_MAX }] })
}
