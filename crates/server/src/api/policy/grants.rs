//! Grants over HTTP: what people have allowed beforehand, and taking it back.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use tenure_account::policy::command::Command;
use tenure_account::policy::mask::masked;
use tenure_account::policy::{Bound, Grant, NewGrant as Wanted};
use tenure_model::id::{GrantId, derived};
use tenure_protocol::http::Page;
use tenure_protocol::policy::{GrantView, NewGrant};

use super::{author, by, of, tell, within};
use crate::action::found;
use crate::api::input::{self, Body};
use crate::auth::{Person, secret};
use crate::desk::Desk;
use crate::problem::{Rejection, problem};

/// `GET /api/policy/grants`: lists the caller's grants that still let something through, all on one page.
pub async fn list(desk: Data<Desk>, caller: Person) -> Result<Json<Page<GrantView>>, Rejection> {
    let policy = of(&desk, &caller.0).await?;
    let usable = policy.grants.iter().filter(|(_, grant)| grant.is_usable(desk.now()));
    Ok(Json(Page { items: usable.map(|(id, grant)| view(*id, grant)).collect(), cursor: None }))
}

/// `POST /api/policy/grants`: allows calls beforehand. The same `Idempotency-Key` grants once.
pub async fn grant(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Body<NewGrant>,
) -> Result<HttpResponse, Rejection> {
    let NewGrant { tool, arguments, within: place, lasts_ms, uses, reason } = body.0;
    found::find(&desk, &caller.0, &tool).await?;
    let new = Wanted {
        tool,
        bound: Bound::Fields(arguments.into_iter().collect()),
        within: within(&place)?,
        lasts: lasts_ms,
        uses,
        reason,
    };
    let id = match input::idempotency_key(&request)? {
        Some(key) => derived(&["grant", &caller.0.user.to_string(), &key.to_string()]),
        None => secret::fresh_id(desk.now()),
    };
    let id = GrantId(id);
    tell(&desk, &caller.0, Command::Grant { by: by(&caller.0), grant: id, new }).await?;
    let policy = of(&desk, &caller.0).await?;
    let granted = policy.grants.get(&id).ok_or_else(|| gone(id))?;
    Ok(HttpResponse::Created().json(view(id, granted)))
}

/// `DELETE /api/policy/grants/{grant}`: takes a grant back; from then on it lets nothing through.
pub async fn revoke(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<HttpResponse, Rejection> {
    let id: GrantId = input::id(&request, "grant")?;
    if !of(&desk, &caller.0).await?.grants.contains_key(&id) {
        return Err(gone(id));
    }
    tell(&desk, &caller.0, Command::Revoke { by: by(&caller.0), grant: id }).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn gone(id: GrantId) -> Rejection {
    problem(404, "grant_unknown", format!("you have no grant {id}, or not any more"))
}

fn view(id: GrantId, grant: &Grant) -> GrantView {
    let (hash, arguments) = match &grant.bound {
        Bound::Same(hash) => (Some(hash.clone()), None),
        Bound::Fields(fields) => (None, Some(masked(&fields.clone().into_iter().collect()))),
    };
    GrantView {
        id,
        tool: grant.tool.clone(),
        hash,
        arguments,
        within: grant.within.to_string(),
        until: grant.until,
        uses_left: grant.uses_left,
        by: author(&grant.by),
        at: grant.at,
        reason: grant.reason.clone(),
    }
}
