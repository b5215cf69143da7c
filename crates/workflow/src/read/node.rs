//! A value together with where it stands in the text.

use serde_json::{Map, Number, Value};

use crate::canonical::plain_number;

/// As many bytes of a text weigh as much as a value.
const TEXT_BYTES_PER_NODE: usize = 64;

/// A place in a text, line and column from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    pub line: usize,
    pub column: usize,
}

/// A value, and where it begins when it comes from a text.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub mark: Option<Mark>,
    pub content: Content,
}

#[derive(Clone, Debug)]
pub(crate) enum Content {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    /// In authored order; no name occurs twice.
    Map(Vec<Entry>),
}

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub name: String,
    pub mark: Option<Mark>,
    pub value: Node,
}

impl Node {
    pub fn json(&self) -> Value {
        match &self.content {
            Content::Null => Value::Null,
            Content::Bool(value) => Value::Bool(*value),
            Content::Number(number) => plain_number(number.clone()),
            Content::Text(text) => Value::String(text.clone()),
            Content::List(items) => Value::Array(items.iter().map(Node::json).collect()),
            Content::Map(entries) => {
                let pairs = entries.iter().map(|entry| (entry.name.clone(), entry.value.json()));
                Value::Object(pairs.collect::<Map<_, _>>())
            }
        }
    }

    /// Returns the entry of a map with this name.
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        let Content::Map(entries) = &self.content else { return None };
        entries.iter().find(|entry| entry.name == name)
    }

    /// Returns what kind of value this is, as a sentence says it.
    pub fn kind(&self) -> &'static str {
        match self.content {
            Content::Null => "nothing",
            Content::Bool(_) => "true or false",
            Content::Number(_) => "a number",
            Content::Text(_) => "a text",
            Content::List(_) => "a list",
            Content::Map(_) => "an object",
        }
    }

    /// Counts this value and all values in it, and tells how deep they stand. A long text counts as several.
    pub fn count(&self) -> (usize, usize) {
        let (nodes, depth) = match &self.content {
            Content::List(items) => total(items.iter()),
            Content::Map(entries) => total(entries.iter().map(|entry| &entry.value)),
            Content::Text(text) => (text.len() / TEXT_BYTES_PER_NODE, 0),
            _ => (0, 0),
        };
        (nodes + 1, depth + 1)
    }
}

fn total<'a>(nodes: impl Iterator<Item = &'a Node>) -> (usize, usize) {
    nodes.map(Node::count).fold((0, 0), |all, one| (all.0 + one.0, all.1.max(one.1)))
}

/// Takes a value that comes from no text.
impl From<&Value> for Node {
    fn from(value: &Value) -> Self {
        let content = match value {
            Value::Null => Content::Null,
            Value::Bool(value) => Content::Bool(*value),
            Value::Number(number) => Content::Number(number.clone()),
            Value::String(text) => Content::Text(text.clone()),
            Value::Array(items) => Content::List(items.iter().map(Node::from).collect()),
            Value::Object(map) => {
                let entries = map.iter();
                Content::Map(
                    entries
                        .map(|(name, value)| Entry { name: name.clone(), mark: None, value: value.into() })
                        .collect(),
                )
            }
        };
        Self { mark: None, content }
    }
}
