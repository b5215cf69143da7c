//! Making and changing triggers: by name, so that doing it again changes nothing, or by id.

use actix_web::web::{self, Bytes, Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use tenure_model::id::UserId;
use tenure_model::request::RequestId;
use tenure_protocol::trigger::{SavedTrigger, TriggerOutcome, TriggerValidity};
use tenure_workflow::Mistake;
use tenure_workflow::scheduler::{Action, Refusal, Reply, Shown, Which, preview};
use tenure_workflow::trigger::Patch;

use super::{OwnerQuery, carry_out, find, odd, owner_of, show, shown, target};
use crate::api::input::{self, Written};
use crate::api::workflows::shown::mistake;
use crate::auth::{Caller, Person};
use crate::desk::Desk;
use crate::problem::{Explained, Rejection, problem, unavailable};

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct SaveQuery {
    /// The revision that the sender has seen, as in `If-Match`.
    expected_revision: Option<u64>,
    owner: Option<String>,
}

/// `POST /api/triggers/validate?owner`: says what is wrong with a definition, all of it at once, and what syncing it would do.
pub async fn validate(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Written,
) -> Result<Json<TriggerValidity>, Rejection> {
    let query: OwnerQuery = input::query(&request)?;
    let owner = owner_of(&desk, &caller.0, query.owner.as_deref())?;
    check(&desk, owner, body.0).await.map(Json)
}

/// Says what is wrong with a definition that an owner might save.
pub async fn check(desk: &Desk, owner: UserId, text: Bytes) -> Result<TriggerValidity, Rejection> {
    let patch = match written(text).await? {
        Ok(patch) => patch,
        Err(mistakes) => return Ok(wrong(&mistakes)),
    };
    let old = before(desk, owner, &patch).await?;
    let definition = match target::judged(desk, owner, &patch, old.as_ref().map(|old| &*old.definition)).await? {
        Ok(definition) => definition,
        Err(mistakes) => return Ok(wrong(&mistakes)),
    };
    let outcome = match &old {
        None => TriggerOutcome::Created,
        Some(old) if *old.definition == definition => TriggerOutcome::Unchanged,
        Some(_) => TriggerOutcome::Updated,
    };
    let next = preview::next(&definition, desk.now(), 1).pop();
    Ok(TriggerValidity {
        valid: true,
        mistakes: vec![],
        outcome: Some(outcome),
        name: Some(definition.name.to_string()),
        words: Some(definition.words()),
        next: next.map(|time| shown::planned_time(time, &definition, old.map(|old| old.id))),
    })
}

fn wrong(mistakes: &[Mistake]) -> TriggerValidity {
    let mistakes = mistakes.iter().map(mistake).collect();
    TriggerValidity { valid: false, mistakes, outcome: None, name: None, words: None, next: None }
}

/// `POST /api/triggers/sync?expected_revision&owner`: makes or changes the trigger of the name that is written.
pub async fn sync(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Written,
) -> Result<HttpResponse, Rejection> {
    let query: SaveQuery = input::query(&request)?;
    let owner = owner_of(&desk, &caller.0, query.owner.as_deref())?;
    let (key, expected) = (input::idempotency_key(&request)?, expected(&request, query.expected_revision)?);
    upsert(&desk, &caller.0, owner, key, body.0, expected).await.map(answered)
}

/// Makes or changes the trigger of the name that is written.
pub async fn upsert(
    desk: &Desk,
    caller: &Caller,
    owner: UserId,
    key: Option<RequestId>,
    text: Bytes,
    expected: Option<u64>,
) -> Result<SavedTrigger, Rejection> {
    let patch = read(text).await?;
    let old = before(desk, owner, &patch).await?;
    target::right(desk, owner, &patch, old.as_ref().map(|old| &*old.definition)).await?;
    let action = Action::Upsert { patch, expected };
    let reply = carry_out(desk, key, caller, owner, action).await?;
    saved(desk, owner, reply, old.as_ref()).await
}

/// `POST /api/triggers?owner`: makes a trigger whose name nobody has.
pub async fn create(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Written,
) -> Result<HttpResponse, Rejection> {
    let query: OwnerQuery = input::query(&request)?;
    let owner = owner_of(&desk, &caller.0, query.owner.as_deref())?;
    let key = input::idempotency_key(&request)?;
    let patch = read(body.0).await?;
    target::right(&desk, owner, &patch, None).await?;
    let old = before(&desk, owner, &patch).await?;
    let reply = carry_out(&desk, key, &caller.0, owner, Action::Create { patch }).await?;
    saved(&desk, owner, reply, old.as_ref()).await.map(answered)
}

/// `PATCH /api/triggers/{trigger}?expected_revision&owner`: changes what is written of a trigger, its name as well.
pub async fn change(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Written,
) -> Result<HttpResponse, Rejection> {
    let query: SaveQuery = input::query(&request)?;
    let found = find(&desk, &request, &caller.0, query.owner.as_deref()).await?;
    let (key, expected) = (input::idempotency_key(&request)?, expected(&request, query.expected_revision)?);
    put(&desk, &caller.0, key, found.owner, found.shown, body.0, expected).await.map(answered)
}

/// Changes what is written of a trigger that is there.
pub async fn put(
    desk: &Desk,
    caller: &Caller,
    key: Option<RequestId>,
    owner: UserId,
    old: Shown,
    text: Bytes,
    expected: Option<u64>,
) -> Result<SavedTrigger, Rejection> {
    let patch = read(text).await?;
    target::right(desk, owner, &patch, Some(&old.definition)).await?;
    let action = Action::Change { trigger: old.id, patch, expected };
    let reply = carry_out(desk, key, caller, owner, action).await?;
    saved(desk, owner, reply, Some(&old)).await
}

/// Tells what saving did. A secret that the server has made is told when nobody can have seen it before.
async fn saved(desk: &Desk, owner: UserId, reply: Reply, old: Option<&Shown>) -> Result<SavedTrigger, Rejection> {
    let Reply::Saved { outcome, trigger, revision, .. } = reply else { return Err(odd(reply)) };
    let now = show(desk, owner, Which::Id(trigger)).await?.ok_or_else(|| Refusal::Unknown.rejection())?;
    let outcome = shown::outcome(outcome);
    let secret = |of: &Shown| shown::made_secret(desk, of.id, &of.definition, &of.keys.secret);
    let known = old.filter(|old| old.id == trigger && outcome != TriggerOutcome::Created).and_then(secret);
    Ok(SavedTrigger {
        outcome,
        id: trigger,
        name: now.definition.name.to_string(),
        revision,
        words: now.definition.words(),
        next: shown::next(&now),
        address: shown::address(desk, owner, &now).await?,
        secret: secret(&now).filter(|secret| known.as_ref() != Some(secret)),
    })
}

fn answered(saved: SavedTrigger) -> HttpResponse {
    let mut answer = match saved.outcome {
        TriggerOutcome::Created => HttpResponse::Created(),
        TriggerOutcome::Updated | TriggerOutcome::Unchanged => HttpResponse::Ok(),
    };
    if saved.outcome == TriggerOutcome::Created {
        answer.insert_header(("location", format!("/api/triggers/{}", saved.id)));
    }
    // There may be a secret in it.
    answer.insert_header(("cache-control", "no-store")).json(saved)
}

/// Returns the trigger of the name that is written, when there is one.
async fn before(desk: &Desk, owner: UserId, patch: &Patch) -> Result<Option<Shown>, Rejection> {
    match patch.name() {
        Some(name) => show(desk, owner, Which::Name(name)).await,
        None => Ok(None),
    }
}

/// Reads what is written, off the threads that serve.
pub async fn written(text: Bytes) -> Result<Result<Patch, Vec<Mistake>>, Rejection> {
    web::block(move || Patch::bytes(&text)).await.map_err(|_| unavailable("the server is stopping"))
}

/// Reads what is written; it must be readable.
pub async fn read(text: Bytes) -> Result<Patch, Rejection> {
    written(text).await?.map_err(|mistakes| Refusal::Mistakes(mistakes).rejection())
}

/// Reads the revision that the sender has seen, from `If-Match` or the query.
fn expected(request: &HttpRequest, asked: Option<u64>) -> Result<Option<u64>, Rejection> {
    let Some(header) = request.headers().get("if-match") else { return Ok(asked) };
    let invalid = |why: &str| Err(problem(400, "if_match_invalid", format!("If-Match: {why}")).field("If-Match"));
    let named = header.to_str().unwrap_or_default().trim().trim_matches('"');
    match (named, named.parse::<u64>()) {
        ("*", _) => Ok(asked),
        (_, Ok(revision)) if asked.is_none_or(|asked| asked == revision) => Ok(Some(revision)),
        (_, Ok(_)) => invalid("it and expected_revision differ"),
        (_, Err(_)) => invalid("it is the number of a revision, as the ETag says it"),
    }
}
