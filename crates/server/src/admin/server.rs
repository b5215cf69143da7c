//! The server as a whole: the writer, the store, damage, runners.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use tenure_model::EntityKey;
use tenure_protocol::admin::{SetAside, WriterFigures};
use tenure_protocol::http::{Page, RunnerRow};
use tenure_runtime::Runtime;

use crate::api::runners::row;
use crate::auth::Admin;
use crate::desk::Desk;
use crate::problem::Rejection;

/// `GET /admin/writer`: the writer's queue and flush times, and the state of the store.
pub async fn writer(desk: Data<Desk>, _: Admin) -> Json<WriterFigures> {
    Json(figures(&desk.runtime))
}

/// Returns how the writer and the store stand now.
pub fn figures(runtime: &Runtime) -> WriterFigures {
    let health = runtime.health();
    let flushes = health.flushes.max(1);
    let set_aside = |(key, why): (EntityKey, String)| SetAside { entity: key.to_string(), why };
    WriterFigures {
        failure: health.failure,
        queued: health.queued as u64,
        position: health.position.0,
        commits: health.commits,
        refused_commits: health.refused_commits,
        flushes: health.flushes,
        commits_per_flush: health.commits as f64 / flushes as f64,
        flush_us_last: health.last_flush_us,
        flush_us_mean: health.flush_us_sum / flushes,
        engine: runtime.store.engine_name().to_owned(),
        awake: health.awake as u64,
        alarms: health.alarms as u64,
        effects: health.effects as u64,
        set_aside: health.set_aside.into_iter().map(set_aside).collect(),
    }
}

/// `GET /admin/runners`: every runner that is or was here.
pub async fn runners(desk: Data<Desk>, _: HttpRequest, _: Admin) -> Result<Json<Page<RunnerRow>>, Rejection> {
    Ok(Json(Page { items: desk.runtime.roster.list().into_iter().map(row).collect(), cursor: None }))
}
