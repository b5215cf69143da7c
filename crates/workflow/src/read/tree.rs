//! Walks over steps that were read but not yet found right: by their ids, types and bodies.

use serde_json::{Map, Value};

/// A step as it was read. Fields that were wrong are not there.
#[derive(Clone, Copy)]
pub(super) struct RawStep<'a>(&'a Map<String, Value>);

/// A body of a step, with the field that it stands under.
pub(super) struct RawBody<'a> {
    pub field: &'static str,
    pub steps: Vec<RawStep<'a>>,
}

/// Lists the steps under a field of a step or of the definition.
pub(super) fn steps<'a>(object: &'a Map<String, Value>, field: &str) -> Vec<RawStep<'a>> {
    let items = object.get(field).and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_object).map(RawStep).collect()
}

impl<'a> RawStep<'a> {
    pub fn id(self) -> &'a str {
        self.text("id").unwrap_or_default()
    }

    pub fn is(self, word: &str) -> bool {
        self.text("type") == Some(word)
    }

    pub fn text(self, field: &str) -> Option<&'a str> {
        self.0.get(field)?.as_str()
    }

    pub fn has(self, field: &str) -> bool {
        self.0.contains_key(field)
    }

    pub fn number(self, field: &str) -> Option<u64> {
        self.0.get(field)?.as_u64()
    }

    /// Lists the variables that a `set` gives values.
    pub fn sets(self) -> impl Iterator<Item = &'a str> {
        let variables = self.0.get("variables").and_then(Value::as_object).filter(|_| self.is("set"));
        variables.into_iter().flat_map(|map| map.keys().map(String::as_str))
    }

    /// Lists the names under which the step's result can be read.
    pub fn outputs(self) -> impl Iterator<Item = &'a str> {
        std::iter::once(self.id()).chain(self.text("output"))
    }

    /// Lists the bodies, the catch last; each branch of a parallel step is a body.
    pub fn bodies(self) -> Vec<RawBody<'a>> {
        let mut bodies = Vec::new();
        for field in ["then", "else", "steps"] {
            bodies.push(RawBody { field, steps: steps(self.0, field) });
        }
        let branches = self.0.get("branches").and_then(Value::as_array).into_iter().flatten();
        for branch in branches.filter_map(Value::as_object) {
            bodies.push(RawBody { field: "branches", steps: steps(branch, "steps") });
        }
        bodies.push(RawBody { field: "catch", steps: steps(self.0, "catch") });
        bodies
    }

    /// Lists this step and everything in it.
    pub fn all(self) -> Vec<RawStep<'a>> {
        let mut all = vec![self];
        for body in self.bodies() {
            all.extend(body.steps.into_iter().flat_map(RawStep::all));
        }
        all
    }
}
