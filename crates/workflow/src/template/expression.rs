//! One expression, compiled once: what it reads, and how it is evaluated on only that.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use minijinja::value::Value as EngineValue;
use serde_json::Value;

use super::engine::{self, Evaluated};
use super::error::{BadTemplate, TemplateError};
use super::lexer::{self, Node};
use super::reads::{self, Reads};
use super::reference::{Key, Reference};
use super::rewrite::{self, Dialect};
use super::scope::Scope;
use crate::limits::TEMPLATE_BYTES_MAX;

/// A compiled expression.
pub(super) struct Expression {
    source: Box<str>,
    references: Vec<Reference>,
    plan: Plan,
}

enum Plan {
    /// The expression is one path and nothing else: it is looked up.
    Lookup,
    Evaluate(Box<minijinja::Expression<'static, 'static>>),
}

impl Expression {
    /// Compiles a bare condition.
    pub(super) fn condition(source: &str) -> Result<Self, BadTemplate> {
        if source.len() > TEMPLATE_BYTES_MAX {
            let message = format!("has {} bytes; {TEMPLATE_BYTES_MAX} are the most", source.len());
            return Err(BadTemplate::new(0, message));
        }
        Self::new(source, 0, &lexer::parse(source)?, Dialect::Condition)
    }

    /// Compiles the words of an expression that starts at `offset`.
    pub(super) fn new(source: &str, offset: usize, nodes: &[Node<'_>], dialect: Dialect) -> Result<Self, BadTemplate> {
        if nodes.is_empty() {
            return Err(BadTemplate::new(offset, "an expression is missing"));
        }
        let Reads { references, whole } = reads::of(nodes, dialect)?;
        let source = source.into();
        if whole {
            return Ok(Self { source, references, plan: Plan::Lookup });
        }
        let rewritten = rewrite::expression(nodes, dialect)?;
        let compiled = engine::shared()
            .compile_expression_owned(rewritten)
            .map_err(|error| BadTemplate::new(offset, engine::reason(&error)))?;
        Ok(Self { source, references, plan: Plan::Evaluate(Box::new(compiled)) })
    }

    pub(super) fn references(&self) -> &[Reference] {
        &self.references
    }

    /// Evaluates the expression to a value with its type.
    pub(super) fn value(&self, scope: &Scope<'_>) -> Result<Value, TemplateError> {
        self.evaluate(scope)?.into_value(&self.source)
    }

    /// Evaluates the expression.
    pub(super) fn evaluate<'a>(&self, scope: &Scope<'a>) -> Result<Evaluated<'a>, TemplateError> {
        let compiled = match &self.plan {
            Plan::Evaluate(compiled) => compiled,
            Plan::Lookup => return Ok(look_up(&self.references[0], scope)),
        };
        let context = context(&self.references, scope);
        let value = compiled.eval(context).map_err(|error| engine::engine_failed(&self.source, &error))?;
        Ok(Evaluated::Engine(value))
    }
}

fn look_up<'a>(reference: &Reference, scope: &Scope<'a>) -> Evaluated<'a> {
    let found = match reference.path.is_empty() {
        true => scope.whole(&reference.root).map(Cow::Owned),
        false => scope.below(&reference.root, &reference.path).map(Cow::Borrowed),
    };
    found.map_or(Evaluated::Missing, Evaluated::Plain)
}

/// Builds the smallest context in which the references give what they give in the scope.
pub(super) fn context(references: &[Reference], scope: &Scope<'_>) -> EngineValue {
    let mut roots: BTreeMap<&str, Part> = BTreeMap::new();
    for reference in references {
        // A list is taken as a whole, because an index into a part of it would be another index.
        let names = reference.path.iter().take_while(|key| matches!(key, Key::Name(_))).count();
        let path = &reference.path[..names];
        let found = match path {
            [] => scope.whole(&reference.root).map(|value| engine::engine_value(&value)),
            _ => scope.below(&reference.root, path).map(engine::engine_value),
        };
        if let Some(value) = found {
            roots.entry(&reference.root).or_default().insert(path, value);
        }
    }
    EngineValue::from_pairs(roots.into_iter().map(|(root, part)| (root, part.value())))
}

/// A part of the context under construction.
#[derive(Default)]
struct Part<'a> {
    all: Option<EngineValue>,
    some: BTreeMap<&'a str, Part<'a>>,
}

impl<'a> Part<'a> {
    fn insert(&mut self, path: &'a [Key], value: EngineValue) {
        match path.split_first() {
            Some((Key::Name(name), rest)) => self.some.entry(name).or_default().insert(rest, value),
            _ => self.all = Some(value),
        }
    }

    fn value(self) -> EngineValue {
        match self.all {
            Some(all) => all,
            None => EngineValue::from_pairs(self.some.into_iter().map(|(name, part)| (name, part.value()))),
        }
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expression({:?})", self.source)
    }
}
