//! A run in the frames of the chat that shows it: what happens to its steps, how it stands, and what people are asked.

use std::sync::Arc;

use tenure_journal::Position;
use tenure_model::id::ExecutionId;
use tenure_model::{Entity, Timestamp};
use tenure_protocol::client::{ClientEvent, RunPicture};
use tenure_protocol::execution::{ApprovalView, ExecutionRow, StepEvent};
use tenure_runtime::{Committed, Look};
use tenure_workflow::execution::{Event, Execution};

use super::steps;
use crate::view::{before, close};

/// A run as one listener knows it. It follows the run's records, so that how it stands after each is known without asking.
pub struct ShownRun {
    id: ExecutionId,
    state: Arc<Execution>,
    /// What the state holds, and nothing after it.
    pub position: Position,
    /// As they were last told.
    row: ExecutionRow,
    approvals: Vec<ApprovalView>,
}

impl ShownRun {
    /// Begins with a look at the run; none when it was never started.
    pub fn new(id: ExecutionId, look: Look<Execution>) -> Option<Self> {
        let row = steps::row(&look.state, id)?;
        let approvals = steps::approvals(&look.state, id);
        Some(Self { id, state: look.state, position: look.position, row, approvals })
    }

    /// Returns how the run stands.
    pub fn picture(&self) -> RunPicture {
        RunPicture { run: self.row.clone(), open: self.open(), approvals: self.approvals.clone() }
    }

    /// Tells the steps that are under way.
    pub fn open_steps(&self, cursor: u64) -> Vec<ClientEvent> {
        self.open().into_iter().map(|step| self.step(cursor, step)).collect()
    }

    /// Tells how the run stands, and everything that people are asked.
    pub fn standing(&self, cursor: u64) -> Vec<ClientEvent> {
        let mut told: Vec<_> = self.approvals.iter().map(|approval| asked(cursor, approval)).collect();
        told.push(self.updated(cursor));
        told
    }

    /// Tells what one record held.
    pub fn happened(&self, events: &[Event], at: Timestamp, cursor: u64) -> Vec<ClientEvent> {
        let tell = |event| {
            let step = steps::step_event(&self.state, event, at).map(|step| self.step(cursor, step));
            let decided = steps::decided(event).map(|decided| ClientEvent::ApprovalDecided {
                position: cursor,
                execution: self.id,
                decided,
            });
            step.into_iter().chain(decided)
        };
        events.iter().flat_map(tell).collect()
    }

    /// Tells one live commit of the run. What a look has seen already changes nothing, and is told all the same.
    pub fn tell(&mut self, committed: &Committed<Execution>) -> Vec<ClientEvent> {
        let (events, at, cursor) = (&committed.events, committed.at, before(committed.position));
        let news = committed.position > self.position;
        if news {
            self.position = committed.position;
            let state = Arc::make_mut(&mut self.state);
            events.iter().for_each(|event| state.apply(event, at));
        }
        let mut told = self.happened(events, at, cursor);
        if news {
            told.extend(self.changes(cursor));
        }
        close(&mut told, committed.position);
        told
    }

    /// Tells what stands differently than it was told.
    fn changes(&mut self, cursor: u64) -> Vec<ClientEvent> {
        let Some(row) = steps::row(&self.state, self.id) else { return vec![] };
        let row = std::mem::replace(&mut self.row, row);
        let approvals = std::mem::replace(&mut self.approvals, steps::approvals(&self.state, self.id));
        let new = self.approvals.iter().filter(|approval| !approvals.contains(approval));
        let mut told: Vec<_> = new.map(|approval| asked(cursor, approval)).collect();
        if row != self.row || approvals != self.approvals {
            told.push(self.updated(cursor));
        }
        told
    }

    fn open(&self) -> Vec<StepEvent> {
        self.state.steps.iter().map(|(path, step)| steps::open_step(&self.state, path, step)).collect()
    }

    fn step(&self, position: u64, step: StepEvent) -> ClientEvent {
        ClientEvent::RunStep { position, execution: self.id, step: Box::new(step) }
    }

    fn updated(&self, position: u64) -> ClientEvent {
        let approvals = self.approvals.iter().map(|approval| approval.id).collect();
        ClientEvent::RunUpdated { position, run: Box::new(self.row.clone()), approvals }
    }
}

fn asked(position: u64, approval: &ApprovalView) -> ClientEvent {
    ClientEvent::Approval { position, approval: Box::new(approval.clone()) }
}
