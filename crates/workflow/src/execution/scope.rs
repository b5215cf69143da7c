//! What templates can read at one place of a run.

use super::event::Plan;
use super::running::{Bodies, Body};
use super::state::{Execution, Spot};
use crate::path::Place;
use crate::template::Scope;

impl Execution {
    /// Returns what a step at this spot can read: the inputs, and what each body around it has added so far.
    pub fn scope(&self, spot: &Spot) -> Scope<'_> {
        let inputs = &self.about().inputs;
        let scope =
            Scope::new().with_map("run", &self.about().run).with_map("inputs", inputs).with_map("variables", inputs);
        let mut around: Vec<(&Bodies, Place, &Body)> = Vec::new();
        let mut inner = match spot {
            Spot::Root => None,
            Spot::Body(path, place) => Some((path.clone(), *place)),
            Spot::Container(path) => path.parent(),
        };
        while let Some((path, place)) = inner {
            if let Some(bodies) = self.steps.get(&path).and_then(|step| step.bodies())
                && let Some(body) = bodies.open.get(&place)
            {
                around.push((bodies, place, body));
            }
            inner = path.parent();
        }
        let scope = with_body(scope, &self.root);
        around.into_iter().rev().fold(scope, |scope, (bodies, place, body)| with_bodies(scope, bodies, place, body))
    }
}

fn with_bodies<'a>(mut scope: Scope<'a>, bodies: &'a Bodies, place: Place, body: &'a Body) -> Scope<'a> {
    // An iteration reads what the ones before it have left; iterations that run at once do not see each other, because a
    // concurrent loop keeps its layers apart until it is over.
    if bodies.in_turn() {
        let left = &bodies.gathered.layer;
        scope = scope.with_map("outputs", &left.outputs).with_map("variables", &left.variables);
    }
    scope = match place {
        Place::Catch => scope.with_map("error", &body.locals),
        Place::Item(_) => {
            let scope = scope.with_map("loop", &body.locals).with_map("loop", &body.names);
            body.names.iter().fold(scope, |scope, (name, value)| scope.with(name, value))
        }
        Place::Branch(_) | Place::Then | Place::Else => scope,
    };
    with_body(scope, body)
}

fn with_body<'a>(scope: Scope<'a>, body: &'a Body) -> Scope<'a> {
    scope.with_map("outputs", &body.layer.outputs).with_map("variables", &body.layer.variables)
}

impl Bodies {
    /// Tells whether one body runs after the other and reads what it left.
    fn in_turn(&self) -> bool {
        match self.plan {
            Plan::Over { at_once, .. } => at_once == 1,
            Plan::While => true,
            Plan::Conditional { .. } | Plan::Parallel { .. } | Plan::Catch { .. } => false,
        }
    }
}
