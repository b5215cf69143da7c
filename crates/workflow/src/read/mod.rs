//! YAML and JSON into a [`Definition`], or into everything that is wrong with it at once.
//!
//! The same reader serves saving, running a file, drafts and tool calls. It works in three passes: text into located values,
//! values by the tables of fields into the one spelling, and that as a whole against the rules that need all steps.

mod mistake;
mod node;
mod yaml;
pub(crate) mod form;
pub(crate) mod draft;
mod reader;
mod shapes;
mod texts;
mod named;
mod steps;
mod tree;
mod references;
mod rules;

use serde_json::Value;

use crate::definition::{Definition, FORM};
use crate::limits::{DEFINITION_BYTES_MAX, NESTING_MAX, NODES_MAX};

pub use mistake::Mistake;

use mistake::Mistakes;
use node::{Mark, Node};
use reader::Reader;

/// Reads a definition from YAML or JSON text; text that begins with `{` is JSON.
pub fn text(text: &str) -> Result<Definition, Vec<Mistake>> {
    let mut mistakes = Mistakes::default();
    let node = located(text, &mut mistakes);
    match node {
        Some(node) if mistakes.is_empty() => definition(&node),
        Some(node) => {
            // What the text repeats is said together with what the definition gets wrong.
            let mut all = mistakes.sorted();
            all.extend(definition(&node).err().into_iter().flatten());
            Err(all)
        }
        None => Err(mistakes.sorted()),
    }
}

/// Reads a definition from bytes, which must be UTF-8.
pub fn bytes(bytes: &[u8]) -> Result<Definition, Vec<Mistake>> {
    match std::str::from_utf8(bytes) {
        Ok(readable) => text(readable),
        Err(error) => {
            let mut mistakes = Mistakes::default();
            let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
            let message = format!("byte {} is no UTF-8", error.valid_up_to());
            mistakes.add(
                "workflow",
                Some(Mark { line, column: 1 }),
                "encoding",
                message,
                Some("save the file as UTF-8".into()),
            );
            Err(mistakes.sorted())
        }
    }
}

/// Reads a definition from a value, as tools and requests hand it over.
pub fn value(value: &Value) -> Result<Definition, Vec<Mistake>> {
    let node = Node::from(value);
    let (nodes, depth) = node.count();
    if nodes > NODES_MAX || depth > NESTING_MAX {
        let mut mistakes = Mistakes::default();
        let message = format!("holds {nodes} values, {depth} deep; {NODES_MAX} and {NESTING_MAX} are the most");
        mistakes.add("workflow", None, "too_large", message, Some("split the workflow".into()));
        return Err(mistakes.sorted());
    }
    definition(&node)
}

fn located(text: &str, mistakes: &mut Mistakes) -> Option<Node> {
    if text.len() > DEFINITION_BYTES_MAX {
        let message = format!("has {} bytes; {DEFINITION_BYTES_MAX} are the most", text.len());
        mistakes.add("workflow", None, "too_large", message, Some("split the workflow".into()));
        return None;
    }
    if text.trim_start().starts_with('{') {
        return json(text, mistakes);
    }
    let node = yaml::parse(text, mistakes);
    if node.is_none() && mistakes.is_empty() {
        mistakes.add("workflow", None, "empty", "the text is empty", Some("begin with `name:` and `steps:`".into()));
    }
    node
}

/// Reads JSON. Its places come from reading it as YAML, where both readings agree.
fn json(text: &str, mistakes: &mut Mistakes) -> Option<Node> {
    let value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => {
            let mark = Mark { line: error.line(), column: error.column() };
            mistakes.add("workflow", Some(mark), "syntax", format!("this is no JSON: {error}"), None);
            return None;
        }
    };
    let mut found = Mistakes::default();
    match yaml::parse(text, &mut found) {
        Some(node) if node.json() == value => {
            *mistakes = found;
            Some(node)
        }
        _ => Some(Node::from(&value)),
    }
}

fn definition(node: &Node) -> Result<Definition, Vec<Mistake>> {
    let mut reader = Reader::default();
    let Some(object) = reader.object(node, &FORM, "workflow") else {
        return Err(reader.mistakes.sorted());
    };
    references::check(&object, &mut reader);
    rules::check(&object, &mut reader);
    if !reader.mistakes.is_empty() {
        return Err(reader.mistakes.sorted());
    }
    serde_json::from_value(Value::Object(object)).map_err(|error| {
        reader.mistakes.add("workflow", None, "unreadable", error.to_string(), None);
        reader.mistakes.sorted()
    })
}
