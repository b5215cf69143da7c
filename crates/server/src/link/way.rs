//! What news travel on to listeners who have nothing to say: a websocket or server-sent events, as they ask for it.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use tenure_protocol::Problem;

use super::client::After;
use super::guard::Watched;
use super::sse::{self, EventBody};
use super::wire::{Ending, Gone, Inbound, Line, WireOptions, upgrade};
use super::{admitted, wants_socket};
use crate::api::input;
use crate::auth::Caller;
use crate::desk::Desk;
use crate::places::Place;
use crate::problem::{Rejection, problem};

/// A kind of stream.
pub struct Stream {
    /// What a websocket that carries it speaks.
    pub subprotocol: &'static str,
    /// Writes a problem as one of its events.
    pub complain: fn(Problem) -> String,
    /// Says to a listener who speaks where that is done.
    pub silence: &'static str,
}

/// Somebody who asks for a stream, and where they go on.
pub struct Asked {
    pub caller: Caller,
    pub after: Option<u64>,
}

impl Stream {
    /// Looks at who asks: on a websocket they may show a ticket.
    pub fn asked(&self, desk: &Desk, request: &HttpRequest) -> Result<Asked, Rejection> {
        let after = || Ok::<_, Rejection>(input::query::<After>(request)?.after);
        if wants_socket(request) {
            let caller = admitted(desk, request, self.subprotocol)?.person()?;
            return Ok(Asked { caller, after: after()? });
        }
        let caller = Caller::of(desk, request.headers())?.person()?;
        Ok(Asked { caller, after: sse::cursor(request, after()?)? })
    }

    /// Begins the stream, in a place of the caller's.
    pub fn begin(
        &'static self,
        desk: &Desk,
        caller: &Caller,
        request: &HttpRequest,
        payload: Payload,
    ) -> Result<(HttpResponse, Way), Rejection> {
        let seat = desk.seat(caller.user)?;
        let (response, on) = if wants_socket(request) {
            let options = WireOptions {
                subprotocol: self.subprotocol,
                frame_bytes_max: desk.options.frame_bytes_max,
                frame_limit: "frame_bytes_max",
                room_bytes: desk.options.frame_bytes_max,
                ping_every: desk.options.ping_every_ms.duration(),
                complain: self.complain,
            };
            let (response, line) = upgrade(request, payload, &desk.guard, options)?;
            (response, On::Socket(line))
        } else {
            let (response, body) = sse::begin(request, &desk.guard)?;
            (response, On::Events(body))
        };
        Ok((response, Way { on, stream: self, _seat: seat }))
    }
}

/// What one listener's stream travels on.
pub struct Way {
    on: On,
    stream: &'static Stream,
    _seat: Place,
}

enum On {
    Socket(Line),
    Events(EventBody),
}

impl Way {
    /// Says one event; `cursor` is the position that it carries.
    pub async fn say(&self, cursor: Option<u64>, event: String) -> Result<(), Gone> {
        match &self.on {
            On::Socket(line) => line.say(event).await,
            On::Events(body) => body.event(cursor, &event).await,
        }
    }

    pub async fn heartbeat(&self) -> Result<(), Gone> {
        match &self.on {
            // A socket is pinged by its wire.
            On::Socket(_) => Ok(()),
            On::Events(body) => body.heartbeat().await,
        }
    }

    /// Waits for what the listener says; they have nothing to say, so everything but their leaving is a mistake.
    pub async fn hear(&mut self) -> Result<(), Gone> {
        let line = match &mut self.on {
            On::Events(body) => {
                body.gone().await;
                return Err(Gone);
            }
            On::Socket(line) => line,
        };
        match line.hear().await.ok_or(Gone)? {
            Inbound::Text(..) | Inbound::Binary => {
                line.complain(problem(422, "type_unknown", self.stream.silence)).await
            }
        }
    }

    /// Says why the stream ends, and ends it.
    pub async fn end(&self, ending: Ending, rejection: Rejection) -> Result<(), Gone> {
        match &self.on {
            On::Socket(line) => line.end(ending, rejection).await,
            On::Events(body) => body.event(None, &(self.stream.complain)(rejection.into())).await,
        }
    }

    pub fn watched(&self) -> &Watched {
        match &self.on {
            On::Socket(line) => &line.watched,
            On::Events(body) => &body.watched,
        }
    }
}
