//! Structured replies: what the agent is told, how JSON is found in what it says, and whether it is what was asked for.

use serde_json::Value;

use crate::step::{OutputField, OutputFieldType};

/// How much of a bad reply the agent is shown again.
const REPLY_CHARS_MAX: usize = 800;

/// Returns what is added to a prompt that wants fields; nothing when it wants text.
pub(crate) fn instructions(fields: &[OutputField]) -> String {
    if fields.is_empty() {
        return String::new();
    }
    let mut text = "\n\nAnswer with one JSON object and nothing else. It has these fields:\n".to_owned();
    for field in fields {
        text.push_str(&format!("- `{}` ({})", field.name, word(field.of)));
        if let Some(description) = &field.description {
            text.push_str(&format!(": {description}"));
        }
        text.push('\n');
    }
    text.push_str("Every field must be there; use null for what you do not know.");
    text
}

/// Returns what an agent is told whose reply was not what was asked for.
pub(crate) fn fix_up(fields: &[OutputField], wrong: &str, reply: &str) -> String {
    let shown: String = reply.chars().take(REPLY_CHARS_MAX).collect();
    let cut = if shown.len() < reply.len() { " […]" } else { "" };
    format!("Your last reply could not be used: {wrong}\n\nIt began:\n{shown}{cut}{}", instructions(fields))
}

/// Reads the fields out of a reply, or says what is wrong with it.
pub(crate) fn read(fields: &[OutputField], reply: &str) -> Result<Value, String> {
    let value = extract(reply)?;
    let Value::Object(map) = &value else { return Err("the JSON is no object".to_owned()) };
    let mut wrong = Vec::new();
    for field in fields {
        match map.get(field.name.as_str()) {
            None => wrong.push(format!("`{}` is missing", field.name)),
            Some(Value::Null) => {}
            Some(given) if takes(field.of, given) => {}
            Some(given) => wrong.push(format!("`{}` is {}, wanted is {}", field.name, kind(given), word(field.of))),
        }
    }
    if wrong.is_empty() { Ok(value) } else { Err(wrong.join("; ")) }
}

/// Finds the JSON of a reply: a fenced block, the whole reply, or the first balanced object in it.
fn extract(reply: &str) -> Result<Value, String> {
    let reply = reply.trim();
    if let Some(block) = fenced(reply) {
        return serde_json::from_str(block).map_err(|error| format!("the fenced block is no JSON: {error}"));
    }
    if reply.starts_with('{')
        && let Ok(value) = serde_json::from_str(reply)
    {
        return Ok(value);
    }
    let object = balanced(reply).ok_or("there is no JSON object in it")?;
    serde_json::from_str(object).map_err(|error| format!("the object in it is no JSON: {error}"))
}

fn fenced(reply: &str) -> Option<&str> {
    let (_, after) = reply.split_once("```")?;
    let (language, body) = after.split_once('\n')?;
    if !matches!(language.trim(), "" | "json" | "JSON") {
        return None;
    }
    Some(body.split_once("```")?.0.trim())
}

fn balanced(reply: &str) -> Option<&str> {
    let start = reply.find('{')?;
    let (mut depth, mut in_text, mut escaped) = (0_u32, false, false);
    for (place, character) in reply[start..].char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if in_text => escaped = true,
            '"' => in_text = !in_text,
            '{' if !in_text => depth += 1,
            '}' if !in_text => {
                depth -= 1;
                if depth == 0 {
                    return Some(&reply[start..=start + place]);
                }
            }
            _ => {}
        }
    }
    None
}

fn takes(of: OutputFieldType, value: &Value) -> bool {
    match of {
        OutputFieldType::String => value.is_string(),
        OutputFieldType::Number => value.is_number(),
        OutputFieldType::Boolean => value.is_boolean(),
        OutputFieldType::Array => value.is_array(),
        OutputFieldType::Object => value.is_object(),
    }
}

fn word(of: OutputFieldType) -> &'static str {
    match of {
        OutputFieldType::String => "string",
        OutputFieldType::Number => "number",
        OutputFieldType::Boolean => "boolean",
        OutputFieldType::Array => "array",
        OutputFieldType::Object => "object",
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
