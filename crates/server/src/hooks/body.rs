//! The body of a call as it came: bounded in size, in time, and in what all calls under way hold together.

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::{BytesMut, Payload};
use futures_util::StreamExt;
use tenure_workflow::scheduler::limits::BODY_BYTES_MAX;
use tokio::time::timeout;

use super::ingress::Room;
use crate::desk::Desk;
use crate::problem::{Rejection, problem};

/// A body, and its share of the room for all of them, which it gives back when it is dropped.
pub struct Body {
    pub bytes: BytesMut,
    room: Room,
}

impl Body {
    /// Gives the bytes back and keeps their share, for what was made of them.
    pub fn emptied(self) -> Room {
        self.room
    }
}

/// Reads a body to its end.
pub async fn read(desk: &Desk, request: &HttpRequest, payload: Payload) -> Result<Body, Rejection> {
    let limit = desk.options.webhook_read_ms;
    let late = |_| {
        let detail = format!("the body did not come within {} ms, the limit webhook_read_ms", limit.0);
        problem(408, "webhook_body_late", detail)
    };
    timeout(limit.duration(), whole(desk, request, payload)).await.map_err(late)?
}

async fn whole(desk: &Desk, request: &HttpRequest, mut payload: Payload) -> Result<Body, Rejection> {
    let max = BODY_BYTES_MAX.min(desk.options.body_bytes_max);
    let fits = |size: usize| match size > max {
        true => {
            let detail = format!("the body has more than {max} bytes, the limit body_bytes_max");
            Err(problem(413, "body_too_large", detail).limit(max as u64, size as u64))
        }
        false => Ok(()),
    };
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    fits(announced.unwrap_or(0))?;
    let mut room = desk.hooks.room();
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| problem(400, "body_unreadable", error.to_string()))?;
        fits(bytes.len() + chunk.len())?;
        room.take(chunk.len())?;
        bytes.extend_from_slice(&chunk);
    }
    Ok(Body { bytes, room })
}
