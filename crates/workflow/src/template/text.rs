//! A template: text with `{{ expressions }}` in it, and `{% if %}`, `{% for %}`, `{% set %}` where text needs them.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::engine;
use super::error::{BadTemplate, TemplateError};
use super::pieces::{Piece, Pieces};
use super::reference::Reference;
use super::scope::Scope;
use crate::limits::RENDERED_BYTES_MAX;

/// A text that was parsed once and is evaluated on values. Two templates are equal when their sources are.
#[derive(Clone)]
pub struct Template {
    source: Arc<str>,
    pieces: Arc<Pieces>,
}

impl Template {
    /// Parses a text.
    pub fn new(source: &str) -> Result<Self, BadTemplate> {
        Ok(Self { source: source.into(), pieces: Arc::new(Pieces::new(source)?) })
    }

    /// Returns the text as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Evaluates the template. One that is a single `{{ token }}` keeps the value's type; every other gives text, in which
    /// null reads `null`, what does not exist is empty, and objects and lists are JSON.
    pub fn render<'a>(&self, scope: impl Into<Scope<'a>>) -> Result<Value, TemplateError> {
        let scope = scope.into();
        match self.pieces.single() {
            Some(expression) => expression.value(&scope),
            None => self.text(scope).map(Value::String),
        }
    }

    /// Evaluates the template to text, whatever it consists of.
    pub fn text<'a>(&self, scope: impl Into<Scope<'a>>) -> Result<String, TemplateError> {
        let scope = scope.into();
        let mut text = String::new();
        for piece in self.pieces.all() {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Token(expression) => engine::push_text(&mut text, &expression.evaluate(&scope)?),
                Piece::Block(block) => text.push_str(&block.render(&scope)?),
            }
            if text.len() > RENDERED_BYTES_MAX {
                return Err(engine::too_large(&self.source));
            }
        }
        Ok(text)
    }

    /// Tells whether the template is a single `{{ token }}`, whose value keeps its type.
    pub fn is_single(&self) -> bool {
        self.pieces.single().is_some()
    }

    /// Tells whether the text has no token at all.
    pub fn is_plain(&self) -> bool {
        self.pieces.all().iter().all(|piece| matches!(piece, Piece::Text(_)))
    }

    /// Lists what the template reads.
    pub fn references(&self) -> Vec<Reference> {
        self.pieces.references()
    }

    pub(super) fn pieces(&self) -> &[Piece] {
        self.pieces.all()
    }
}

impl FromStr for Template {
    type Err = BadTemplate;
    fn from_str(source: &str) -> Result<Self, BadTemplate> {
        Self::new(source)
    }
}

impl PartialEq for Template {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Template({:?})", self.source)
    }
}

impl Serialize for Template {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.source)
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::new(&String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}
