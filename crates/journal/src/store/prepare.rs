//! Preparing a commit: judging it, and turning it into the rows that it changes.

use std::collections::BTreeSet;

use tenure_model::EntityKey;
use uuid::Uuid;

use super::blobs::INLINE_BYTES_MAX;
use super::rows::{self, Body, RecordRow, SnapshotRow};
use super::sweep::{Named, Sweep};
use super::{Commit, CommitError, EffectId, NewRecord, Position, Snapshot, Store, StoreError, TimerChange, keys, lock};
use crate::engine::{BATCH_ROWS_MAX, EngineError, Op, ROW_BYTES_MAX};

/// The rows that are kept free in each batch for the position.
pub(super) const ROWS_SPARE: usize = 1;
/// The longest delta, in bytes.
const DELTA_BYTES_MAX: usize = 1 << 20;
/// The longest record or snapshot, in bytes.
const BODY_BYTES_MAX: usize = 64 << 20;
/// The longest summary row, in bytes.
const SUMMARY_BYTES_MAX: usize = 64 << 10;
/// The longest name of a list, in bytes.
const LIST_BYTES_MAX: usize = 32;
/// The rows that are kept free in each commit for a record, a snapshot and their markers.
const BODIES_ROWS: usize = 2 * (INLINE_BYTES_MAX.div_ceil(ROW_BYTES_MAX) + 3);

/// One commit, as it will stand in a batch.
pub(super) struct Prepared {
    pub ops: Vec<Op>,
    /// What becomes unnamed.
    pub sweeps: Vec<Sweep>,
    /// The number of the entity's last record after it.
    pub seq: u64,
}

/// Why a commit could not be prepared: it is at fault, or the engine is.
pub(super) enum Stop {
    Refused(CommitError),
    Failed(EngineError),
}

impl From<CommitError> for Stop {
    fn from(error: CommitError) -> Self {
        Stop::Refused(error)
    }
}

impl From<EngineError> for Stop {
    fn from(error: EngineError) -> Self {
        Stop::Failed(error)
    }
}

impl Store {
    /// Judges a commit and returns what it changes. Large bodies are written on the way.
    pub(super) fn prepare(&self, commit: &Commit, position: Position) -> Result<Prepared, Stop> {
        if !lock(&self.0.fences).admits(commit.key, commit.epoch) {
            return Err(CommitError::Fenced(commit.epoch).into());
        }
        let last = self.last_seq(commit.key)?;
        let seq = judge(commit, last)?;
        let mut prepared = Prepared { ops: vec![], sweeps: vec![], seq };
        prepare_deltas(commit, position, &mut prepared);
        prepare_indexes(commit, &mut prepared);
        let rows = prepared.ops.iter().map(Op::rows).sum::<usize>() + BODIES_ROWS;
        within("a commit in rows", rows, BATCH_ROWS_MAX - ROWS_SPARE)?;
        if let Some(record) = &commit.record {
            self.prepare_record(commit.key, record, position, &mut prepared)?;
        }
        if let Some(snapshot) = &commit.snapshot {
            self.prepare_snapshot(commit.key, snapshot, &mut prepared)?;
        }
        Ok(prepared)
    }

    /// Returns the number of an entity's last record, 0 before its first.
    fn last_seq(&self, key: EntityKey) -> Result<u64, Stop> {
        let known = lock(&self.0.fences).seq(key);
        if let Some(seq) = known {
            return Ok(seq);
        }
        match self.last_record(key) {
            Ok(last) => Ok(last.map_or(0, |(seq, _)| seq)),
            Err(StoreError::Engine(failure)) => Err(Stop::Failed(failure)),
            Err(StoreError::Damaged { what, .. }) => Err(CommitError::Damaged { what }.into()),
        }
    }

    fn prepare_record(
        &self,
        key: EntityKey,
        record: &NewRecord,
        position: Position,
        prepared: &mut Prepared,
    ) -> Result<(), Stop> {
        let body = self.keep_body(key, &record.body)?;
        if let Body::ByHash { hash, .. } = &body {
            prepared.ops.push(Op::Delete(Sweep { entity: key, named: Named::Blob(*hash) }.marker()));
        }
        let row_key = keys::record(key, record.seq);
        let value = rows::write_record(&row_key, &RecordRow { position, at: record.at, body });
        prepared.ops.push(Op::PutOverShort(row_key, value));
        Ok(())
    }

    fn prepare_snapshot(&self, key: EntityKey, snapshot: &Snapshot, prepared: &mut Prepared) -> Result<(), Stop> {
        let row_key = keys::of_entity(keys::SNAPSHOT, key);
        let old = self.0.engine.get(&row_key)?.and_then(|value| rows::read_snapshot(&row_key, &value));
        let body = self.keep_body(key, &snapshot.body)?;
        if let Some(SnapshotRow { body: Body::ByHash { hash, .. }, .. }) = old {
            let sweep = Sweep { entity: key, named: Named::Blob(hash) };
            prepared.ops.push(Op::Put(sweep.marker(), vec![]));
            prepared.sweeps.push(sweep);
        }
        if let Body::ByHash { hash, .. } = &body {
            // After the former snapshot's marker: when both are the same, the blob stays named.
            let sweep = Sweep { entity: key, named: Named::Blob(*hash) };
            prepared.ops.push(Op::Delete(sweep.marker()));
            prepared.sweeps.retain(|other| *other != sweep);
        }
        let value = rows::write_snapshot(&row_key, &SnapshotRow { seq: snapshot.seq, body });
        prepared.ops.push(Op::Put(row_key, value));
        Ok(())
    }
}

/// Checks everything about a commit that needs no writing; returns the number of the last record after it.
fn judge(commit: &Commit, last: u64) -> Result<u64, CommitError> {
    let seq = match &commit.record {
        Some(record) if record.seq != last + 1 => {
            return Err(CommitError::Conflict { expected: last + 1, found: record.seq });
        }
        Some(record) => record.seq,
        None => last,
    };
    if let Some(record) = &commit.record {
        within("a record in bytes", record.body.len(), BODY_BYTES_MAX)?;
    }
    if let Some(snapshot) = &commit.snapshot {
        within("a snapshot in bytes", snapshot.body.len(), BODY_BYTES_MAX)?;
        if snapshot.seq > seq {
            return Err(CommitError::Invalid { what: "a snapshot cannot stand for records that are not written" });
        }
    }
    for delta in &commit.deltas {
        within("a delta in bytes", delta.body.len(), DELTA_BYTES_MAX)?;
    }
    for summary in &commit.summaries {
        let list = &summary.key.list;
        within("the name of a list in bytes", list.len(), LIST_BYTES_MAX)?;
        if !list.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
            return Err(CommitError::Invalid { what: "the name of a list is made of a to z and _" });
        }
        let size = summary.row.as_ref().map_or(0, |row| row.as_json().len());
        within("a summary row in bytes", size, SUMMARY_BYTES_MAX)?;
    }
    Ok(seq)
}

fn within(what: &'static str, size: usize, limit: usize) -> Result<(), CommitError> {
    match size > limit {
        true => Err(CommitError::TooLarge { what, size, limit }),
        false => Ok(()),
    }
}

fn prepare_deltas(commit: &Commit, position: Position, prepared: &mut Prepared) {
    for delta in commit.deltas.iter().filter(|delta| !commit.closes.contains(&delta.stream)) {
        let key = keys::delta(commit.key, delta.stream, delta.number);
        let value = rows::write_delta(&key, position, &delta.body);
        prepared.ops.push(Op::PutOverShort(key, value));
    }
    for stream in &commit.closes {
        let sweep = Sweep { entity: commit.key, named: Named::Stream(*stream) };
        prepared.ops.push(Op::Put(sweep.marker(), vec![]));
        prepared.sweeps.push(sweep);
    }
}

fn prepare_indexes(commit: &Commit, prepared: &mut Prepared) {
    let ops = &mut prepared.ops;
    if let Some(record) = &commit.record {
        ops.extend(
            (0..record.effects)
                .map(|n| Op::PutOverShort(keys::outbox(EffectId { key: commit.key, seq: record.seq, n }), vec![])),
        );
        ops.extend(
            page_keys(commit.key, record.seq, &record.pages).into_iter().map(|key| Op::PutOverShort(key, vec![])),
        );
    }
    let timer_key = keys::of_entity(keys::TIMER, commit.key);
    match commit.timer {
        Some(TimerChange::Set(timer)) => {
            let value = rows::write_timer(&timer_key, timer);
            ops.push(Op::PutOverShort(timer_key, value));
        }
        Some(TimerChange::Clear) => ops.push(Op::DeleteShort(timer_key)),
        None => {}
    }
    ops.extend(commit.summaries.iter().map(|change| {
        let key = keys::summary(&change.key);
        match &change.row {
            Some(row) => {
                let value = rows::write_summary(&key, commit.key, row);
                Op::Put(key, value)
            }
            None => Op::Delete(key),
        }
    }));
}

/// Returns the keys of the page rows of a record: one for each of its pages, and one for the whole transcript.
pub(super) fn page_keys(key: EntityKey, seq: u64, pages: &[Uuid]) -> BTreeSet<Vec<u8>> {
    let whole = (!pages.is_empty()).then_some(Uuid::nil());
    pages.iter().copied().chain(whole).map(|page| keys::page_row(key, page, seq)).collect()
}
