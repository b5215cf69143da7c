//! How a turn is offered, started, cancelled and closed.

use serde_json::Value;
use tenure_model::chat::{FinishReason, Part, ToolStatus};
use tenure_model::id::{RunnerId, TurnId};
use tenure_model::link::{WorkKind, WorkOffer, WorkSpec};
use tenure_model::time::Timestamp;

use crate::command::Author;
use crate::draft::Draft;
use crate::effect::{CancelCause, Effect};
use crate::event::{Event, Expiry};
use crate::state::Session;
use crate::turn::{Phase, Turn};
use crate::{queue, run};

/// Work is never given to somebody anew by itself, so a turn has one generation; a retry is another turn.
pub(crate) const FIRST_GENERATION: u32 = 1;

/// Looks for a runner that takes the turn on.
pub(crate) fn offer(draft: &mut Draft, id: TurnId) {
    let session = draft.session();
    let (Some(turn), Some(about)) = (session.turns.get(&id), &session.about) else { return };
    let (agent, kind, owner) = (turn.message.agent.clone(), turn.kind(), about.owner);
    // What was kept of a workspace is at the runner that kept it.
    let home = match kind {
        WorkKind::Restore => session.workspace.as_ref().map(|workspace| workspace.runner),
        _ => session.home,
    };
    let (work, generation, placement) = (id.into(), turn.generation, about.runner.clone());
    let offer = WorkOffer { session: draft.id(), work, generation, agent, kind, home, placement };
    let run = turn.step().and_then(|step| session.runs.get(&step.execution));
    let of_run = run.map(|run| run.draws.clone()).unwrap_or_default();
    let of_thread = session.threads.get(&turn.thread).map(|thread| thread.draws.clone()).unwrap_or_default();
    let draws = [of_run, of_thread].concat();
    draft.ask(Effect::Offer { offer, owner, draws });
}

/// Tells the runner that holds the turn to begin.
pub(crate) fn start(draft: &mut Draft, id: TurnId) {
    let session = draft.session();
    let Some(turn) = session.turns.get(&id) else { return };
    let Some(hold) = turn.phase.hold() else { return };
    let continued = session.threads.get(&turn.thread).and_then(|thread| thread.agent_session.as_ref());
    let spec = WorkSpec {
        session: draft.id(),
        thread: turn.thread,
        work: id.into(),
        generation: turn.generation,
        agent: Some(hold.agent.clone()),
        model: turn.message.model.clone(),
        agent_session: continued.filter(|known| known.agent == hold.agent).map(|known| known.id.clone()),
        text: turn.message.text.clone(),
        attachments: turn.message.attachments.clone(),
        timeout_ms: turn.timeout_ms(session.limits.turn_timeout_ms),
        step: turn.step().cloned(),
        persona: None,
        models: vec![],
        shell: None,
        tool: None,
        restore: turn.message.restore,
        repo: session.repo_of(turn),
        // A credential: made when the work is sent, never a part of a record.
        mcp: None,
    };
    let spec = Box::new(turn.with_job(spec));
    let (runner, boot) = (hold.runner, hold.boot);
    draft.ask(Effect::Start { runner, boot, spec });
}

/// Ends an open turn: at once when no runner has it, else by telling the runner.
pub(crate) fn cancel(draft: &mut Draft, id: TurnId, cause: CancelCause, by: Option<Author>) {
    let Some(turn) = draft.session().turns.get(&id) else {
        return;
    };
    let generation = turn.generation;
    let runner = match &turn.phase {
        Phase::Cancelling { .. } => return,
        Phase::Offering => {
            let error = turn.cause_told(cause, draft.session().limits.turn_timeout_ms);
            recall(draft, id, generation);
            return close(draft, id, Ending { reason: cause.finish(), error, last_frame: None, result: None });
        }
        Phase::Accepted { hold } | Phase::Running { hold } => hold.runner,
    };
    // The runner may have renewed its lease a moment ago, which is not recorded.
    let lease_until = draft.ctx.now + draft.session().limits.lease_ms;
    draft.emit(Event::TurnCancelling { turn: id, cause, by, lease_until });
    void_questions(draft, id);
    draft.ask(Effect::Cancel { runner, work: id.into(), generation, reason: cause });
}

/// Takes an offer back.
pub(crate) fn recall(draft: &mut Draft, id: TurnId, generation: u32) {
    let owner = draft.session().about.as_ref().map(|about| about.owner).unwrap_or_default();
    draft.ask(Effect::Recall { work: id.into(), generation, owner });
}

/// How a turn ends.
pub(crate) struct Ending {
    pub reason: FinishReason,
    pub error: Option<String>,
    /// The number of the runner's final frame, when there was one.
    pub last_frame: Option<u64>,
    /// What a command or a tool came to.
    pub result: Option<Value>,
}

impl Ending {
    /// A turn ends of which nothing more will be heard.
    pub fn interrupted(why: &str) -> Self {
        Self { reason: FinishReason::Interrupted, error: Some(why.into()), last_frame: None, result: None }
    }
}

/// Records that the runner has begun.
pub(crate) fn began(draft: &mut Draft, id: TurnId) {
    draft.emit(Event::TurnStarted { turn: id });
    let told = draft.session().turns.get(&id).and_then(|turn| run::began(id, turn));
    told.into_iter().for_each(|effect| draft.ask(effect));
}

/// Closes an open turn with all that it has said and done, and opens the next one of its thread.
pub(crate) fn close(draft: &mut Draft, id: TurnId, ending: Ending) {
    void_questions(draft, id);
    let session = draft.session();
    let Some(turn) = session.turns.get(&id) else { return };
    let Ending { reason, error, last_frame, result } = ending;
    let (reason, error) = match &turn.phase {
        Phase::Cancelling { cause, .. } => (cause.finish(), turn.cause_told(*cause, session.limits.turn_timeout_ms)),
        _ => (reason, error),
    };
    let mut parts: Vec<Part> = turn.parts.values().cloned().map(interrupted).collect();
    parts.extend(error.clone().map(|message| Part::Error { message }));
    parts.push(Part::Finish { reason });
    let (agent, step) = (turn.agent(), turn.step().cloned());
    let (thread, usage) = (turn.thread, turn.usage.clone());
    let next_frame = last_frame.map_or(turn.next_frame, |last| last + 1);
    let told = run::ended(id, turn, &session.limits, draft.ctx.now, (reason, error.clone(), result));
    let spent = spent(session, id, turn, draft.ctx.now);
    draft.emit(Event::TurnFinished { turn: id, thread, reason, agent, parts, usage, error, next_frame, step });
    draft.close_stream(id.into());
    told.into_iter().chain(spent).for_each(|effect| draft.ask(effect));
    queue::dispatch(draft, thread);
}

/// Returns what the budgets are told of a turn that has drawn on them.
fn spent(session: &Session, id: TurnId, turn: &Turn, now: Timestamp) -> Option<Effect> {
    let hold = turn.phase.hold().filter(|hold| hold.left.is_some())?;
    let (owner, time_ms) = (session.about.as_ref()?.owner, now.since(hold.accepted_at));
    let (usage, tool_calls) = (turn.usage.clone(), turn.tool_calls());
    Some(Effect::Spend { work: id.into(), owner, usage, time_ms, tool_calls })
}

/// A call that nobody will ever finish is not left open.
fn interrupted(part: Part) -> Part {
    match part {
        Part::ToolCall { mut call, output } if matches!(call.status, ToolStatus::Pending | ToolStatus::Running) => {
            call.status = ToolStatus::Interrupted;
            call.error.get_or_insert_with(|| "the turn ended before this call did".into());
            Part::ToolCall { call, output }
        }
        other => other,
    }
}

fn void_questions(draft: &mut Draft, id: TurnId) {
    let Some(turn) = draft.session().turns.get(&id) else {
        return;
    };
    let open: Vec<_> = turn.open_questions().into_iter().map(|(question, _)| question).collect();
    for question in open {
        draft.emit(Event::QuestionExpired { turn: id, question, why: Expiry::TurnOver });
    }
}

impl Session {
    /// Tells whether an effect that was not carried out yet is still of use.
    pub(crate) fn wants_effect(&self, effect: &Effect) -> bool {
        let Some(work) = effect.work() else { return self.wants_of_sandbox(effect) };
        let turn = self.turns.get(&TurnId::from(work));
        let held = |runner: &RunnerId| turn.and_then(|turn| turn.phase.hold()).filter(|hold| hold.runner == *runner);
        match effect {
            Effect::Offer { .. } => turn.is_some_and(|turn| turn.phase == Phase::Offering),
            Effect::Recall { .. } => turn.is_none(),
            Effect::StepHeld { why, .. } => {
                let held = turn.filter(|turn| turn.phase == Phase::Offering).and_then(|turn| turn.held_up.as_ref());
                held.is_some_and(|held| held.budget == why.is_some())
            }
            Effect::StepBegan { .. } | Effect::TellStep { .. } | Effect::Spend { .. } => true,
            Effect::Start { runner, .. } => {
                held(runner).is_some() && turn.is_some_and(|turn| matches!(turn.phase, Phase::Accepted { .. }))
            }
            Effect::Cancel { runner, .. } => held(runner).is_some() && turn.is_some_and(Turn::is_cancelling),
            Effect::Answer { runner, .. } => held(runner).is_some() && !turn.is_some_and(Turn::is_cancelling),
            Effect::CheckLease { runner, .. } => {
                held(runner).is_some_and(|hold| hold.check_until.is_some() || turn.is_some_and(Turn::is_cancelling))
            }
            Effect::StartSandbox { .. } | Effect::StopSandbox { .. } => self.wants_of_sandbox(effect),
        }
    }
}
