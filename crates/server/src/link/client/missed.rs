//! What a client has missed of a session and of the runs that work there, from their journals, in one order.

use std::collections::{BTreeMap, BTreeSet};

use tenure_journal::{Position, Store, StoreError};
use tenure_model::id::{ExecutionId, SessionId};
use tenure_model::{Delta, EntityKey, Kind, Record, Timestamp};
use tenure_protocol::client::ClientEvent;
use tenure_session::{Event, Session};
use tenure_workflow::Execution;
use tenure_workflow::execution;

use super::join::{self, Standing};
use crate::desk::Desk;
use crate::problem::{Rejection, unavailable};
use crate::view::{Said, Touched, close, told};

/// One stored commit, of the session or of a run.
#[derive(Default)]
struct Stored {
    seq: u64,
    at: Timestamp,
    events: Vec<Event>,
    deltas: Vec<Delta>,
    runs: Vec<RunRecord>,
}

/// One record of a run.
pub struct RunRecord {
    execution: ExecutionId,
    position: Position,
    pub at: Timestamp,
    pub events: Vec<execution::Event>,
}

/// Returns what came after a cursor, up to where `standing` stands; none when that is too much, or below the floor of the
/// journal.
pub async fn missed(
    desk: &Desk,
    session: SessionId,
    standing: &Standing,
    after: Position,
) -> Result<Option<Vec<ClientEvent>>, Rejection> {
    let (max, until) = (desk.options.catch_up_max, standing.position);
    if after >= until {
        return Ok(Some(vec![]));
    }
    let Some(mut commits) = read(desk, move |store| of_session(store, session, after, until, max)).await? else {
        return Ok(None);
    };
    let mut attached = BTreeMap::new();
    let mut over = vec![];
    for (position, commit) in &commits {
        for event in &commit.events {
            match event {
                Event::RunAttached { execution, .. } => drop(attached.insert(*execution, *position)),
                Event::RunEnded { execution, .. } if !standing.runs.contains_key(execution) => over.push(*execution),
                _ => {}
            }
        }
    }
    let over = join::runs(desk, over).await?;
    let run = |id: &ExecutionId| standing.runs.get(id).or_else(|| over.get(id));
    let begins = |id: &ExecutionId| (*id, attached.get(id).map_or(after, |_| Position::default()));
    let wanted: Vec<_> = standing.runs.keys().chain(over.keys()).map(begins).collect();
    let Some(records) = read(desk, move |store| of_runs(store, &wanted, until, max)).await? else {
        return Ok(None);
    };
    for record in records {
        // What a run did before the session knew of it is told together with its joining.
        let joined = attached.get(&record.execution).copied().unwrap_or_default();
        commits.entry(joined.max(record.position)).or_default().runs.push(record);
    }

    let mut touched = Touched::default();
    let mut moved = BTreeSet::new();
    let mut missed = vec![];
    let mut cursor = after.0;
    for (position, commit) in commits {
        for event in &commit.events {
            touched.note(event);
            // How a run ended is told before it leaves.
            if let Event::RunEnded { execution, .. } = event {
                moved.remove(execution);
                missed.extend(over.get(execution).into_iter().flat_map(|run| run.standing(cursor)));
            }
        }
        moved.extend(commit.runs.iter().map(|record| record.execution));
        let Stored { seq, at, events, deltas, runs } = &commit;
        // What is told whole comes at the end; until then the cursor must not pass what touched it.
        let closes = (!touched.any() && moved.is_empty()).then_some(position);
        missed.extend(told(&Said { seq: *seq, at: *at, events, deltas }, cursor, closes));
        for record in runs {
            let tell = |run: &crate::runs::chat::ShownRun| run.happened(&record.events, record.at, cursor);
            missed.extend(run(&record.execution).into_iter().flat_map(tell));
        }
        if closes.is_some() {
            cursor = position.0;
        }
    }
    // Told as they stand now, which is as they stood at the end of what was missed, or later.
    missed.extend(touched.tell(&join::view_of(session, &standing.session)?, cursor));
    missed.extend(moved.iter().filter_map(run).flat_map(|run| run.standing(cursor)));
    close(&mut missed, until);
    Ok(Some(missed))
}

/// Returns what a run did up to a position; none when that is too much to be told piece by piece.
pub async fn history(
    desk: &Desk,
    execution: ExecutionId,
    until: Position,
) -> Result<Option<Vec<RunRecord>>, Rejection> {
    let max = desk.options.catch_up_max;
    read(desk, move |store| of_runs(store, &[(execution, Position::default())], until, max)).await
}

async fn read<T: Send + 'static>(
    desk: &Desk,
    read: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Rejection> {
    let store = desk.runtime.store.clone();
    let reading = actix_web::web::block(move || read(&store)).await;
    reading.map_err(|_| unavailable("the server is stopping"))?.map_err(|error| unavailable(&error.to_string()))
}

fn of_session(
    store: &Store,
    session: SessionId,
    after: Position,
    until: Position,
    max: usize,
) -> Result<Option<BTreeMap<Position, Stored>>, StoreError> {
    let key = EntityKey::new(Kind::Session, session);
    // Deltas first: those of a turn that ends in between are gone then, and its record is read below.
    let deltas = store.deltas_after(key, after)?;
    let records = store.records_after(key, after, max + 1)?;
    if records.len() > max || deltas.len() > max {
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

/// Reads the records of runs, of each those after its own position; none when all together are more than `max`.
fn of_runs(
    store: &Store,
    wanted: &[(ExecutionId, Position)],
    until: Position,
    max: usize,
) -> Result<Option<Vec<RunRecord>>, StoreError> {
    let mut found = vec![];
    for (execution, after) in wanted {
        let key = EntityKey::new(Kind::Execution, *execution);
        for record in store.records_after(key, *after, max + 1 - found.len())? {
            if record.position > until {
                break;
            }
            let read: Record<Execution> = serde_json::from_slice(&record.body)
                .map_err(|error| StoreError::Damaged { key, what: format!("record {}: {error}", record.seq) })?;
            let (execution, position, at) = (*execution, record.position, record.at);
            found.push(RunRecord { execution, position, at, events: read.events });
        }
        if found.len() > max {
            return Ok(None);
        }
    }
    Ok(Some(found))
}
