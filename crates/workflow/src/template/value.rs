//! A value whose texts are templates: arguments, new values of variables, lists of items.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::engine;
use super::error::{BadTemplate, TemplateError};
use super::reference::Reference;
use super::scope::Scope;
use super::text::Template;
use crate::limits::RENDERED_BYTES_MAX;

/// Any JSON value; each text in it, at any depth, is a template, and one that is a single token keeps its type. Two are equal
/// when their sources are.
#[derive(Clone)]
pub struct ValueTemplate {
    source: Value,
    node: Node,
}

#[derive(Clone)]
enum Node {
    /// A value without a token in it.
    Plain(Value),
    Template(Template),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl ValueTemplate {
    /// Parses every text of a value.
    pub fn new(source: Value) -> Result<Self, BadTemplate> {
        Ok(Self { node: Node::new(&source)?, source })
    }

    /// Returns the value as it was written.
    pub fn source(&self) -> &Value {
        &self.source
    }

    /// Evaluates every text.
    pub fn render<'a>(&self, scope: impl Into<Scope<'a>>) -> Result<Value, TemplateError> {
        let value = self.node.render(&scope.into())?;
        if engine::size(&value) > RENDERED_BYTES_MAX {
            return Err(engine::too_large(&self.source.to_string()));
        }
        Ok(value)
    }

    /// Returns the template when the whole value is one text.
    pub fn as_template(&self) -> Option<&Template> {
        match &self.node {
            Node::Template(template) => Some(template),
            _ => None,
        }
    }

    /// Lists what the value reads.
    pub fn references(&self) -> Vec<Reference> {
        let mut found = Vec::new();
        self.node.collect(&mut found);
        found
    }
}

impl Node {
    fn new(value: &Value) -> Result<Self, BadTemplate> {
        let node = match value {
            Value::String(text) => {
                let template = Template::new(text)?;
                if template.is_plain() && template.text(Scope::new()).is_ok_and(|plain| plain == *text) {
                    return Ok(Node::Plain(value.clone()));
                }
                return Ok(Node::Template(template));
            }
            Value::Array(items) => Node::List(items.iter().map(Node::new).collect::<Result<_, _>>()?),
            Value::Object(map) => {
                let entries = map.iter().map(|(name, value)| Ok((name.clone(), Node::new(value)?)));
                Node::Object(entries.collect::<Result<_, BadTemplate>>()?)
            }
            _ => return Ok(Node::Plain(value.clone())),
        };
        Ok(if node.is_plain() { Node::Plain(value.clone()) } else { node })
    }

    fn is_plain(&self) -> bool {
        match self {
            Node::Plain(_) => true,
            Node::Template(_) => false,
            Node::List(items) => items.iter().all(Node::is_plain),
            Node::Object(entries) => entries.iter().all(|(_, node)| node.is_plain()),
        }
    }

    fn render(&self, scope: &Scope<'_>) -> Result<Value, TemplateError> {
        Ok(match self {
            Node::Plain(value) => value.clone(),
            Node::Template(template) => template.render(scope.clone())?,
            Node::List(items) => Value::Array(items.iter().map(|node| node.render(scope)).collect::<Result<_, _>>()?),
            Node::Object(entries) => {
                let rendered = entries.iter().map(|(name, node)| Ok((name.clone(), node.render(scope)?)));
                Value::Object(rendered.collect::<Result<Map<_, _>, TemplateError>>()?)
            }
        })
    }

    fn collect(&self, found: &mut Vec<Reference>) {
        match self {
            Node::Plain(_) => {}
            Node::Template(template) => found.extend(template.references()),
            Node::List(items) => items.iter().for_each(|node| node.collect(found)),
            Node::Object(entries) => entries.iter().for_each(|(_, node)| node.collect(found)),
        }
    }
}

impl PartialEq for ValueTemplate {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl fmt::Debug for ValueTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ValueTemplate({})", self.source)
    }
}

impl Serialize for ValueTemplate {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.source.serialize(to)
    }
}

impl<'de> Deserialize<'de> for ValueTemplate {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::new(Value::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}
