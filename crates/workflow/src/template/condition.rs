//! A condition: one expression that holds or does not.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::error::{BadTemplate, TemplateError};
use super::expression::Expression;
use super::reference::Reference;
use super::scope::Scope;

/// An expression, written bare. `{{ … }}` around parts of it is accepted and evaluated as a value, never as text.
#[derive(Clone)]
pub struct Condition {
    source: Arc<str>,
    expression: Arc<Expression>,
}

impl Condition {
    /// Parses an expression.
    pub fn new(source: &str) -> Result<Self, BadTemplate> {
        Ok(Self { source: source.into(), expression: Arc::new(Expression::condition(source)?) })
    }

    /// Returns the text as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Evaluates the condition. Undefined, null, false, zero, and empty texts, lists and objects do not hold.
    pub fn holds<'a>(&self, scope: impl Into<Scope<'a>>) -> Result<bool, TemplateError> {
        Ok(self.expression.evaluate(&scope.into())?.is_true())
    }

    /// Lists what the condition reads.
    pub fn references(&self) -> &[Reference] {
        self.expression.references()
    }
}

impl FromStr for Condition {
    type Err = BadTemplate;
    fn from_str(source: &str) -> Result<Self, BadTemplate> {
        Self::new(source)
    }
}

impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Condition({:?})", self.source)
    }
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.source)
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::new(&String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}
