//! The transcript, in pages.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Deserialize;
use tenure_journal::{Store, StoreError};
use tenure_model::id::{SessionId, ThreadId};
use tenure_model::view::Message;
use tenure_model::{EntityKey, Kind, Record};
use tenure_protocol::http::{Page, Transcript};
use tenure_session::Session;
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
    if let Some(thread) = query.thread.filter(|thread| !look.state.threads.contains_key(thread)) {
        return Err(tenure_session::Refusal::UnknownThread(thread).rejection().field("thread"));
    }
    let store = desk.runtime.store.clone();
    // Nothing is shown that the look did not see: it is not durable yet.
    let before = query.before.unwrap_or(u64::MAX).min(look.seq.saturating_add(1));
    let read = actix_web::web::block(move || page(&store, session, query.thread, before, limit)).await;
    let page = read.map_err(|_| unavailable("the server is stopping"))?;
    Ok(Json(page.map_err(|error| unavailable(&error.to_string()))?))
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
    let mut cursor = None;
    for stored in records {
        if items.len() >= limit {
            cursor = items.last().map(|oldest| oldest.seq.to_string());
            break;
        }
        let record: Record<Session> = serde_json::from_slice(&stored.body)
            .map_err(|error| StoreError::Damaged { key, what: format!("record {}: {error}", stored.seq) })?;
        let messages =
            record.events.iter().filter_map(|event| tenure_session::view::message(event, stored.seq, stored.at));
        let mut messages: Vec<_> =
            messages.filter(|message| thread.is_none_or(|thread| message.thread == thread)).collect();
        messages.reverse();
        items.extend(messages);
    }
    Ok(Page { items, cursor })
}
