//! What changed between two definitions, by step and field, in words that people read.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::canonical::sorted;
use crate::definition::Definition;
use crate::step::Step;

/// One change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// What changed: `description`, `inputs.branch`, `steps.build`, `steps.build.command`.
    pub what: String,
    #[serde(flatten)]
    pub how: How,
}

/// How it changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum How {
    Added {
        after: Value,
    },
    Removed {
        before: Value,
    },
    Changed {
        before: Value,
        after: Value,
    },
    /// A step stands elsewhere: in another body, or before or after other steps.
    Moved {
        before: String,
        after: String,
    },
}

/// Lists what changed from one definition to another; nothing for equal ones.
pub fn diff(before: &Definition, after: &Definition) -> Vec<Change> {
    let mut changes = Vec::new();
    let (old, new) = (whole(before), whole(after));
    compare("", &old, &new, &mut changes);
    let (old, new) = (placed(before), placed(after));
    for (id, step) in &old {
        if !new.contains_key(id) {
            changes.push(Change {
                what: format!("steps.{id}"),
                how: How::Removed { before: Value::Object(step.fields.clone()) },
            });
        }
    }
    let moved = moved(&old, &new);
    for (id, step) in in_order(&new) {
        let what = format!("steps.{id}");
        let Some(was) = old.get(id) else {
            changes.push(Change { what, how: How::Added { after: Value::Object(step.fields.clone()) } });
            continue;
        };
        if moved.contains(&id) {
            let how = How::Moved { before: was.stands(), after: step.stands() };
            changes.push(Change { what: what.clone(), how });
        }
        compare(&format!("{what}."), &was.fields, &step.fields, &mut changes);
    }
    changes
}

/// A step without the steps in it.
struct Placed {
    /// The body that it stands in: empty at the top, else `check.then`.
    body: String,
    index: usize,
    order: usize,
    before: Option<String>,
    fields: Map<String, Value>,
}

impl Placed {
    fn stands(&self) -> String {
        let body = if self.body.is_empty() { String::new() } else { format!("in {}, ", self.body) };
        match &self.before {
            Some(id) => format!("{body}after {id}"),
            None => format!("{body}first"),
        }
    }
}

/// Returns everything but the steps; named things by their names.
fn whole(definition: &Definition) -> Map<String, Value> {
    let Value::Object(mut map) = definition.canonical() else { return Map::new() };
    map.shift_remove("steps");
    for list in ["inputs", "outputs"] {
        let Some(Value::Array(items)) = map.shift_remove(list) else { continue };
        for mut item in items {
            let name = item["name"].as_str().unwrap_or_default().to_owned();
            if let Some(fields) = item.as_object_mut() {
                fields.shift_remove("name");
            }
            map.insert(format!("{list}.{name}"), item);
        }
    }
    map
}

fn placed(definition: &Definition) -> BTreeMap<String, Placed> {
    let mut found = BTreeMap::new();
    collect(&definition.steps, "", &mut found);
    found
}

fn collect(steps: &[Step], body: &str, found: &mut BTreeMap<String, Placed>) {
    let mut before = None;
    for (index, step) in steps.iter().enumerate() {
        let id = step.id.to_string();
        let Ok(Value::Object(mut fields)) = serde_json::to_value(step).map(sorted) else { continue };
        for inner in ["id", "then", "else", "steps", "branches", "catch"] {
            fields.shift_remove(inner);
        }
        let order = found.len();
        found.insert(
            id.clone(),
            Placed { body: body.to_owned(), index, order, before: before.replace(id.clone()), fields },
        );
        for inner in step.bodies() {
            collect(inner.steps, &format!("{id}.{}", inner.place), found);
        }
    }
}

fn in_order(steps: &BTreeMap<String, Placed>) -> Vec<(&str, &Placed)> {
    let mut all: Vec<(&str, &Placed)> = steps.iter().map(|(id, step)| (id.as_str(), step)).collect();
    all.sort_by_key(|(_, step)| step.order);
    all
}

/// Lists the steps that moved: to another body, or over others that stayed. The fewest possible count as moved.
fn moved<'a>(old: &'a BTreeMap<String, Placed>, new: &'a BTreeMap<String, Placed>) -> Vec<&'a str> {
    let mut moved = Vec::new();
    let mut bodies: BTreeMap<&str, Vec<(&str, usize)>> = BTreeMap::new();
    for (id, step) in in_order(new) {
        match old.get(id) {
            Some(was) if was.body == step.body => bodies.entry(&step.body).or_default().push((id, was.index)),
            Some(_) => moved.push(id),
            None => {}
        }
    }
    for steps in bodies.values() {
        let kept = longest_rising(&steps.iter().map(|(_, index)| *index).collect::<Vec<_>>());
        let others = steps.iter().enumerate().filter(|(at, _)| !kept.contains(at));
        moved.extend(others.map(|(_, (id, _))| *id));
    }
    moved
}

/// Returns the places of a longest rising part of the numbers.
fn longest_rising(numbers: &[usize]) -> Vec<usize> {
    let mut best: Vec<(usize, Option<usize>)> = Vec::new();
    for (at, number) in numbers.iter().enumerate() {
        let before = (0..at).filter(|before| numbers[*before] < *number).max_by_key(|before| best[*before].0);
        best.push((before.map_or(1, |before| best[before].0 + 1), before));
    }
    let mut at = (0..numbers.len()).max_by_key(|at| best[*at].0);
    let mut places = Vec::new();
    while let Some(place) = at {
        places.push(place);
        at = best[place].1;
    }
    places
}

fn compare(prefix: &str, old: &Map<String, Value>, new: &Map<String, Value>, changes: &mut Vec<Change>) {
    for (name, before) in old {
        let how = match new.get(name) {
            None => How::Removed { before: before.clone() },
            Some(after) if after != before => How::Changed { before: before.clone(), after: after.clone() },
            Some(_) => continue,
        };
        changes.push(Change { what: format!("{prefix}{name}"), how });
    }
    for (name, after) in new.iter().filter(|(name, _)| !old.contains_key(name.as_str())) {
        changes.push(Change { what: format!("{prefix}{name}"), how: How::Added { after: after.clone() } });
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.how {
            How::Added { after } => write!(f, "+ {}: {after}", self.what),
            How::Removed { before } => write!(f, "- {}: {before}", self.what),
            How::Changed { before, after } => write!(f, "~ {}: {before} → {after}", self.what),
            How::Moved { before, after } => write!(f, "↕ {}: {before} → {after}", self.what),
        }
    }
}
