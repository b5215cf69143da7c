//! Joining a session: what was missed since a cursor, or a picture when that cannot be told piece by piece.
//!
//! The subscription comes first, then the look, then the store up to the look's position, then live news above it: so
//! nothing falls between, and nothing is told that is not durable.

use std::collections::BTreeMap;

use tenure_journal::{Position, StoreError};
use tenure_model::id::SessionId;
use tenure_model::view::SessionView;
use tenure_model::{EntityKey, Kind, Record, Timestamp};
use tenure_protocol::client::{ClientEvent, ClientLimits};
use tenure_runtime::Look;
use tenure_session::{Refusal, Session};

use crate::auth::Caller;
use crate::desk::Desk;
use crate::problem::{Explained, Rejection, of_ask, unavailable};
use crate::view::{Said, Touched, told};

/// Looks at a session on behalf of somebody who may see it.
pub async fn look(desk: &Desk, session: SessionId, caller: &Caller) -> Result<Look<Session>, Rejection> {
    let look = desk.runtime.sessions.look(session).await.map_err(of_ask)?;
    match look.state.role_of(&caller.by()) {
        Some(_) => Ok(look),
        // Strangers learn nothing, not even that it exists.
        None => Err(Refusal::Unknown.rejection()),
    }
}

/// Returns the session as people see it.
pub fn view_of(session: SessionId, look: &Look<Session>) -> Result<SessionView, Rejection> {
    look.state.view(session).ok_or_else(|| Refusal::Unknown.rejection())
}

/// How often what was missed is read again, because a turn has ended meanwhile.
const READS_MAX: usize = 3;

/// Returns what a client hears first, and the position up to which that goes. Without a cursor: a picture. With one:
/// exactly what it missed.
pub async fn opening(
    desk: &Desk,
    session: SessionId,
    caller: &Caller,
    after: Option<u64>,
) -> Result<(Vec<ClientEvent>, Position), Rejection> {
    let mut look = self::look(desk, session, caller).await?;
    let Some(after) = after else {
        return Ok((vec![init(desk, session, &look)?], look.position));
    };
    if after > look.position.0 {
        let why = "the cursor lies in the future of this session";
        return Ok((vec![resync(desk, session, &look, why)?], look.position));
    }
    for _ in 0..READS_MAX {
        let Some(missed) = missed(desk, session, &look, Position(after)).await? else {
            let why = "too much was missed to tell it piece by piece";
            return Ok((vec![resync(desk, session, &look, why)?], look.position));
        };
        if look.state.turns.is_empty() {
            return Ok((missed, look.position));
        }
        // The text of a turn that has ended since the look may have been gone when it was read.
        let now = self::look(desk, session, caller).await?;
        if look.state.turns.keys().all(|turn| now.state.turns.contains_key(turn)) {
            return Ok((missed, look.position));
        }
        look = now;
    }
    let why = "turns ended faster than what was missed could be read";
    Ok((vec![resync(desk, session, &look, why)?], look.position))
}

fn init(desk: &Desk, session: SessionId, look: &Look<Session>) -> Result<ClientEvent, Rejection> {
    let limits = ClientLimits {
        frame_bytes_max: desk.options.frame_bytes_max as u64,
        prompt_bytes_max: look.state.limits.prompt_bytes_max,
        queue_max: look.state.limits.queue_max,
        idle_ms_max: tenure_model::Span(desk.options.ping_every_ms.0 + desk.options.pong_deadline_ms.0),
    };
    Ok(ClientEvent::Init {
        position: look.position.0,
        session: view_of(session, look)?,
        presence: desk.presence.of(session),
        limits,
    })
}

/// Returns a picture that replaces everything the client has.
pub fn resync(desk: &Desk, session: SessionId, look: &Look<Session>, reason: &str) -> Result<ClientEvent, Rejection> {
    desk.figures.resynced();
    Ok(ClientEvent::Resync {
        position: look.position.0,
        reason: reason.to_owned(),
        session: view_of(session, look)?,
        presence: desk.presence.of(session),
    })
}

/// One stored commit.
#[derive(Default)]
struct Stored {
    seq: u64,
    at: Timestamp,
    events: Vec<tenure_session::Event>,
    deltas: Vec<tenure_model::Delta>,
}

/// Returns what came after a cursor; none when that is too much, or below the floor of the journal.
async fn missed(
    desk: &Desk,
    session: SessionId,
    look: &Look<Session>,
    after: Position,
) -> Result<Option<Vec<ClientEvent>>, Rejection> {
    if after == look.position {
        return Ok(Some(vec![]));
    }
    let (store, max, until) = (desk.runtime.store.clone(), desk.options.catch_up_max, look.position);
    let reading = actix_web::web::block(move || commits(&store, session, after, until, max));
    let read = reading.await.map_err(|_| unavailable("the server is stopping"))?;
    let Some(commits) = read.map_err(|error| unavailable(&error.to_string()))? else {
        return Ok(None);
    };
    let mut touched = Touched::default();
    let mut missed = vec![];
    let mut cursor = after.0;
    for (position, commit) in commits {
        commit.events.iter().for_each(|event| touched.note(event));
        let Stored { seq, at, events, deltas } = &commit;
        // What is told whole comes at the end; until then the cursor must not pass what touched it.
        let closes = (!touched.any()).then_some(position);
        missed.extend(told(&Said { seq: *seq, at: *at, events, deltas }, cursor, closes));
        if closes.is_some() {
            cursor = position.0;
        }
    }
    // Told as they stand now, which is as they stood at the look's position.
    missed.extend(touched.tell(&view_of(session, look)?, cursor, look.position));
    Ok(Some(missed))
}

fn commits(
    store: &tenure_journal::Store,
    session: SessionId,
    after: Position,
    until: Position,
    max: usize,
) -> Result<Option<BTreeMap<Position, Stored>>, StoreError> {
    let key = EntityKey::new(Kind::Session, session);
    // Deltas first: those of a turn that ends in between are gone then, and its record is read below.
    let deltas = store.deltas_after(key, after)?;
    let records = store.records_after(key, after, max + 1)?;
    let floor = store.floor(key);
    let below_floor = floor > 0 && records.first().is_some_and(|record| record.seq > floor + 1);
    if records.len() > max || deltas.len() > max || below_floor {
        return Ok(None);
    }
    let mut commits: BTreeMap<Position, Stored> = BTreeMap::new();
    for record in records.into_iter().filter(|record| record.position <= until) {
        let read: Record<Session> = serde_json::from_slice(&record.body)
            .map_err(|error| StoreError::Damaged { key, what: format!("record {}: {error}", record.seq) })?;
        let commit = commits.entry(record.position).or_default();
        (commit.seq, commit.at, commit.events) = (record.seq, record.at, read.events);
    }
    for delta in deltas.into_iter().filter(|delta| delta.position <= until) {
        commits.entry(delta.position).or_default().deltas.push(delta.delta);
    }
    Ok(Some(commits))
}
