//! A thing whose fields were read one by one, before the rules between them were checked.

use serde_json::{Map, Value};

use super::mistake::Mistakes;
use super::node::{Content, Node};

/// The fields in their one form, and where to say what is wrong with them.
pub(crate) struct Draft<'a, 'm> {
    pub object: &'a mut Map<String, Value>,
    pub node: &'a Node,
    pub path: &'a str,
    pub mistakes: &'m mut Mistakes,
}

impl Draft<'_, '_> {
    pub fn has(&self, field: &str) -> bool {
        self.object.contains_key(field)
    }

    pub fn text(&self, field: &str) -> Option<&str> {
        self.object.get(field)?.as_str()
    }

    /// Says what is wrong with a field, or with the whole thing where the field is not written.
    pub fn wrong(&mut self, field: &str, code: &'static str, message: impl Into<String>, fix: &str) {
        let entry = self.node.entry(field);
        let (path, mark) = match entry {
            Some(entry) => (format!("{}.{field}", self.path), entry.value.mark.or(entry.mark)),
            None => (self.path.to_owned(), self.node.mark),
        };
        self.mistakes.add(&path, mark, code, message, Some(fix.to_owned()));
    }

    /// Tells whether a field was written as an object or a list without anything in it.
    pub fn is_empty(&self, field: &str) -> bool {
        self.node.entry(field).is_some_and(|entry| match &entry.value.content {
            Content::List(items) => items.is_empty(),
            Content::Map(entries) => entries.is_empty(),
            _ => false,
        })
    }

    /// Demands exactly one of several fields.
    pub fn exactly_one(&mut self, fields: &[&str]) {
        let given: Vec<&str> = fields.iter().copied().filter(|field| self.has(field)).collect();
        let names = spoken(fields);
        match given[..] {
            [_] => {}
            // What was written and is wrong was said already.
            [] if fields.iter().any(|field| self.node.entry(field).is_some()) => {}
            [] => self.wrong("", "missing_field", format!("needs one of {names}"), "add one of them"),
            [_, second, ..] => {
                let second = if self.node.entry(second).is_some() { second } else { "" };
                self.wrong(second, "too_many_fields", format!("may have only one of {names}"), "keep one of them");
            }
        }
    }
}

fn spoken(fields: &[&str]) -> String {
    let names =
        fields.iter().filter(|field| !field.ends_with("_ms") || !fields.contains(&field.trim_end_matches("_ms")));
    names.map(|field| format!("`{}`", field.trim_end_matches("_ms"))).collect::<Vec<_>>().join(", ")
}
