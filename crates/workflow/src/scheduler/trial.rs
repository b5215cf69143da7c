//! What a delivery would do: decided as a real one is, and thrown away.

use serde_json::Value;
use tenure_model::id::TriggerId;

use super::asking::find;
use super::command::{Reply, Stored};
use super::delivering;
use super::draft::Draft;
use super::event::Event;
use super::firing::{Cause, Firing, Verdict};
use super::refusal::Refusal;
use crate::trigger::On;
use crate::trigger::github::Happening;
use crate::trigger::webhook::KeyedBy;

/// What would become of a delivery.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// Why it would not concern the trigger.
    pub misses: Option<String>,
    /// The names by which GitHub's filters know it.
    pub events: Vec<String>,
    pub verdict: Verdict,
    pub firing: Firing,
    /// What was delivered, as templates read it.
    pub payload: Value,
}

/// Judges a delivery. Nothing that is decided here leaves it.
pub(super) fn judge(draft: &Draft<'_>, id: TriggerId, stored: &Stored) -> Result<Reply, Refusal> {
    let trigger = find(draft, id)?;
    let payload = stored.payload()?;
    let happening = match &trigger.definition.on {
        On::Github(filter) => {
            let event = stored.headers.get("x-github-event").map(String::as_str).unwrap_or_default();
            let happening = Happening::read(event, &payload);
            Some((filter.misses(&happening), happening.names()))
        }
        On::Webhook(_) => None,
        On::Schedule(_) | On::Manual => return Err(Refusal::OtherKind("webhook")),
    };
    let (misses, events) = happening.unwrap_or_default();
    let off = (!trigger.definition.enabled).then(|| "the trigger is switched off".to_owned());
    // A key that no delivery has: what is tried is never known already.
    let key = format!("trial of {}", draft.ctx.fresh::<TriggerId>(0));
    let cause = Cause::Delivery { key, keyed_by: KeyedBy::Bytes, event: events.last().cloned() };
    let mut trial = Draft::new(draft.scheduler, draft.ctx);
    let fired = delivering::fire(&mut trial, id, trigger, cause, (draft.ctx.seq, stored), &payload);
    let decided = trial.events.into_iter().rev().find_map(|event| match event {
        Event::Decided { verdict, firing } if firing.id == fired => Some((verdict, *firing)),
        _ => None,
    });
    let (verdict, firing) = decided.expect("a firing that is not known is decided");
    Ok(Reply::Tried(Box::new(Tried { misses: misses.or(off), events, verdict, firing, payload })))
}
