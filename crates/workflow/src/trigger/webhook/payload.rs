//! What was delivered, as a value: JSON, a form, or text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::request::Request;

/// Why a body is not what its content type says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the body is no JSON: {0}")]
pub struct BadPayload(pub String);

/// Reads the body. A form whose `payload` is JSON is that value, as GitHub and Slack send it.
pub fn read(request: Request<'_>) -> Result<Value, BadPayload> {
    let content_type = request.content_type();
    if request.body.is_empty() {
        return Ok(Value::Null);
    }
    if content_type == "application/json" || content_type.ends_with("+json") {
        return serde_json::from_slice(request.body).map_err(|error| BadPayload(error.to_string()));
    }
    if content_type == "application/x-www-form-urlencoded" {
        let form = pairs(request.body);
        let inner = form.get("payload").and_then(Value::as_str).and_then(|text| serde_json::from_str(text).ok());
        return Ok(inner.unwrap_or(Value::Object(form)));
    }
    match std::str::from_utf8(request.body) {
        // Many senders forget to say that they send JSON.
        Ok(text) if content_type.is_empty() => Ok(serde_json::from_str(text).unwrap_or_else(|_| text.into())),
        Ok(text) => Ok(text.into()),
        Err(_) => Ok(json!({ "base64": STANDARD.encode(request.body) })),
    }
}

/// Reads what stands after the `?` of an address. A name that comes twice makes a list.
pub fn query(text: &str) -> Map<String, Value> {
    pairs(text.as_bytes())
}

fn pairs(bytes: &[u8]) -> Map<String, Value> {
    let mut read = Map::new();
    for (name, value) in form_urlencoded::parse(bytes) {
        let value = Value::from(value.into_owned());
        match read.get_mut(name.as_ref()) {
            None => drop(read.insert(name.into_owned(), value)),
            Some(Value::Array(list)) => list.push(value),
            Some(one) => *one = Value::Array(vec![one.take(), value]),
        }
    }
    read
}
