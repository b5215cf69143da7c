//! Entities: list them, show one inside out, say why it is stuck.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenure_model::Kind;
use tenure_model::id::SessionId;
use tenure_protocol::http::Page;
use tenure_session::{Finding, Pressure, diagnose};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{entity, kind, refused, shown};
use crate::api::input::{self, Cursor};
use crate::auth::Admin;
use crate::desk::Desk;
use crate::problem::{Rejection, of_ask, problem};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    limit: Option<u64>,
    cursor: Option<String>,
    /// Only those in memory.
    #[serde(default)]
    awake: bool,
}

/// One entity in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EntityRow {
    pub kind: Kind,
    pub id: Uuid,
    pub awake: bool,
}

/// `GET /admin/entities/{kind}?limit&cursor&awake`: lists entities by id.
pub async fn list(desk: Data<Desk>, request: HttpRequest, _: Admin) -> Result<Json<Page<EntityRow>>, Rejection> {
    let kind = kind(&request)?;
    let query: ListQuery = input::query(&request)?;
    let limit = input::limit(&desk, query.limit)?;
    let after = Cursor::read(query.cursor.as_deref())?.map(|cursor| cursor.id);
    let inspect = desk.runtime.inspect(kind);
    let mut awake = inspect.awake();
    awake.sort_unstable();
    let mut ids = match query.awake {
        true => awake.iter().copied().filter(|id| after.is_none_or(|after| *id > after)).take(limit + 1).collect(),
        false => inspect.list(after, limit + 1).await.map_err(refused)?,
    };
    let more = ids.len() > limit;
    ids.truncate(limit);
    let cursor = ids.last().filter(|_| more).map(|id| Cursor { rank: Default::default(), id: *id }.write());
    let row = |id: Uuid| EntityRow { kind, id, awake: awake.binary_search(&id).is_ok() };
    Ok(Json(Page { items: ids.into_iter().map(row).collect(), cursor }))
}

/// `GET /admin/entities/{kind}/{id}`: shows state, seq, mailbox, waiting effects, timer, claims, subscribers, size.
pub async fn show(desk: Data<Desk>, request: HttpRequest, _: Admin) -> Result<Json<Value>, Rejection> {
    let (kind, id) = entity(&request)?;
    let detail = desk.runtime.inspect(kind).show(id).await.map_err(refused)?;
    Ok(Json(shown(kind, serde_json::to_value(detail).expect("a detail is plain data"))))
}

/// What keeps a session from getting on.
#[derive(Clone, Debug, Serialize)]
pub struct Stuck {
    /// What it waits for, since when, and what happens next.
    pub items: Vec<Finding>,
    /// The limits of which it uses 80 % or more.
    pub pressure: Vec<Pressure>,
}

/// `GET /admin/entities/session/{id}/stuck`: says why a session does not get on.
pub async fn stuck(desk: Data<Desk>, request: HttpRequest, _: Admin) -> Result<Json<Stuck>, Rejection> {
    let session: SessionId = input::id(&request, "id")?;
    let look = desk.runtime.sessions.look(session).await.map_err(of_ask)?;
    if look.state.about.is_none() {
        return Err(problem(404, "entity_unknown", "there is no such session"));
    }
    Ok(Json(Stuck { items: diagnose(&look.state, desk.now()), pressure: look.state.pressure() }))
}
