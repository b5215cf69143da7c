//! What people may do with a run: who they are to it, whether they asked before, and which rule answers.

use std::sync::Arc;

use serde_json::Value;
use tenure_model::entity::{Ctx, Decision};
use tenure_model::request::RequestId;
use tenure_model::step::RunEnd;

use super::command::{Action, Answer, Start};
use super::draft::Draft;
use super::end::{self, Gave, Outcome};
use super::event::Event;
use super::refusal::Refusal;
use super::reply::Reply;
use super::running::Doing;
use super::state::Execution;
use super::{approval, finish, kinds, link};
use crate::path::StepPath;
use crate::people::By;
use crate::requests::fingerprint;

/// Judges what somebody wants.
pub(crate) fn decide(
    run: &Execution,
    by: By,
    request: Option<RequestId>,
    action: Action,
    ctx: &Ctx,
) -> Result<Decision<Execution>, Refusal> {
    let print = request.as_ref().map(|_| fingerprint(&action)).unwrap_or_default();
    let kept = run.limits().request_kept_ms;
    if let Some(answered) = request.as_ref().and_then(|id| run.requests.find(by.user, id, ctx.now, kept)) {
        let same = answered.fingerprint == print;
        return if same { Ok(Decision::nothing(answered.reply.clone())) } else { Err(Refusal::RequestReused) };
    }
    let mut draft = Draft::new(run, ctx);
    let reply = answer(&mut draft, &by, action)?;
    if let Some(request) = request {
        draft.emit(Event::RequestAnswered { user: by.user, request, fingerprint: print, reply: reply.clone() });
    }
    Ok(draft.decided(reply))
}

fn answer(draft: &mut Draft, by: &By, action: Action) -> Result<Reply, Refusal> {
    match action {
        Action::Decide { approval, hash, decision, reason } => {
            let reason = short(draft, reason)?;
            approval::decide(draft, by, approval, &hash, decision, reason)
        }
        Action::Link { approval, token_hash, life } => link::make(draft, by, approval, token_hash, life),
        Action::RevokeLink { approval, link } => link::revoke(draft, by, approval, link),
        Action::Cancel { reason } => {
            allowed(draft, by)?;
            let reason = short(draft, reason)?;
            cancel(draft, by, reason)
        }
        Action::Pause => {
            open(draft, by)?;
            if draft.run().paused.is_none() {
                draft.emit(Event::Paused { by: by.author() });
            }
            Ok(Reply::Done)
        }
        Action::Resume => {
            open(draft, by)?;
            if draft.run().paused.is_some() {
                draft.emit(Event::Resumed { by: by.author() });
            }
            Ok(Reply::Done)
        }
        Action::Event { name, payload } => {
            open(draft, by)?;
            event(draft, by, name, payload)
        }
        Action::Resolve { path, answer } => {
            open(draft, by)?;
            if by.agent {
                return Err(Refusal::AgentsDoNotDecide);
            }
            resolve(draft, by, &path, answer)
        }
    }
}

impl Execution {
    /// Tells whether the run is this person's to see and to steer: its owner's, its starter's, an administrator's.
    pub fn is_of(&self, by: &By) -> bool {
        let mine = |start: &Start| by.user == start.owner || by.user == start.by.user;
        self.about.as_ref().is_some_and(|about| by.admin || mine(&about.start))
    }
}

fn allowed(draft: &Draft, by: &By) -> Result<(), Refusal> {
    if draft.run().is_of(by) { Ok(()) } else { Err(Refusal::NotTheOwner) }
}

/// Checks that the run still goes on, and that this person may say how.
fn open(draft: &Draft, by: &By) -> Result<(), Refusal> {
    allowed(draft, by)?;
    if let Some(ended) = &draft.run().ended {
        return Err(Refusal::Over { end: ended.end });
    }
    if draft.run().ending.is_some() { Err(Refusal::Ending) } else { Ok(()) }
}

/// Takes a reason that is not too long.
pub(crate) fn short(draft: &Draft, reason: Option<String>) -> Result<Option<String>, Refusal> {
    let max = draft.run().limits().reason_bytes_max;
    let size = reason.as_ref().map_or(0, String::len) as u64;
    if size > max {
        return Err(Refusal::TooLarge { what: "the reason", size, limit: "reason_bytes_max", max });
    }
    Ok(reason)
}

fn cancel(draft: &mut Draft, by: &By, reason: Option<String>) -> Result<Reply, Refusal> {
    if let Some(ended) = draft.run().ended.as_ref().filter(|ended| ended.end != RunEnd::Cancelled) {
        return Err(Refusal::Over { end: ended.end });
    }
    let reason = reason.unwrap_or_else(|| "cancelled_by_user".to_owned());
    finish::end_run(draft, RunEnd::Cancelled, None, Some(reason), Some(by.author()));
    Ok(Reply::Done)
}

/// Hands an event to the step that has waited for it longest, or keeps it for the first one that will.
fn event(draft: &mut Draft, by: &By, name: String, payload: Value) -> Result<Reply, Refusal> {
    let limits = draft.run().limits();
    let name = name.trim().to_owned();
    if name.is_empty() {
        return Err(Refusal::NamelessEvent);
    }
    let (size, max) = (crate::template::size(&payload) as u64, limits.event_bytes_max);
    if size > max {
        return Err(Refusal::TooLarge { what: "the event", size, limit: "event_bytes_max", max });
    }
    let payload = Arc::new(payload);
    let waiting = draft.run().steps.iter().filter(|(_, step)| match &step.doing {
        Doing::Event { name: awaited, .. } => *awaited == name && step.closing.is_none(),
        _ => false,
    });
    if let Some(path) = waiting.min_by_key(|(_, step)| step.since).map(|(path, _)| path.clone()) {
        end::end(draft, &path, kinds::wait::came(&name, &payload));
        return Ok(Reply::Told { taken: true });
    }
    let max = limits.events_waiting_max;
    if draft.run().events.len() as u64 >= max {
        return Err(Refusal::Full { what: "the queue of events", limit: "events_waiting_max", max });
    }
    draft.emit(Event::EventKept { name, payload, by: by.author() });
    Ok(Reply::Told { taken: false })
}

fn resolve(draft: &mut Draft, by: &By, path: &StepPath, answer: Answer) -> Result<Reply, Refusal> {
    let not_unknown = || Refusal::NotUnknown(path.clone());
    let step = draft.run().steps.get(path).ok_or_else(not_unknown)?;
    let Doing::Unknown { error, .. } = step.doing.clone() else { return Err(not_unknown()) };
    let attempt = step.attempt;
    draft.emit(Event::StepResolved { path: path.clone(), attempt, by: by.author() });
    match answer {
        Answer::Retry => end::again(draft, path, error),
        Answer::Succeed { output } => end::end(draft, path, Outcome::gave(Gave::output(output))),
        Answer::Fail => end::end(draft, path, Outcome::failed(error)),
    }
    Ok(Reply::Done)
}
