//! The timeline of a run: every attempt of every step, what has happened to it folded together as its journal tells it.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use tenure_journal::{Position, Store, StoreError, StoredRecord};
use tenure_model::id::{ApprovalId, ExecutionId};
use tenure_model::{EntityKey, Kind, Record, Timestamp};
use tenure_protocol::execution::{Decided, StepEvent, StepPhase, StepView};
use tenure_runtime::Look;
use tenure_workflow::Execution;
use tenure_workflow::execution::Event;
use tenure_workflow::execution::running::StepRun;
use tenure_workflow::path::StepPath;

use super::steps::{decided, open_step, step_event};

/// How many records are read at once.
const PAGE: usize = 200;

/// Where an attempt stands in the timeline: the record that holds its start, and its number among the starts in there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    seq: u64,
    number: u32,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.seq, self.number)
    }
}

impl FromStr for Mark {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let (seq, number) = text.split_once('.').ok_or(())?;
        Ok(Self { seq: seq.parse().map_err(|_| ())?, number: number.parse().map_err(|_| ())? })
    }
}

/// Some attempts in the order of their starts.
#[derive(Debug, Default)]
pub struct Attempts {
    pub steps: Vec<StepView>,
    /// The last of them, when there are more.
    pub next: Option<Mark>,
}

/// Returns up to `limit` attempts after `after`, as they stood when the run was looked at.
pub fn page(
    store: &Store,
    id: ExecutionId,
    look: &Look<Execution>,
    after: Mark,
    limit: usize,
) -> Result<Attempts, StoreError> {
    let mut folding = Folding { run: &look.state, after, limit, found: vec![], open: BTreeMap::new(), more: false };
    each(store, id, after.seq, look.position, |record, events| {
        folding.take(record, events);
        // The last attempts of the page may go on long after others have started.
        !(folding.more && folding.open.is_empty())
    })?;
    let next = folding.found.last().filter(|_| folding.more).map(|(mark, _)| *mark);
    Ok(Attempts { steps: folding.found.into_iter().map(|(_, step)| step).collect(), next })
}

/// Returns the attempts whose starts stand among the newest `records_max` records.
pub fn newest(
    store: &Store,
    id: ExecutionId,
    look: &Look<Execution>,
    records_max: usize,
) -> Result<Vec<StepView>, StoreError> {
    let before = look.seq.saturating_sub(records_max as u64);
    Ok(page(store, id, look, Mark { seq: before, number: u32::MAX }, usize::MAX)?.steps)
}

/// Returns everything that has happened to a run up to a position.
pub fn history(store: &Store, id: ExecutionId, until: Position) -> Result<Vec<Event>, StoreError> {
    let mut history = vec![];
    each(store, id, 1, until, |_, events| {
        history.extend(events);
        true
    })?;
    Ok(history)
}

/// Tells where the steps stand that are under way, with what they were given.
pub fn open(store: &Store, id: ExecutionId, run: &Execution) -> Result<Vec<StepView>, StoreError> {
    let mut open = vec![];
    for (path, step) in &run.steps {
        let now = open_step(run, path, step);
        open.push(match start_of(store, id, run, path, step)? {
            Some(started) => folded(started, now),
            None => StepView { seq: 0, started_at: step.since, last: now },
        });
    }
    open.sort_by_key(|step| step.seq);
    Ok(open)
}

/// Reads the events of a record.
pub fn events_of(id: ExecutionId, stored: &StoredRecord) -> Result<Vec<Event>, StoreError> {
    let record = serde_json::from_slice::<Record<Execution>>(&stored.body);
    record.map(|record| record.events).map_err(|error| StoreError::Damaged {
        key: EntityKey::new(Kind::Execution, id),
        what: format!("record {}: {error}", stored.seq),
    })
}

/// Attempts that are being gathered.
struct Folding<'r> {
    run: &'r Execution,
    after: Mark,
    limit: usize,
    found: Vec<(Mark, StepView)>,
    /// Those of them that have not ended.
    open: BTreeMap<(String, u32), usize>,
    more: bool,
}

impl Folding<'_> {
    fn take(&mut self, record: &StoredRecord, events: Vec<Event>) {
        let mut mark = Mark { seq: record.seq, number: 0 };
        for event in &events {
            let Some(told) = step_event(self.run, event, record.at) else { continue };
            let attempt = (told.path.clone(), told.attempt);
            if begins(event) {
                mark.number += 1;
                self.start(mark, attempt, StepView { seq: record.seq, started_at: record.at, last: told });
            } else if let Some(place) = self.open.get(&attempt).copied() {
                self.go_on(place, attempt, told);
            }
        }
    }

    fn start(&mut self, mark: Mark, attempt: (String, u32), step: StepView) {
        if mark <= self.after {
            return;
        }
        if self.found.len() >= self.limit {
            self.more = true;
            return;
        }
        if !is_over(&step.last) {
            self.open.insert(attempt, self.found.len());
        }
        self.found.push((mark, step));
    }

    fn go_on(&mut self, place: usize, attempt: (String, u32), told: StepEvent) {
        if is_over(&told) {
            self.open.remove(&attempt);
        }
        let step = &mut self.found[place].1;
        *step = folded(step.clone(), told);
    }
}

fn begins(event: &Event) -> bool {
    matches!(event, Event::StepStarted { .. } | Event::StepSkipped { .. } | Event::StepReused { .. })
}

fn is_over(told: &StepEvent) -> bool {
    use StepPhase::{Cancelled, Completed, Failed, Reused, Skipped};
    matches!(told.phase, Completed | Failed | Skipped | Reused | Cancelled)
}

/// Takes up what has happened to an attempt. What is absent has not changed, but for what was to come or has been mended.
fn folded(before: StepView, now: StepEvent) -> StepView {
    let last = before.last;
    let mended = now.phase == StepPhase::Completed;
    let last = StepEvent {
        input: now.input.or(last.input),
        output: now.output.or(last.output),
        error: now.error.or(last.error).filter(|_| !mended),
        duration_ms: now.duration_ms.or(last.duration_ms),
        turn: now.turn.or(last.turn),
        agent: now.agent.or(last.agent),
        round: now.round.or(last.round),
        child: now.child.or(last.child),
        approval: now.approval.or(last.approval),
        usage: now.usage.or(last.usage),
        ..now
    };
    StepView { last, ..before }
}

/// Finds the start of a step that is under way.
fn start_of(
    store: &Store,
    id: ExecutionId,
    run: &Execution,
    path: &StepPath,
    step: &StepRun,
) -> Result<Option<StepView>, StoreError> {
    let path = path.to_string();
    let mut start = None;
    at_time(store, id, step.since, |record, events| {
        let mut begun =
            events.iter().filter(|event| begins(event)).filter_map(|event| step_event(run, event, record.at));
        let mine = begun.rfind(|told| told.path == path && told.attempt == step.attempt);
        start = mine.map(|last| StepView { seq: record.seq, started_at: record.at, last });
        start.is_none()
    })?;
    Ok(start)
}

/// Tells how an approval was decided that the run remembers.
pub fn decision(
    store: &Store,
    id: ExecutionId,
    run: &Execution,
    approval: ApprovalId,
) -> Result<Option<Decided>, StoreError> {
    let Some(known) = run.decided.get(&approval) else { return Ok(None) };
    let mut found = None;
    at_time(store, id, known.at, |_, events| {
        found = events.iter().filter_map(decided).find(|decided| decided.approval == approval);
        found.is_none()
    })?;
    Ok(found)
}

/// Reads the records that were written at a moment, until `take` has had enough: few others need to be read for that.
fn at_time(
    store: &Store,
    id: ExecutionId,
    at: Timestamp,
    mut take: impl FnMut(&StoredRecord, Vec<Event>) -> bool,
) -> Result<(), StoreError> {
    let key = EntityKey::new(Kind::Execution, id);
    let first = store.first_since(key, at)?;
    each(store, id, first, Position(u64::MAX), |record, events| record.at <= at && take(record, events))
}

/// Reads a run's records from `seq` up to a position, until `take` has had enough.
fn each(
    store: &Store,
    id: ExecutionId,
    seq: u64,
    until: Position,
    mut take: impl FnMut(&StoredRecord, Vec<Event>) -> bool,
) -> Result<(), StoreError> {
    let key = EntityKey::new(Kind::Execution, id);
    let mut next = seq.max(1);
    loop {
        let records = store.records(key, next, PAGE)?;
        let Some(last) = records.last() else { return Ok(()) };
        next = last.seq + 1;
        for record in &records {
            if record.position > until || !take(record, events_of(id, record)?) {
                return Ok(());
            }
        }
    }
}
