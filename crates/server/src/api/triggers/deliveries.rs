//! The ledger over HTTP: what was decided and why, what was delivered, and delivering it once more.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use tenure_model::id::{FiringId, TriggerId, UserId};
use tenure_protocol::http::Page;
use tenure_protocol::trigger::{
    CauseKind, Delivered, DeliveryView, FiringCause, LedgerEntry, LedgerOutcome, MissedTimes,
};
use tenure_runtime::schedules::delivered;
use tenure_workflow::scheduler::ledger::{EVERYTHING, Entry, Outcome, history_of};
use tenure_workflow::scheduler::{Action, Cause, Firing, Refusal, Stored};
use tenure_workflow::trigger::webhook::KeyedBy;
use uuid::Uuid;

use super::ledger::{Place, Records};
use super::{OwnerQuery, carry_out, find, in_path, named, owner_of, running, shown, some_key};
use crate::api::input;
use crate::auth::{Caller, Person};
use crate::desk::Desk;
use crate::problem::{Rejection, problem};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerQuery {
    limit: Option<u64>,
    cursor: Option<String>,
    outcome: Option<LedgerOutcome>,
    owner: Option<String>,
}

/// `GET /api/triggers/{trigger}/deliveries?outcome&limit&cursor&owner`: reads a trigger's ledger, newest first.
pub async fn list(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
) -> Result<Json<Page<LedgerEntry>>, Rejection> {
    let query: LedgerQuery = input::query(&request)?;
    let known = known(&desk, &request, &caller.0, query.owner.as_deref()).await?;
    page(&desk, known.owner, known.id.0, query).await.map(Json)
}

/// `GET /api/triggers/deliveries?outcome&limit&cursor&owner`: reads the ledger of all triggers, newest first.
pub async fn all(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<Page<LedgerEntry>>, Rejection> {
    let query: LedgerQuery = input::query(&request)?;
    let owner = owner_of(&desk, &caller.0, query.owner.as_deref())?;
    page(&desk, owner, EVERYTHING, query).await.map(Json)
}

async fn page(desk: &Desk, owner: UserId, list: Uuid, query: LedgerQuery) -> Result<Page<LedgerEntry>, Rejection> {
    let limit = input::limit(desk, query.limit)?;
    let after = query.cursor.as_deref().map(str::parse::<Place>).transpose().map_err(|()| {
        let detail = "the cursor is none of this server's; take it from the page before";
        problem(400, "cursor_invalid", detail).field("cursor")
    })?;
    let wanted = query.outcome;
    let fits = move |entry: &Entry| wanted.is_none_or(|wanted| outcome(entry.outcome) == wanted);
    let page = desk.read(move |store| Records::of(store, owner).page(list, after, limit, fits)).await?;
    let items = page.entries.into_iter().map(told).collect();
    Ok(Page { items, cursor: page.next.map(|place| place.to_string()) })
}

/// `GET /api/triggers/{trigger}/deliveries/{firing}?owner`: shows a decision with everything that was delivered.
pub async fn show(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<DeliveryView>, Rejection> {
    let query: OwnerQuery = input::query(&request)?;
    let known = known(&desk, &request, &caller.0, query.owner.as_deref()).await?;
    let (entry, firing, stored) = read(&desk, &known, input::id(&request, "firing")?).await?;
    let delivered = stored.map(|Stored { method, headers, query, body, base64 }| Delivered {
        method,
        headers,
        query,
        body,
        base64,
    });
    Ok(Json(DeliveryView { entry: told(entry), inputs: firing.inputs, prompt: firing.prompt, delivered }))
}

/// `POST /api/triggers/{trigger}/deliveries/{firing}/replay?owner`: takes a delivery once more, by what the trigger says now.
pub async fn replay(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<HttpResponse, Rejection> {
    let query: OwnerQuery = input::query(&request)?;
    let found = find(&desk, &request, &caller.0, query.owner.as_deref()).await?;
    let of: FiringId = input::id(&request, "firing")?;
    let (entry, _, stored) = read(&desk, &Known { owner: found.owner, id: found.id() }, of).await?;
    let Some((record, stored)) = entry.payload.zip(stored) else {
        let detail = "nothing was delivered there that was kept; run the trigger instead";
        return Err(problem(409, "delivery_not_kept", detail));
    };
    let action = Action::Replay { trigger: found.id(), of, record, stored: Box::new(stored) };
    let key = some_key(&desk, input::idempotency_key(&request)?);
    let fired = running::fired(carry_out(&desk, key, &caller.0, found.owner, action).await?, &found)?;
    Ok(HttpResponse::Accepted().json(fired))
}

/// A trigger that is there, or was.
pub struct Known {
    pub owner: UserId,
    pub id: TriggerId,
}

/// Finds the trigger that the path names; by its id also one that was deleted, whose history stays.
pub async fn known(
    desk: &Desk,
    request: &HttpRequest,
    caller: &Caller,
    owner: Option<&str>,
) -> Result<Known, Rejection> {
    let (owner, name) = (owner_of(desk, caller, owner)?, in_path(request)?);
    let refused = match named(desk, owner, &name).await {
        Ok(found) => return Ok(Known { owner, id: found.id() }),
        Err(refused) => refused,
    };
    let Ok(id) = name.parse::<TriggerId>() else { return Err(refused) };
    let was_there = desk.read(move |store| Ok(!Records::of(store, owner).list(history_of(id), None, 1)?.is_empty()));
    if refused.0.code == Refusal::Unknown.code() && was_there.await? { Ok(Known { owner, id }) } else { Err(refused) }
}

/// Reads a firing of a trigger, and what was delivered for it.
async fn read(desk: &Desk, known: &Known, firing: FiringId) -> Result<(Entry, Firing, Option<Stored>), Rejection> {
    let (owner, trigger) = (known.owner, known.id);
    let read = desk.read(move |store| {
        let mut records = Records::of(store, owner);
        let Some((entry, firing)) = records.firing(firing)?.filter(|(entry, _)| entry.trigger == trigger) else {
            return Ok(None);
        };
        let stored = entry.payload.map(|record| delivered(store, owner, record)).transpose()?.flatten();
        Ok(Some((entry, firing, stored)))
    });
    read.await?.ok_or_else(|| {
        problem(404, "delivery_unknown", "the trigger's ledger has no such firing, or not any more").field("firing")
    })
}

/// Returns an entry in the words of callers.
pub fn told(entry: Entry) -> LedgerEntry {
    LedgerEntry {
        trigger: entry.trigger,
        at: entry.at,
        firing: entry.firing,
        cause: entry.cause.map(cause),
        outcome: outcome(entry.outcome),
        reason: entry.reason,
        execution: entry.execution,
        session: entry.thread.map(|(session, _)| session),
        thread: entry.thread.map(|(_, thread)| thread),
        end: entry.end,
        missed: entry.missed.map(|(after, until)| MissedTimes { after, until }),
        replayable: entry.payload.is_some(),
        test: entry.test,
    }
}

fn outcome(outcome: Outcome) -> LedgerOutcome {
    match outcome {
        Outcome::Matched => LedgerOutcome::Matched,
        Outcome::Queued => LedgerOutcome::Queued,
        Outcome::Skipped => LedgerOutcome::Skipped,
        Outcome::Replaced => LedgerOutcome::Replaced,
        Outcome::NoMatch => LedgerOutcome::NoMatch,
        Outcome::Missed => LedgerOutcome::Missed,
        Outcome::WorkflowDeleted => LedgerOutcome::WorkflowDeleted,
        Outcome::Error => LedgerOutcome::Error,
    }
}

fn cause(cause: Cause) -> FiringCause {
    let plain = |kind| FiringCause {
        kind,
        planned: None,
        mark: None,
        late_ms: None,
        event: None,
        keyed_by: None,
        by: None,
        of: None,
    };
    match cause {
        Cause::Schedule { planned, mark, late_ms } => {
            FiringCause { planned: Some(planned), mark: mark.map(shown::mark), late_ms, ..plain(CauseKind::Schedule) }
        }
        Cause::Backfill { planned } => FiringCause { planned: Some(planned), ..plain(CauseKind::Backfill) },
        Cause::Delivery { keyed_by, event, .. } => {
            let word = match keyed_by {
                KeyedBy::Id => "id",
                KeyedBy::Time => "time",
                KeyedBy::Bytes => "bytes",
            };
            FiringCause { event, keyed_by: Some(word.to_owned()), ..plain(CauseKind::Delivery) }
        }
        Cause::Asked { by, .. } => FiringCause { by: Some(shown::author(&by)), ..plain(CauseKind::Asked) },
        Cause::Replay { of, by, .. } => {
            FiringCause { by: Some(shown::author(&by)), of: Some(of), ..plain(CauseKind::Replay) }
        }
    }
}
