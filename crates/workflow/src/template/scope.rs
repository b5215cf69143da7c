//! What a template can read at one place of a run: borrowed values under the names of their roots.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::reference::Key;

/// What `run` holds in every scope.
pub const RUN_FIELDS: &[&str] = &["id", "workflow", "version", "started_at", "trigger"];

/// What `error` holds in the steps of a `catch`.
pub const ERROR_FIELDS: &[&str] = &["code", "message", "step", "path", "output"];

/// Roots (`inputs`, `variables`, `outputs`, `loop`, …) and their values. Only what a template reads is ever copied.
///
/// A root may be given several times: for each of its keys the layer that was given last wins. So a branch reads what it
/// did itself on top of what was there before.
#[derive(Clone, Debug, Default)]
pub struct Scope<'a> {
    layers: Vec<(&'a str, Layer<'a>)>,
}

#[derive(Clone, Copy, Debug)]
enum Layer<'a> {
    Value(&'a Value),
    Map(&'a BTreeMap<String, Arc<Value>>),
}

impl<'a> Scope<'a> {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a value under the name of a root.
    pub fn with(mut self, root: &'a str, value: &'a Value) -> Self {
        self.layers.push((root, Layer::Value(value)));
        self
    }

    /// Adds the values of a map under the name of a root.
    pub fn with_map(mut self, root: &'a str, map: &'a BTreeMap<String, Arc<Value>>) -> Self {
        self.layers.push((root, Layer::Map(map)));
        self
    }

    /// Returns the value at a path of at least one key below a root, without copying it.
    pub(super) fn below(&self, root: &str, path: &[Key]) -> Option<&'a Value> {
        let (first, rest) = path.split_first()?;
        let found = self.layers_of(root).find_map(|layer| match (layer, first) {
            (Layer::Value(value), key) => key.of(value),
            (Layer::Map(map), Key::Name(name)) => map.get(name.as_ref()).map(Arc::as_ref),
            (Layer::Map(_), Key::Index(_)) => None,
        })?;
        rest.iter().try_fold(found, |value, key| key.of(value))
    }

    /// Returns everything under a root: an object that merges its layers, or its value when that is no object.
    pub(super) fn whole(&self, root: &str) -> Option<Value> {
        let layers: Vec<Layer<'a>> = self.layers_of(root).collect();
        if let Layer::Value(value) = layers.first()?
            && (layers.len() == 1 || !value.is_object())
        {
            return Some((*value).clone());
        }
        let mut merged = serde_json::Map::new();
        for layer in layers.into_iter().rev() {
            match layer {
                Layer::Value(Value::Object(map)) => merged.extend(map.clone()),
                Layer::Value(_) => {}
                Layer::Map(map) => {
                    merged.extend(map.iter().map(|(name, value)| (name.clone(), value.as_ref().clone())))
                }
            }
        }
        Some(Value::Object(merged))
    }

    /// Lists the layers of a root, the one that wins first.
    fn layers_of(&self, root: &str) -> impl Iterator<Item = Layer<'a>> {
        self.layers.iter().rev().filter(move |(name, _)| *name == root).map(|(_, layer)| *layer)
    }
}

/// Takes each entry of an object as a root.
impl<'a> From<&'a Value> for Scope<'a> {
    fn from(value: &'a Value) -> Self {
        let entries = value.as_object().into_iter().flatten();
        Self { layers: entries.map(|(root, value)| (root.as_str(), Layer::Value(value))).collect() }
    }
}
