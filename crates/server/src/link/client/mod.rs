//! Chat clients: the websocket and the event stream of one session.

pub mod commands;
mod conversation;
pub mod events;
pub mod join;
pub mod presence;
pub mod telling;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use tenure_model::id::SessionId;
use tenure_protocol::CLIENT_SUBPROTOCOL;
use tenure_protocol::client::ClientEvent;

use super::wire::{WireOptions, upgrade};
use crate::api::input;
use crate::desk::Desk;
use crate::problem::Rejection;
use crate::view;

/// Where a client goes on.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct After {
    #[serde(default)]
    pub after: Option<u64>,
}

/// `GET /api/sessions/{id}/ws?after=`: opens the chat socket.
pub async fn socket(
    desk: web::Data<Desk>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Rejection> {
    let caller = super::admitted(&desk, &request, CLIENT_SUBPROTOCOL)?.person()?;
    let session: SessionId = input::id(&request, "id")?;
    let after = input::query::<After>(&request)?.after;
    join::look(&desk, session, &caller).await?;
    let seat = desk.seat(caller.user)?;
    let options = WireOptions {
        subprotocol: CLIENT_SUBPROTOCOL,
        frame_bytes_max: desk.options.frame_bytes_max,
        frame_limit: "frame_bytes_max",
        room_bytes: desk.options.frame_bytes_max,
        ping_every: desk.options.ping_every_ms.duration(),
        complain: |problem| view::encoded(&ClientEvent::Error { problem }),
    };
    let (response, line) = upgrade(&request, payload, &desk.guard, options)?;
    actix_web::rt::spawn(async move {
        let _seat = seat;
        conversation::Conversation::new(desk.into_inner(), caller, session, line).run(after).await;
    });
    Ok(response)
}
