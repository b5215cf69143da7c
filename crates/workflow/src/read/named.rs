//! Reads things with names in authored order: an object by name, or a list whose entries say theirs.

use serde_json::Value;

use super::form::Form;
use super::node::{Content, Entry, Node};
use super::reader::{Reader, join};
use crate::limits::ENTRIES_MAX;

impl Reader {
    /// Returns a list of objects with their `name`, whatever form they were written in.
    pub(super) fn named(&mut self, node: &Node, form: &Form, short: Option<&str>, path: &str) -> Option<Value> {
        let (entries, places): (Vec<Node>, Vec<String>) = match &node.content {
            Content::Map(entries) => {
                let named = entries.iter().map(|entry| (long(entry, short), join(path, &entry.name)));
                named.unzip()
            }
            Content::List(items) => {
                let listed = items.iter().enumerate().map(|(n, item)| (item.clone(), format!("{path}[{n}]")));
                listed.unzip()
            }
            _ => {
                self.wrong_type(node, path, "an object or a list");
                return None;
            }
        };
        if entries.len() > ENTRIES_MAX {
            return self.too_many(node, path, entries.len());
        }
        let outer = self.prefix.clone();
        let mut read: Vec<Value> = Vec::new();
        for (index, (entry, path)) in entries.iter().zip(&places).enumerate() {
            self.prefix = format!("{outer}_b{index}");
            let Some(object) = self.object(entry, form, path) else { continue };
            if object.contains_key("name") && read.iter().any(|other| other.get("name") == object.get("name")) {
                self.wrong(entry, path, "duplicate_name", format!("{} stands here twice", object["name"]), None);
            }
            read.push(Value::Object(object));
        }
        self.prefix = outer;
        Some(Value::Array(read))
    }
}

/// Brings `name: value` into the form `{name, …}` that lists have.
fn long(entry: &Entry, short: Option<&str>) -> Node {
    let name = Node { mark: entry.mark, content: Content::Text(entry.name.clone()) };
    let name = Entry { name: "name".to_owned(), mark: entry.mark, value: name };
    let mut entries = vec![name];
    match (&entry.value.content, short) {
        // What is called a value may be an object itself, so the short form is the only one.
        (_, Some("value")) => {
            entries.push(Entry { name: "value".to_owned(), mark: entry.mark, value: entry.value.clone() })
        }
        (Content::Map(fields), _) => entries.extend(fields.iter().cloned()),
        (_, Some(short)) => {
            entries.push(Entry { name: short.to_owned(), mark: entry.mark, value: entry.value.clone() })
        }
        (_, None) => return entry.value.clone(),
    }
    Node { mark: entry.value.mark.or(entry.mark), content: Content::Map(entries) }
}
