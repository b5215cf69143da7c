//! Checks that every template reads only what exists at its place: steps that can have run, inputs that are declared.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::reader::{Place, Reader, Use};
use super::tree::{RawStep, steps};
use crate::nearest::nearest;
use crate::template::{ERROR_FIELDS, RUN_FIELDS, Reference};

/// What can be read at one place.
#[derive(Clone, Default)]
struct Visible {
    outputs: BTreeSet<String>,
    variables: BTreeSet<String>,
    /// Names of items and indexes, the innermost loop last.
    loops: Vec<(String, String)>,
    in_catch: bool,
}

struct Checker<'a> {
    reader: &'a mut Reader,
    uses: BTreeMap<Option<String>, Vec<Use>>,
    /// Names and types of the declared inputs.
    inputs: BTreeMap<String, String>,
    /// Every name under which any step's result can be read anywhere.
    all_outputs: BTreeSet<String>,
}

pub(super) fn check(definition: &Map<String, Value>, reader: &mut Reader) {
    let mut uses: BTreeMap<Option<String>, Vec<Use>> = BTreeMap::new();
    for one in std::mem::take(&mut reader.uses) {
        uses.entry(one.owner.clone()).or_default().push(one);
    }
    let declared = definition.get("inputs").and_then(Value::as_array).into_iter().flatten();
    let text = |input: &Value, field: &str| input.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let inputs: BTreeMap<String, String> = declared.map(|input| (text(input, "name"), text(input, "type"))).collect();
    let top = steps(definition, "steps");
    let every = top.iter().flat_map(|step| step.all()).collect::<Vec<_>>();
    let all_outputs = every.iter().flat_map(|step| step.outputs()).map(str::to_owned).collect();
    let mut visible = Visible { variables: inputs.keys().cloned().collect(), ..Visible::default() };
    let mut checker = Checker { reader, uses, inputs, all_outputs };

    let whole = checker.uses.remove(&None).unwrap_or_default();
    let (last, first): (Vec<Use>, Vec<Use>) =
        whole.into_iter().partition(|one| one.place.path.starts_with("workflow.outputs"));
    checker.judge(&first, &visible);
    checker.walk(&top, &mut visible);
    checker.judge(&last, &visible);
}

impl Checker<'_> {
    /// Walks steps in the order in which they run, and leaves what can be read after them.
    fn walk(&mut self, steps: &[RawStep<'_>], visible: &mut Visible) {
        for step in steps {
            let uses = self.uses.remove(&Some(step.id().to_owned())).unwrap_or_default();
            let (inside, before): (Vec<Use>, Vec<Use>) = uses.into_iter().partition(|one| one.inside);
            self.judge(&before, visible);
            let mut after = visible.clone();
            for body in step.bodies() {
                let mut inner = visible.clone();
                inner.in_catch |= body.field == "catch";
                if step.is("loop") && body.field == "steps" {
                    self.enter_loop(*step, &body.steps, &mut inner);
                }
                self.walk(&body.steps, &mut inner);
                if step.is("loop") && body.field == "steps" {
                    self.judge(&inside, &inner);
                }
                after.outputs.append(&mut inner.outputs);
                after.variables.append(&mut inner.variables);
            }
            after.outputs.extend(step.outputs().map(str::to_owned));
            after.variables.extend(step.sets().map(str::to_owned));
            *visible = after;
        }
    }

    fn enter_loop(&self, step: RawStep<'_>, body: &[RawStep<'_>], inner: &mut Visible) {
        let name = |field: &str, default: &str| step.text(field).unwrap_or(default).to_owned();
        inner.loops.push((name("item", "item"), name("index", "index")));
        if step.has("while") {
            // A further round reads what the round before has done.
            let all: Vec<RawStep<'_>> = body.iter().flat_map(|step| step.all()).collect();
            inner.outputs.extend(all.iter().flat_map(|step| step.outputs()).map(str::to_owned));
            inner.variables.extend(all.iter().flat_map(|step| step.sets()).map(str::to_owned));
        }
    }

    fn judge(&mut self, uses: &[Use], visible: &Visible) {
        for one in uses {
            for reference in &one.references {
                if let Some((code, message, fix)) = self.fault(reference, visible) {
                    let Place { path, mark } = &one.place;
                    self.reader.mistakes.add(path, *mark, code, message, fix);
                }
            }
            self.judge_loop(one);
        }
    }

    /// Refuses a loop over an input whose type is no list.
    fn judge_loop(&mut self, one: &Use) {
        let [reference] = &one.references[..] else { return };
        let is_input = matches!(reference.root.as_ref(), "inputs" | "variables") && reference.path.len() == 1;
        if !one.place.path.ends_with(".over") || !is_input {
            return;
        }
        let of = reference.first().and_then(|name| self.inputs.get(name)).map_or("any", String::as_str);
        if !matches!(of, "array" | "any" | "") {
            let message = format!("`{reference}` is declared as {of}, and a loop goes over a list");
            let Place { path, mark } = &one.place;
            self.reader.mistakes.add(
                path,
                *mark,
                "loop_over_not_array",
                message,
                Some("declare the input as `array`".into()),
            );
        }
    }

    fn fault(&self, reference: &Reference, visible: &Visible) -> Option<(&'static str, String, Option<String>)> {
        let first = reference.first();
        match (reference.root.as_ref(), first) {
            ("outputs", Some(name)) if !visible.outputs.contains(name) => {
                Some(self.output_fault(reference, name, visible))
            }
            ("inputs", Some(name)) if !self.inputs.contains_key(name) => {
                let fix =
                    choices(name, self.inputs.keys().map(String::as_str), "inputs.", "declare it under `inputs:`");
                Some(("unknown_input", format!("there is no input `{name}`"), Some(fix)))
            }
            ("variables", Some(name)) if !visible.variables.contains(name) => {
                let names = visible.variables.iter().map(String::as_str);
                let fix =
                    choices(name, names, "variables.", "declare it under `inputs:`, or `set` it in an earlier step");
                Some(("unknown_variable", format!("there is no variable `{name}` here"), Some(fix)))
            }
            ("loop", _) => loop_fault(first, visible),
            ("error", Some(name)) if visible.in_catch => field_fault("error", name, ERROR_FIELDS),
            ("error", _) if !visible.in_catch => {
                let fix = "there is an error only in the steps of a `catch`".to_owned();
                Some(("unknown_name", "`error` means nothing here".to_owned(), Some(fix)))
            }
            ("run", Some(name)) => field_fault("run", name, RUN_FIELDS),
            ("outputs" | "inputs" | "variables" | "error" | "run", _) => None,
            (root, _) => self.root_fault(root, visible),
        }
    }

    fn output_fault(
        &self,
        reference: &Reference,
        name: &str,
        visible: &Visible,
    ) -> (&'static str, String, Option<String>) {
        let names = || visible.outputs.iter().map(String::as_str);
        if self.all_outputs.contains(name) {
            let message = format!("`{reference}` is read where the step cannot have run yet");
            let fix = choices("", names(), "outputs.", "no step has run here");
            return ("not_yet_run", message, Some(fix));
        }
        // `outputs.my-step` is the difference of `outputs.my` and `step`.
        let dashed = visible.outputs.iter().find(|id| id.strip_prefix(name).is_some_and(|rest| rest.starts_with('-')));
        let fix = match dashed {
            Some(id) => format!("a name with `-` is written `outputs[\"{id}\"]`"),
            None => choices(name, names(), "outputs.", "no step has run here"),
        };
        ("unknown_step", format!("there is no step `{name}`"), Some(fix))
    }

    fn root_fault(&self, root: &str, visible: &Visible) -> Option<(&'static str, String, Option<String>)> {
        let is_loop_name = |name: &str| visible.loops.iter().any(|(item, index)| item == name || index == name);
        if is_loop_name(root) {
            return None;
        }
        let fix = if self.inputs.contains_key(root) {
            format!("did you mean `inputs.{root}`?")
        } else if visible.variables.contains(root) {
            format!("did you mean `variables.{root}`?")
        } else if visible.outputs.contains(root) {
            format!("did you mean `outputs.{root}`?")
        } else {
            let loops = visible.loops.iter().flat_map(|(item, index)| [item.as_str(), index.as_str()]);
            let roots = ["inputs", "variables", "outputs", "run"].into_iter().chain(loops);
            choices(root, roots, "", "")
        };
        Some(("unknown_name", format!("`{root}` means nothing here"), Some(fix)))
    }
}

fn loop_fault(first: Option<&str>, visible: &Visible) -> Option<(&'static str, String, Option<String>)> {
    let Some((item, index)) = visible.loops.last() else {
        let fix = "there is a `loop` only in the steps of a loop".to_owned();
        return Some(("unknown_name", "`loop` means nothing here".to_owned(), Some(fix)));
    };
    let names = ["item", "index", item.as_str(), index.as_str()];
    let name = first.filter(|name| !names.contains(name))?;
    Some(("unknown_name", format!("`loop` has no `{name}`"), Some(choices(name, names, "loop.", ""))))
}

fn field_fault(root: &str, name: &str, fields: &[&str]) -> Option<(&'static str, String, Option<String>)> {
    if fields.contains(&name) {
        return None;
    }
    let fix = choices(name, fields.iter().copied(), &format!("{root}."), "");
    Some(("unknown_name", format!("`{root}` has no `{name}`"), Some(fix)))
}

/// Says which name was meant, or which there are.
fn choices<'a>(name: &str, names: impl IntoIterator<Item = &'a str> + Clone, prefix: &str, none: &str) -> String {
    const SHOWN_MAX: usize = 12;
    if let Some(near) = nearest(name, names.clone()) {
        return format!("did you mean `{prefix}{near}`?");
    }
    let mut shown: Vec<String> = Vec::new();
    for name in names.into_iter().map(|name| format!("{prefix}{name}")) {
        if !shown.contains(&name) {
            shown.push(name);
        }
    }
    if shown.is_empty() {
        return none.to_owned();
    }
    let more = if shown.len() > SHOWN_MAX { ", …" } else { "" };
    shown.truncate(SHOWN_MAX);
    format!("there are {}{more}", shown.join(", "))
}
