//! The websockets and event streams: chat clients, runners, feeds, runs and operators. Nothing outside this folder knows the websocket library.
//!
//! actix-web-actors is deprecated upstream and confined to `wire`; conversations are plain tasks that hear and say texts.

pub mod client;
pub mod draft;
pub mod feed;
pub mod run;
pub mod operators;
mod gate;
pub mod guard;
pub mod runner;
pub mod runner_board;
mod sse;
mod way;
mod wire;

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;

use crate::auth::{Caller, offered, origin};
use crate::desk::Desk;
use crate::problem::{Rejection, problem};

/// Looks at who wants a socket, and from which page.
fn admitted(desk: &Desk, request: &HttpRequest, subprotocol: &str) -> Result<Caller, Rejection> {
    let headers = request.headers();
    origin::check(headers, &desk.options.origins_allowed)?;
    let caller = Caller::of_upgrade(desk, headers)?;
    speaks(headers, subprotocol)?;
    Ok(caller)
}

/// Refuses who does not offer the subprotocol.
fn speaks(headers: &HeaderMap, subprotocol: &str) -> Result<(), Rejection> {
    if offered(headers).any(|offer| offer == subprotocol) {
        return Ok(());
    }
    let detail = format!("offer the subprotocol {subprotocol} in Sec-WebSocket-Protocol");
    Err(problem(400, "subprotocol_missing", detail))
}

/// Tells whether a request asks for a websocket rather than for events.
fn wants_socket(request: &HttpRequest) -> bool {
    let upgrade = request.headers().get(actix_web::http::header::UPGRADE);
    upgrade.and_then(|value| value.to_str().ok()).is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
}

/// How often a socket checks that its token has not ended; revocations are pushed.
const RECHECK_EVERY: Duration = Duration::from_secs(30);

/// Waits until the caller's token opens nothing any more.
async fn right_lost(desk: &Desk, caller: &Caller) {
    let mut changes = desk.runtime.realm_changes();
    while caller.is_still_good(desk) {
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return },
            () = actix_web::rt::time::sleep(RECHECK_EVERY) => {}
        }
    }
}

/// Waits until the server stops.
async fn stopping(desk: &Desk) {
    // An error means that the server is gone already.
    let _ = desk.stopping.clone().wait_for(|stopping| *stopping).await;
}

fn going_away() -> Rejection {
    problem(503, "shutting_down", "the server is stopping; come back in a moment")
}

fn revoked() -> Rejection {
    problem(401, "token_revoked", "the token was revoked or has ended; sign in again")
}
