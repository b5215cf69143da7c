//! The schemas of all that travels, generated from the types.

use serde_json::{Map, Value, json};
use utoipa::openapi::{RefOr, schema::Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::admin::AdminEvent;
use crate::client::{ClientEvent, ClientMessage};
use crate::draft::DraftEvent;
use crate::execution::ExecutionEvent;
use crate::feed::{FeedEvent, FeedRunner};
use crate::runner::{RunnerMessage, ServerMessage};

/// Returns the JSON Schema (2020-12) of every websocket frame, one document. `oneOf` names what each side says; each type
/// stands once, under `$defs`.
pub fn frames() -> Value {
    let mut definitions = Definitions::default();
    let directions = [
        definitions.add::<ClientMessage>(),
        definitions.add::<ClientEvent>(),
        definitions.add::<RunnerMessage>(),
        definitions.add::<ServerMessage>(),
        definitions.add::<FeedEvent>(),
        definitions.add::<ExecutionEvent>(),
        definitions.add::<DraftEvent>(),
        definitions.add::<AdminEvent>(),
    ];
    // Rows of lists travel as they are; this one is of no other document.
    definitions.add::<FeedRunner>();
    let document = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The frames of Tenure's websockets",
        "description": "ClientMessage and ClientEvent travel under the subprotocol tenure.client.v1, RunnerMessage and \
                        ServerMessage under tenure.runner.v1, FeedEvent under tenure.feed.v1, ExecutionEvent under tenure.run.v1, AdminEvent under tenure.admin.v1. Server-sent events carry ClientEvent, FeedEvent, ExecutionEvent, AdminEvent and DraftEvent.",
        "oneOf": directions.iter().map(|name| json!({"$ref": format!("{IN_COMPONENTS}{name}")})).collect::<Vec<_>>(),
        "$defs": definitions.types,
    });
    relocated(document)
}

/// Types by name, each with everything that it mentions.
#[derive(Default)]
pub struct Definitions {
    pub types: Map<String, Value>,
}

/// Where utoipa's references point.
const IN_COMPONENTS: &str = "#/components/schemas/";
/// Where they point in a JSON Schema.
const IN_DEFS: &str = "#/$defs/";

impl Definitions {
    /// Adds a type and all that it mentions, and returns its name. Two types of one name would hide one another.
    pub fn add<T: ToSchema + PartialSchema>(&mut self) -> String {
        let name = T::name().into_owned();
        let mut found: Vec<(String, RefOr<Schema>)> = vec![(name.clone(), T::schema())];
        T::schemas(&mut found);
        for (name, schema) in found {
            let schema = serde_json::to_value(schema).expect("a schema is plain JSON");
            match self.types.get(&name) {
                Some(known) => assert_eq!(*known, schema, "two types are called {name}"),
                None => _ = self.types.insert(name, schema),
            }
        }
        name
    }

    /// Adds a page of a type, and returns the page's name: pages are one generic type, and each is described apart.
    pub fn add_page<T: ToSchema + PartialSchema>(&mut self) -> String {
        let row = self.add::<T>();
        let name = format!("Page_{row}");
        let cursor = "Pass it as `cursor` to get the next page; absent on the last one.";
        let page = json!({
            "type": "object",
            "description": "One page of a list.",
            "required": ["items"],
            "properties": {
                "items": { "type": "array", "items": { "$ref": format!("{IN_COMPONENTS}{row}") } },
                "cursor": { "type": ["string", "null"], "description": cursor },
            },
        });
        self.types.insert(name.clone(), page);
        name
    }
}

/// Turns references into an OpenAPI document into references into `$defs`.
fn relocated(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(key, value)| match (key.as_str(), value) {
                ("$ref", Value::String(target)) => (key, Value::String(target.replace(IN_COMPONENTS, IN_DEFS))),
                (_, value) => (key, relocated(value)),
            })
            // A discriminator is a word of OpenAPI, unknown to JSON Schema; no frame has a field of that name.
            .filter(|(key, _)| key != "discriminator")
            .collect(),
        Value::Array(items) => items.into_iter().map(relocated).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(key, value)| match value {
                Value::String(target) if key == "$ref" => found.push(target.clone()),
                value => references(value, found),
            }),
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = frames();
        let mut found = vec![];
        references(&document, &mut found);
        assert!(found.len() > 20, "the frames mention many types, found {}", found.len());
        for target in found {
            let pointer = target.strip_prefix('#').expect("references stay inside the document");
            assert!(document.pointer(pointer).is_some(), "{target} leads nowhere");
        }
    }

    #[test]
    fn the_frames_of_every_link_are_described() {
        let text = frames().to_string();
        for word in ["\"prompt\"", "\"message.part.text-delta\"", "\"hello\"", "\"welcome\"", "\"message.finalize\""] {
            assert!(text.contains(word), "{word} is not described");
        }
        assert!(!text.contains("discriminator"));
    }
}
