//! Versions: list them, read one, compare two, go back to one.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Deserialize;
use tenure_model::request::RequestId;
use tenure_protocol::http::Page;
use tenure_protocol::workflow::{RollbackTo, SavedWorkflow, VersionDiff, VersionRow, VersionView};
use tenure_workflow::diff::diff;
use tenure_workflow::library::{About, Action, Refusal, Version};

use super::shown::{as_json, changes, saved, version_row};
use super::{Found, carry_out, find, read};
use crate::api::input::{self, Body};
use crate::auth::{Caller, Person};
use crate::desk::Desk;
use crate::problem::{Explained, Rejection};

/// `GET /api/workflows/{id}/versions`: lists the versions that are kept, the current one first; they are bounded in number.
pub async fn list(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<Page<VersionRow>>, Rejection> {
    let items = rows(&find(&desk, &request, &caller.0).await?)?;
    Ok(Json(Page { items, cursor: None }))
}

/// Returns the versions of a workflow that are kept, the current one first.
pub fn rows(found: &Found) -> Result<Vec<VersionRow>, Rejection> {
    let about = found.about()?;
    Ok(about.versions.iter().rev().map(|version| version_row(about, version)).collect())
}

/// `GET /api/workflows/{id}/versions/{hash}`: shows a version with its text. The first digits of the hash will do.
pub async fn show(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<VersionView>, Rejection> {
    let found = find(&desk, &request, &caller.0).await?;
    let about = found.about()?;
    let version = named(about, request.match_info().get("hash").unwrap_or_default())?;
    let definition = read::recorded(&desk.runtime, found.id, version.record, version.hash).await?;
    Ok(Json(VersionView { row: version_row(about, version), definition: as_json(&definition) }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiffQuery {
    from: String,
    /// The current version when absent.
    to: Option<String>,
}

/// `GET /api/workflows/{id}/diff?from&to`: says what changed from one version to another.
pub async fn compare(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<VersionDiff>, Rejection> {
    let query: DiffQuery = input::query(&request)?;
    let found = find(&desk, &request, &caller.0).await?;
    let about = found.about()?;
    let from = named(about, &query.from)?;
    let to = query.to.map_or(Ok(about.current()), |to| named(about, &to))?;
    let before = read::recorded(&desk.runtime, found.id, from.record, from.hash).await?;
    let after = read::recorded(&desk.runtime, found.id, to.record, to.hash).await?;
    let changes = changes(diff(&before, &after));
    Ok(Json(VersionDiff { from: from.hash.to_string(), to: to.hash.to_string(), changes }))
}

/// `POST /api/workflows/{id}/rollback`: makes an earlier version the current one.
pub async fn rollback(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Body<RollbackTo>,
) -> Result<Json<SavedWorkflow>, Rejection> {
    let found = find(&desk, &request, &caller.0).await?;
    go_back(&desk, &caller.0, input::idempotency_key(&request)?, &found, &body.0.hash).await.map(Json)
}

/// Makes the version of this hash, or of its first digits, the current one.
pub async fn go_back(
    desk: &Desk,
    caller: &Caller,
    key: Option<RequestId>,
    found: &Found,
    hash: &str,
) -> Result<SavedWorkflow, Rejection> {
    let version = named(found.about()?, hash)?;
    let definition = read::recorded(&desk.runtime, found.id, version.record, version.hash).await?;
    let action = Action::Rollback { hash: version.hash, definition };
    saved(found.id, carry_out(desk, key, caller, found.id, action).await?, desk).await
}

/// Refuses a hash that no version has.
pub fn known(found: &Found, hash: &str) -> Result<(), Rejection> {
    named(found.about()?, hash).map(drop)
}

fn named<'a>(about: &'a About, hash: &str) -> Result<&'a Version, Rejection> {
    about.version(hash).map_err(|refusal| refusal.rejection().field("hash"))
}

impl Found {
    /// Returns what is stored of the workflow.
    pub fn about(&self) -> Result<&About, Rejection> {
        self.workflow.live().ok_or_else(|| Refusal::Deleted.rejection())
    }
}
