//! YAML and JSON into a [`Definition`], or into everything that is wrong with it at once.
//!
//! The same reader serves saving, running a file, drafts and tool calls. It works in three passes: text into located values,
//! values by the tables of fields into the one spelling, and that as a whole against the rules that need all steps.

pub(crate) mod mistake;
pub(crate) mod node;
mod yaml;
pub(crate) mod form;
pub(crate) mod draft;
pub(crate) mod reader;
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

/// What a text is about: how it is named in what is said of it, and how one begins.
pub(crate) struct Subject {
    pub word: &'static str,
    pub begin: &'static str,
    pub smaller: &'static str,
}

pub(crate) const WORKFLOW: Subject =
    Subject { word: "workflow", begin: "begin with `name:` and `steps:`", smaller: "split the workflow" };

/// Reads a definition from YAML or JSON text; text that begins with `{` is JSON.
pub fn text(text: &str) -> Result<Definition, Vec<Mistake>> {
    let mut mistakes = Mistakes::default();
    let node = located(text, &WORKFLOW, &mut mistakes);
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
    text(utf8(bytes, &WORKFLOW)?)
}

/// Reads what a text of YAML or JSON says, without a judgement of it.
pub fn plain(text: &str) -> Result<Value, Vec<Mistake>> {
    let mut mistakes = Mistakes::default();
    let node = located(text, &WORKFLOW, &mut mistakes);
    node.map(|node| node.json()).ok_or_else(|| mistakes.sorted())
}

/// Takes bytes as text, when they are UTF-8.
pub(crate) fn utf8<'a>(bytes: &'a [u8], subject: &Subject) -> Result<&'a str, Vec<Mistake>> {
    std::str::from_utf8(bytes).map_err(|error| {
        let mut mistakes = Mistakes::default();
        let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        let message = format!("byte {} is no UTF-8", error.valid_up_to());
        let mark = Some(Mark { line, column: 1 });
        mistakes.add(subject.word, mark, "encoding", message, Some("save the file as UTF-8".into()));
        mistakes.sorted()
    })
}

/// Reads a definition from a value, as tools and requests hand it over.
pub fn value(value: &Value) -> Result<Definition, Vec<Mistake>> {
    definition(&placeless(value, &WORKFLOW)?)
}

/// Takes a value that comes from no text, when it is not too large.
pub(crate) fn placeless(value: &Value, subject: &Subject) -> Result<Node, Vec<Mistake>> {
    let node = Node::from(value);
    let (nodes, depth) = node.count();
    if nodes <= NODES_MAX && depth <= NESTING_MAX {
        return Ok(node);
    }
    let mut mistakes = Mistakes::default();
    let message = format!("holds {nodes} values, {depth} deep; {NODES_MAX} and {NESTING_MAX} are the most");
    mistakes.add(subject.word, None, "too_large", message, Some(subject.smaller.into()));
    Err(mistakes.sorted())
}

/// Reads a text into values that know where they stand.
pub(crate) fn located(text: &str, subject: &Subject, mistakes: &mut Mistakes) -> Option<Node> {
    if text.len() > DEFINITION_BYTES_MAX {
        let message = format!("has {} bytes; {DEFINITION_BYTES_MAX} are the most", text.len());
        mistakes.add(subject.word, None, "too_large", message, Some(subject.smaller.into()));
        return None;
    }
    if text.trim_start().starts_with('{') {
        return json(text, subject, mistakes);
    }
    let node = yaml::parse(text, mistakes);
    if node.is_none() && mistakes.is_empty() {
        mistakes.add(subject.word, None, "empty", "the text is empty", Some(subject.begin.into()));
    }
    node
}

/// Reads JSON. Its places come from reading it as YAML, where both readings agree.
fn json(text: &str, subject: &Subject, mistakes: &mut Mistakes) -> Option<Node> {
    let value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => {
            let mark = Mark { line: error.line(), column: error.column() };
            mistakes.add(subject.word, Some(mark), "syntax", format!("this is no JSON: {error}"), None);
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
