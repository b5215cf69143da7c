//! Parameters of tools, described by a schema and read into types; what cannot be read is answered by its field.

use std::str::FromStr;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::problem::{Rejection, problem};

/// Describes what a tool takes, all in one piece: not every client follows references.
pub fn schema<P: JsonSchema>() -> Map<String, Value> {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    settings.meta_schema = None;
    let schema = settings.into_generator().into_root_schema_for::<P>();
    let mut schema = schema.as_object().cloned().unwrap_or_default();
    schema.shift_remove("title");
    schema.shift_remove("description");
    // Some clients take an object only when it says what is in it.
    let properties = schema.entry("properties").or_insert_with(|| Value::Object(Map::new()));
    for described in properties.as_object_mut().into_iter().flat_map(Map::values_mut) {
        be_brief(described);
    }
    schema
}

/// Leaves out what says nothing to a model, which reads the schemas of all tools at every turn.
fn be_brief(described: &mut Value) {
    if let Some(described) = described.as_object_mut() {
        described.shift_remove("format");
        if described.get("default") == Some(&Value::Null) {
            described.shift_remove("default");
        }
    }
}

/// Reads parameters.
pub fn read<P: DeserializeOwned>(params: Map<String, Value>) -> Result<P, Rejection> {
    serde_path_to_error::deserialize(Value::Object(params)).map_err(|error| {
        let (field, why) = (error.path().to_string(), error.inner());
        match field.as_str() {
            "." => invalid(&why.to_string()),
            field => invalid(&format!("{field}: {why}")).field(field),
        }
    })
}

/// Reads a parameter that is a text holding a JSON object.
pub fn object(field: &str, text: &str) -> Result<Map<String, Value>, Rejection> {
    serde_json::from_str(text)
        .map_err(|error| invalid(&format!("{field}: this text holds no JSON object: {error}")).field(field))
}

/// Reads a parameter that is a text holding a JSON list of texts.
pub fn texts(field: &str, text: &str) -> Result<Vec<String>, Rejection> {
    serde_json::from_str(text)
        .map_err(|error| invalid(&format!("{field}: this text holds no JSON list of texts: {error}")).field(field))
}

/// Reads an id.
pub fn id<I: From<Uuid>>(field: &str, text: &str) -> Result<I, Rejection> {
    let id = Uuid::from_str(text);
    id.map(I::from).map_err(|_| invalid(&format!("{field}: \"{text}\" is no id; ids are UUIDs")).field(field))
}

/// Refuses parameters.
pub fn invalid(why: &str) -> Rejection {
    problem(422, "json_invalid", why)
}

/// Returns one page of a list that is whole, and whether there is more.
pub fn page<T>(
    items: Vec<T>,
    offset: Option<u64>,
    limit: Option<u64>,
    usual: u64,
) -> Result<(Vec<T>, bool), Rejection> {
    let (offset, limit) = (offset.unwrap_or(0), limit.unwrap_or(usual));
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(invalid(&format!("limit: it is 1 to {PAGE_MAX}, not {limit}"))
            .field("limit")
            .limit(PAGE_MAX, limit));
    }
    let more = (items.len() as u64) > offset.saturating_add(limit);
    Ok((items.into_iter().skip(offset as usize).take(limit as usize).collect(), more))
}

/// The most rows of one page.
const PAGE_MAX: u64 = 200;

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Deserialize, JsonSchema, Debug)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape counts")]
    struct Thing {
        /// What it is called.
        name: String,
        /// How many.
        count: Option<u64>,
    }

    fn refused(params: Value) -> (String, Option<String>) {
        let params = params.as_object().expect("an object").clone();
        let problem: tenure_protocol::Problem = read::<Thing>(params).expect_err("it is wrong").into();
        (problem.detail, problem.field)
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(refused(json!({ "name": "a", "count": "b" })).1, Some("count".into()));
        assert_eq!(refused(json!({ "name": "a", "colour": 1 })).1, Some("colour".into()));
        assert!(refused(json!({})).0.contains("name"));
    }

    #[test]
    fn a_schema_says_what_is_taken_and_what_is_needed() {
        let schema = schema::<Thing>();
        assert_eq!(schema["required"], json!(["name"]));
        assert_eq!(schema["properties"]["name"]["description"], "What it is called.");
        assert_eq!(schema["additionalProperties"], false);
        let count = json!({ "type": ["integer", "null"], "description": "How many.", "minimum": 0 });
        assert_eq!(schema["properties"]["count"], count);
    }

    #[test]
    fn a_page_is_a_part_of_the_whole() {
        assert_eq!(page(vec![1, 2, 3], None, Some(2), 50).expect("it is right"), (vec![1, 2], true));
        assert_eq!(page(vec![1, 2, 3], Some(2), Some(2), 50).expect("it is right"), (vec![3], false));
        assert_eq!(page(vec![1, 2, 3], Some(u64::MAX), None, 50).expect("it is right"), (vec![], false));
        for limit in [0, 201] {
            assert_eq!(page(vec![1], None, Some(limit), 50).expect_err("it is wrong").0.code, "json_invalid");
        }
    }
}
