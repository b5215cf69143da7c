//! Folding what happens to steps: where the run stands, and what later steps can read.

use std::sync::Arc;

use serde_json::{Map, Value};
use tenure_model::time::Timestamp;

use super::containers;
use super::error::StepError;
use super::event::{Begun, Event, Next, Plan};
use super::link::Link;
use super::retry::{Recorded, Then};
use super::running::{Bodies, Doing, StepRun};
use super::state::{self, Execution, Spot};
use super::values::{Layer, Values};
use crate::path::{Place, StepPath};

impl Execution {
    /// Folds an event about a step.
    pub(super) fn fold_step(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::StepStarted { path, attempt, begun, .. } => self.start_step(path, *attempt, begun, at),
            Event::StepHeld { path, why, due: until, .. } => self.in_step(path, |step| {
                step.held.clone_from(why);
                if let Doing::Turn { due, .. } = &mut step.doing {
                    *due = *until;
                }
            }),
            Event::StepTaken { path, due: until, .. } => self.in_step(path, |step| {
                step.held = None;
                if let Doing::Turn { began, due, .. } | Doing::Call { began, due } = &mut step.doing {
                    (*began, *due) = (true, *until);
                }
            }),
            Event::StepAsked { path, question, arguments, due, .. } => self.in_step(path, |step| {
                step.doing = Doing::Leave { question: *question, arguments: arguments.clone(), due: *due };
            }),
            Event::StepAllowed { path, due, .. } => self.in_step(path, |step| {
                step.doing = Doing::Call { due: *due, began: false };
            }),
            Event::StepRepaired { path, round, turn, usage, due, .. } => self.in_step(path, |step| {
                if let Doing::Turn { usage: used, .. } = &step.doing {
                    let mut sum = used.clone();
                    sum.add(usage);
                    step.doing = Doing::Turn { turn: *turn, round: *round, began: false, due: *due, usage: sum };
                    step.held = None;
                }
            }),
            Event::StepCompleted { path, output, variables, value, usage, .. } => {
                usage.iter().for_each(|used| self.usage.add(used));
                self.complete(path, output, value.as_ref().unwrap_or(output), variables);
            }
            Event::StepFailed { path, error, output, next, .. } => {
                self.fail_step(path, error, output.as_ref(), *next, at)
            }
            Event::StepSkipped { path } => self.move_on(path, Layer::default()),
            Event::StepReused { path, recorded } => self.reuse(path, recorded, at),
            Event::StepCancelling { path, why, until, .. } => {
                self.in_step(path, |step| step.closing = Some((*why, *until)));
                self.refresh(path);
            }
            Event::StepCancelled { path, .. } => {
                self.steps.remove(path);
                self.ready.remove(&Spot::Container(path.clone()));
                self.counts.ended += 1;
                self.ready.insert(Spot::around(path));
            }
            Event::StepUnknown { path, error, until, .. } => self.in_step(path, |step| {
                step.doing = Doing::Unknown { error: error.clone(), due: *until };
            }),
            Event::BodyStarted { path, place } => self.start_body(path, *place),
            Event::BodyEnded { path, place, error, collected } => {
                self.end_body(path, *place, error.as_ref(), collected.as_ref());
            }
            Event::CatchEnded { path, error } => match error {
                Some(error) => self.fail_body(path, error),
                None => {
                    let left = self.take(path);
                    self.move_on(path, left);
                }
            },
            Event::ApprovalEscalated { path, deadline, .. } => self.in_step(path, |step| {
                if let Doing::Approval { asked } = &mut step.doing {
                    let asked = Arc::make_mut(asked);
                    (asked.escalated, asked.deadline) = (true, *deadline);
                }
            }),
            Event::ApprovalLinked { path, token_hash, by, until, .. } => self.in_step(path, |step| {
                if let Doing::Approval { asked } = &mut step.doing {
                    let links = &mut Arc::make_mut(asked).links;
                    links.retain(|link| link.is_good(at));
                    let (hash, by) = (token_hash.clone(), by.clone());
                    links.push(Link { hash, by, made_at: at, until: *until, revoked: false });
                }
            }),
            Event::ApprovalLinkRevoked { path, link: id, .. } => self.in_step(path, |step| {
                if let Doing::Approval { asked } = &mut step.doing {
                    let links = &mut Arc::make_mut(asked).links;
                    links.iter_mut().filter(|link| link.id() == *id).for_each(|link| link.revoked = true);
                }
            }),
            _ => {}
        }
    }

    fn start_step(&mut self, path: &StepPath, attempt: u32, begun: &Begun, at: Timestamp) {
        let doing = match begun {
            Begun::Here => Doing::Here,
            Begun::Turn { turn, due } => {
                Doing::Turn { turn: *turn, round: 0, began: false, due: *due, usage: Default::default() }
            }
            Begun::Call { due } => Doing::Call { due: *due, began: false },
            Begun::Child { child, due } => Doing::Child { child: *child, due: *due },
            Begun::Approval { asked } => Doing::Approval { asked: Arc::new(asked.as_ref().clone()) },
            Begun::Timer { due } => Doing::Timer { due: *due },
            Begun::Event { name, due } => Doing::Event { name: name.clone(), due: *due },
            Begun::Bodies { plan, due } => Doing::Bodies(Box::new(Bodies::new(plan.clone(), *due))),
        };
        self.note_attempt(path, attempt);
        let base = self.attempts_before(path);
        match self.steps.get_mut(path) {
            Some(step) => {
                (step.attempt, step.since, step.doing) = (attempt, at, doing);
                step.base = step.base.max(step.high);
            }
            None => {
                let (failures, lost, high, closing) = (0, 0, 0, None);
                let step = StepRun { attempt, base, high, failures, lost, since: at, doing, held: None, closing };
                self.steps.insert(path.clone(), step);
                self.counts.started += 1;
                self.ready.remove(&Spot::around(path));
            }
        }
        self.refresh(path);
    }

    /// Notes the number of an attempt with every step around it.
    fn note_attempt(&mut self, path: &StepPath, attempt: u32) {
        let mut around = path.parent();
        while let Some((outer, _)) = around {
            self.in_step(&outer, |step| step.high = step.high.max(attempt));
            around = outer.parent();
        }
    }

    fn complete(&mut self, path: &StepPath, output: &Arc<Value>, value: &Arc<Value>, variables: &Values) {
        self.counts.output_bytes += crate::template::size(output) as u64;
        let mut left = self.take(path);
        left.set_output(path.id().as_str(), output.clone());
        if let Some(name) = self.step(path).and_then(|step| step.output.clone()) {
            left.set_output(name.as_str(), value.clone());
        }
        left.set_variables(variables);
        self.move_on(path, left);
    }

    fn reuse(&mut self, path: &StepPath, recorded: &Recorded, at: Timestamp) {
        match recorded {
            Recorded::Completed { output, value, variables } => {
                self.complete(path, output, value.as_ref().unwrap_or(output), variables);
            }
            Recorded::Failed { error, output, then: Then::WentOn } => self.go_on_after(path, error, output.as_ref()),
            Recorded::Failed { error, then: Then::EndedItsBody, .. } => self.fail_body(path, error),
            Recorded::Failed { error, output, then: Then::Caught } => {
                let plan = Plan::Catch { error: error.clone(), output: output.clone() };
                self.start_step(path, 1, &Begun::Bodies { plan, due: None }, at);
            }
        }
    }

    fn fail_step(
        &mut self,
        path: &StepPath,
        error: &StepError,
        output: Option<&Arc<Value>>,
        next: Next,
        at: Timestamp,
    ) {
        match next {
            Next::Retry { at } => self.pause_step(path, error, at, |step| step.failures += 1),
            Next::Again => self.pause_step(path, error, at, |step| step.lost += 1),
            Next::Catch => {
                self.in_step(path, |step| {
                    let plan = Plan::Catch { error: error.clone(), output: output.cloned() };
                    step.doing = Doing::Bodies(Box::new(Bodies::new(plan, None)));
                    step.closing = None;
                });
                self.refresh(path);
            }
            Next::Continue => self.go_on_after(path, error, output),
            Next::Fail => self.fail_body(path, error),
        }
    }

    /// Lets a step wait for its next attempt; whatever was in the last one is gone.
    fn pause_step(&mut self, path: &StepPath, error: &StepError, due: Timestamp, count: impl FnOnce(&mut StepRun)) {
        self.in_step(path, |step| {
            count(step);
            step.closing = None;
            step.doing = Doing::Retry { due, error: error.clone() };
        });
        self.refresh(path);
    }

    /// Leaves the error of a failed step for later steps to read.
    fn go_on_after(&mut self, path: &StepPath, error: &StepError, output: Option<&Arc<Value>>) {
        let mut left = Layer::default();
        let mut value = match output.map(Arc::as_ref) {
            Some(Value::Object(fields)) => fields.clone(),
            _ => Map::new(),
        };
        value.insert("error".to_owned(), error.value());
        let value = Arc::new(Value::Object(value));
        left.set_output(path.id().as_str(), value.clone());
        if let Some(name) = self.step(path).and_then(|step| step.output.clone()) {
            left.set_output(name.as_str(), value);
        }
        self.move_on(path, left);
    }

    /// Ends a step, and with it the body that it stands in.
    fn fail_body(&mut self, path: &StepPath, error: &StepError) {
        self.take(path);
        self.counts.ended += 1;
        let around = Spot::around(path);
        if let Some(body) = self.body_mut(&around) {
            body.failed = Some(error.clone());
        }
        self.ready.insert(around);
    }

    /// Ends a step, merges what it leaves, and lets the next one start.
    fn move_on(&mut self, path: &StepPath, left: Layer) {
        self.take(path);
        self.counts.ended += 1;
        let around = Spot::around(path);
        if let Some(body) = self.body_mut(&around) {
            body.layer.merge(left);
            body.next += 1;
        }
        self.ready.insert(around);
    }

    /// Removes a step that has ended, and returns what its bodies leave.
    fn take(&mut self, path: &StepPath) -> Layer {
        self.ready.remove(&Spot::Container(path.clone()));
        match self.steps.remove(path).map(|step| step.doing) {
            Some(Doing::Bodies(bodies)) => bodies.gathered.layer,
            _ => Layer::default(),
        }
    }

    fn start_body(&mut self, path: &StepPath, place: Place) {
        let Some(about) = self.about.clone() else { return };
        let Some(step) = state::find(&about.start.definition, path) else { return };
        let Some(bodies) = self.steps.get_mut(path).and_then(StepRun::bodies_mut) else { return };
        bodies.begun += 1;
        let body = containers::body(bodies, place, step);
        bodies.open.insert(place, body);
        self.ready.insert(Spot::Body(path.clone(), place));
        self.refresh(path);
    }

    fn end_body(&mut self, path: &StepPath, place: Place, error: Option<&StepError>, collected: Option<&Arc<Value>>) {
        self.ready.remove(&Spot::Body(path.clone(), place));
        let collects = self.step(path).is_some_and(containers::collects);
        let Some(bodies) = self.steps.get_mut(path).and_then(StepRun::bodies_mut) else { return };
        let Some(body) = bodies.open.remove(&place) else { return };
        let number = containers::number(place);
        match error {
            None => {
                bodies.gathered.merge(number, body.layer);
                collected.iter().for_each(|value| bodies.gathered.results.put(number, (*value).clone()));
            }
            Some(error) if collects && !matches!(bodies.plan, Plan::Catch { .. }) && !error.is_final() => {
                bodies.failed.insert(number, error.clone());
            }
            Some(error) => {
                bodies.fails.get_or_insert_with(|| error.clone());
            }
        }
        self.refresh(path);
    }

    /// Notes whether a step with bodies can go on by itself.
    fn refresh(&mut self, path: &StepPath) {
        let can = match (self.steps.get(path), self.step(path)) {
            (Some(run), Some(step)) => containers::can_go_on(run, step),
            _ => false,
        };
        let spot = Spot::Container(path.clone());
        if can {
            self.ready.insert(spot)
        } else {
            self.ready.remove(&spot)
        };
    }

    fn in_step(&mut self, path: &StepPath, change: impl FnOnce(&mut StepRun)) {
        if let Some(step) = self.steps.get_mut(path) {
            change(step);
        }
    }
}
