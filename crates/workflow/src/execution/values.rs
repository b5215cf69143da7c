//! The values that templates read: what each body has added to what stood around it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Values by name. They are shared, so that a copy of a run costs no copy of them.
pub type Values = BTreeMap<String, Arc<Value>>;

/// What one body has added: it lies over what its surroundings hold, and is merged into them or dropped as a whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Layer {
    #[serde(skip_serializing_if = "is_empty")]
    pub outputs: Arc<Values>,
    #[serde(skip_serializing_if = "is_empty")]
    pub variables: Arc<Values>,
}

impl Layer {
    pub fn set_output(&mut self, name: &str, value: Arc<Value>) {
        Arc::make_mut(&mut self.outputs).insert(name.to_owned(), value);
    }

    pub fn set_variables(&mut self, variables: &Values) {
        if !variables.is_empty() {
            let copies = variables.iter().map(|(name, value)| (name.clone(), value.clone()));
            Arc::make_mut(&mut self.variables).extend(copies);
        }
    }

    /// Takes over everything of another layer.
    pub fn merge(&mut self, other: Layer) {
        if !other.outputs.is_empty() {
            Arc::make_mut(&mut self.outputs).extend(Arc::unwrap_or_clone(other.outputs));
        }
        if !other.variables.is_empty() {
            Arc::make_mut(&mut self.variables).extend(Arc::unwrap_or_clone(other.variables));
        }
    }
}

/// What the finished bodies of a step have left, merged in authored order whatever order they finish in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Gathered {
    pub layer: Layer,
    /// From which body each value is, by its number; later ones win.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    outputs_from: BTreeMap<String, u32>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    variables_from: BTreeMap<String, u32>,
    pub results: Results,
}

impl Gathered {
    pub fn merge(&mut self, number: u32, layer: Layer) {
        merge_map(&mut self.layer.outputs, &mut self.outputs_from, number, &layer.outputs);
        merge_map(&mut self.layer.variables, &mut self.variables_from, number, &layer.variables);
    }
}

fn merge_map(into: &mut Arc<Values>, from: &mut BTreeMap<String, u32>, number: u32, values: &Values) {
    for (name, value) in values {
        if from.get(name).is_none_or(|there| *there <= number) {
            from.insert(name.clone(), number);
            Arc::make_mut(into).insert(name.clone(), value.clone());
        }
    }
}

/// What a loop collects, by iteration. It is kept in chunks, so that adding to a long one copies little.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Results(Vec<Arc<Vec<Option<Arc<Value>>>>>);

impl Results {
    const CHUNK: usize = 128;

    pub fn put(&mut self, number: u32, value: Arc<Value>) {
        let (chunk, place) = (number as usize / Self::CHUNK, number as usize % Self::CHUNK);
        while self.0.len() <= chunk {
            self.0.push(Arc::new(vec![None; Self::CHUNK]));
        }
        Arc::make_mut(&mut self.0[chunk])[place] = Some(value);
    }

    /// Returns the first `count` results; an iteration without one gives null.
    pub fn list(&self, count: u32) -> Vec<Value> {
        let all = self.0.iter().flat_map(|chunk| chunk.iter());
        let given = all.map(|value| value.as_deref().cloned().unwrap_or_default());
        given.chain(std::iter::repeat(Value::Null)).take(count as usize).collect()
    }
}

fn is_empty(values: &Arc<Values>) -> bool {
    values.is_empty()
}
