//! Rules between steps: what runs at the same time must not write the same name, and no workflow runs itself.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::reader::Reader;
use super::tree::{RawStep, steps};

pub(super) fn check(definition: &Map<String, Value>, reader: &mut Reader) {
    let top = steps(definition, "steps");
    let slug = definition.get("slug").and_then(Value::as_str);
    let every: Vec<RawStep<'_>> = top.iter().flat_map(|step| step.all()).collect();
    for step in &every {
        names_another_step(*step, &every, reader);
        if step.is("parallel") {
            branches_collide(*step, reader);
        }
        if step.is("loop") && step.number("concurrency").is_some_and(|most| most > 1) {
            items_collide(*step, reader);
        }
        if step.is("workflow") && step.text("workflow").is_some_and(|called| Some(called) == slug) {
            let message = "a workflow cannot run itself";
            wrong(reader, *step, "workflow", "cyclic_workflow", message, "use a `loop`, or another workflow");
        }
    }
}

fn wrong(
    reader: &mut Reader,
    step: RawStep<'_>,
    field: &str,
    code: &'static str,
    message: impl Into<String>,
    fix: &str,
) {
    let Some(place) = reader.places.get(step.id()).cloned() else { return };
    reader.mistakes.add(&format!("{}.{field}", place.path), place.mark, code, message, Some(fix.to_owned()));
}

fn names_another_step(step: RawStep<'_>, every: &[RawStep<'_>], reader: &mut Reader) {
    let Some(output) = step.text("output").filter(|output| *output != step.id()) else { return };
    if every.iter().any(|other| other.id() == output) {
        let message = format!("`{output}` is the id of another step, whose result is read by that name");
        wrong(reader, step, "output", "duplicate_output", message, "choose another name");
    }
}

fn branches_collide(parallel: RawStep<'_>, reader: &mut Reader) {
    let mut owners: BTreeMap<(&'static str, &str), usize> = BTreeMap::new();
    let branches = parallel.bodies().into_iter().filter(|body| body.field == "branches");
    for (number, branch) in branches.enumerate() {
        for step in branch.steps.iter().flat_map(|step| step.all()) {
            let outputs = step.text("output").map(|name| ("output", name));
            for (field, name) in outputs.into_iter().chain(step.sets().map(|name| ("variables", name))) {
                if *owners.entry((field, name)).or_insert(number) != number {
                    let message = format!("`{name}` is also written by another branch that runs at the same time");
                    wrong(reader, step, field, "merge_collision", message, "give each branch a name of its own");
                }
            }
        }
    }
}

fn items_collide(over: RawStep<'_>, reader: &mut Reader) {
    for step in over.bodies().iter().filter(|body| body.field == "steps").flat_map(|body| &body.steps) {
        for step in step.all() {
            for name in step.sets() {
                let message = format!("items that run at the same time would overwrite each other's `{name}`");
                wrong(
                    reader,
                    step,
                    "variables",
                    "merge_collision",
                    message,
                    "gather values with `collect`, or leave out `concurrency`",
                );
            }
        }
    }
}
