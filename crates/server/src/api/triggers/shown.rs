//! Triggers in the words of callers.

use tenure_model::id::{TriggerId, UserId};
use tenure_model::{Row, Span};
use tenure_protocol::trigger as wire;
use tenure_protocol::workflow as wire_workflow;
use tenure_workflow::cron::Mark;
use tenure_workflow::people::Author;
use tenure_workflow::scheduler::command::Time;
use tenure_workflow::scheduler::{Command, Keys, Outcome, Reply, Shown, Which, preview};
use tenure_workflow::trigger::webhook::{Address, Scheme, Secret};
use tenure_workflow::trigger::{Definition, On};
use uuid::Uuid;

use super::{Found, odd};
use crate::desk::Desk;
use crate::problem::{Rejection, of_ask, unavailable};

/// Returns a trigger with its definition.
pub async fn view(desk: &Desk, found: &Found) -> Result<wire::TriggerView, Rejection> {
    let Found { owner, shown } = found;
    Ok(wire::TriggerView {
        row: row(&shown.row)?,
        owner: *owner,
        by: author(&shown.by),
        definition: as_json(&shown.definition),
        next: next(shown),
        backfill: shown.backfill.map(|range| wire::BackfillState { after: range.after, until: range.until }),
        address: address(desk, *owner, shown).await?,
    })
}

/// Returns the row that lists show: the same as the feed tells.
pub fn row(row: &Row) -> Result<wire::TriggerRow, Rejection> {
    row.read().map_err(|error| unavailable(&format!("the trigger's row cannot be told: {error}")))
}

/// Returns a definition as JSON. There is never a secret in it.
pub fn as_json(definition: &Definition) -> serde_json::Value {
    serde_json::to_value(definition).expect("a definition holds only texts, numbers and lists of them")
}

/// Returns when it fires next by itself.
pub fn next(shown: &Shown) -> Option<wire::PlannedTime> {
    let planned = shown.plan.next?;
    let time = preview::next(&shown.definition, planned - Span::ms(1), 1).pop()?;
    Some(planned_time(time, &shown.definition, Some(shown.id)))
}

/// Returns a planned time; that of a trigger which was never saved is not put off yet.
pub fn planned_time(time: Time, definition: &Definition, id: Option<TriggerId>) -> wire::PlannedTime {
    let fires_at = id.map(|id| preview::fires_at(definition, id, time.at)).filter(|fires_at| *fires_at != time.at);
    wire::PlannedTime { at: time.at, shown: time.shown, mark: time.mark.map(mark), fires_at }
}

pub fn mark(mark: Mark) -> wire::TimeMark {
    match mark {
        Mark::Gap => wire::TimeMark::Gap,
        Mark::FoldFirst => wire::TimeMark::FoldFirst,
        Mark::FoldSecond => wire::TimeMark::FoldSecond,
    }
}

pub fn outcome(outcome: Outcome) -> wire::TriggerOutcome {
    match outcome {
        Outcome::Created => wire::TriggerOutcome::Created,
        Outcome::Updated => wire::TriggerOutcome::Updated,
        Outcome::Unchanged => wire::TriggerOutcome::Unchanged,
    }
}

pub fn author(author: &Author) -> wire_workflow::Author {
    wire_workflow::Author { user: author.user, name: author.name.clone() }
}

/// Returns where a trigger is called, when it is.
pub async fn address(desk: &Desk, owner: UserId, shown: &Shown) -> Result<Option<wire::InletAddress>, Rejection> {
    match &shown.definition.on {
        On::Webhook(_) => Ok(Some(inlet(desk, owner, Some(shown.id), &shown.keys))),
        On::Github(_) => Ok(Some(inlet(desk, owner, None, &github_keys(desk, owner).await?))),
        On::Schedule(_) | On::Manual => Ok(None),
    }
}

/// Returns the keys of GitHub's own inlet.
pub async fn github_keys(desk: &Desk, owner: UserId) -> Result<Keys, Rejection> {
    match desk.runtime.schedulers.ask(owner, Command::Show(Which::Github)).await.map_err(of_ask)?.reply {
        Reply::Github(keys) => Ok(keys),
        other => Err(odd(other)),
    }
}

/// Returns the address of an inlet, and those from before that are still good.
pub fn inlet(desk: &Desk, owner: UserId, trigger: Option<TriggerId>, keys: &Keys) -> wire::InletAddress {
    let now = desk.now();
    let path = |generation| path(desk, Address { owner, trigger, generation });
    let old = keys.old.iter().filter(|old| old.until > now && old.generation != keys.generation);
    let old =
        old.map(|old| wire::OldAddress { path: path(old.generation), generation: old.generation, until: old.until });
    let old = old.collect();
    located(desk, wire::InletAddress { path: path(keys.generation), url: None, generation: keys.generation, old })
}

/// Returns the address of one generation alone.
pub fn one_address(desk: &Desk, address: Address) -> wire::InletAddress {
    let (path, generation) = (path(desk, address), address.generation);
    located(desk, wire::InletAddress { path, url: None, generation, old: vec![] })
}

fn path(desk: &Desk, address: Address) -> String {
    format!("/webhooks/{}", desk.signing_key.hook_address(&address))
}

fn located(desk: &Desk, address: wire::InletAddress) -> wire::InletAddress {
    let public = desk.options.public_address.as_deref().map(|public| public.trim_end_matches('/'));
    wire::InletAddress { url: public.map(|public| format!("{public}{}", address.path)), ..address }
}

/// Returns the secret that the server has made for a definition's sender; none when nothing is signed, or the sender has chosen.
pub fn made_secret(desk: &Desk, id: TriggerId, definition: &Definition, secret: &Secret) -> Option<String> {
    match &definition.on {
        On::Webhook(inlet) => made(desk, id.0, inlet.verify.scheme, secret),
        On::Schedule(_) | On::Github(_) | On::Manual => None,
    }
}

/// Returns a secret that the server has made, in the form that a scheme wants.
pub fn made(desk: &Desk, of: Uuid, scheme: Scheme, secret: &Secret) -> Option<String> {
    let is_made = matches!(secret, Secret::Made { .. }) && scheme != Scheme::None;
    is_made.then(|| desk.signing_key.hook_secret(secret, of, scheme)).flatten()
}
