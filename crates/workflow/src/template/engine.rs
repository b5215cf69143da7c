//! The one minijinja environment: its limits, our strict comparisons, and how values get in and out.

use std::borrow::Cow;
use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value as EngineValue, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};
use serde_json::Value;

use super::error::{TemplateError, excerpt};
use crate::limits::{RENDERED_BYTES_MAX, TEMPLATE_FUEL};

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(environment);

/// What an expression came to, borrowed where it is a value of the scope.
#[derive(Debug)]
pub(super) enum Evaluated<'a> {
    Missing,
    Plain(Cow<'a, Value>),
    Engine(EngineValue),
}

/// Returns the environment that all expressions share.
pub(super) fn shared() -> &'static Environment<'static> {
    &ENVIRONMENT
}

/// Makes an environment with our rules.
pub(super) fn environment() -> Environment<'static> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Chainable);
    env.set_auto_escape_callback(|_| AutoEscape::None);
    env.set_fuel(Some(TEMPLATE_FUEL));
    env.set_recursion_limit(100);
    let syntax = SyntaxConfig::builder().keep_trailing_newline(true).build();
    env.set_syntax(syntax.expect("the default marks do not clash"));
    env.set_formatter(|out, _, value| {
        let mut text = String::new();
        push_engine_text(&mut text, value);
        out.write_str(&text).map_err(Error::from)
    });
    env.add_function("_equal", |a: EngineValue, b: EngineValue| equal(&a, &b));
    env.add_function("_unequal", |a: EngineValue, b: EngineValue| !equal(&a, &b));
    env.add_function("_less", |a: EngineValue, b: EngineValue| ordered(&a, &b, |order| order.is_lt()));
    env.add_function("_at_most", |a: EngineValue, b: EngineValue| ordered(&a, &b, |order| order.is_le()));
    env.add_function("_greater", |a: EngineValue, b: EngineValue| ordered(&a, &b, |order| order.is_gt()));
    env.add_function("_at_least", |a: EngineValue, b: EngineValue| ordered(&a, &b, |order| order.is_ge()));
    env.add_function("_contained", |a: EngineValue, b: EngineValue| contains(&b, &a));
    env.add_function("contains", |all: EngineValue, one: EngineValue| contains(&all, &one));
    env.add_function("_not", |a: EngineValue| !a.is_true());
    env.add_function("_text", |a: EngineValue| {
        let mut text = String::new();
        push_engine_text(&mut text, &a);
        text
    });
    env.add_filter("json", to_json);
    env.add_filter("tojson", to_json);
    env.add_filter("fromjson", from_json);
    env
}

impl Evaluated<'_> {
    /// Tells whether the value holds as a condition.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Evaluated::Missing => false,
            Evaluated::Engine(value) => value.is_true(),
            Evaluated::Plain(value) => match value.as_ref() {
                Value::Null => false,
                Value::Bool(value) => *value,
                Value::Number(number) => number.as_f64() != Some(0.0),
                Value::String(text) => !text.is_empty(),
                Value::Array(items) => !items.is_empty(),
                Value::Object(map) => !map.is_empty(),
            },
        }
    }

    /// Returns the value with its type; what does not exist is null.
    pub(super) fn into_value(self, source: &str) -> Result<Value, TemplateError> {
        let value = match self {
            Evaluated::Missing => Value::Null,
            Evaluated::Plain(value) => {
                if size(&value) > RENDERED_BYTES_MAX {
                    return Err(too_large(source));
                }
                return Ok(value.into_owned());
            }
            Evaluated::Engine(value) if value.is_undefined() => Value::Null,
            Evaluated::Engine(value) => {
                serde_json::to_value(&value).map_err(|error| failed(source, &error.to_string()))?
            }
        };
        if size(&value) > RENDERED_BYTES_MAX {
            return Err(too_large(source));
        }
        Ok(value)
    }
}

/// Appends a value as text: nothing for what does not exist, JSON for null, objects and lists.
pub(super) fn push_text(text: &mut String, value: &Evaluated<'_>) {
    match value {
        Evaluated::Missing => {}
        Evaluated::Plain(value) => push_json_text(text, value),
        Evaluated::Engine(value) => push_engine_text(text, value),
    }
}

fn push_engine_text(text: &mut String, value: &EngineValue) {
    match (value.kind(), value.as_str()) {
        (ValueKind::Undefined, _) => {}
        (_, Some(plain)) => text.push_str(plain),
        _ => match serde_json::to_value(value) {
            Ok(json) => push_json_text(text, &json),
            Err(_) => text.push_str(&value.to_string()),
        },
    }
}

fn push_json_text(text: &mut String, value: &Value) {
    match value {
        Value::String(plain) => text.push_str(plain),
        // A number that happens to be kept as a float reads like every other whole number.
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 1e15 => {
                text.push_str(&(float as i64).to_string());
            }
            _ => text.push_str(&number.to_string()),
        },
        _ => text.push_str(&value.to_string()),
    }
}

/// Turns a value of ours into one of the engine.
pub(super) fn engine_value(value: &Value) -> EngineValue {
    EngineValue::from(Serde(value))
}

/// Returns about how many bytes a value takes as JSON.
pub(crate) fn size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
        Value::String(text) => text.len() + 2,
        Value::Array(items) => 2 + items.iter().map(size).sum::<usize>(),
        Value::Object(map) => 2 + map.iter().map(|(name, value)| name.len() + 3 + size(value)).sum::<usize>(),
    }
}

pub(super) fn too_large(source: &str) -> TemplateError {
    TemplateError::TooLarge { source_text: excerpt(source), max: RENDERED_BYTES_MAX }
}

/// Says why the engine gave up.
pub(super) fn engine_failed(source: &str, error: &Error) -> TemplateError {
    match error.kind() {
        ErrorKind::OutOfFuel => TemplateError::Endless { source_text: excerpt(source), max: TEMPLATE_FUEL },
        _ => failed(source, &reason(error)),
    }
}

/// Returns what the engine says, without the name that it gives to every template.
pub(super) fn reason(error: &Error) -> String {
    match error.detail() {
        Some(detail) => detail.to_owned(),
        None => error.kind().to_string(),
    }
}

fn failed(source: &str, message: &str) -> TemplateError {
    TemplateError::Failed { source_text: excerpt(source), message: message.to_owned() }
}

fn equal(a: &EngineValue, b: &EngineValue) -> bool {
    a.kind() == b.kind() && a == b
}

fn ordered(a: &EngineValue, b: &EngineValue, holds: fn(std::cmp::Ordering) -> bool) -> bool {
    if a.kind() != ValueKind::Number || b.kind() != ValueKind::Number {
        return false;
    }
    if let (Ok(a), Ok(b)) = (i128::try_from(a.clone()), i128::try_from(b.clone())) {
        return holds(a.cmp(&b));
    }
    let floats = f64::try_from(a.clone()).ok().zip(f64::try_from(b.clone()).ok());
    floats.and_then(|(a, b)| a.partial_cmp(&b)).is_some_and(holds)
}

fn contains(all: &EngineValue, one: &EngineValue) -> bool {
    match all.kind() {
        ValueKind::String => all.as_str().zip(one.as_str()).is_some_and(|(all, one)| all.contains(one)),
        ValueKind::Map => one.as_str().is_some_and(|name| all.get_attr(name).is_ok_and(|value| !value.is_undefined())),
        ValueKind::Seq | ValueKind::Iterable => {
            all.try_iter().is_ok_and(|mut items| items.any(|item| equal(&item, one)))
        }
        _ => false,
    }
}

fn to_json(value: EngineValue) -> Result<String, Error> {
    serde_json::to_string(&value).map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))
}

fn from_json(text: &str) -> Result<EngineValue, Error> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| Error::new(ErrorKind::InvalidOperation, format!("this is no JSON: {error}")))?;
    Ok(engine_value(&value))
}
