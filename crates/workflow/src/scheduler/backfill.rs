//! Firing for every time of a range that is over, a few at once.

use tenure_model::id::TriggerId;
use tenure_model::time::{Span, Timestamp};

use super::asking::find;
use super::command::{Reply, Time};
use super::draft::Draft;
use super::event::Event;
use super::firing::Cause;
use super::limits::{BACKFILL_AT_ONCE, BACKFILL_MAX, TIMES_MAX};
use super::preview;
use super::refusal::Refusal;
use super::starting;
use super::state::{Backfill, Trigger};
use crate::people::By;
use crate::trigger::On;

/// Begins to fire for a range, both ends included; a dry run only lists its times.
pub(super) fn begin(
    draft: &mut Draft<'_>,
    by: &By,
    id: TriggerId,
    (from, to): (Timestamp, Timestamp),
    dry_run: bool,
) -> Result<Reply, Refusal> {
    let trigger = find(draft, id)?;
    let On::Schedule(plan) = &trigger.definition.on else { return Err(Refusal::OtherKind("schedule")) };
    if from > to || to > draft.now() {
        return Err(Refusal::BadRange);
    }
    let after = from - Span::ms(1);
    let planned = plan.upcoming(after).take_while(|planned| planned.at <= to);
    let mut times: Vec<Time> = planned.take(BACKFILL_MAX + 1).map(preview::time).collect();
    let more = times.len() > BACKFILL_MAX;
    times.truncate(TIMES_MAX);
    if dry_run {
        return Ok(Reply::Times { times, more });
    }
    if more {
        return Err(Refusal::TooManyTimes);
    }
    if trigger.backfill.is_some() {
        return Err(Refusal::BackfillRuns);
    }
    draft.emit(Event::BackfillBegan { trigger: id, after, until: to, by: by.author() });
    Ok(Reply::Times { times, more })
}

/// Fires for no more times; what was asked for goes on.
pub(super) fn stop(draft: &mut Draft<'_>, id: TriggerId) -> Result<Reply, Refusal> {
    if find(draft, id)?.backfill.is_some() {
        draft.emit(Event::BackfillEnded { trigger: id });
    }
    Ok(Reply::Done)
}

/// Fires for the next times of a backfill, and returns how many things were decided.
pub(super) fn go_on(draft: &mut Draft<'_>, id: TriggerId, trigger: &Trigger, most: usize) -> usize {
    let (Some(Backfill { after, until }), On::Schedule(plan)) = (trigger.backfill, &trigger.definition.on) else {
        return 0;
    };
    let places = BACKFILL_AT_ONCE.saturating_sub(trigger.backfill_open).min(most);
    if places == 0 {
        return 0;
    }
    let planned = plan.upcoming(after).take_while(|planned| planned.at <= until);
    let planned: Vec<Timestamp> = planned.take(places).map(|planned| planned.at).collect();
    for planned in &planned {
        starting::fire_planned(draft, id, trigger, Cause::Backfill { planned: *planned });
    }
    match planned.last() {
        Some(last) if planned.len() == places => draft.emit(Event::BackfillMoved { trigger: id, after: *last }),
        _ => draft.emit(Event::BackfillEnded { trigger: id }),
    }
    planned.len().max(1)
}
