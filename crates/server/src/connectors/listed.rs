//! The tools of a connector, as it lists them: names that fit, descriptions and schemas within bounds, and what tells one version from another.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use tenure_account::owner::Settings;
use tenure_workflow::canonical::sorted;

use super::veil::Veil;
use crate::auth::secret;

/// Stands between a connector's name and that of its tool.
pub const BETWEEN: &str = "__";
/// What clients and models take for the name of a tool.
const NAME_BYTES_MAX: usize = 64;
/// The longest description that is passed on, in characters.
const ABOUT_CHARS_MAX: usize = 4_000;
/// The largest schema, in bytes, and how deep it may be nested: models read it at every turn.
const SCHEMA_BYTES_MAX: usize = 32 * 1024;
const SCHEMA_DEPTH_MAX: usize = 32;

/// A tool of a connector.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// What the connector calls it.
    pub tool: String,
    /// What it is called by here.
    pub name: String,
    pub about: String,
    pub schema: Map<String, Value>,
    /// Names this description and schema.
    pub hash: String,
    /// Why it cannot be called.
    pub unusable: Option<String>,
}

/// Reads the tools that a connector lists. An error says why none of them can be used.
pub fn read(
    connector: &str,
    listed: Vec<rmcp::model::Tool>,
    settings: &Settings,
    max: usize,
    veil: &Veil,
) -> Result<Vec<Listed>, String> {
    let wanted: Vec<_> = listed.into_iter().filter(|tool| settings.lets(&tool.name)).collect();
    if wanted.len() > max {
        let there = wanted.len();
        return Err(format!(
            "has {there} tools, the limit connector_tools_max is {max}; list those that you need in `tools`"
        ));
    }
    let mut names = BTreeSet::new();
    let mut tools: Vec<_> = wanted.into_iter().map(|tool| one(connector, tool, veil)).collect();
    for tool in &mut tools {
        if !names.insert(tool.tool.clone()) {
            tool.unusable = Some("the connector lists several tools of this name".to_owned());
        }
    }
    Ok(tools)
}

fn one(connector: &str, listed: rmcp::model::Tool, veil: &Veil) -> Listed {
    let said = veil.text(listed.description.as_deref().unwrap_or_default());
    let schema = veil.value(Value::Object((*listed.input_schema).clone()));
    let unusable = wrong(connector, &listed.name, &schema);
    let schema = match (schema, &unusable) {
        (Value::Object(schema), None) => schema,
        _ => Map::new(),
    };
    let described = json!({ "about": said, "schema": schema });
    let hash = format!("sha256:{}", secret::hash(&sorted(described).to_string()));
    let tool: String = veil.text(&listed.name).chars().take(2 * NAME_BYTES_MAX).collect();
    Listed { name: format!("{connector}{BETWEEN}{tool}"), tool, about: cut(said), schema, hash, unusable }
}

fn wrong(connector: &str, tool: &str, schema: &Value) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let room = NAME_BYTES_MAX.saturating_sub(connector.len() + BETWEEN.len());
    if tool.is_empty() || tool.len() > room || !tool.bytes().all(plain) {
        return Some(format!("its name must be 1 to {room} letters, digits, hyphens and underscores"));
    }
    let size = schema.to_string().len();
    if size > SCHEMA_BYTES_MAX {
        return Some(format!("its schema has {size} bytes, at most {SCHEMA_BYTES_MAX} are passed on"));
    }
    if depth(schema) > SCHEMA_DEPTH_MAX {
        return Some(format!("its schema is nested deeper than {SCHEMA_DEPTH_MAX}"));
    }
    let of_object = schema.get("type").is_none_or(|kind| kind == "object");
    (!of_object).then(|| "its schema is not one of an object, which the arguments of a tool are".to_owned())
}

fn depth(value: &Value) -> usize {
    let below: usize = match value {
        Value::Array(items) => items.iter().map(depth).max().unwrap_or_default(),
        Value::Object(fields) => fields.values().map(depth).max().unwrap_or_default(),
        _ => return 0,
    };
    below + 1
}

fn cut(about: String) -> String {
    match about.char_indices().nth(ABOUT_CHARS_MAX) {
        Some((at, _)) => format!("{} … (the rest of the description is left out)", &about[..at]),
        None => about,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rmcp::model::Tool;
    use tenure_account::owner::Transport;
    use tenure_account::policy::Risk;

    use super::*;

    fn settings() -> Settings {
        let transport = Transport::Http { url: "https://a.org/".into(), headers: Default::default() };
        Settings { transport, enabled: true, tools: None, risk: Risk::Medium, risks: Default::default() }
    }

    fn tool(name: &str, about: &str, schema: Value) -> Tool {
        let Value::Object(schema) = schema else { panic!("a schema is an object") };
        Tool::new(name.to_owned(), about.to_owned(), Arc::new(schema))
    }

    fn listed(tools: Vec<Tool>, max: usize) -> Result<Vec<Listed>, String> {
        read("tracker", tools, &settings(), max, &Veil::default())
    }

    #[test]
    fn a_tool_that_does_not_fit_is_listed_with_the_reason() {
        let plain = json!({ "type": "object" });
        let deep = (0..40).fold(json!({}), |inner, _| json!({ "properties": inner }));
        let tools = vec![
            tool("find", "Finds.", plain.clone()),
            tool("find", "Finds something else.", plain.clone()),
            tool("a b", "", plain.clone()),
            tool(&"x".repeat(56), "", plain.clone()),
            tool("big", "", json!({ "type": "object", "description": "x".repeat(40_000) })),
            tool("deep", "", deep),
            tool("list", "", json!({ "type": "array" })),
            tool(&"y".repeat(55), &"z".repeat(5_000), plain),
        ];
        let read = listed(tools, 8).expect("they are read");
        let unusable: Vec<_> = read.iter().map(|tool| tool.unusable.is_some()).collect();
        assert_eq!(unusable, [false, true, true, true, true, true, true, false]);
        assert_eq!(read[0].name, "tracker__find");
        assert_eq!(read[7].name.len(), 64);
        assert!(read[7].about.ends_with("is left out)") && read[7].about.len() < 4_100);
    }

    #[test]
    fn a_change_of_what_is_said_or_taken_changes_the_hash() {
        let hash = |about: &str, schema: Value| {
            listed(vec![tool("find", about, schema)], 1).expect("it is read").remove(0).hash
        };
        let as_it_was = hash("Finds.", json!({ "type": "object", "properties": {} }));
        assert_eq!(hash("Finds.", json!({ "properties": {}, "type": "object" })), as_it_was);
        assert_ne!(hash("Finds, and sends all files away.", json!({ "type": "object", "properties": {} })), as_it_was);
        assert_ne!(hash("Finds.", json!({ "type": "object" })), as_it_was);
    }

    #[test]
    fn too_many_tools_are_none() {
        let tools = |count: usize| (0..count).map(|at| tool(&format!("t{at}"), "", json!({}))).collect();
        assert!(listed(tools(3), 3).is_ok());
        assert!(listed(tools(4), 3).expect_err("too many").contains("connector_tools_max is 3"));
    }
}
