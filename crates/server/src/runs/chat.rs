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
use crate::view::{before, close, encoded};

/// A run as one listener knows it. It follows the run's records, so that how it stands after each is known without asking.
pub struct ShownRun {
    id: ExecutionId,
    state: Arc<Execution>,
    /// What the state holds, and nothing after it.
    pub position: Position,
}

/// What lists and badges show of a run.
struct Shown {
    row: ExecutionRow,
    approvals: Vec<ApprovalView>,
}

impl ShownRun {
    /// Begins with a look at the run; none when it was never started.
    pub fn new(id: ExecutionId, look: Look<Execution>) -> Option<Self> {
        let Look { state, position, .. } = look;
        state.about.is_some().then_some(Self { id, state, position })
    }

    /// Returns how the run stands.
    pub fn picture(&self) -> RunPicture {
        let Shown { row, approvals } = self.shown();
        RunPicture { run: row, open: self.open(), approvals }
    }

    /// Tells the steps that are under way.
    pub fn open_steps(&self, cursor: u64) -> Vec<ClientEvent> {
        self.open().into_iter().map(|step| self.step(cursor, step)).collect()
    }

    /// Tells how the run stands, and everything that people are asked.
    pub fn standing(&self, cursor: u64) -> Vec<ClientEvent> {
        let shown = self.shown();
        let mut told: Vec<_> = shown.approvals.iter().map(|approval| asked(cursor, approval)).collect();
        told.push(shown.updated(cursor));
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

    /// Returns the frames of one live commit of the run, encoded once for all who have followed it up to there.
    pub fn tell(&mut self, committed: &Committed<Execution>) -> Arc<[Arc<str>]> {
        if committed.position <= self.position {
            // This listener's look has seen it already: it changes nothing, and is told all the same.
            return frames(
                self.happened(&committed.events, committed.at, before(committed.position)),
                committed.position,
            );
        }
        if let Some(frames) = committed.encoded.get() {
            self.follow(committed);
            return frames.clone();
        }
        let earlier = self.shown();
        self.follow(committed);
        let encode = || {
            let cursor = before(committed.position);
            let mut told = self.happened(&committed.events, committed.at, cursor);
            told.extend(self.shown().changes(&earlier, cursor));
            frames(told, committed.position)
        };
        committed.encoded.get_or_init(encode).clone()
    }

    fn follow(&mut self, committed: &Committed<Execution>) {
        self.position = committed.position;
        let state = Arc::make_mut(&mut self.state);
        committed.events.iter().for_each(|event| state.apply(event, committed.at));
    }

    fn shown(&self) -> Shown {
        let row = steps::row(&self.state, self.id).expect("a run that is shown was started");
        Shown { row, approvals: steps::approvals(&self.state, self.id) }
    }

    fn open(&self) -> Vec<StepEvent> {
        self.state.steps.iter().map(|(path, step)| steps::open_step(&self.state, path, step)).collect()
    }

    fn step(&self, position: u64, step: StepEvent) -> ClientEvent {
        ClientEvent::RunStep { position, execution: self.id, step: Box::new(step) }
    }
}

impl Shown {
    /// Tells what stands differently than it did.
    fn changes(&self, earlier: &Shown, cursor: u64) -> Vec<ClientEvent> {
        let new = self.approvals.iter().filter(|approval| !earlier.approvals.contains(approval));
        let mut told: Vec<_> = new.map(|approval| asked(cursor, approval)).collect();
        if earlier.row != self.row || earlier.approvals != self.approvals {
            told.push(self.updated(cursor));
        }
        told
    }

    fn updated(&self, position: u64) -> ClientEvent {
        let approvals = self.approvals.iter().map(|approval| approval.id).collect();
        ClientEvent::RunUpdated { position, run: Box::new(self.row.clone()), approvals }
    }
}

/// Writes the frames of one commit down; the last one closes it.
fn frames(mut told: Vec<ClientEvent>, position: Position) -> Arc<[Arc<str>]> {
    close(&mut told, position);
    told.iter().map(|event| encoded(event).into()).collect()
}

fn asked(position: u64, approval: &ApprovalView) -> ClientEvent {
    ClientEvent::Approval { position, approval: Box::new(approval.clone()) }
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use tenure_journal::Epoch;
    use uuid::Uuid;

    use super::*;

    const ID: ExecutionId = ExecutionId(Uuid::from_u128(7));

    fn event(stored: &str) -> Event {
        serde_json::from_str(stored).expect("a golden event can be read")
    }

    fn begun() -> Event {
        event(include_str!("../../../workflow/tests/golden/events/started.json"))
    }

    /// A run that was started, as a listener knows it who has looked at this position.
    fn shown(position: u64) -> ShownRun {
        let mut state = Execution::default();
        state.apply(&begun(), Timestamp(1));
        let (state, position) = (Arc::new(state), Position(position));
        ShownRun::new(ID, Look { state, seq: 1, position, epoch: Epoch::default(), in_flight: 0 })
            .expect("it was started")
    }

    #[test]
    fn all_who_have_followed_a_run_share_the_frames_of_a_commit() {
        let paused = event(include_str!("../../../workflow/tests/golden/events/paused.json"));
        let committed = Committed {
            id: ID.0,
            position: Position(8),
            seq: Some(2),
            at: Timestamp(2),
            events: vec![paused],
            deltas: vec![],
            encoded: OnceLock::new(),
        };
        let mut listeners = [shown(7), shown(7)];
        let [one, other] = listeners.each_mut().map(|listener| listener.tell(&committed));
        assert!(Arc::ptr_eq(&one, &other), "they are encoded once");
        let [frame] = &*one else { panic!("the run is told as it stands now: {one:?}") };
        assert!(
            frame.contains(r#""type":"run.updated","position":8"#) && frame.contains(r#""status":"paus"#),
            "{frame}"
        );
        let picture = |listener: &ShownRun| listener.picture();
        assert_eq!(picture(&listeners[0]), picture(&listeners[1]), "and both know how it stands");
        assert!(shown(8).tell(&committed).is_empty(), "whoever has looked since is told nothing twice");
    }
}
