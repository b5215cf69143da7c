//! What a trigger would do: its next times from any instant.

use tenure_model::id::TriggerId;
use tenure_model::time::Timestamp;

use super::command::Time;
use super::limits::TIMES_MAX;
use crate::cron::Occurrence;
use crate::trigger::{Definition, On};

/// Lists the next planned times of a definition after an instant, with gaps and folds marked; what does not fire by itself has
/// none. Saved or not, switched off or not.
pub fn next(definition: &Definition, after: Timestamp, max: usize) -> Vec<Time> {
    match &definition.on {
        On::Schedule(plan) => plan.upcoming(after).take(max.min(TIMES_MAX)).map(time).collect(),
        On::Webhook(_) | On::Github(_) | On::Manual => vec![],
    }
}

/// Returns when a planned time fires, put off by the trigger's jitter.
pub fn fires_at(definition: &Definition, id: TriggerId, planned: Timestamp) -> Timestamp {
    planned + definition.delay(id)
}

pub(super) fn time(planned: Occurrence) -> Time {
    Time { at: planned.at, shown: planned.shown.to_string(), mark: planned.mark }
}
