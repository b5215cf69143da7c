//! One work from its start to its final frame, which is told only when every process of it is gone.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use tracing::{error, info};

use super::Task;
use crate::agent::{Turn, TurnEnd};
use crate::works::{Stop, Work};
use crate::workspace::Folders;

/// How long processes may take to leave before they are killed.
const GRACE: Duration = Duration::from_secs(2);
/// How long the end of a turn may wait for its files to be kept.
const KEEP_WITHIN: Duration = Duration::from_secs(60);

/// Does the task and ends its work, whatever happens in between.
pub async fn run_turn(task: &Task, turn: Turn, work: Arc<Work>, folders: &Folders) {
    info!(session.id = %work.session, work.id = %work.id, "work {} begins", work.id);
    let end = take_until_stopped(task, &turn, &work, folders).await;
    let grace = if work.stopped().is_some_and(|why| why.at_once()) { Duration::ZERO } else { GRACE };
    let gone = turn.groups.end_all(grace).await;
    if task.leaves_files() && !work.stopped().is_some_and(|why| why.at_once()) {
        keep_files(folders, &turn).await;
    }
    // A stop that came while the processes were ending is the better reason, unless the agent had said all.
    let TurnEnd { reason, error, result } = match (end, work.stopped()) {
        (Some(end), None) => end,
        (Some(end), Some(why)) if end.is_complete() && keeps_the_end(&why) => end,
        (_, Some(why)) => {
            let (reason, error) = why.finish();
            TurnEnd { reason, error, result: None }
        }
        (None, None) => TurnEnd::failed("the agent ended without a word"),
    };
    let error = if gone { error } else { Some(survived(&work, error)) };
    info!(session.id = %work.session, work.id = %work.id, ?reason, "work {} ended", work.id);
    work.finish_with(reason, error, result);
    if !task.leaves_files() {
        // Nobody waits for it: a command that has left too much behind is told by the refusal of the next one.
        folders.weigh(turn.spec.session, &turn.workspace).await;
        folders.forget_attachments(turn.spec.session);
    }
}

/// Keeps the files that the agent left, before the end is told; a folder that is slow to look at does not hold it up for long.
async fn keep_files(folders: &Folders, turn: &Turn) {
    if timeout(KEEP_WITHIN, folders.keep(turn)).await.is_err() {
        turn.groups.end_all(Duration::ZERO).await;
    }
}

/// Returns how the agent ended by itself; nothing when it had to be left.
async fn take_until_stopped(task: &Task, turn: &Turn, work: &Work, folders: &Folders) -> Option<TurnEnd> {
    let mut taking = pin!(task.take(turn, folders));
    let limit = task.limit(turn);
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
    timeout(task.leave_within(), taking).await.ok()
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
