//! Leave for a call: a step whose call takes a person waits for them, and goes on as they say.
//!
//! ```text
//!   Call ──▶ (policy wants a person) ──▶ Asks ──▶ StepAsked ──▶ the policy asks ──▶ Leave ──▶ StepAllowed ──▶ Call, the same again
//!                                                                                        └──▶ StepFailed
//! ```
//! The run waits before anybody is asked, so that no answer comes before it; whoever answers is told to the run by the policy.

use std::sync::Arc;

use serde_json::Value;
use tenure_model::entity::{Ctx, Decision};
use tenure_model::id::{ApprovalId, ExecutionId};
use tenure_model::step::StepRef;
use tenure_model::time::Span;
use uuid::Uuid;

use super::draft::{self, Draft};
use super::effect::Effect;
use super::end::{self, Outcome};
use super::error::{APPROVAL_EXPIRED, StepError};
use super::event::Event;
use super::kinds::tool::CALL;
use super::news::Answer;
use super::reply::Reply;
use super::running::{Doing, Question, StepRun};
use super::state::Execution;
use crate::limits::TOOL_TIMEOUT;
use crate::path::StepPath;
use crate::people::Author;
use crate::step::{Step, StepKind};

/// How far the call of a step has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Called {
    /// Nothing was noted of it.
    Not,
    /// A person is asked, or about to be.
    Asked(Question),
    /// It is on its way, or was answered by somebody who is not heard any more.
    Sent,
}

/// Lets the step wait for a person, until so much time has passed.
pub(crate) fn asks(run: &Execution, step: &StepRef, arguments: Value, open_for: Span, ctx: &Ctx) -> Answer {
    let Some((path, StepRun { doing, closing: None, .. })) = run.waiting(step, ctx)? else {
        return Ok(Decision::nothing(Reply::Ignored));
    };
    match doing {
        Doing::Call { began: true, .. } => return Ok(Decision::nothing(Reply::Calls { before: true })),
        Doing::Leave { question, .. } => return Ok(Decision::nothing(Reply::Asks { question: *question })),
        Doing::Call { .. } => {}
        _ => return Ok(Decision::nothing(Reply::Ignored)),
    }
    let attempt = step.attempt;
    let approval = draft::derived("leave", ExecutionId(ctx.id), &path, attempt, 0);
    let question = Question { approval, deadline: ctx.now + open_for };
    // The policy decides at the deadline; a little later the run goes on without it.
    let due = question.deadline + run.limits().answer_grace_ms;
    let mut draft = Draft::new(run, ctx);
    draft.emit(Event::StepAsked { path, attempt, question, arguments: Arc::new(arguments), due });
    Ok(draft.decided(Reply::Asks { question }))
}

/// Goes on as was decided. The call is asked for anew: it was not made before.
pub(crate) fn settle(
    run: &Execution,
    step: &StepRef,
    approval: ApprovalId,
    result: Result<Option<Author>, StepError>,
    ctx: &Ctx,
) -> Answer {
    let Some((path, StepRun { doing, attempt, .. })) = run.waiting(step, ctx)? else {
        return Ok(Decision::nothing(Reply::Ignored));
    };
    let arguments = match doing {
        Doing::Leave { question, arguments, .. } if question.approval == approval => arguments.as_ref().clone(),
        _ => return Ok(Decision::nothing(Reply::Ignored)),
    };
    let (mut draft, attempt) = (Draft::new(run, ctx), *attempt);
    match result {
        Ok(by) => {
            let due = ctx.now + run.step(&path).and_then(Step::timeout).unwrap_or(TOOL_TIMEOUT);
            let (tool, key) = (run.tool_at(&path).to_owned(), key(&draft, &path, attempt));
            draft.emit(Event::StepAllowed { path, attempt, approval, by, due });
            draft.ask(Effect::Call { step: step.clone(), key, tool, arguments });
        }
        Err(error) => end::end(&mut draft, &path, Outcome::failed(error)),
    }
    Ok(draft.decided(Reply::Done))
}

/// Ends a step whose question nobody has answered, not even the policy.
pub(crate) fn expire(draft: &mut Draft, path: &StepPath) {
    let Some(Doing::Leave { question, .. }) = draft.run().steps.get(path).map(|step| &step.doing) else { return };
    let question = *question;
    take_back(draft, path, question);
    let error = StepError::new(APPROVAL_EXPIRED, "nobody has decided in time whether the call may go on");
    end::end(draft, path, Outcome::failed(error));
}

/// Takes the question back of a step that does not wait for the answer any more.
pub(crate) fn take_back(draft: &mut Draft, path: &StepPath, question: Question) {
    let Some(attempt) = draft.run().steps.get(path).map(|step| step.attempt) else { return };
    let (owner, key) = (draft.run().about().start.owner, key(draft, path, attempt));
    draft.ask(Effect::TakeBack { owner, approval: question.approval, key });
}

/// Returns the key of the attempt's call.
fn key(draft: &Draft, path: &StepPath, attempt: u32) -> Uuid {
    draft::derived(CALL, draft.id(), path, attempt, 0)
}

impl Execution {
    /// Tells how far the call of this attempt has come; none when it is not wanted any more.
    pub fn called(&self, step: &StepRef) -> Option<Called> {
        let path = step.path.parse::<StepPath>().ok()?;
        let run = self.steps.get(&path).filter(|run| run.attempt == step.attempt && run.closing.is_none())?;
        match &run.doing {
            Doing::Call { began: false, .. } => Some(Called::Not),
            Doing::Call { .. } => Some(Called::Sent),
            Doing::Leave { question, .. } => Some(Called::Asked(*question)),
            _ => None,
        }
    }

    /// Returns the tool that the step at this path calls.
    pub(crate) fn tool_at(&self, path: &StepPath) -> &str {
        match self.step(path).map(|step| &step.kind) {
            Some(StepKind::Tool(tool)) => &tool.tool,
            _ => "a tool",
        }
    }
}
