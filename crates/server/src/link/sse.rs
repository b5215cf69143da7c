//! Server-sent events: a bounded body that the guard watches like a socket.

use std::sync::Arc;

use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::guard::{Connection, Guard, Watched};
use super::wire::Gone;
use crate::problem::{Rejection, problem};

/// Events that wait between their task and the connection.
const OUTBOX_MAX: usize = 64;

/// The task's end of an event stream.
pub struct EventBody {
    outbox: mpsc::Sender<Bytes>,
    pub watched: Arc<Watched>,
}

/// Begins an event stream.
pub fn begin(request: &HttpRequest, guard: &Guard) -> Result<(HttpResponse, EventBody), Rejection> {
    let connection = request
        .conn_data::<Connection>()
        .ok_or_else(|| problem(503, "socket_unavailable", "this connection cannot carry events now; try again"))?;
    // Readers of events have nothing to say, so their silence means nothing; the kernel notices machines that are gone.
    let watched = guard.watch(connection, false);
    let (outbox, events) = mpsc::channel(OUTBOX_MAX);
    let body = ReceiverStream::new(events).map(Ok::<_, actix_web::Error>);
    let response = HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(("cache-control", "no-store"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(body);
    Ok((response, EventBody { outbox, watched }))
}

impl EventBody {
    /// Says one event; `cursor` becomes its id.
    pub async fn event(&self, cursor: Option<u64>, data: &str) -> Result<(), Gone> {
        // The data is JSON, which has no line breaks outside its texts, where they are escaped.
        let event = match cursor {
            Some(cursor) => format!("id: {cursor}\ndata: {data}\n\n"),
            None => format!("data: {data}\n\n"),
        };
        self.put(event).await
    }

    /// Says that the stream is alive.
    pub async fn heartbeat(&self) -> Result<(), Gone> {
        self.put(": alive\n\n".to_owned()).await
    }

    async fn put(&self, text: String) -> Result<(), Gone> {
        let bytes = match self.outbox.try_send(text.into()) {
            Ok(()) => return Ok(()),
            Err(mpsc::error::TrySendError::Closed(_)) => return Err(Gone),
            Err(mpsc::error::TrySendError::Full(bytes)) => bytes,
        };
        self.watched.blocked(true);
        let sent = self.outbox.send(bytes).await;
        self.watched.blocked(false);
        sent.map_err(|_| Gone)
    }

    /// Waits until the reader is gone.
    pub async fn gone(&self) {
        self.outbox.closed().await;
    }
}

/// Returns where a reader goes on: what it says when it reconnects by itself, or `?after=`.
pub fn cursor(request: &HttpRequest, after: Option<u64>) -> Result<Option<u64>, Rejection> {
    let Some(last) = request.headers().get("last-event-id") else {
        return Ok(after);
    };
    let last = last.to_str().ok().and_then(|text| text.trim().parse().ok());
    let detail = "Last-Event-ID must be the id of an event of this stream, a number";
    last.map(Some).ok_or_else(|| problem(400, "cursor_invalid", detail).field("Last-Event-ID"))
}
