//! What people and programs want of their triggers.

use serde_json::{Map, Value, json};
use tenure_model::entity::Decision;
use tenure_model::id::{TriggerId, UserId};
use tenure_model::request::RequestId;
use tenure_model::time::{Span, Timestamp};

use super::command::{Action, Reply};
use super::draft::Draft;
use super::event::Event;
use super::firing::{Cause, Firing, execution_of};
use super::limits::{OVERLAP_MAX, REQUEST_KEPT};
use super::refusal::Refusal;
use super::state::{Scheduler, Trigger};
use super::{backfill, delivering, saving, starting};
use crate::people::By;
use crate::requests::fingerprint;
use crate::trigger::webhook::Secret;
use crate::trigger::{Name, On, Patch};

pub(super) fn answer(
    mut draft: Draft<'_>,
    by: By,
    request: Option<RequestId>,
    action: Action,
) -> Result<Decision<Scheduler>, Refusal> {
    if by.user != UserId(draft.ctx.id) && !by.admin {
        return Err(Refusal::NotTheOwner);
    }
    let print = request.as_ref().map(|_| fingerprint(&action)).unwrap_or_default();
    let before = request.as_ref().and_then(|id| draft.scheduler.requests.find(by.user, id, draft.now(), REQUEST_KEPT));
    if let Some(answered) = before {
        let same = answered.fingerprint == print;
        return if same { Ok(Decision::nothing(answered.reply.clone())) } else { Err(Refusal::RequestReused) };
    }
    let reply = carry_out(&mut draft, &by, request.as_ref(), action)?;
    if let Some(request) = request {
        draft.emit(Event::RequestAnswered { user: by.user, request, fingerprint: print, reply: reply.clone() });
    }
    Ok(draft.decided(reply))
}

fn carry_out(draft: &mut Draft<'_>, by: &By, request: Option<&RequestId>, action: Action) -> Result<Reply, Refusal> {
    let key = || request.map(RequestId::to_string).ok_or(Refusal::NeedsRequest);
    match action {
        Action::Upsert { patch, expected } => saving::upsert(draft, by, &patch, expected),
        Action::Create { patch } => saving::create(draft, by, &patch),
        Action::Change { trigger, patch, expected } => saving::change(draft, by, trigger, &patch, expected),
        Action::Rename { trigger, name } => saving::change(draft, by, trigger, &rename(&name), None),
        Action::SetEnabled { trigger, enabled } => {
            let patch = Patch::value(&json!({ "enabled": enabled })).map_err(Refusal::Mistakes)?;
            saving::change(draft, by, trigger, &patch, None)
        }
        Action::Pause { trigger, until } => saving::pause(draft, by, trigger, until),
        Action::Delete { trigger } => {
            if draft.scheduler.triggers.contains_key(&trigger) {
                draft.emit(Event::Deleted { trigger, by: by.author() });
            }
            Ok(Reply::Done)
        }
        Action::Run { trigger, inputs, test } => run(draft, by, trigger, inputs, test, key()?),
        Action::Backfill { trigger, from, to, dry_run } => {
            backfill::begin(draft, by, trigger, (from, to), dry_run || key().map(|_| false)?)
        }
        Action::StopBackfill { trigger } => backfill::stop(draft, trigger),
        Action::Replay { trigger, of, record, stored } => {
            delivering::replay(draft, by, trigger, of, (record, &stored), key()?)
        }
        Action::Rotate { trigger, sealed, keep_address, overlap } => {
            key()?;
            rotate(draft, by, trigger, (sealed, keep_address), overlap)
        }
    }
}

/// Returns the trigger of an id.
pub(super) fn find<'a>(draft: &Draft<'a>, id: TriggerId) -> Result<&'a Trigger, Refusal> {
    draft.scheduler.triggers.get(&id).ok_or(Refusal::Unknown)
}

fn rename(name: &Name) -> Patch {
    Patch::value(&json!({ "name": name })).expect("one name is not too large")
}

/// Fires now, also when the trigger is switched off.
fn run(
    draft: &mut Draft<'_>,
    by: &By,
    id: TriggerId,
    given: Map<String, Value>,
    test: bool,
    key: String,
) -> Result<Reply, Refusal> {
    let trigger = find(draft, id)?;
    let mut inputs = trigger.definition.inputs.clone();
    inputs.extend(given);
    starting::check_size(&inputs)?;
    let cause = Cause::Asked { by: by.author(), key };
    let firing = starting::firing(draft, id, trigger, cause, inputs, None);
    let firing = Firing { test, ..firing };
    let reply = Reply::Fired { firing: firing.id, execution: execution_of(firing.id) };
    starting::fire(draft, id, trigger, firing, &Value::Null);
    Ok(reply)
}

fn rotate(
    draft: &mut Draft<'_>,
    by: &By,
    trigger: Option<TriggerId>,
    (sealed, keep_address): (Option<String>, bool),
    overlap: Span,
) -> Result<Reply, Refusal> {
    if overlap > OVERLAP_MAX {
        return Err(Refusal::OverlapTooLong(OVERLAP_MAX));
    }
    let keys = match trigger {
        None => &draft.scheduler.github,
        Some(id) => {
            let trigger = find(draft, id)?;
            if !matches!(trigger.definition.on, On::Webhook(_)) {
                return Err(Refusal::OtherKind("webhook"));
            }
            &trigger.keys
        }
    };
    // A secret of the server's own is known by the generation, so it never comes twice.
    let generation = keys.generation + u32::from(sealed.is_none() || !keep_address);
    let secret = sealed.map_or(Secret::Made { generation }, |sealed| Secret::Given { sealed });
    let old_until: Timestamp = draft.now() + overlap;
    draft.emit(Event::Rotated { trigger, generation, secret, old_until, by: by.author() });
    Ok(Reply::Rotated { generation })
}
