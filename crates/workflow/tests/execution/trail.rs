//! What a run has gone through, as lines that people can read.

use tenure_workflow::execution::Event;
use tenure_workflow::execution::event::Next;

/// Writes an event as one line of a trail; bookkeeping has none.
pub fn line(event: &Event) -> Option<String> {
    let line = match event {
        Event::StepStarted { path, attempt: 1, .. } => format!("{path} started"),
        Event::StepStarted { path, attempt, .. } => format!("{path} started again, {attempt}"),
        Event::StepTaken { path, .. } => format!("{path} taken"),
        Event::StepAsked { path, .. } => format!("{path} asked"),
        Event::StepAllowed { path, by, .. } => {
            format!("{path} allowed by {}", by.as_ref().map_or("nobody", |by| by.name.as_str()))
        }
        Event::StepHeld { path, why, .. } => format!("{path} {}", why.as_ref().map_or("held no more", |_| "held")),
        Event::StepRepaired { path, round, error, .. } => format!("{path} repaired, {round}: {}", error.message),
        Event::StepCompleted { path, .. } => format!("{path} completed"),
        Event::StepFailed { path, error, next, .. } => format!("{path} failed: {}, {}", error.code, word(next)),
        Event::StepSkipped { path } => format!("{path} skipped"),
        Event::StepReused { path, .. } => format!("{path} reused"),
        Event::StepCancelling { path, why, .. } => format!("{path} cancelling, {why:?}"),
        Event::StepCancelled { path, .. } => format!("{path} cancelled"),
        Event::StepUnknown { path, .. } => format!("{path} unknown"),
        Event::StepResolved { path, by, .. } => format!("{path} resolved by {}", by.name),
        Event::BodyStarted { path, place } => format!("{path}:{place} begun"),
        Event::BodyEnded { path, place, error: None, .. } => format!("{path}:{place} over"),
        Event::BodyEnded { path, place, error: Some(error), .. } => format!("{path}:{place} over: {}", error.code),
        Event::CatchEnded { path, error: None } => format!("{path} caught"),
        Event::CatchEnded { path, error: Some(error) } => format!("{path} not caught: {}", error.code),
        Event::ApprovalEscalated { path, .. } => format!("{path} escalated"),
        Event::ApprovalLinked { path, by, .. } => format!("{path} linked by {}", by.name),
        Event::ApprovalLinkRevoked { path, by, .. } => format!("{path} link revoked by {}", by.name),
        Event::ApprovalDecided { path, decision, by, .. } => {
            let by = by.as_ref().map_or("the deadline", |by| by.name.as_str());
            format!("{path} {decision:?} by {by}")
        }
        Event::EventKept { name, .. } => format!("event {name} kept"),
        Event::EventTaken { name } => format!("event {name} taken"),
        Event::Paused { .. } => "paused".to_owned(),
        Event::Resumed { .. } => "resumed".to_owned(),
        Event::SlotFreed => "slot freed".to_owned(),
        Event::SlotTaken => "slot taken".to_owned(),
        Event::Ending { end, reason, .. } => format!("run ending: {end:?} {}", reason.as_deref().unwrap_or_default()),
        Event::Ended { end, error: Some(error), .. } => format!("run {end:?}: {}", error.code),
        Event::Ended { end, error: None, .. } => format!("run {end:?}"),
        Event::Started { .. }
        | Event::SlotQueued { .. }
        | Event::SlotGranted
        | Event::SlotAskedAgain
        | Event::RequestAnswered { .. } => return None,
    };
    Some(line)
}

fn word(next: &Next) -> &'static str {
    match next {
        Next::Retry { .. } => "retry",
        Next::Again => "again",
        Next::Catch => "catch",
        Next::Continue => "continue",
        Next::Fail => "end",
    }
}
