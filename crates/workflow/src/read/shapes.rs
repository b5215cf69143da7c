//! Reads one field by its shape.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::form::{Field, Shape};
use super::node::{Content, Entry, Node};
use super::reader::Reader;
use crate::definition::{Ident, Slug, StepId, parse_span, write_span};
use crate::limits::{ENTRIES_MAX, TEXT_BYTES_MAX, TIMEOUT_MAX};
use crate::nearest::nearest;

impl Reader {
    /// Reads a field, and returns it under the name and in the spelling that the canonical form has.
    pub(super) fn field(&mut self, entry: &Entry, field: &Field, path: &str) -> Option<(String, Value)> {
        let node = &entry.value;
        let spoken = field.spoken() == Some(entry.name.as_str());
        if spoken
            && matches!(field.shape, Shape::Delay)
            && matches!(&node.content, Content::Text(text) if text.contains("{{"))
        {
            return Some((entry.name.clone(), self.template(node, field, path)?));
        }
        let value = match field.shape {
            Shape::Duration | Shape::Delay => self.duration(node, path, spoken, 1),
            Shape::Window => self.duration(node, path, spoken, 0),
            _ => self.shape(node, field, field.shape, path),
        };
        Some((field.name.to_owned(), value?))
    }

    fn shape(&mut self, node: &Node, field: &Field, shape: Shape, path: &str) -> Option<Value> {
        match shape {
            Shape::Text => self.text(node, path).map(Value::from),
            Shape::StepId => self.name::<StepId>(node, path),
            Shape::Ident => self.name::<Ident>(node, path),
            Shape::Slug => self.name::<Slug>(node, path),
            Shape::Version => self.version(node, path),
            Shape::Template => self.template(node, field, path),
            Shape::Shell => self.shell(node, field, path),
            Shape::Condition => self.condition(node, field, path),
            Shape::Value => self.value(node, field, path),
            Shape::Values | Shape::Variables | Shape::Environment => self.values(node, field, shape, path),
            Shape::Labels => self.labels(node, path),
            Shape::Items => self.items(node, field, path),
            Shape::Plain => Some(node.json()),
            Shape::Plains => match &node.content {
                Content::List(items) if items.is_empty() => self.empty(node, path),
                Content::List(_) => Some(node.json()),
                _ => self.refuse(node, path, "a list"),
            },
            Shape::Bool => match node.content {
                Content::Bool(value) => Some(Value::Bool(value)),
                _ => self.refuse(node, path, "true or false"),
            },
            Shape::Integer { min, max } => self.integer(node, path, min, max),
            Shape::Number { min, max } => self.number(node, path, min, max),
            Shape::OneOf(words) => self.one_of(node, path, words),
            Shape::Texts | Shape::Templates => self.texts(node, field, shape, path),
            Shape::Object { form, short } => self.object(&long(node, short), form, path).map(Value::Object),
            Shape::Named { form, short } => self.named(node, form, short, path),
            Shape::Steps => self.body(node, field.name, path),
            Shape::Duration | Shape::Window | Shape::Delay => {
                unreachable!("lengths of time are read by their own names")
            }
        }
    }

    pub(super) fn refuse(&mut self, node: &Node, path: &str, wanted: &str) -> Option<Value> {
        self.wrong_type(node, path, wanted);
        None
    }

    fn empty(&mut self, node: &Node, path: &str) -> Option<Value> {
        self.wrong(node, path, "empty", "is empty", Some("leave it out, or say something".into()));
        None
    }

    pub(super) fn text(&mut self, node: &Node, path: &str) -> Option<String> {
        match &node.content {
            Content::Text(text) if text.trim().is_empty() => {
                self.empty(node, path);
                None
            }
            Content::Text(text) if text.len() > TEXT_BYTES_MAX => {
                let message = format!("has {} bytes; {TEXT_BYTES_MAX} are the most", text.len());
                self.wrong(node, path, "too_large", message, None);
                None
            }
            Content::Text(text) => Some(text.clone()),
            _ => {
                self.wrong_type(node, path, "a text");
                None
            }
        }
    }

    fn name<T: std::str::FromStr<Err = crate::definition::BadName>>(
        &mut self,
        node: &Node,
        path: &str,
    ) -> Option<Value> {
        let text = self.text(node, path)?;
        if let Err(why) = text.parse::<T>() {
            self.wrong(node, path, "bad_name", format!("`{text}` {why}"), None);
            return None;
        }
        Some(text.into())
    }

    fn version(&mut self, node: &Node, path: &str) -> Option<Value> {
        let text = self.text(node, path)?;
        let core = text.split(['-', '+']).next().unwrap_or_default();
        let parts: Vec<&str> = core.split('.').collect();
        if parts.len() != 3
            || !parts.iter().all(|part| part.parse::<u32>().is_ok_and(|number| number.to_string() == *part))
        {
            self.wrong(
                node,
                path,
                "bad_version",
                format!("`{text}` is no version"),
                Some("write it like `1.0.0`".into()),
            );
            return None;
        }
        Some(text.into())
    }

    pub(super) fn too_many(&mut self, node: &Node, path: &str, count: usize) -> Option<Value> {
        self.wrong(node, path, "too_many", format!("has {count} entries; {ENTRIES_MAX} are the most"), None);
        None
    }

    fn labels(&mut self, node: &Node, path: &str) -> Option<Value> {
        let Content::Map(entries) = &node.content else { return self.refuse(node, path, "an object of texts") };
        let mut labels = serde_json::Map::new();
        for Entry { name, value, .. } in entries {
            let Content::Text(text) = &value.content else {
                return self.refuse(value, &format!("{path}.{name}"), "a text");
            };
            labels.insert(name.clone(), text.clone().into());
        }
        Some(Value::Object(labels))
    }

    fn integer(&mut self, node: &Node, path: &str, min: u64, max: u64) -> Option<Value> {
        let Content::Number(number) = &node.content else {
            return self.refuse(node, path, "a whole number");
        };
        let Some(whole) = number.as_u64().filter(|whole| (min..=max).contains(whole)) else {
            self.wrong(
                node,
                path,
                "out_of_range",
                format!("is {number}, and must be a whole number from {min} to {max}"),
                None,
            );
            return None;
        };
        Some(whole.into())
    }

    fn number(&mut self, node: &Node, path: &str, min: f64, max: f64) -> Option<Value> {
        let Content::Number(number) = &node.content else {
            return self.refuse(node, path, "a number");
        };
        let Some(float) = number.as_f64().filter(|float| (min..=max).contains(float)) else {
            self.wrong(
                node,
                path,
                "out_of_range",
                format!("is {number}, and must be a number from {min} to {max}"),
                None,
            );
            return None;
        };
        Some(float.into())
    }

    /// Reads a length of time: a text with units under the short name, milliseconds under `…_ms`.
    fn duration(&mut self, node: &Node, path: &str, spoken: bool, min: u64) -> Option<Value> {
        let fix = || Some("write a number and a unit: `30s`, `5m`, `2h`, `1d`".to_owned());
        let span = match (&node.content, spoken) {
            (Content::Text(text), true) => parse_span(text),
            (Content::Number(number), false) => number.as_u64().map(tenure_model::Span),
            _ => None,
        };
        let Some(span) = span else {
            let (message, fix) = match spoken {
                true => (format!("{} is no length of time", node.json()), fix()),
                false => (format!("{} is no number of milliseconds", node.json()), None),
            };
            self.wrong(node, path, "bad_duration", message, fix);
            return None;
        };
        if span.0 < min || span > TIMEOUT_MAX {
            let message = format!(
                "is {}, and must be more than nothing and at most {}",
                write_span(span),
                write_span(TIMEOUT_MAX)
            );
            self.wrong(node, path, "out_of_range", message, None);
            return None;
        }
        Some(json!(span))
    }

    fn one_of(&mut self, node: &Node, path: &str, words: &[&str]) -> Option<Value> {
        let word = self.text(node, path)?;
        if words.contains(&word.as_str()) {
            return Some(word.into());
        }
        let fix = match nearest(&word, words.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", words.join(", ")),
        };
        self.wrong(node, path, "unknown_value", format!("`{word}` is none of the words that stand here"), Some(fix));
        None
    }

    fn texts(&mut self, node: &Node, field: &Field, shape: Shape, path: &str) -> Option<Value> {
        let mut one = |node: &Node, path: &str| match shape {
            Shape::Templates => self.template(node, field, path),
            _ => self.text(node, path).map(Value::from),
        };
        let texts = match &node.content {
            Content::List(items) if items.len() > ENTRIES_MAX => return self.too_many(node, path, items.len()),
            Content::List(items) => {
                let texts = items.iter().enumerate().map(|(n, item)| one(item, &format!("{path}[{n}]")));
                texts.collect::<Vec<_>>().into_iter().collect::<Option<Vec<_>>>()?
            }
            _ => vec![one(node, path)?],
        };
        Some(Value::Array(texts))
    }
}

/// Takes a value that is no object for the one field of an object.
fn long<'a>(node: &'a Node, short: Option<&str>) -> Cow<'a, Node> {
    match (&node.content, short) {
        (Content::Map(_), _) | (_, None) => Cow::Borrowed(node),
        (_, Some(short)) => {
            let entry = Entry { name: short.to_owned(), mark: node.mark, value: node.clone() };
            Cow::Owned(Node { mark: node.mark, content: Content::Map(vec![entry]) })
        }
    }
}
