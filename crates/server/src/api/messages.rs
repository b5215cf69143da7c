//! The transcript, in pages.

use std::collections::BTreeSet;

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Deserialize;
use tenure_journal::{Store, StoreError};
use tenure_model::id::{SessionId, ThreadId, TurnId};
use tenure_model::view::Message;
use tenure_model::{EntityKey, Kind, Record};
use tenure_protocol::http::{Page, Transcript};
use tenure_session::{Event, Session};
use uuid::Uuid;

use super::input;
use crate::auth::Person;
use crate::desk::Desk;
use crate::link::client::join;
use crate::problem::{Explained, Rejection, unavailable};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    limit: Option<u64>,
    /// The `cursor` of the page before; the newest page when absent.
    before: Option<u64>,
    /// One thread only.
    thread: Option<ThreadId>,
}

/// `GET /api/sessions/{id}/messages?limit&before&thread`: reads the transcript back in time, newest first.
pub async fn list(desk: Data<Desk>, request: HttpRequest, caller: Person) -> Result<Json<Transcript>, Rejection> {
    let session: SessionId = input::id(&request, "id")?;
    let query: PageQuery = input::query(&request)?;
    let limit = input::limit(&desk, query.limit)?;
    let look = join::look(&desk, session, &caller.0).await?;
    let store = desk.runtime.store.clone();
    // Nothing is shown that the look did not see: it is not durable yet.
    let before = query.before.unwrap_or(u64::MAX).min(look.seq.saturating_add(1));
    let read = actix_web::web::block(move || page(&store, session, query.thread, before, limit)).await;
    let page = read.map_err(|_| unavailable("the server is stopping"))?;
    let mut page = page.map_err(|error| unavailable(&error.to_string()))?;
    // A thread that was closed is still read; one that never was has nothing to read.
    let closed = |thread: &ThreadId| !look.state.threads.contains_key(thread) && page.items.is_empty();
    if let Some(thread) = query.thread.filter(closed) {
        return Err(tenure_session::Refusal::UnknownThread(thread).rejection().field("thread"));
    }
    page.items = page.items.into_iter().map(|message| as_it_counts(&look.state, message)).collect();
    Ok(Json(page))
}

/// A message that a later repair round took the place of is remembered as such by the session for a while.
fn as_it_counts(session: &Session, message: Message) -> Message {
    if session.is_superseded(message.turn) { tenure_session::view::superseded(message) } else { message }
}

fn page(
    store: &Store,
    session: SessionId,
    thread: Option<ThreadId>,
    before: u64,
    limit: usize,
) -> Result<Transcript, StoreError> {
    let key = EntityKey::new(Kind::Session, session);
    let page = thread.map_or(Uuid::nil(), |thread| thread.0);
    // One record more than can be needed tells whether there is another page.
    let records = store.page(key, page, Some(before), limit + 1)?;
    let mut items: Vec<Message> = vec![];
    // Records without a message may fill the page: then it goes on below the last one.
    let mut cursor = records.last().filter(|_| records.len() > limit).map(|oldest| oldest.seq.to_string());
    // Newest first, so that what took a turn's place is read before the turn.
    let mut superseded: BTreeSet<TurnId> = BTreeSet::new();
    for stored in records {
        if items.len() >= limit {
            cursor = items.last().map(|oldest| oldest.seq.to_string());
            break;
        }
        let record: Record<Session> = serde_json::from_slice(&stored.body)
            .map_err(|error| StoreError::Damaged { key, what: format!("record {}: {error}", stored.seq) })?;
        superseded.extend(record.events.iter().filter_map(|event| match event {
            Event::TurnSuperseded { turn, .. } => Some(*turn),
            _ => None,
        }));
        let messages =
            record.events.iter().filter_map(|event| tenure_session::view::message(event, stored.seq, stored.at));
        let mut messages: Vec<_> =
            messages.filter(|message| thread.is_none_or(|thread| message.thread == thread)).collect();
        messages.reverse();
        items.extend(messages.into_iter().map(|message| match superseded.contains(&message.turn) {
            true => tenure_session::view::superseded(message),
            false => message,
        }));
    }
    Ok(Page { items, cursor })
}
