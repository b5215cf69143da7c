//! A run in the words of clients: what happens to its steps, how it stands, and what people are asked.
//!
//! Names and types of steps come from the definition, so any state of the run serves to tell its events.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;
use tenure_model::entity::Entity;
use tenure_model::id::ExecutionId;
use tenure_model::{SummaryKey, Timestamp};
use tenure_protocol::execution::{
    AfterFailure, ApprovalView, Decided, ExecutionRow, StepEvent, StepPhase, StepProblem, Verdict,
};
use tenure_protocol::workflow::Author;
use tenure_workflow::StepPath;
use tenure_workflow::execution::command::Decision;
use tenure_workflow::execution::event::{Begun, Next, Plan};
use tenure_workflow::execution::retry::{Recorded, Then};
use tenure_workflow::execution::running::{Doing, StepRun};
use tenure_workflow::execution::{Event, Execution, StepError};

/// Tells what an event of a run means for one of its steps; none when it is about something else, or about the bodies
/// inside a step, whose own steps are told.
pub fn step_event(run: &Execution, event: &Event, at: Timestamp) -> Option<StepEvent> {
    let told = |path, attempt, phase| blank(run, path, attempt, phase, at);
    let told = match event {
        Event::StepStarted { path, attempt, input, begun } => {
            let input = Some(input).filter(|input| !input.is_null()).cloned();
            started(StepEvent { input, ..told(path, *attempt, StepPhase::Started) }, begun)
        }
        Event::StepTaken { path, attempt, agent, due } => {
            StepEvent { agent: agent.clone(), until: Some(*due), ..told(path, *attempt, StepPhase::Taken) }
        }
        Event::StepAsked { path, attempt, question, .. } => {
            let (approval, until) = (Some(question.approval), Some(question.deadline));
            StepEvent { approval, until, ..told(path, *attempt, StepPhase::Asked) }
        }
        Event::StepAllowed { path, attempt, approval, due, .. } => {
            let (approval, until) = (Some(*approval), Some(*due));
            StepEvent { approval, until, ..told(path, *attempt, StepPhase::Allowed) }
        }
        // That it waits no more is told when a runner takes it.
        Event::StepHeld { why: None, .. } => return None,
        Event::StepHeld { path, attempt, why: Some(why), .. } => {
            StepEvent { error: Some(held(why)), ..told(path, *attempt, StepPhase::Held) }
        }
        Event::StepRepaired { path, attempt, round, turn, error, usage, due } => StepEvent {
            round: Some(*round),
            turn: Some(*turn),
            error: Some(problem(error)),
            usage: Some(usage.clone()),
            until: Some(*due),
            ..told(path, *attempt, StepPhase::Repaired)
        },
        Event::StepCompleted { path, attempt, output, usage, duration_ms, .. } => StepEvent {
            output: Some(value(output)),
            usage: usage.clone(),
            duration_ms: Some(*duration_ms),
            ..told(path, *attempt, StepPhase::Completed)
        },
        Event::StepFailed { path, attempt, error, output, next, duration_ms } => {
            let (then, until) = follows(*next);
            StepEvent {
                error: Some(problem(error)),
                output: output.as_ref().map(value),
                duration_ms: Some(*duration_ms),
                then: Some(then),
                until,
                ..told(path, *attempt, StepPhase::Failed)
            }
        }
        Event::StepSkipped { path } => told(path, 0, StepPhase::Skipped),
        Event::StepReused { path, recorded } => reused(|attempt| told(path, attempt, StepPhase::Reused), recorded),
        Event::StepCancelling { path, attempt, until, .. } => {
            StepEvent { until: Some(*until), ..told(path, *attempt, StepPhase::Cancelling) }
        }
        Event::StepCancelled { path, attempt, duration_ms } => {
            StepEvent { duration_ms: Some(*duration_ms), ..told(path, *attempt, StepPhase::Cancelled) }
        }
        Event::StepUnknown { path, attempt, error, until } => {
            let (error, until) = (Some(problem(error)), Some(*until));
            StepEvent { error, until, ..told(path, *attempt, StepPhase::Unknown) }
        }
        Event::StepResolved { path, attempt, .. } => told(path, *attempt, StepPhase::Resolved),
        Event::ApprovalEscalated { path, approval, deadline } => {
            let attempt = run.steps.get(path).map_or(1, |step| step.attempt);
            let (approval, until) = (Some(*approval), Some(*deadline));
            StepEvent { approval, until, ..told(path, attempt, StepPhase::Started) }
        }
        Event::BodyStarted { .. }
        | Event::BodyEnded { .. }
        | Event::CatchEnded { .. }
        | Event::ApprovalLinked { .. }
        | Event::ApprovalLinkRevoked { .. }
        | Event::ApprovalDecided { .. }
        | Event::EventKept { .. }
        | Event::EventTaken { .. }
        | Event::Started { .. }
        | Event::SlotQueued { .. }
        | Event::SlotGranted
        | Event::SlotAskedAgain
        | Event::SlotFreed
        | Event::SlotTaken
        | Event::Paused { .. }
        | Event::Resumed { .. }
        | Event::Ending { .. }
        | Event::Ended { .. }
        | Event::RequestAnswered { .. } => return None,
    };
    Some(told)
}

/// Tells where a step stands that is under way, as far as the run itself remembers: what it was given is in the journal.
pub fn open_step(run: &Execution, path: &StepPath, step: &StepRun) -> StepEvent {
    let blank = |phase| blank(run, path, step.attempt, phase, step.since);
    let told = match &step.doing {
        Doing::Turn { turn, .. } if let Some(why) = &step.held => {
            StepEvent { turn: Some(*turn), error: Some(held(why)), ..blank(StepPhase::Held) }
        }
        Doing::Turn { turn, round, began, usage, .. } => {
            let phase = match (began, round) {
                (true, _) => StepPhase::Taken,
                (false, 0) => StepPhase::Started,
                (false, _) => StepPhase::Repaired,
            };
            let repaired = *round > 0;
            let (round, usage) = (repaired.then_some(*round), repaired.then(|| usage.clone()));
            StepEvent { turn: Some(*turn), round, usage, ..blank(phase) }
        }
        Doing::Child { child, .. } => StepEvent { child: Some(*child), ..blank(StepPhase::Started) },
        Doing::Approval { asked } => StepEvent { approval: Some(asked.approval), ..blank(StepPhase::Started) },
        Doing::Leave { question, .. } => StepEvent { approval: Some(question.approval), ..blank(StepPhase::Asked) },
        Doing::Retry { error, .. } => {
            let (error, then) = (Some(problem(error)), Some(AfterFailure::Retry));
            StepEvent { error, then, ..blank(StepPhase::Failed) }
        }
        Doing::Unknown { error, .. } => StepEvent { error: Some(problem(error)), ..blank(StepPhase::Unknown) },
        Doing::Bodies(bodies) => match &bodies.plan {
            Plan::Catch { error, output } => StepEvent {
                error: Some(problem(error)),
                output: output.as_ref().map(value),
                then: Some(AfterFailure::Catch),
                ..blank(StepPhase::Failed)
            },
            Plan::Conditional { .. } | Plan::Parallel { .. } | Plan::Over { .. } | Plan::While => {
                blank(StepPhase::Started)
            }
        },
        Doing::Call { .. } | Doing::Timer { .. } | Doing::Event { .. } | Doing::Here => blank(StepPhase::Started),
    };
    let phase = if step.closing.is_some() { StepPhase::Cancelling } else { told.phase };
    StepEvent { phase, until: step.due(), ..told }
}

/// Returns the run's row, the same as lists and the feed show; none when there is no such run.
pub fn row(run: &Execution, id: ExecutionId) -> Option<ExecutionRow> {
    summaries(run, id, "execution").next()
}

/// Lists what people are asked now, with everything that they see before they decide.
pub fn approvals(run: &Execution, id: ExecutionId) -> Vec<ApprovalView> {
    summaries(run, id, "approval").collect()
}

/// Tells a decision, of a person or of a deadline.
pub fn decided(event: &Event) -> Option<Decided> {
    let Event::ApprovalDecided { approval, decision, by, reason, .. } = event else { return None };
    let decision = match decision {
        Decision::Approved => Verdict::Approved,
        Decision::Denied => Verdict::Denied,
    };
    let by = by.as_ref().map(|by| Author { user: by.user, name: by.name.clone() });
    Some(Decided { approval: *approval, decision, by, reason: reason.clone() })
}

/// Returns an error of a step in the words of clients.
pub fn problem(error: &StepError) -> StepProblem {
    let (code, message) = (error.code.clone(), error.message.clone());
    StepProblem { code, message, step: error.step.as_ref().map(ToString::to_string) }
}

fn held(why: &str) -> StepProblem {
    StepProblem { code: "budget_used_up".to_owned(), message: why.to_owned(), step: None }
}

fn started(told: StepEvent, begun: &Begun) -> StepEvent {
    match begun {
        Begun::Here => told,
        Begun::Turn { turn, due } => StepEvent { turn: Some(*turn), until: Some(*due), ..told },
        Begun::Child { child, due } => StepEvent { child: Some(*child), until: Some(*due), ..told },
        Begun::Approval { asked } => StepEvent { approval: Some(asked.approval), until: Some(asked.deadline), ..told },
        Begun::Call { due } | Begun::Timer { due } | Begun::Event { due, .. } => {
            StepEvent { until: Some(*due), ..told }
        }
        Begun::Bodies { due, .. } => StepEvent { until: *due, ..told },
    }
}

fn reused(told: impl Fn(u32) -> StepEvent, recorded: &Recorded) -> StepEvent {
    match recorded {
        Recorded::Completed { output, .. } => StepEvent { output: Some(value(output)), ..told(0) },
        Recorded::Failed { error, output, then } => {
            // Its catch body runs in this run, as that of a first attempt.
            let (then, attempt) = match then {
                Then::WentOn => (AfterFailure::Continue, 0),
                Then::Caught => (AfterFailure::Catch, 1),
                Then::EndedItsBody => (AfterFailure::Fail, 0),
            };
            let (error, output) = (Some(problem(error)), output.as_ref().map(value));
            StepEvent { error, output, then: Some(then), ..told(attempt) }
        }
    }
}

fn follows(next: Next) -> (AfterFailure, Option<Timestamp>) {
    match next {
        Next::Retry { at } => (AfterFailure::Retry, Some(at)),
        Next::Again => (AfterFailure::Again, None),
        Next::Catch => (AfterFailure::Catch, None),
        Next::Continue => (AfterFailure::Continue, None),
        Next::Fail => (AfterFailure::Fail, None),
    }
}

fn blank(run: &Execution, path: &StepPath, attempt: u32, phase: StepPhase, at: Timestamp) -> StepEvent {
    let step = run.step(path);
    let name = step.and_then(|step| step.name.clone());
    StepEvent {
        path: path.to_string(),
        attempt,
        phase,
        at,
        name: name.unwrap_or_else(|| path.id().to_string()),
        kind: step.map(|step| step.kind.word().to_owned()).unwrap_or_default(),
        input: None,
        output: None,
        error: None,
        duration_ms: None,
        then: None,
        until: None,
        turn: None,
        agent: None,
        round: None,
        child: None,
        approval: None,
        usage: None,
    }
}

fn value(value: &Arc<Value>) -> Value {
    value.as_ref().clone()
}

fn summaries<T: DeserializeOwned>(run: &Execution, id: ExecutionId, list: &'static str) -> impl Iterator<Item = T> {
    // Whoever is asked by name has a copy of the owner's row.
    let owner = run.about.as_ref().map(|about| about.start.owner);
    let own = move |key: &SummaryKey| key.list == list && Some(key.owner) == owner;
    let rows = run.summaries(id.into()).into_iter().filter(move |(key, _)| own(key));
    rows.map(|(_, row)| row.read().expect("a row of a run reads as its wire type"))
}
