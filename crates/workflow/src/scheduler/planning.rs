//! What fires by itself: each planned time is decided once, those that are in time before those that are made up for.

use std::ops::Bound;

use tenure_model::id::{FiringId, TriggerId};
use tenure_model::time::Timestamp;
use uuid::Uuid;

use super::command::Reply;
use super::draft::Draft;
use super::event::Event;
use super::firing::Cause;
use super::limits::{ON_TIME, WAKE_MAX};
use super::missed::{self, Late};
use super::state::{Plan, Trigger};
use super::{answers, backfill, starting};
use crate::cron::Occurrence;
use crate::trigger::{Definition, On};

/// Decides what is due, at most [`WAKE_MAX`] things.
pub(super) fn wake(draft: &mut Draft<'_>) {
    let (scheduler, now) = (draft.scheduler, draft.now());
    let overdue = scheduler.deadlines.range(..=(now, FiringId(Uuid::max())));
    let overdue: Vec<_> = overdue.take(WAKE_MAX).map(|(_, firing)| *firing).collect();
    let mut left = WAKE_MAX - overdue.len();
    overdue.into_iter().for_each(|firing| answers::overdue(draft, firing));
    // What is in time comes first: a trigger with much to make up for holds up nobody.
    let in_time = as_of(draft) - ON_TIME;
    let edge = (in_time, TriggerId(Uuid::max()));
    let due: Vec<TriggerId> = scheduler
        .due
        .range((Bound::Excluded(edge), Bound::Unbounded))
        .take_while(|(at, _)| *at <= now)
        .chain(scheduler.due.range(..=edge))
        .take(WAKE_MAX)
        .map(|(_, id)| *id)
        .collect();
    for id in due {
        let Some(trigger) = scheduler.triggers.get(&id).filter(|_| left > 0) else { break };
        left -= decide(draft, id, trigger, left).clamp(1, left);
    }
    let more = left == 0;
    if more != scheduler.behind.is_some() {
        draft.emit(Event::FellBehind { since: more.then_some(now) });
    }
}

/// Decides what is due of one trigger before something about it changes.
pub(super) fn settle(draft: &mut Draft<'_>, id: TriggerId, trigger: &Trigger) {
    if trigger.plan.next.is_some_and(|next| next + trigger.definition.delay(id) <= draft.now()) {
        decide_planned(draft, id, trigger, WAKE_MAX);
    }
}

/// Plans everything anew, because the rules of zones may be others than when it was planned.
pub(super) fn replan(draft: &mut Draft<'_>) -> Reply {
    for (id, trigger) in &draft.scheduler.triggers {
        let plan = plan(&trigger.definition, trigger.paused_until, trigger.plan.decided_until);
        if plan != trigger.plan {
            draft.emit(Event::Planned { trigger: *id, plan });
        }
    }
    Reply::Done
}

/// Returns the plan of a trigger that is decided up to an instant.
pub(super) fn plan(definition: &Definition, paused: Option<Timestamp>, decided_until: Timestamp) -> Plan {
    let next = match &definition.on {
        On::Schedule(plan) if definition.enabled => {
            let paused = paused.map_or(Timestamp(0), |until| Timestamp(until.0.saturating_sub(1)));
            plan.after(decided_until.max(paused)).map(|next| next.at)
        }
        _ => None,
    };
    Plan { decided_until, next }
}

/// Decides what is due of a trigger, and returns how many things that were.
fn decide(draft: &mut Draft<'_>, id: TriggerId, trigger: &Trigger, most: usize) -> usize {
    let planned = decide_planned(draft, id, trigger, most);
    planned + backfill::go_on(draft, id, trigger, most.saturating_sub(planned))
}

fn decide_planned(draft: &mut Draft<'_>, id: TriggerId, trigger: &Trigger, most: usize) -> usize {
    let On::Schedule(schedule) = &trigger.definition.on else { return 0 };
    let delay = trigger.definition.delay(id);
    let until = draft.now() - delay;
    if trigger.plan.next.is_none_or(|next| next > until) {
        return 0;
    }
    let as_of = as_of(draft);
    let in_time = as_of - ON_TIME - delay;
    let after = trigger.undecided_after();
    let late = Late { after, until: in_time.min(until), as_of: as_of - delay };
    let caught_up = missed::choose(schedule, &late, most);
    if let Some((until, count)) = caught_up.left_out {
        let why = caught_up.why.to_owned();
        draft.emit(Event::Missed { trigger: id, after, until, count, why });
    }
    let mut fired: Vec<(Occurrence, bool)> = caught_up.chosen.into_iter().map(|planned| (planned, true)).collect();
    if caught_up.complete {
        let now = schedule.upcoming(after.max(in_time)).take_while(|planned| planned.at <= until);
        fired.extend(now.take(most.saturating_sub(fired.len()) + 1).map(|planned| (planned, false)));
    }
    let all = caught_up.complete && fired.len() <= most;
    fired.truncate(most);
    for (planned, late) in &fired {
        let late_ms = late.then(|| draft.now().since(planned.at));
        let cause = Cause::Schedule { planned: planned.at, mark: planned.mark, late_ms };
        starting::fire_planned(draft, id, trigger, cause);
    }
    let last = fired.last().map_or(after, |(planned, _)| planned.at);
    let decided = if all { until } else { last }.max(trigger.plan.decided_until);
    let plan = plan(&trigger.definition, trigger.paused_until, decided);
    draft.emit(Event::Planned { trigger: id, plan });
    fired.len().max(1)
}

/// Returns the time by which lateness is judged: while the scheduler works off what was due at once, the time at which it was.
fn as_of(draft: &Draft<'_>) -> Timestamp {
    draft.scheduler.behind.map_or(draft.now(), |since| since.min(draft.now()))
}
