//! The row that lists show of a trigger.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use tenure_model::id::{TriggerId, UserId};
use tenure_model::{Row, SummaryKey};

use super::event::Event;
use super::state::{Scheduler, Trigger};

/// Returns a trigger's row in the list `trigger`.
pub(super) fn row(id: TriggerId, trigger: &Trigger) -> Row {
    let definition = &trigger.definition;
    Row::of(&json!({
        "id": id,
        "name": definition.name,
        "description": definition.description,
        "type": definition.on.kind(),
        "words": definition.words(),
        "workflow": definition.workflow,
        "enabled": definition.enabled,
        "paused_until": trigger.paused_until,
        "revision": trigger.revision,
        "next_at": trigger.plan.next.map(|next| next + definition.delay(id)),
        "last_run_at": trigger.last_run_at,
        "failing": trigger.failing,
        "running": trigger.running.len(),
        "waiting": trigger.waiting(),
        "created_at": trigger.created_at,
        "updated_at": trigger.updated_at,
    }))
}

/// Returns the rows by key.
pub(super) fn rows(scheduler: &Scheduler, owner: UserId) -> BTreeMap<SummaryKey, Row> {
    scheduler.triggers.iter().map(|(id, trigger)| keyed(owner, *id, trigger)).collect()
}

/// Returns the rows of the triggers that events touch; nothing when one is gone, because its key is gone with it.
pub(super) fn touched(
    scheduler: &Scheduler,
    owner: UserId,
    events: &[Event],
) -> Option<BTreeMap<SummaryKey, Option<Row>>> {
    let touched: BTreeSet<TriggerId> = events.iter().flat_map(Event::touches).collect();
    let rows = touched.into_iter().map(|id| {
        let (key, row) = keyed(owner, id, scheduler.triggers.get(&id)?);
        Some((key, Some(row)))
    });
    rows.collect()
}

fn keyed(owner: UserId, id: TriggerId, trigger: &Trigger) -> (SummaryKey, Row) {
    let key = SummaryKey { owner, list: "trigger".into(), rank: trigger.created_at, id: id.into() };
    (key, trigger.row.clone().unwrap_or_else(|| row(id, trigger)))
}
