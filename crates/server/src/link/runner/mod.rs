//! The runner link: hello, welcome, orders down, frames up, tools for the works of the runner.

mod calls;
mod conversation;
mod frames;
mod hello;
mod pass;
mod words;

use actix_web::{HttpRequest, HttpResponse, web};
use tenure_protocol::RUNNER_SUBPROTOCOL;
use tenure_protocol::runner::ServerMessage;

use self::pass::Pass;
use super::wire::{WireOptions, upgrade};
use crate::desk::Desk;
use crate::problem::Rejection;

/// `GET /link/runner`: opens a runner's link.
pub async fn socket(
    desk: web::Data<Desk>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Rejection> {
    let pass = Pass::of(&desk, &request)?;
    let options = WireOptions {
        subprotocol: RUNNER_SUBPROTOCOL,
        frame_bytes_max: desk.options.runner_frame_bytes_max,
        frame_limit: "runner_frame_bytes_max",
        // Two messages of the largest size: one being made durable, one on its way.
        room_bytes: 2 * desk.options.runner_frame_bytes_max,
        ping_every: desk.options.ping_every_ms.duration(),
        complain: |problem| words::written(&ServerMessage::Problem { problem }),
    };
    let (response, line) = upgrade(&request, payload, &desk.guard, options)?;
    actix_web::rt::spawn(conversation::talk(desk.into_inner(), pass, line));
    Ok(response)
}
