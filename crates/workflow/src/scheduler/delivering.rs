//! What a proven delivery leads to: for one webhook, or for every github trigger of the owner.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tenure_model::id::{FiringId, TriggerId};

use super::asking::find;
use super::command::{Delivery, Reply, Stored};
use super::draft::Draft;
use super::event::{Event, Miss};
use super::firing::{Cause, execution_of};
use super::limits::{BODY_BYTES_MAX, DELIVERY_KEPT};
use super::refusal::Refusal;
use super::starting;
use super::state::Trigger;
use crate::people::By;
use crate::trigger::github::Happening;
use crate::trigger::webhook::{GITHUB_PER_MINUTE, Request, payload};
use crate::trigger::{self, On};

/// Takes a delivery. One that came before is answered alike, and changes nothing.
pub(super) fn deliver(draft: &mut Draft<'_>, mut delivery: Delivery) -> Result<Reply, Refusal> {
    let (scheduler, now) = (draft.scheduler, draft.now());
    let (keys, recent, per_minute) = match delivery.trigger {
        None => (&scheduler.github, &scheduler.github_recent, GITHUB_PER_MINUTE),
        Some(id) => {
            let trigger = find(draft, id)?;
            let On::Webhook(inlet) = &trigger.definition.on else { return Err(Refusal::Unknown) };
            (&trigger.keys, &trigger.recent, inlet.rate_per_minute)
        }
    };
    if !keys.takes(delivery.generation, now) {
        return Err(Refusal::Unknown);
    }
    if delivery.proof.kept_ms.0 == 0 {
        // Equal deliveries are welcome; this one may still be handed over twice.
        delivery.proof.key = delivery.id.to_string();
        delivery.proof.kept_ms = DELIVERY_KEPT;
    }
    if let Some(seen) = recent.find(&delivery.proof.key, now) {
        return Ok(Reply::Duplicate { firings: seen.firings.clone() });
    }
    if let Some(wait) = recent.wait(per_minute, now) {
        return Err(Refusal::TooFast { per_minute, wait });
    }
    let size = delivery.stored.body.len();
    if size > BODY_BYTES_MAX {
        let (what, limit, max) = ("the body", "body_bytes_max", BODY_BYTES_MAX);
        return Err(Refusal::TooLarge { what, size, limit, max });
    }
    let payload = delivery.stored.payload()?;
    let firings = match delivery.trigger {
        Some(id) => vec![webhook(draft, id, &delivery, &payload)?],
        None => github(draft, &delivery, &payload),
    };
    // Who was called hears of the call before what it leads to.
    let stored = (!firings.is_empty()).then_some(delivery.stored);
    let received =
        Event::Received { trigger: delivery.trigger, proof: delivery.proof, firings: firings.clone(), stored };
    draft.events.insert(0, received);
    Ok(Reply::Delivered { firings })
}

fn webhook(draft: &mut Draft<'_>, id: TriggerId, delivery: &Delivery, payload: &Value) -> Result<FiringId, Refusal> {
    let trigger = find(draft, id)?;
    if !trigger.definition.enabled {
        return Err(Refusal::Disabled);
    }
    let kept = (draft.ctx.seq, &delivery.stored);
    Ok(fire(draft, id, trigger, cause(delivery, None), kept, payload))
}

fn github(draft: &mut Draft<'_>, delivery: &Delivery, payload: &Value) -> Vec<FiringId> {
    let event = delivery.stored.headers.get("x-github-event").map(String::as_str).unwrap_or_default();
    let happening = Happening::read(event, payload);
    let named = happening.names().pop().unwrap_or_default();
    let kept = (draft.ctx.seq, &delivery.stored);
    let (mut firings, mut misses) = (vec![], vec![]);
    for (id, trigger) in draft.scheduler.of_github() {
        let On::Github(filter) = &trigger.definition.on else { continue };
        let misses_why = match trigger.definition.enabled {
            true => filter.misses(&happening),
            false => Some("the trigger is switched off".to_owned()),
        };
        match misses_why {
            Some(why) => misses.push(Miss { trigger: id, why }),
            None => {
                let cause = cause(delivery, Some(named.clone()));
                firings.push(fire(draft, id, trigger, cause, kept, payload));
            }
        }
    }
    if !misses.is_empty() {
        draft.emit(Event::NotMatched { event: named, key: delivery.proof.key.clone(), misses });
    }
    firings
}

/// Returns what led to the firings of a delivery.
fn cause(delivery: &Delivery, event: Option<String>) -> Cause {
    Cause::Delivery { key: delivery.proof.key.clone(), keyed_by: delivery.proof.keyed_by, event }
}

/// Takes a stored delivery once more, by what the trigger says now; also when it is switched off.
pub(super) fn replay(
    draft: &mut Draft<'_>,
    by: &By,
    id: TriggerId,
    of: FiringId,
    (record, stored): (u64, &Stored),
    key: String,
) -> Result<Reply, Refusal> {
    let trigger = find(draft, id)?;
    if !matches!(trigger.definition.on, On::Webhook(_) | On::Github(_)) {
        return Err(Refusal::OtherKind("webhook"));
    }
    let payload = stored.payload()?;
    let cause = Cause::Replay { of, by: by.author(), key };
    let firing = fire(draft, id, trigger, cause, (record, stored), &payload);
    Ok(Reply::Fired { firing, execution: execution_of(firing) })
}

/// Fires for a delivery that stands in a record.
pub(super) fn fire(
    draft: &mut Draft<'_>,
    id: TriggerId,
    trigger: &Trigger,
    cause: Cause,
    (record, stored): (u64, &Stored),
    payload: &Value,
) -> FiringId {
    let definition = &trigger.definition;
    let inputs = trigger::inputs(&definition.inputs, definition.mapping(), payload);
    let failed = inputs.as_ref().err().map(|error| ("mapping_failed", error.to_string()));
    let inputs = inputs.unwrap_or_default();
    let too_large = starting::check_size(&inputs).err().map(|refusal| (refusal.code(), refusal.to_string()));
    let mut firing = starting::firing(draft, id, trigger, cause, inputs, Some(record));
    let fired = firing.id;
    if let Some((code, why)) = failed.or(too_large) {
        firing.inputs.clear();
        starting::fail(draft, id, trigger, firing, code, why);
        return fired;
    }
    let mut offered = payload::query(&stored.query);
    offered.append(&mut firing.offered.0);
    firing.offered.0 = offered;
    starting::fire(draft, id, trigger, firing, payload);
    fired
}

impl Stored {
    /// Keeps a request: the headers that mean something, and the body.
    pub fn of(request: Request<'_>) -> Self {
        const KEPT: &[&str] =
            &["content-type", "user-agent", "x-github-event", "x-github-delivery", "x-request-id", "webhook-id"];
        let headers = KEPT.iter().filter_map(|name| Some(((*name).to_owned(), request.header(name)?.to_owned())));
        let (body, base64) = match std::str::from_utf8(request.body) {
            Ok(text) => (text.to_owned(), false),
            Err(_) => (STANDARD.encode(request.body), true),
        };
        let (method, query) = (request.method.to_owned(), request.query.to_owned());
        Self { method, headers: headers.collect(), query, body, base64 }
    }

    /// Reads what was delivered.
    pub fn payload(&self) -> Result<Value, Refusal> {
        let decoded = self.base64.then(|| STANDARD.decode(&self.body).unwrap_or_default());
        let body = decoded.as_deref().unwrap_or(self.body.as_bytes());
        let request = Request { method: &self.method, headers: &self.headers, query: &self.query, body };
        payload::read(request).map_err(|bad| Refusal::BadPayload(bad.to_string()))
    }
}
