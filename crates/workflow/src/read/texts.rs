//! Reads texts of the language: templates, commands, conditions, and values whose texts are templates.

use serde_json::{Map, Value};

use super::form::{Field, Form, Shape, no_rules};
use super::node::{Content, Node};
use super::reader::{Reader, join};
use crate::definition::Ident;
use crate::limits::ENTRIES_MAX;
use crate::template::{BadTemplate, Condition, Reference, ShellTemplate, Template};

/// What a condition was, once: `{variable: environment, equals: production}`.
const OLDER_CONDITION: Form = Form {
    word: "",
    description: "",
    fields: &[
        Field::new("variable", Shape::Text, "the name of a variable").required(),
        Field::new("equals", Shape::Plain, "the value that it must have").required(),
    ],
    check: no_rules,
};

impl Reader {
    fn bad_template(&mut self, node: &Node, path: &str, bad: &BadTemplate) -> Option<Value> {
        let fix = "close it, or write `{{ '{{' }}` where two braces are meant";
        let fix = bad.message.contains("is missing").then(|| fix.to_owned());
        self.wrong(node, path, "bad_template", bad.message.clone(), fix);
        None
    }

    pub(super) fn template(&mut self, node: &Node, field: &Field, path: &str) -> Option<Value> {
        let text = self.spoken_text(node, path)?;
        match Template::new(&text) {
            Ok(template) => self.note(node, path, field.inside, template.references()),
            Err(bad) => return self.bad_template(node, path, &bad),
        }
        Some(text.into())
    }

    /// Takes numbers and booleans, too: YAML reads `prompt: 5` as a number, and its author meant a text.
    fn spoken_text(&mut self, node: &Node, path: &str) -> Option<String> {
        match &node.content {
            Content::Number(_) | Content::Bool(_) => Some(node.json().to_string()),
            Content::Text(text) if !text.trim().is_empty() => Some(text.clone()),
            _ => self.text(node, path),
        }
    }

    pub(super) fn shell(&mut self, node: &Node, field: &Field, path: &str) -> Option<Value> {
        let text = self.spoken_text(node, path)?;
        match ShellTemplate::new(&text) {
            Ok(template) => self.note(node, path, field.inside, template.references()),
            Err(bad) => return self.bad_template(node, path, &bad),
        }
        Some(text.into())
    }

    pub(super) fn condition(&mut self, node: &Node, field: &Field, path: &str) -> Option<Value> {
        let text = match &node.content {
            Content::Bool(value) => value.to_string(),
            Content::Map(_) => self.older_condition(node, path)?,
            _ => self.text(node, path)?,
        };
        match Condition::new(&text) {
            Ok(condition) => self.note(node, path, field.inside, condition.references().to_vec()),
            Err(bad) => return self.bad_template(node, path, &bad),
        }
        Some(text.into())
    }

    fn older_condition(&mut self, node: &Node, path: &str) -> Option<String> {
        let object = self.object(node, &OLDER_CONDITION, path)?;
        let (variable, equals) = (object.get("variable")?.as_str()?, object.get("equals")?);
        let dotted = if variable.contains('.') { variable.to_owned() } else { format!("variables.{variable}") };
        Some(format!("{dotted} == {equals}"))
    }

    /// Reads any value; texts in it, at any depth, are templates.
    pub(super) fn value(&mut self, node: &Node, field: &Field, path: &str) -> Option<Value> {
        let mut references = Vec::new();
        let right = self.value_texts(node, path, &mut references);
        self.note(node, path, field.inside, references);
        right.then(|| node.json())
    }

    /// Collects what all texts read; tells whether all of them are right.
    fn value_texts(&mut self, node: &Node, path: &str, references: &mut Vec<Reference>) -> bool {
        let mut right = true;
        match &node.content {
            Content::Text(text) => match Template::new(text) {
                Ok(template) => references.extend(template.references()),
                Err(bad) => {
                    self.bad_template(node, path, &bad);
                    right = false;
                }
            },
            Content::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    right &= self.value_texts(item, &format!("{path}[{index}]"), references);
                }
            }
            Content::Map(entries) => {
                for entry in entries {
                    right &= self.value_texts(&entry.value, &join(path, &entry.name), references);
                }
            }
            _ => {}
        }
        right
    }

    pub(super) fn values(&mut self, node: &Node, field: &Field, shape: Shape, path: &str) -> Option<Value> {
        let Content::Map(entries) = &node.content else {
            return self.refuse(node, path, "an object");
        };
        if entries.len() > ENTRIES_MAX {
            return self.too_many(node, path, entries.len());
        }
        let mut values = Map::new();
        for entry in entries {
            let path = join(path, &entry.name);
            if !matches!(shape, Shape::Values)
                && let Err(why) = entry.name.parse::<Ident>()
            {
                self.mistakes.add(&path, entry.mark, "bad_name", format!("`{}` {why}", entry.name), None);
                continue;
            }
            let value = match shape {
                Shape::Environment => self.template(&entry.value, field, &path),
                _ => self.value(&entry.value, field, &path),
            };
            values.extend(value.map(|value| (entry.name.clone(), value)));
        }
        Some(Value::Object(values))
    }

    /// Reads what a loop goes over: a list, or an expression with or without its braces.
    pub(super) fn items(&mut self, node: &Node, field: &Field, path: &str) -> Option<Value> {
        let text = match &node.content {
            Content::List(_) => return self.value(node, field, path),
            Content::Text(text) if text.contains("{{") => text.trim().to_owned(),
            Content::Text(text) if !text.trim().is_empty() => format!("{{{{ {} }}}}", text.trim()),
            _ => {
                let message = format!("is {}, and a loop goes over a list", node.kind());
                self.wrong(
                    node,
                    path,
                    "loop_over_not_array",
                    message,
                    Some("write a list, or a path like `outputs.find.files`".into()),
                );
                return None;
            }
        };
        let single = Template::new(&text).map(|template| (template.is_single(), template.references()));
        match single {
            Err(bad) => self.bad_template(node, path, &bad),
            Ok((false, _)) => {
                let fix = Some("keep the one expression that gives the list".into());
                self.wrong(
                    node,
                    path,
                    "loop_over_not_array",
                    "is a text around an expression, and text is no list",
                    fix,
                );
                None
            }
            Ok((true, references)) => {
                self.note(node, path, field.inside, references);
                Some(text.into())
            }
        }
    }
}
