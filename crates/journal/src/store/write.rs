//! Writing a group of commits: judged one by one, written in as few durable batches as hold them, answered in order.

use std::sync::atomic::Ordering;

use super::prepare::{ROWS_SPARE, Stop};
use super::sweep::Sweep;
use super::{Commit, CommitError, EffectId, Position, Store, StoreError, keys, lock, rows};
use crate::engine::{BATCH_ROWS_MAX, EngineError, Op};

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
            writing.add(vec![Op::DeleteShort(keys::outbox(*strike))], 1);
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
            self.answers.push(Err(CommitError::NotWritten { why: failure.to_string() }));
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
                self.answers.push(Err(CommitError::NotWritten { why: failure.to_string() }));
                self.fail(failure);
                return;
            }
        };
        let rows = prepared.ops.iter().map(Op::rows).sum();
        self.add(prepared.ops, rows);
        if let Some(failure) = &self.failure {
            self.answers.push(Err(CommitError::NotWritten { why: failure.to_string() }));
            return;
        }
        self.sweeps.extend(prepared.sweeps);
        lock(&self.store.0.fences).set_seq(commit.key, prepared.seq);
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
        let positions = self.last > self.store.position();
        if self.failure.is_some() || (self.ops.is_empty() && !positions) {
            return;
        }
        if positions {
            let key = keys::position();
            let value = rows::write_number(&key, self.last.0);
            self.ops.push(Op::PutOverShort(key, value));
        }
        if let Err(failure) = self.store.0.engine.write(&self.ops) {
            return self.fail(failure);
        }
        self.store.0.position.store(self.last.0, Ordering::Release);
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
                *answer = Err(CommitError::NotWritten { why: failure.to_string() });
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
