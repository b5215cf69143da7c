//! What a run is told of its step's work: that it has begun, and how it ended.

use serde_json::Value;
use tenure_model::chat::{FinishReason, Part};
use tenure_model::id::TurnId;
use tenure_model::step::StepOutcome;
use tenure_model::time::Timestamp;

use crate::effect::{CancelCause, Effect};
use crate::limits::Limits;
use crate::message::QueuedPrompt;
use crate::turn::{Phase, Turn};

/// What stands between two texts of an agent that something else came between.
const JOINT: &str = "\n\n";

/// Returns the news that the runner has begun; nothing when no run has asked for the turn.
pub(crate) fn began(id: TurnId, turn: &Turn) -> Option<Effect> {
    let (step, hold) = (turn.step()?.clone(), turn.phase.hold()?);
    Some(Effect::StepBegan { step, turn: id, runner: hold.runner, agent: hold.agent.clone() })
}

/// Returns the news of a turn's end; nothing when no run has asked for it.
pub(crate) fn ended(
    id: TurnId,
    turn: &Turn,
    limits: &Limits,
    now: Timestamp,
    (finish, error, result): (FinishReason, Option<String>, Option<Value>),
) -> Option<Effect> {
    let step = turn.step()?.clone();
    let (text, text_cut) = match turn.phase {
        // What an agent says before it asks in vain is no answer.
        Phase::Cancelling { cause: CancelCause::Asked, .. } => (String::new(), false),
        _ => said(turn, limits.outcome_text_bytes_max),
    };
    let outcome = StepOutcome {
        finish,
        started: turn.phase.hold().is_some(),
        text,
        text_cut,
        result,
        usage: turn.usage.clone(),
        agent: turn.agent(),
        model: turn.usage.model.clone().or_else(|| turn.created.as_ref()?.model.clone()),
        error,
        duration_ms: now.since(turn.opened_at),
    };
    Some(Effect::TellStep { step, turn: id, outcome: Box::new(outcome) })
}

/// Returns the news that a prompt will never become a turn.
pub(super) fn never_opened(now: Timestamp, queued: &QueuedPrompt, cause: CancelCause) -> Effect {
    let waiting = queued.step.as_ref().expect("only a step's prompt is told of");
    let error = (cause == CancelCause::TimedOut)
        .then(|| format!("its turn did not come within {}", now.since(queued.queued_at)));
    let outcome = StepOutcome::never_started(cause.finish(), error);
    Effect::TellStep { step: waiting.asked.step.clone(), turn: waiting.turn, outcome: Box::new(outcome) }
}

fn said(turn: &Turn, bytes_max: u64) -> (String, bool) {
    let texts: Vec<&str> = turn
        .parts
        .values()
        .filter_map(|part| match part {
            Part::Text { text } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    let mut text = texts.join(JOINT);
    let end = text.floor_char_boundary(usize::try_from(bytes_max).unwrap_or(usize::MAX));
    let cut = end < text.len();
    text.truncate(end);
    (text, cut)
}
