//! Rules over HTTP: the caller's own, and those of the organization.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use tenure_account::policy::command::Command;
use tenure_account::policy::{Mode, Policy, Risk, What};
use tenure_account::realm::{Command as RealmCommand, Realm};
use tenure_account::realm_id;
use tenure_protocol::policy::{OrganizationRule, PolicyView, RuleView, SetRule};

use super::{author, by, meant, of, shown, tell, what, within};
use crate::api::input::{self, Body};
use crate::auth::{Caller, Person};
use crate::desk::Desk;
use crate::problem::{Rejection, of_ask};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    within: Option<String>,
    what: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedInOrganization {
    what: String,
}

/// `GET /api/policy`: lists the rules that hold for the caller's agents.
pub async fn show(desk: Data<Desk>, caller: Person) -> Result<Json<PolicyView>, Rejection> {
    view(&desk, &caller.0).await.map(Json)
}

/// `PUT /api/policy/rules`: makes or changes a rule of the caller's.
pub async fn set(desk: Data<Desk>, caller: Person, body: Body<SetRule>) -> Result<Json<PolicyView>, Rejection> {
    let SetRule { within: place, what: calls, mode } = body.0;
    rule(&desk, &caller.0, place.as_deref(), &calls, Some(meant(mode))).await?;
    view(&desk, &caller.0).await.map(Json)
}

/// `DELETE /api/policy/rules?what&within`: takes a rule of the caller's back.
pub async fn remove(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<HttpResponse, Rejection> {
    let Named { within: place, what: calls } = input::query(&request)?;
    rule(&desk, &caller.0, place.as_deref(), &calls, None).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `PUT /api/policy/organization`: makes or changes a rule of the organization; administrators only.
pub async fn set_for_all(
    desk: Data<Desk>,
    caller: Person,
    body: Body<OrganizationRule>,
) -> Result<Json<PolicyView>, Rejection> {
    organization(&desk, &caller.0, &body.0.what, Some(meant(body.0.mode))).await?;
    view(&desk, &caller.0).await.map(Json)
}

/// `DELETE /api/policy/organization?what`: takes a rule of the organization back; administrators only.
pub async fn remove_for_all(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<HttpResponse, Rejection> {
    let NamedInOrganization { what: calls } = input::query(&request)?;
    organization(&desk, &caller.0, &calls, None).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn rule(
    desk: &Desk,
    caller: &Caller,
    place: Option<&str>,
    calls: &str,
    mode: Option<Mode>,
) -> Result<(), Rejection> {
    let (within, what) = (within(place.unwrap_or("owner"))?, what(calls)?);
    tell(desk, caller, Command::SetRule { by: by(caller), within, what, mode }).await?;
    Ok(())
}

async fn organization(desk: &Desk, caller: &Caller, calls: &str, mode: Option<Mode>) -> Result<(), Rejection> {
    let command = RealmCommand::SetRule { by: caller.asker(), what: what(calls)?, mode };
    desk.runtime.realm.ask(realm_id(), command).await.map_err(of_ask)?;
    Ok(())
}

async fn view(desk: &Desk, caller: &Caller) -> Result<PolicyView, Rejection> {
    // Asked of the realm itself: its view may be a moment behind what was just changed.
    let realm = desk.runtime.realm.look(realm_id()).await.map_err(of_ask)?.state;
    Ok(told(&realm, &*of(desk, caller).await?))
}

fn told(realm: &Realm, policy: &Policy) -> PolicyView {
    let of_organization =
        |(what, mode): (&What, &Mode)| OrganizationRule { what: what.to_string(), mode: shown(*mode) };
    let own = policy.rules.iter().flat_map(|(within, rules)| {
        rules.iter().map(|(what, rule)| RuleView {
            within: within.to_string(),
            what: what.to_string(),
            mode: shown(rule.mode),
            by: author(&rule.by),
            at: rule.at,
        })
    });
    PolicyView {
        organization: realm.rules.iter().map(of_organization).collect(),
        rules: own.collect(),
        defaults: Risk::ALL.iter().map(|risk| (risk.word().to_owned(), shown(risk.default_mode()))).collect(),
    }
}
