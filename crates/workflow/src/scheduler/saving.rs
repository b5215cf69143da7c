//! How triggers are made and changed: by name or by id, so that saying the same again changes nothing.

use std::sync::Arc;

use tenure_model::id::TriggerId;
use tenure_model::time::Timestamp;

use super::asking::find;
use super::command::{Change, Outcome, Reply};
use super::draft::Draft;
use super::event::Event;
use super::limits::TRIGGERS_MAX;
use super::planning;
use super::refusal::Refusal;
use super::state::{Plan, Trigger};
use crate::people::By;
use crate::trigger::{Definition, Patch};

/// Makes or changes the trigger of the name that is written.
pub(super) fn upsert(draft: &mut Draft<'_>, by: &By, patch: &Patch, expected: Option<u64>) -> Result<Reply, Refusal> {
    match patch.name().and_then(|name| draft.scheduler.named(&name)) {
        Some((id, _)) => change(draft, by, id, patch, expected),
        None if expected.is_some() => Err(Refusal::Unknown),
        None => create(draft, by, patch),
    }
}

/// Makes a trigger. One of the same name that says the same is that trigger already.
pub(super) fn create(draft: &mut Draft<'_>, by: &By, patch: &Patch) -> Result<Reply, Refusal> {
    let definition = patch.onto(None).map_err(Refusal::Mistakes)?;
    if let Some((id, old)) = draft.scheduler.named(&definition.name) {
        return match *old.definition == definition {
            true => Ok(saved(Outcome::Unchanged, id, old.revision, old.plan)),
            false => Err(Refusal::NameTaken(old.definition.name.to_string())),
        };
    }
    if draft.scheduler.triggers.len() >= TRIGGERS_MAX {
        return Err(Refusal::Full);
    }
    let id = draft.ctx.fresh(0);
    let plan = planning::plan(&definition, None, draft.now());
    draft.emit(Event::Saved {
        trigger: id,
        change: Change::Created,
        revision: 1,
        record: draft.ctx.seq,
        by: by.author(),
        definition: Arc::new(definition),
        plan,
    });
    Ok(saved(Outcome::Created, id, 1, plan))
}

/// Changes a trigger that is there.
pub(super) fn change(
    draft: &mut Draft<'_>,
    by: &By,
    id: TriggerId,
    patch: &Patch,
    expected: Option<u64>,
) -> Result<Reply, Refusal> {
    let old = find(draft, id)?;
    let definition = patch.onto(Some(&old.definition)).map_err(Refusal::Mistakes)?;
    // What is so already is no matter of who has seen what: a command that is sent twice is answered twice.
    if definition == *old.definition {
        return Ok(saved(Outcome::Unchanged, id, old.revision, old.plan));
    }
    if let Some(expected) = expected.filter(|expected| *expected != old.revision) {
        return Err(Refusal::Moved { expected, current: old.revision });
    }
    if let Some((_, other)) = draft.scheduler.named(&definition.name).filter(|(other, _)| *other != id) {
        return Err(Refusal::NameTaken(other.definition.name.to_string()));
    }
    let plan = replanned(draft, id, old, &definition);
    let revision = old.revision + 1;
    draft.emit(Event::Saved {
        trigger: id,
        change: how(&old.definition, &definition),
        revision,
        record: draft.ctx.seq,
        by: by.author(),
        definition: Arc::new(definition),
        plan,
    });
    Ok(saved(Outcome::Updated, id, revision, plan))
}

/// Plans nothing until an instant, or goes on when there is none or it is over.
pub(super) fn pause(draft: &mut Draft<'_>, by: &By, id: TriggerId, until: Option<Timestamp>) -> Result<Reply, Refusal> {
    let trigger = find(draft, id)?;
    let now = draft.now();
    let until = until.filter(|until| *until > now);
    if until == trigger.paused_until.filter(|paused| *paused > now) {
        return Ok(Reply::Done);
    }
    planning::settle(draft, id, trigger);
    let decided = decided_until(trigger, now);
    let plan = planning::plan(&trigger.definition, until, decided);
    draft.emit(Event::Paused { trigger: id, until, by: by.author(), plan });
    Ok(Reply::Done)
}

/// Plans anew when another time is planned for; what is over is decided by the old plan, and never by the new one.
fn replanned(draft: &mut Draft<'_>, id: TriggerId, old: &Trigger, new: &Definition) -> Plan {
    if old.definition.on == new.on && old.definition.enabled == new.enabled {
        return old.plan;
    }
    planning::settle(draft, id, old);
    planning::plan(new, old.paused_until, decided_until(old, draft.now()))
}

/// Returns up to when a trigger is decided once everything that is due now was settled.
fn decided_until(trigger: &Trigger, now: Timestamp) -> Timestamp {
    trigger.plan.decided_until.max(now)
}

fn how(old: &Definition, new: &Definition) -> Change {
    let renamed = Definition { name: new.name.clone(), ..old.clone() };
    let switched = Definition { enabled: new.enabled, ..old.clone() };
    match new.enabled {
        _ if renamed == *new => Change::Renamed,
        true if switched == *new => Change::Enabled,
        false if switched == *new => Change::Disabled,
        _ => Change::Updated,
    }
}

fn saved(outcome: Outcome, trigger: TriggerId, revision: u64, plan: Plan) -> Reply {
    Reply::Saved { outcome, trigger, revision, next: plan.next }
}
