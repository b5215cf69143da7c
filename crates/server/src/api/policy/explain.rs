//! Why a call would be allowed, asked about or denied.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Deserialize;
use serde_json::{Map, Value};
use tenure_account::policy::{Caller as From, Considered, Judged, Mode, Source};
use tenure_model::id::{SessionId, WorkflowId};
use tenure_protocol::policy::{ConsideredRule, ExplainView};

use super::{of, shown};
use crate::action::found;
use crate::api::input;
use crate::auth::Person;
use crate::desk::Desk;
use crate::problem::{Rejection, problem};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExplainQuery {
    tool: String,
    session: Option<SessionId>,
    workflow: Option<WorkflowId>,
    /// As JSON.
    arguments: Option<String>,
}

/// `GET /api/policy/explain?tool&session&workflow&arguments`: tells what would become of an agent's call, and why.
pub async fn explain(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<ExplainView>, Rejection> {
    let ExplainQuery { tool, session, workflow, arguments } = input::query(&request)?;
    let found = found::find(&desk, &caller.0, &tool).await?;
    let arguments: Map<String, Value> = match arguments.as_deref() {
        None => Map::new(),
        Some(text) => serde_json::from_str(text).map_err(|error| {
            problem(400, "query_invalid", format!("arguments is no JSON object: {error}")).field("arguments")
        })?,
    };
    let from = From { session, workflow, ..From::default() };
    let made = tenure_account::policy::Made { caller: from, ..found.made(&caller.0, &arguments) };
    let organization = desk.runtime.realm_view().rule_for(&made);
    let policy = of(&desk, &caller.0).await?;
    let judged = policy.judged(&made, organization.as_ref());
    let grant = policy.grant_for(&made, desk.now()).filter(|_| judged.mode == Mode::Ask);
    let judged = match grant {
        Some(id) => Judged { mode: Mode::Allow, source: Source::Grant { id }, ..judged },
        None => judged,
    };
    let words = judged.words(&made);
    let considered = judged.considered.into_iter().map(considered).collect();
    Ok(Json(ExplainView { mode: shown(judged.mode), words, grant, considered, hash: made.hash }))
}

fn considered(rule: Considered) -> ConsideredRule {
    let scope = rule.within.map_or("organization".to_owned(), |within| within.to_string());
    ConsideredRule { scope, what: rule.what.to_string(), mode: shown(rule.mode) }
}
