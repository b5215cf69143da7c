//! The stream of a run: joins, stays joined, and tells everything once.
//!
//! A task holds the connection. It reconnects for ever with [`Backoff`], and goes on where the [`Cursor`] stands.

use hyper::body::Incoming;
use tenure_model::id::ExecutionId;
use tenure_protocol::Problem;
use tenure_protocol::execution::ExecutionEvent;
use tokio::sync::mpsc;

use super::api::Api;
use super::backoff::Backoff;
use super::cursor::Cursor;
use super::link::{News, spread};
use super::sse::{self, Events};
use crate::failure::Failure;

/// How many pieces of news wait for the screen; past it the stream is read no further.
const NEWS_MAX: usize = 256;

/// A stream of one run.
pub struct Watch {
    news: mpsc::Receiver<News<ExecutionEvent>>,
}

impl Watch {
    /// Joins a run and stays joined until the watch is dropped.
    pub fn join(api: &Api, execution: ExecutionId) -> Self {
        let (told, news) = mpsc::channel(NEWS_MAX);
        let line = Line { api: api.clone(), execution, cursor: Cursor::default(), told };
        tokio::spawn(line.keep());
        Self { news }
    }

    /// Waits for what happens next.
    pub async fn next(&mut self) -> Option<News<ExecutionEvent>> {
        self.news.recv().await
    }
}

/// The task behind a [`Watch`].
struct Line {
    api: Api,
    execution: ExecutionId,
    cursor: Cursor,
    told: mpsc::Sender<News<ExecutionEvent>>,
}

/// Why a connection is over.
enum End {
    /// Connect again.
    Lost(String),
    /// The watch was dropped.
    Unwanted,
    Refused(Problem),
}

impl Line {
    async fn keep(mut self) {
        let mut backoff = Backoff::default();
        loop {
            let why = match self.connection(&mut backoff).await {
                End::Unwanted => return,
                End::Refused(problem) => {
                    // Nobody is left to hear it when this fails.
                    let _ = self.told.send(News::Refused(problem)).await;
                    return;
                }
                End::Lost(why) => why,
            };
            self.cursor.broken();
            let pause = backoff.next(spread());
            if self.told.send(News::Lost { why, pause }).await.is_err() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.told.closed() => return,
            }
        }
    }

    async fn connection(&mut self, backoff: &mut Backoff) -> End {
        let after = self.cursor.after().map(|after| format!("?after={after}")).unwrap_or_default();
        let opened = self.api.stream(&format!("/api/executions/{}/stream{after}", self.execution)).await;
        let body = match opened {
            Ok(body) => body,
            Err(Failure::Refused(problem)) => return End::Refused(*problem),
            Err(failure) => return End::Lost(failure.to_string()),
        };
        if self.told.send(News::Joined).await.is_err() {
            return End::Unwanted;
        }
        tokio::select! {
            end = listen(body, &mut self.cursor, &self.told, backoff) => end,
            () = self.told.closed() => End::Unwanted,
        }
    }
}

async fn listen(
    mut body: Incoming,
    cursor: &mut Cursor,
    told: &mpsc::Sender<News<ExecutionEvent>>,
    backoff: &mut Backoff,
) -> End {
    let mut events = Events::default();
    loop {
        let piece = match sse::piece(&mut body).await {
            Ok(piece) => piece,
            Err(why) => return End::Lost(why),
        };
        for data in events.take(&piece) {
            let mut event: ExecutionEvent = match serde_json::from_str(&data) {
                Ok(event) => event,
                Err(error) => {
                    let detail = format!("a frame of the server cannot be read ({error}); is this client older?");
                    return End::Refused(Problem::new(502, "unknown_frame", detail));
                }
            };
            match &event {
                ExecutionEvent::Live { .. } => backoff.reset(),
                ExecutionEvent::Error { problem } if problem.retry || problem.status >= 500 => {
                    return End::Lost(problem.detail.clone());
                }
                ExecutionEvent::Error { problem } => return End::Refused(problem.clone()),
                _ => {}
            }
            if cursor.take(&mut event, &data) && told.send(News::Event(Box::new(event), data)).await.is_err() {
                return End::Unwanted;
            }
        }
    }
}
