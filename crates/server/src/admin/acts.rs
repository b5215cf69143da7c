//! What operators can do to an entity.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::{Deserialize, Serialize};
use tenure_model::Kind;
use tracing::info;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{entity, refused};
use crate::api::input;
use crate::auth::Admin;
use crate::desk::Desk;
use crate::problem::Rejection;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActQuery {
    #[serde(default = "yes")]
    dry_run: bool,
}

fn yes() -> bool {
    true
}

/// What an act did, or would do.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Act {
    pub act: String,
    pub kind: Kind,
    pub id: Uuid,
    pub dry_run: bool,
    /// In words.
    pub effect: String,
}

/// `POST /admin/entities/{kind}/{id}/passivate?dry_run`: sends an entity to sleep as soon as nothing of it is under way.
pub async fn passivate(desk: Data<Desk>, request: HttpRequest, admin: Admin) -> Result<Json<Act>, Rejection> {
    let (kind, id) = entity(&request)?;
    let ActQuery { dry_run } = input::query(&request)?;
    let inspect = desk.runtime.inspect(kind);
    // An unknown id is an error, whether anything would be done or not.
    inspect.journal(id, 1, 1).await.map_err(refused)?;
    let awake = inspect.awake().contains(&id);
    if !dry_run {
        inspect.passivate(id);
    }
    let effect = match awake {
        true => "its state is written down and leaves memory; the next message brings it back",
        false => "it is asleep already",
    };
    Ok(Json(audited(&admin, Act { act: "passivate".into(), kind, id, dry_run, effect: effect.into() })))
}

/// `POST /admin/entities/{kind}/{id}/wake?dry_run`: wakes an entity and lets it act on what is due.
pub async fn wake(desk: Data<Desk>, request: HttpRequest, admin: Admin) -> Result<Json<Act>, Rejection> {
    let (kind, id) = entity(&request)?;
    let ActQuery { dry_run } = input::query(&request)?;
    let inspect = desk.runtime.inspect(kind);
    let detail = inspect.show(id).await.map_err(refused)?;
    let due = detail.timer.is_some_and(|timer| timer <= desk.now());
    if !dry_run {
        inspect.wake(id).await.map_err(refused)?;
    }
    let effect = match due {
        true => "it acts on what is due",
        false => "nothing is due; it comes into memory",
    };
    Ok(Json(audited(&admin, Act { act: "wake".into(), kind, id, dry_run, effect: effect.into() })))
}

fn audited(admin: &Admin, act: Act) -> Act {
    let Act { act: word, kind, id, dry_run, .. } = &act;
    let (token, _) = admin.0.token().expect("an administrator has shown a token");
    info!(
        target: "tenure::audit",
        user = %admin.0.name,
        token.id = %token,
        entity = %format_args!("{}/{id}", kind.word()),
        dry_run,
        "{} asked to {word} {}/{id}",
        admin.0.name,
        kind.word()
    );
    act
}
