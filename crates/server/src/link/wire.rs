//! One websocket: a thin actor that turns frames into whole texts for a conversation, and writes what it answers.
//!
//! ```text
//!   bytes ─▶ Gated ─▶ Wire (actor) ── Inbound, with a permit ──▶ conversation (a task of the same thread)
//!                     Wire         ◀── bounded outbox ──────────┘
//! ```
//! **Owns** the websocket. **Does not own** what is said: conversations know no websocket library.
//! A socket that is not read freezes this actor; the conversation then waits at the bounded outbox, and the guard ends both.

use std::sync::Arc;

use actix::{Actor, ActorContext, AsyncContext, StreamHandler};
use actix_http::ws::Item;
use actix_web::web::{BytesMut, Payload};
use actix_web::{HttpRequest, HttpResponse};
use actix_web_actors::ws::{CloseCode, CloseReason, Message, ProtocolError, WebsocketContext, WsResponseBuilder};
use tenure_protocol::Problem;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::gate::{Gated, Permit, Room};
use super::guard::{Connection, Guard, Watched};
use crate::problem::{Rejection, problem};

/// Texts that wait between a conversation and its actor.
const OUTBOX_MAX: usize = 64;

/// What the other side said.
pub enum Inbound {
    /// A whole text. The permit is held until it is handled: that is what stops a flood.
    Text(String, Permit),
    /// A whole binary message, thrown away.
    Binary,
}

/// How a socket behaves.
pub struct WireOptions {
    pub subprotocol: &'static str,
    /// The largest message, whole or in fragments.
    pub frame_bytes_max: usize,
    /// What that limit is called in the configuration.
    pub frame_limit: &'static str,
    /// How much may wait to be handled before reading stops.
    pub room_bytes: usize,
    pub ping_every: std::time::Duration,
    /// Writes a problem as a frame of this link.
    pub complain: fn(Problem) -> String,
}

/// The conversation's end of a socket.
pub struct Line {
    inbound: mpsc::UnboundedReceiver<Inbound>,
    outbox: mpsc::Sender<Outbound>,
    pub watched: Arc<Watched>,
    complain: fn(Problem) -> String,
}

/// The other side is gone; the conversation ends.
#[derive(Debug)]
pub struct Gone;

enum Outbound {
    Text(String),
    Shared(Arc<str>),
    Close(CloseCode, &'static str),
}

/// Answers an upgrade request, and returns the conversation's end of the socket.
pub fn upgrade(
    request: &HttpRequest,
    payload: Payload,
    guard: &Guard,
    options: WireOptions,
) -> Result<(HttpResponse, Line), Rejection> {
    let connection = request
        .conn_data::<Connection>()
        .ok_or_else(|| problem(503, "socket_unavailable", "this connection cannot carry a socket now; try again"))?;
    let watched = guard.watch(connection, true);
    let room = Room::new(options.room_bytes);
    // Bounded by the room: what has no permit yet is at most one read of the connection.
    let (inbound_tx, inbound) = mpsc::unbounded_channel();
    let (outbox, outbox_rx) = mpsc::channel(OUTBOX_MAX);
    let wire = Wire {
        inbound: inbound_tx,
        outbox: Some(outbox_rx),
        watched: watched.clone(),
        room: room.clone(),
        fragments: None,
        bytes_max: options.frame_bytes_max,
        limit: options.frame_limit,
        ping_every: options.ping_every,
        complain: options.complain,
    };
    let gated = Gated::new(payload, room, options.frame_bytes_max);
    let response = WsResponseBuilder::new(wire, request, gated)
        .frame_size(options.frame_bytes_max)
        .protocols(&[options.subprotocol])
        .start()
        .map_err(|error| problem(400, "upgrade_invalid", format!("this is no websocket upgrade: {error}")))?;
    Ok((response, Line { inbound, outbox, watched, complain: options.complain }))
}

impl Line {
    /// Waits for what the other side says; none when it is gone.
    pub async fn hear(&mut self) -> Option<Inbound> {
        self.inbound.recv().await
    }

    /// Says something.
    pub async fn say(&self, text: String) -> Result<(), Gone> {
        self.put(Outbound::Text(text)).await
    }

    /// Says something that many sockets say.
    pub async fn say_shared(&self, text: Arc<str>) -> Result<(), Gone> {
        self.put(Outbound::Shared(text)).await
    }

    /// Reports a problem and goes on.
    pub async fn complain(&self, rejection: Rejection) -> Result<(), Gone> {
        self.say((self.complain)(rejection.into())).await
    }

    /// Reports why the connection ends, and ends it.
    pub async fn end(&self, code: Ending, rejection: Rejection) -> Result<(), Gone> {
        self.complain(rejection).await?;
        self.put(Outbound::Close(code.code(), code.word())).await
    }

    async fn put(&self, message: Outbound) -> Result<(), Gone> {
        let message = match self.outbox.try_send(message) {
            Ok(()) => return Ok(()),
            Err(mpsc::error::TrySendError::Closed(_)) => return Err(Gone),
            Err(mpsc::error::TrySendError::Full(message)) => message,
        };
        self.watched.blocked(true);
        let sent = self.outbox.send(message).await;
        self.watched.blocked(false);
        sent.map_err(|_| Gone)
    }
}

/// Why the server ends a connection, as a websocket close code.
#[derive(Clone, Copy, Debug)]
pub enum Ending {
    /// The server stops; come back in a moment.
    GoingAway,
    /// A rule was broken, or a right was lost.
    Policy,
    /// The server cannot go on now.
    Unavailable,
}

impl Ending {
    fn code(self) -> CloseCode {
        match self {
            Ending::GoingAway => CloseCode::Away,
            Ending::Policy => CloseCode::Policy,
            Ending::Unavailable => CloseCode::Again,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Ending::GoingAway => "going away",
            Ending::Policy => "policy",
            Ending::Unavailable => "try again later",
        }
    }
}

struct Wire {
    inbound: mpsc::UnboundedSender<Inbound>,
    outbox: Option<mpsc::Receiver<Outbound>>,
    watched: Arc<Watched>,
    room: Arc<Room>,
    fragments: Option<Fragments>,
    bytes_max: usize,
    limit: &'static str,
    ping_every: std::time::Duration,
    complain: fn(Problem) -> String,
}

/// A message that arrives in pieces.
struct Fragments {
    bytes: BytesMut,
    is_text: bool,
}

impl Actor for Wire {
    type Context = WebsocketContext<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let outbox = self.outbox.take().expect("an actor starts once");
        ctx.add_stream(ReceiverStream::new(outbox));
        ctx.run_interval(self.ping_every, |_, ctx| ctx.ping(b""));
    }
}

impl StreamHandler<Outbound> for Wire {
    fn handle(&mut self, message: Outbound, ctx: &mut Self::Context) {
        match message {
            Outbound::Text(text) => ctx.text(text),
            Outbound::Shared(text) => ctx.text(&*text),
            Outbound::Close(code, word) => self.close(code, word, ctx),
        }
    }
}

impl StreamHandler<Result<Message, ProtocolError>> for Wire {
    fn handle(&mut self, message: Result<Message, ProtocolError>, ctx: &mut Self::Context) {
        self.watched.heard();
        match message {
            Ok(Message::Text(text)) => self.pass(text.into_bytes().to_vec(), true, ctx),
            Ok(Message::Binary(bytes)) => self.pass(bytes.to_vec(), false, ctx),
            Ok(Message::Continuation(item)) => self.gather(item, ctx),
            Ok(Message::Ping(bytes)) => ctx.pong(&bytes),
            Ok(Message::Pong(_) | Message::Nop) => {}
            Ok(Message::Close(reason)) => {
                ctx.close(reason);
                ctx.stop();
            }
            Err(_) if self.room.was_oversize() => self.too_large(ctx),
            Err(ProtocolError::Overflow) => self.too_large(ctx),
            Err(error) => {
                let problem = problem(400, "frame_malformed", format!("this is no websocket frame: {error}"));
                self.refuse(problem, CloseCode::Protocol, "protocol", ctx);
            }
        }
    }
}

impl Wire {
    fn pass(&mut self, bytes: Vec<u8>, is_text: bool, ctx: &mut WebsocketContext<Self>) {
        let permit = self.room.enter(bytes.len());
        let message = match (is_text, String::from_utf8(bytes)) {
            (true, Ok(text)) => Inbound::Text(text, permit),
            (true, Err(_)) => {
                let problem = problem(400, "frame_not_utf8", "a text frame must be UTF-8");
                return self.refuse(problem, CloseCode::Invalid, "not UTF-8", ctx);
            }
            (false, _) => Inbound::Binary,
        };
        if self.inbound.send(message).is_err() {
            // The conversation has ended; what it said last is still in the outbox.
            ctx.close(None);
        }
    }

    fn gather(&mut self, item: Item, ctx: &mut WebsocketContext<Self>) {
        let (bytes, last) = match item {
            Item::FirstText(bytes) | Item::FirstBinary(bytes) if self.fragments.is_some() => (bytes, false),
            Item::FirstText(bytes) => {
                self.fragments = Some(Fragments { bytes: BytesMut::new(), is_text: true });
                (bytes, false)
            }
            Item::FirstBinary(bytes) => {
                self.fragments = Some(Fragments { bytes: BytesMut::new(), is_text: false });
                (bytes, false)
            }
            Item::Continue(bytes) => (bytes, false),
            Item::Last(bytes) => (bytes, true),
        };
        let Some(fragments) = &mut self.fragments else { return };
        if fragments.bytes.len() + bytes.len() > self.bytes_max {
            return self.too_large(ctx);
        }
        fragments.bytes.extend_from_slice(&bytes);
        if last && let Some(whole) = self.fragments.take() {
            self.pass(whole.bytes.to_vec(), whole.is_text, ctx);
        }
    }

    fn too_large(&mut self, ctx: &mut WebsocketContext<Self>) {
        let (max, limit) = (self.bytes_max, self.limit);
        let mut too_large = problem(
            413,
            "frame_too_large",
            format!("a frame has more than {max} bytes, the limit {limit}; send less at once"),
        );
        too_large.0.limit = Some(max as u64);
        self.refuse(too_large, CloseCode::Size, "too large", ctx);
    }

    fn refuse(&mut self, rejection: Rejection, code: CloseCode, word: &str, ctx: &mut WebsocketContext<Self>) {
        ctx.text((self.complain)(rejection.into()));
        self.close(code, word, ctx);
    }

    fn close(&self, code: CloseCode, word: &str, ctx: &mut WebsocketContext<Self>) {
        ctx.close(Some(CloseReason { code, description: Some(word.to_owned()) }));
        // What was written before goes out; nothing more is read.
        ctx.stop();
    }
}
