//! One turn from its start to its final frame, which is told only when every process of the turn is gone.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tenure_model::chat::FinishReason;
use tokio::time::timeout;
use tracing::{error, info};

use super::{Agent, Turn, TurnEnd};
use crate::works::{Stop, Work};

/// How long processes may take to leave before they are killed.
const GRACE: Duration = Duration::from_secs(2);

/// Runs the turn and ends its work, whatever happens in between.
pub async fn run_turn(agent: &Agent, turn: Turn, work: Arc<Work>) {
    info!(session.id = %work.session, work.id = %work.id, "work {} begins", work.id);
    let end = take_until_stopped(agent, &turn, &work).await;
    let grace = if work.stopped().is_some_and(|why| why.at_once()) { Duration::ZERO } else { GRACE };
    let gone = turn.groups.end_all(grace).await;
    // A stop that came while the processes were ending is the better reason, unless the agent had said all.
    let (reason, error) = match (end, work.stopped()) {
        (Some(end), None) => (end.reason, end.error),
        (Some(TurnEnd { reason: FinishReason::EndTurn, error: None }), Some(why)) if keeps_the_end(&why) => {
            (FinishReason::EndTurn, None)
        }
        (_, Some(why)) => why.finish(),
        (None, None) => (FinishReason::Error, Some("the agent ended without a word".to_owned())),
    };
    let error = if gone { error } else { Some(survived(&work, error)) };
    info!(session.id = %work.session, work.id = %work.id, ?reason, "work {} ended", work.id);
    work.finish(reason, error);
}

/// Returns how the agent ended by itself; nothing when it had to be left.
async fn take_until_stopped(agent: &Agent, turn: &Turn, work: &Work) -> Option<TurnEnd> {
    let mut taking = pin!(agent.take(turn));
    let limit = turn.spec.timeout_ms.duration();
    let asked = tokio::select! {
        biased;
        why = work.stop_asked() => why,
        end = &mut taking => return Some(end),
        () = tokio::time::sleep(limit), if !limit.is_zero() => {
            work.stop(Stop::TimedOut);
            Stop::TimedOut
        }
    };
    if asked.at_once() {
        return None;
    }
    timeout(agent.leave_within(), taking).await.ok()
}

/// Says whether a turn that was complete when it was asked to stop still counts as complete.
fn keeps_the_end(why: &Stop) -> bool {
    !matches!(why, Stop::Canceled(_) | Stop::SpoolFull { .. } | Stop::SpoolFailed { .. })
}

fn survived(work: &Work, error: Option<String>) -> String {
    error!(work.id = %work.id, "a process of the work {} could not be killed", work.id);
    let told = "a process of this turn could not be killed and may still run";
    error.map_or_else(|| told.to_owned(), |error| format!("{error}; {told}"))
}
