//! The fields of a published schema in words: one line for each, with what it takes.

use serde_json::Value;

/// Lists the fields of an object, one on a line, but for those that are left out.
pub fn fields(schema: &Value, object: &Value, left_out: &[&str]) -> String {
    let told = names(object).filter(|name| !left_out.contains(name) && *name != "type");
    told.map(|name| {
        let field = &object["properties"][name];
        let required = if is_required(object, name) { ", required" } else { "" };
        let about = field["description"].as_str().unwrap_or_default();
        let about = about.split_whitespace().collect::<Vec<_>>().join(" ");
        format!("- `{name}` ({}{required}): {about}\n", taken(schema, field, 0))
    })
    .collect()
}

/// Names the fields that all kinds of a schema have alike.
pub fn common(schema: &Value) -> Vec<&str> {
    let kinds: Vec<&Value> =
        schema["$defs"].as_object().into_iter().flatten().map(|(_, kind)| kind).filter(|kind| is_kind(kind)).collect();
    let Some((first, others)) = kinds.split_first() else { return vec![] };
    names(first).filter(|name| others.iter().all(|kind| kind["properties"].get(*name).is_some())).collect()
}

/// Names the fields of an object as they are written today: neither their older names, nor the forms in milliseconds.
pub fn names(object: &Value) -> impl Iterator<Item = &str> {
    let properties = object["properties"].as_object();
    let is_written = move |name: &str, field: &Value| {
        let spoken = name.strip_suffix("_ms").is_some_and(|spoken| object["properties"].get(spoken).is_some());
        field["deprecated"] != true && !spoken
    };
    properties.into_iter().flatten().filter(move |(name, field)| is_written(name, field)).map(|(name, _)| name.as_str())
}

fn is_kind(object: &Value) -> bool {
    object["properties"]["type"]["const"].is_string()
}

fn is_required(object: &Value, name: &str) -> bool {
    let demands = object["allOf"].as_array().into_iter().flatten();
    let mut names = demands.flat_map(|demand| demand["anyOf"].as_array().into_iter().flatten());
    names.any(|one| one["required"] == serde_json::json!([name]))
}

/// Says what a field takes, in a few words.
fn taken(schema: &Value, field: &Value, depth: usize) -> String {
    if field["$ref"] == "#/$defs/steps" {
        return "steps".to_owned();
    }
    if let Some(ways) = field["anyOf"].as_array() {
        let mut words: Vec<String> = vec![];
        for way in ways.iter().filter(|way| way["deprecated"] != true) {
            let word = taken(schema, way, depth);
            if !words.contains(&word) {
                words.push(word);
            }
        }
        return words.join(" or ");
    }
    if let Some(words) = field["enum"].as_array() {
        return words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | ");
    }
    match &field["type"] {
        Value::String(kind) if kind == "object" => object(schema, field, depth),
        Value::String(kind) if kind == "array" => match &field["items"] {
            Value::Null => "list".to_owned(),
            items => format!("list of {}", taken(schema, items, depth + 1)),
        },
        Value::String(kind) if kind == "string" && is_length(field) => "length of time".to_owned(),
        Value::String(kind) if kind == "string" => "text".to_owned(),
        Value::String(kind) => kind.clone(),
        Value::Array(_) => "text".to_owned(),
        _ => "any value".to_owned(),
    }
}

fn object(schema: &Value, field: &Value, depth: usize) -> String {
    let known: Vec<_> = names(field).collect();
    let each = &field["additionalProperties"];
    match (known.is_empty(), depth) {
        (false, 0 | 1) => format!("{{{}}}", known.join(", ")),
        (true, 0) if each.is_object() => format!("by name: {}", taken(schema, each, depth + 1)),
        _ => "object".to_owned(),
    }
}

/// Tells whether a text is a length of time: the schema gives examples of those.
fn is_length(field: &Value) -> bool {
    field["examples"][0] == "30s"
}
