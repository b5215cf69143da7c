//! Whether the process is up, and whether it can serve.

use actix_web::{HttpResponse, web};
use serde_json::json;

use crate::desk::Desk;
use crate::problem::{Rejection, problem};

/// `GET /healthz`: the process is up. Restart it when this fails.
pub async fn up() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "up", "version": env!("CARGO_PKG_VERSION") }))
}

/// `GET /readyz`: the store can be written and the server is not stopping. Send it no traffic when this fails.
pub async fn ready(desk: web::Data<Desk>) -> Result<HttpResponse, Rejection> {
    if *desk.stopping.borrow() {
        return Err(problem(503, "shutting_down", "the server is stopping"));
    }
    let health = desk.runtime.health();
    match health.failure {
        Some(why) => Err(problem(503, "store_unavailable", format!("nothing can be written now: {why}"))),
        None => Ok(HttpResponse::Ok().json(json!({ "status": "ready", "position": health.position }))),
    }
}
