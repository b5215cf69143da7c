//! Writing a group of commits: judged one by one, written in as few durable batches as hold them, answered in order.

use tenure_model::EntityKey;

use super::rows::{self, Body, RecordRow, SnapshotRow};
use super::sweep::{Named, Sweep};
use super::{Commit, CommitError, EffectId, NewRecord, Position, Snapshot, Store, StoreError, TimerChange, keys, lock};
use crate::engine::{BATCH_ROWS_MAX, EngineError, Op};

/// The rows that are kept free in each batch for the position.
const ROWS_SPARE: usize = 1;
/// The longest delta, in bytes.
const DELTA_BYTES_MAX: usize = 1 << 20;
/// The longest record or snapshot, in bytes.
const BODY_BYTES_MAX: usize = 64 << 20;
/// The longest summary row, in bytes.
const SUMMARY_BYTES_MAX: usize = 64 << 10;
/// The longest name of a list, in bytes.
const LIST_BYTES_MAX: usize = 32;

/// The answers to a group, in its order.
type Answers = Vec<Result<Position, CommitError>>;

impl Store {
    /// Writes every commit of the group that may be written, each whole, and strikes effects out. What is answered with
    /// a position is durable; positions rise in the order of the group. Only the writer thread calls this.
    ///
    /// A refused commit ends the life of its entity, and disturbs no other. When the engine fails, every life ends; then
    /// nothing is written until [`Store::revive`].
    pub fn commit(&self, group: &[Commit], strikes: &[EffectId]) -> Result<Answers, StoreError> {
        let _writing = lock(&self.0.writing);
        let mut writing = Writing::new(self);
        for strike in strikes {
            writing.add(vec![Op::Delete(keys::outbox(*strike))], 1);
        }
        for commit in group {
            writing.take(commit);
        }
        writing.finish()
    }
}

/// A group that is being written.
struct Writing<'s> {
    store: &'s Store,
    answers: Answers,
    /// The batch that is being filled, and the first answer that hangs on it.
    ops: Vec<Op>,
    rows: usize,
    unwritten_from: usize,
    /// What the batch makes unnamed.
    sweeps: Vec<Sweep>,
    /// The last position that was given, durable or not.
    last: Position,
    batches: usize,
    failure: Option<EngineError>,
}

/// One commit, as it will stand in a batch.
struct Prepared {
    ops: Vec<Op>,
    sweeps: Vec<Sweep>,
    seq: Option<u64>,
}

/// Why a commit could not be prepared: it is at fault, or the engine is.
enum Stop {
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

impl<'s> Writing<'s> {
    fn new(store: &'s Store) -> Self {
        Self {
            store,
            answers: vec![],
            ops: vec![],
            rows: 0,
            unwritten_from: 0,
            sweeps: vec![],
            last: store.position(),
            batches: 0,
            failure: None,
        }
    }

    fn take(&mut self, commit: &Commit) {
        if let Some(failure) = &self.failure {
            self.answers.push(Err(CommitError::NotWritten {
                why: failure.to_string(),
            }));
            return;
        }
        let position = Position(self.last.0 + 1);
        let prepared = match self.store.prepare(commit, position) {
            Ok(prepared) => prepared,
            Err(Stop::Refused(refusal)) => {
                if !matches!(refusal, CommitError::Fenced(_)) {
                    lock(&self.store.0.fences).end(commit.key);
                }
                self.answers.push(Err(refusal));
                return;
            }
            Err(Stop::Failed(failure)) => {
                self.answers.push(Err(CommitError::NotWritten {
                    why: failure.to_string(),
                }));
                self.fail(failure);
                return;
            }
        };
        let rows = prepared.ops.iter().map(Op::rows).sum();
        self.add(prepared.ops, rows);
        if let Some(failure) = &self.failure {
            self.answers.push(Err(CommitError::NotWritten {
                why: failure.to_string(),
            }));
            return;
        }
        self.sweeps.extend(prepared.sweeps);
        if let Some(seq) = prepared.seq {
            lock(&self.store.0.fences).set_seq(commit.key, seq);
        }
        self.last = position;
        self.answers.push(Ok(position));
    }

    /// Adds changes that belong together to the batch, after writing it when they do not fit any more.
    fn add(&mut self, ops: Vec<Op>, rows: usize) {
        if self.rows + rows + ROWS_SPARE > BATCH_ROWS_MAX {
            self.write();
        }
        self.ops.extend(ops);
        self.rows += rows;
    }

    fn write(&mut self) {
        if self.ops.is_empty() || self.failure.is_some() {
            return;
        }
        if self.last > self.store.position() {
            let key = keys::position();
            let value = rows::write_position(&key, self.last);
            self.ops.push(Op::Put(key, value));
        }
        if let Err(failure) = self.store.0.engine.write(&self.ops) {
            return self.fail(failure);
        }
        self.store
            .0
            .position
            .store(self.last.0, std::sync::atomic::Ordering::Release);
        lock(&self.store.0.sweeps).add(self.sweeps.drain(..));
        self.ops.clear();
        self.rows = 0;
        self.batches += 1;
        self.unwritten_from = self.answers.len();
    }

    /// Takes back what was not written, and ends every life: nobody knows any more what their states stand on.
    fn fail(&mut self, failure: EngineError) {
        for answer in &mut self.answers[self.unwritten_from..] {
            if answer.is_ok() {
                *answer = Err(CommitError::NotWritten {
                    why: failure.to_string(),
                });
            }
        }
        lock(&self.store.0.fences).clear();
        self.failure = Some(failure);
    }

    fn finish(mut self) -> Result<Answers, StoreError> {
        if !self.ops.is_empty() && self.failure.is_none() {
            match self.store.ride_along(self.rows + ROWS_SPARE) {
                Ok(swept) => self.ops.extend(swept),
                Err(failure) => self.fail(failure),
            }
        }
        self.write();
        match self.failure {
            Some(failure) if self.batches == 0 => Err(failure.into()),
            _ => Ok(self.answers),
        }
    }
}

impl Store {
    /// Judges a commit and returns what it changes. Large bodies are written on the way.
    fn prepare(&self, commit: &Commit, position: Position) -> Result<Prepared, Stop> {
        if !lock(&self.0.fences).admits(commit.key, commit.epoch) {
            return Err(CommitError::Fenced(commit.epoch).into());
        }
        let last = self.last_seq(commit.key)?;
        let seq = judge(commit, last)?;
        let mut prepared = Prepared {
            ops: vec![],
            sweeps: vec![],
            seq: Some(seq),
        };
        self.prepare_deltas(commit, position, &mut prepared)?;
        prepare_indexes(commit, &mut prepared);
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
            prepared.ops.push(Op::Delete(
                Sweep {
                    entity: key,
                    named: Named::Blob(*hash),
                }
                .marker(),
            ));
        }
        let row_key = keys::record(key, record.seq);
        let value = rows::write_record(
            &row_key,
            &RecordRow {
                position,
                at: record.at,
                body,
            },
        );
        prepared.ops.push(Op::Put(row_key, value));
        Ok(())
    }

    fn prepare_snapshot(&self, key: EntityKey, snapshot: &Snapshot, prepared: &mut Prepared) -> Result<(), Stop> {
        let row_key = keys::of_entity(keys::SNAPSHOT, key);
        let old = self
            .0
            .engine
            .get(&row_key)?
            .and_then(|value| rows::read_snapshot(&row_key, &value));
        let body = self.keep_body(key, &snapshot.body)?;
        if let Some(SnapshotRow {
            body: Body::ByHash { hash, .. },
            ..
        }) = old
        {
            let sweep = Sweep {
                entity: key,
                named: Named::Blob(hash),
            };
            prepared.ops.push(Op::Put(sweep.marker(), vec![]));
            prepared.sweeps.push(sweep);
        }
        if let Body::ByHash { hash, .. } = &body {
            // After the former snapshot's marker: when both are the same, the blob stays named.
            let sweep = Sweep {
                entity: key,
                named: Named::Blob(*hash),
            };
            prepared.ops.push(Op::Delete(sweep.marker()));
            prepared.sweeps.retain(|other| *other != sweep);
        }
        let value = rows::write_snapshot(
            &row_key,
            &SnapshotRow {
                seq: snapshot.seq,
                body,
            },
        );
        prepared.ops.push(Op::Put(row_key, value));
        Ok(())
    }

    fn prepare_deltas(&self, commit: &Commit, position: Position, prepared: &mut Prepared) -> Result<(), Stop> {
        for delta in commit
            .deltas
            .iter()
            .filter(|delta| !commit.closes.contains(&delta.stream))
        {
            let key = keys::delta(commit.key, delta.stream, delta.number);
            let value = rows::write_delta(&key, position, &delta.body);
            prepared.ops.push(Op::Put(key, value));
        }
        for stream in &commit.closes {
            let sweep = Sweep {
                entity: commit.key,
                named: Named::Stream(*stream),
            };
            prepared.ops.push(Op::Put(sweep.marker(), vec![]));
            prepared.sweeps.push(sweep);
        }
        Ok(())
    }
}

/// Checks everything about a commit that needs no writing; returns the number of the last record after it.
fn judge(commit: &Commit, last: u64) -> Result<u64, CommitError> {
    let within = |what, size: usize, limit| match size > limit {
        true => Err(CommitError::TooLarge { what, size, limit }),
        false => Ok(()),
    };
    let seq = match &commit.record {
        Some(record) if record.seq != last + 1 => {
            return Err(CommitError::Conflict {
                expected: last + 1,
                found: record.seq,
            });
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
            return Err(CommitError::Invalid {
                what: "a snapshot cannot stand for records that are not written",
            });
        }
    }
    for delta in &commit.deltas {
        within("a delta in bytes", delta.body.len(), DELTA_BYTES_MAX)?;
    }
    for summary in &commit.summaries {
        let list = &summary.key.list;
        within("the name of a list in bytes", list.len(), LIST_BYTES_MAX)?;
        if !list.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
            return Err(CommitError::Invalid {
                what: "the name of a list is made of a to z and _",
            });
        }
        let size = summary.row.as_ref().map_or(0, |row| row.to_string().len());
        within("a summary row in bytes", size, SUMMARY_BYTES_MAX)?;
    }
    within("a commit in rows", rows_at_most(commit), BATCH_ROWS_MAX - ROWS_SPARE)?;
    Ok(seq)
}

/// Returns how many rows a commit can take in a batch.
fn rows_at_most(commit: &Commit) -> usize {
    /// What stands in front of a body in its row, at most.
    const HEADER_BYTES: usize = 64;
    let long = |len: usize| Op::Put(vec![], vec![0; len.min(super::blobs::INLINE_BYTES_MAX) + HEADER_BYTES]).rows();
    let record = commit.record.as_ref().map_or(0, |record| {
        2 + long(record.body.len()) + record.effects as usize + record.pages.len()
    });
    let snapshot = commit
        .snapshot
        .as_ref()
        .map_or(0, |snapshot| 2 + long(snapshot.body.len()));
    let deltas: usize = commit
        .deltas
        .iter()
        .map(|delta| 2 + delta.body.len() / crate::engine::ROW_BYTES_MAX)
        .sum();
    let summaries: usize = commit
        .summaries
        .iter()
        .map(|change| long(change.row.as_ref().map_or(0, |row| row.to_string().len())))
        .sum();
    record + snapshot + deltas + summaries + commit.closes.len() + 1
}

fn prepare_indexes(commit: &Commit, prepared: &mut Prepared) {
    let ops = &mut prepared.ops;
    if let Some(record) = &commit.record {
        ops.extend((0..record.effects).map(|n| {
            Op::Put(
                keys::outbox(EffectId {
                    key: commit.key,
                    seq: record.seq,
                    n,
                }),
                vec![],
            )
        }));
        ops.extend(
            page_keys(commit.key, record.seq, &record.pages)
                .into_iter()
                .map(|key| Op::Put(key, vec![])),
        );
    }
    let timer_key = keys::of_entity(keys::TIMER, commit.key);
    match commit.timer {
        Some(TimerChange::Set(timer)) => {
            let value = rows::write_timer(&timer_key, timer);
            ops.push(Op::Put(timer_key, value));
        }
        Some(TimerChange::Clear) => ops.push(Op::Delete(timer_key)),
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
pub(super) fn page_keys(key: EntityKey, seq: u64, pages: &[uuid::Uuid]) -> std::collections::BTreeSet<Vec<u8>> {
    let whole = (!pages.is_empty()).then_some(uuid::Uuid::nil());
    pages
        .iter()
        .copied()
        .chain(whole)
        .map(|page| keys::page_row(key, page, seq))
        .collect()
}
