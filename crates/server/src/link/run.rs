//! The stream of one run, over a websocket or as server-sent events: what happens to its steps, how it stands, what people are asked and
//! what they decide.
//!
//! The subscription comes first, then the look, then the store up to the look's position, then live news above it. Of the
//! events of one commit only the last carries its position; the others carry the one before, so that a watcher who is cut
//! off in between gets the commit again.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use tenure_journal::{Position, Store, StoreError};
use tenure_model::id::ExecutionId;
use tenure_model::{Entity, EntityKey, Kind, Timestamp};
use tenure_protocol::RUN_SUBPROTOCOL;
use tenure_protocol::execution::ExecutionEvent;
use tenure_runtime::{Committed, Look, News, Subscription};
use tenure_workflow::Execution;
use tenure_workflow::execution::Event;

use super::client::telling::Over;
use super::way::{Asked, Stream, Way};
use super::wire::{Ending, Gone};
use super::{going_away, revoked, right_lost, stopping};
use crate::api::{executions, input};
use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::Rejection;
use crate::runs::{steps, timeline, view};
use crate::view::before;

/// The newest records whose steps a picture shows; earlier ones are read in pages.
const PICTURE_RECORDS_MAX: usize = 1_000;

static RUN: Stream = Stream {
    subprotocol: RUN_SUBPROTOCOL,
    complain: |problem| encoded(&ExecutionEvent::Error { problem }),
    silence: "the stream of a run takes no messages; use the HTTP API",
};

/// `GET /api/executions/{id}/stream?after=`: streams a run's news.
pub async fn stream(
    desk: web::Data<Desk>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Rejection> {
    let Asked { caller, after } = RUN.asked(&desk, &request)?;
    let id: ExecutionId = input::id(&request, "id")?;
    executions::look(&desk, id, &caller).await?;
    let (response, mut way) = RUN.begin(&desk, &caller, &request, payload)?;
    let watcher = Watcher { desk: desk.into_inner(), caller, id };
    actix_web::rt::spawn(async move {
        let Err(Over::Ends(ending, rejection)) = watcher.talk(after, &mut way).await else {
            return;
        };
        // Somebody who is gone need not be told.
        let _ = way.end(ending, rejection).await;
    });
    Ok(response)
}

fn encoded(event: &ExecutionEvent) -> String {
    serde_json::to_string(event).expect("an event of a run is plain data")
}

/// One watcher of one run.
struct Watcher {
    desk: Arc<Desk>,
    caller: Caller,
    id: ExecutionId,
}

impl Watcher {
    async fn talk(&self, mut after: Option<u64>, way: &mut Way) -> Result<(), Over> {
        loop {
            let feed = self.desk.runtime.executions.feed();
            let news = feed.subscribe(self.id, self.desk.options.socket_queue_max);
            way.watched().lost_by(news.lost_since());
            let look = executions::look(&self.desk, self.id, &self.caller).await?.look;
            for event in self.opening(&look, after.take()).await? {
                say(way, event).await?;
            }
            say(way, ExecutionEvent::Live { position: look.position.0 }).await?;
            // It ends when the watcher was too slow for its queue: it gets the run as it is now.
            self.live(news, look, way).await?;
        }
    }

    /// Returns what a watcher hears first: a picture, or what was missed up to the look.
    async fn opening(&self, look: &Look<Execution>, after: Option<u64>) -> Result<Vec<ExecutionEvent>, Rejection> {
        let (id, look, max) = (self.id, look.clone(), self.desk.options.catch_up_max);
        let known = after.map(Position).filter(|after| *after <= look.position);
        let opening = self.desk.read(move |store| {
            let missed = known.map(|after| missed(store, id, &look, after, max)).transpose()?.flatten();
            missed.map_or_else(|| Ok(vec![picture(store, id, &look)?]), Ok)
        });
        opening.await
    }

    /// Tells live news. The run as it was looked at takes up each commit, so that it stands as it did after that one.
    async fn live(&self, mut news: Subscription<Execution>, look: Look<Execution>, way: &mut Way) -> Result<(), Over> {
        let Look { state, position, .. } = look;
        let mut run = Arc::unwrap_or_clone(state);
        let mut revocation = std::pin::pin!(right_lost(&self.desk, &self.caller));
        let mut stop = std::pin::pin!(stopping(&self.desk));
        let mut heartbeat = actix_web::rt::time::interval(self.desk.options.heartbeat_every_ms.duration());
        loop {
            tokio::select! {
                piece = news.next() => match piece {
                    Some(News::Committed(committed)) if committed.position > position => {
                        self.tell(&mut run, &committed, way).await?;
                    }
                    Some(_) => {}
                    None => return Ok(()),
                },
                _ = heartbeat.tick() => way.heartbeat().await?,
                heard = way.hear() => heard?,
                () = &mut revocation => return Err(Over::Ends(Ending::Policy, revoked())),
                () = &mut stop => return Err(Over::Ends(Ending::GoingAway, going_away())),
            }
        }
    }

    async fn tell(&self, run: &mut Execution, committed: &Committed<Execution>, way: &Way) -> Result<(), Over> {
        for event in told(run, &committed.events, committed.at, before(committed.position)) {
            say(way, event).await?;
        }
        committed.events.iter().for_each(|event| run.apply(event, committed.at));
        if let Some(stands) = updated(self.id, run, committed.position) {
            say(way, stands).await?;
        }
        Ok(())
    }
}

async fn say(way: &Way, mut event: ExecutionEvent) -> Result<(), Gone> {
    let cursor = event.position_mut().copied();
    way.say(cursor, encoded(&event)).await
}

/// Returns the run as it stands.
fn picture(store: &Store, id: ExecutionId, look: &Look<Execution>) -> Result<ExecutionEvent, StoreError> {
    let execution = Box::new(view::whole(store, id, &look.state)?);
    let steps = timeline::newest(store, id, look, PICTURE_RECORDS_MAX)?;
    Ok(ExecutionEvent::Init { position: look.position.0, execution, steps })
}

/// Returns what came after a cursor; none when that is too much.
fn missed(
    store: &Store,
    id: ExecutionId,
    look: &Look<Execution>,
    after: Position,
    max: usize,
) -> Result<Option<Vec<ExecutionEvent>>, StoreError> {
    if after == look.position {
        return Ok(Some(vec![]));
    }
    let key = EntityKey::new(Kind::Execution, id);
    let records = store.records_after(key, after, max + 1)?;
    if records.len() > max {
        return Ok(None);
    }
    let mut missed = vec![];
    let mut cursor = after.0;
    for record in records.iter().take_while(|record| record.position <= look.position) {
        let mut events = told(&look.state, &timeline::events_of(id, record)?, record.at, cursor);
        // How the run stands comes at the end, for all of them; the cursor must not pass it before.
        if record.position < look.position
            && let Some(last) = events.last_mut().and_then(ExecutionEvent::position_mut)
        {
            cursor = record.position.0;
            *last = cursor;
        }
        missed.extend(events);
    }
    missed.extend(updated(id, &look.state, look.position));
    Ok(Some(missed))
}

/// Tells what one commit held.
fn told(run: &Execution, events: &[Event], at: Timestamp, position: u64) -> Vec<ExecutionEvent> {
    let tell = |event: &Event| {
        let step = steps::step_event(run, event, at).map(Box::new).map(|step| ExecutionEvent::Step { position, step });
        step.or_else(|| steps::decided(event).map(|decided| ExecutionEvent::Decided { position, decided }))
    };
    events.iter().filter_map(tell).collect()
}

/// Tells how the run stands.
fn updated(id: ExecutionId, run: &Execution, position: Position) -> Option<ExecutionEvent> {
    let (row, approvals) = (Box::new(steps::row(run, id)?), steps::approvals(run, id));
    Some(ExecutionEvent::Updated { position: position.0, run: row, approvals })
}
