//! The server as a whole: the writer, the store, damage, runners.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde_json::{Value, json};
use tenure_protocol::http::{Page, RunnerRow};

use crate::api::runners::row;
use crate::auth::Admin;
use crate::desk::Desk;
use crate::problem::Rejection;

/// `GET /admin/writer`: the writer's queue and flush times, and the state of the store.
pub async fn writer(desk: Data<Desk>, _: Admin) -> Json<Value> {
    let health = desk.runtime.health();
    let flushes = health.flushes.max(1);
    let set_aside: Vec<_> =
        health.set_aside.iter().map(|(key, why)| json!({ "entity": key.to_string(), "why": why })).collect();
    Json(json!({
        "failure": health.failure,
        "queued": health.queued,
        "position": health.position,
        "commits": health.commits,
        "refused_commits": health.refused_commits,
        "flushes": health.flushes,
        "commits_per_flush": health.commits as f64 / flushes as f64,
        "flush_us_last": health.last_flush_us,
        "flush_us_mean": health.flush_us_sum / flushes,
        "engine": desk.runtime.store.engine_name(),
        "awake": health.awake,
        "alarms": health.alarms,
        "effects": health.effects,
        "set_aside": set_aside,
    }))
}

/// `GET /admin/runners`: every runner that is or was here.
pub async fn runners(desk: Data<Desk>, _: HttpRequest, _: Admin) -> Result<Json<Page<RunnerRow>>, Rejection> {
    Ok(Json(Page { items: desk.runtime.roster.list().into_iter().map(row).collect(), cursor: None }))
}
