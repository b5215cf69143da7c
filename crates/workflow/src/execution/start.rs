//! The start of a run: what is checked before there is one, and what it asks for first.

use std::sync::Arc;

use serde_json::json;
use tenure_model::budget::{Draw, Scope};
use tenure_model::entity::{Ctx, Decision};
use tenure_model::id::{ExecutionId, SessionId, beside, derived};
use tenure_model::time::Timestamp;

use super::command::Start;
use super::draft::Draft;
use super::effect::{Effect, SessionAbout};
use super::event::Event;
use super::refusal::Refusal;
use super::reply::Reply;
use super::state::Execution;
use super::values::Values;
use super::{kinds, park};
use crate::template::Scope as Names;

/// Starts a run. A start that was taken before is answered alike; it comes again when whoever sent it did not hear of it.
pub(crate) fn start(run: &Execution, start: Start, ctx: &Ctx) -> Result<Decision<Execution>, Refusal> {
    let execution = ExecutionId(ctx.id);
    if let Some(about) = &run.about {
        let before = &about.start;
        let same = (before.owner, &before.hash, &before.inputs) == (start.owner, &start.hash, &start.inputs);
        let reply = Reply::Started { execution, session: about.session };
        return if same { Ok(Decision::nothing(reply)) } else { Err(Refusal::Exists) };
    }
    check(&start)?;
    let inputs = inputs(&start)?;
    let key = key(&start, &inputs)?;
    let own = || start.definition.all_steps().any(kinds::needs_session);
    let session = start.session.or_else(|| own().then(|| session_of(execution)));
    let due = start.definition.timeout_ms.map(|span| ctx.now + span);
    let start = Arc::new(start);
    let mut draft = Draft::new(run, ctx);
    let run = run_values(&start, execution, ctx.now);
    draft.emit(Event::Started { start: start.clone(), inputs, run, session, key, due });
    if let Some(session) = session {
        draft.ask(Effect::OpenSession { session, attach: start.session.is_some(), about: about(&start, execution) });
    }
    park::ask(&mut draft, false);
    Ok(draft.decided(Reply::Started { execution, session }))
}

/// Returns the id of the session that a run gets for itself: both live in one place, so that their news come in one order.
pub(crate) fn session_of(execution: ExecutionId) -> SessionId {
    SessionId(beside(derived(&["session-of-run", &execution.to_string()]), execution.0))
}

fn check(start: &Start) -> Result<(), Refusal> {
    let limits = &start.limits;
    let depth = start.parent.as_ref().map_or(0, |parent| parent.depth);
    if depth > limits.depth_max {
        return Err(Refusal::TooDeep { depth, max: limits.depth_max });
    }
    let size = start.inputs.values().map(|value| crate::template::size(value) as u64).sum();
    if size > limits.inputs_bytes_max {
        let (limit, max) = ("inputs_bytes_max", limits.inputs_bytes_max);
        return Err(Refusal::TooLarge { what: "the run's input", size, limit, max });
    }
    let actual = start.definition.hash();
    if start.hash != actual {
        return Err(Refusal::WrongHash { given: start.hash, actual });
    }
    Ok(())
}

/// Checks the given inputs against what the definition says, and adds the defaults.
fn inputs(start: &Start) -> Result<Values, Refusal> {
    let inputs = start.definition.check_inputs(&start.inputs).map_err(|mistakes| {
        let said = mistakes.iter().map(|mistake| format!("{}: {}", mistake.path, mistake.message));
        Refusal::BadInputs { mistakes: said.collect() }
    })?;
    Ok(inputs.into_iter().map(|(name, value)| (name, Arc::new(value))).collect())
}

/// Returns what templates read as `run`.
fn run_values(start: &Start, id: ExecutionId, now: Timestamp) -> Values {
    let values = [
        ("id", json!(id)),
        ("workflow", json!(start.definition.slug)),
        ("version", json!(start.definition.version)),
        ("started_at", json!(now)),
        ("trigger", json!(start.trigger.kind)),
    ];
    values.map(|(name, value)| (name.to_owned(), Arc::new(value))).into()
}

/// Lists the budgets that a run's works draw on: its own, its workflow's, its trigger's, and those of the runs above it.
pub fn draws(start: &Start, execution: ExecutionId) -> Vec<Draw> {
    let allowance = start.definition.budget;
    let workflow = start.workflow.map(Scope::Workflow);
    let trigger = start.trigger.fired.map(|fired| Scope::Trigger(fired.trigger));
    let others = workflow.into_iter().chain(trigger).map(|scope| Draw { scope, allowance: None });
    [Draw { scope: Scope::Execution(execution), allowance }]
        .into_iter()
        .chain(others)
        .chain(start.above.clone())
        .collect()
}

fn about(start: &Start, execution: ExecutionId) -> SessionAbout {
    let (owner, owner_name) = (start.owner, start.owner_name.clone());
    let (title, runner) = (start.definition.name.clone(), start.definition.runner.clone());
    SessionAbout { owner, owner_name, title, repo: start.repo.clone(), runner, draws: draws(start, execution) }
}

/// Evaluates the key under which runs of the workflow share its limit.
fn key(start: &Start, inputs: &Values) -> Result<Option<String>, Refusal> {
    let Some(concurrency) = &start.definition.concurrency else { return Ok(None) };
    let scope = Names::new().with_map("inputs", inputs).with_map("variables", inputs);
    let key = concurrency.key.as_ref().map(|key| key.text(scope)).transpose();
    let key = key.map_err(|error| Refusal::BadInputs { mistakes: vec![format!("`concurrency.key`: {error}")] })?;
    let workflow = start.workflow.map_or_else(|| start.definition.slug.to_string(), |id| id.to_string());
    Ok(Some(format!("{}/{workflow}/{}", start.owner, key.unwrap_or_default())))
}
