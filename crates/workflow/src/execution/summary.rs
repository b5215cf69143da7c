//! How a run stands, and the rows that lists show of it: itself, its open approvals, and its decided ones.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use tenure_model::id::{ExecutionId, SessionId, UserId, WorkflowId};
use tenure_model::step::RunEnd;
use tenure_model::{Row, SummaryKey, Timestamp};

use super::command::Trigger;
use super::error::StepError;
use super::kinds;
use super::running::{Doing, StepRun};
use super::state::{Execution, Slot};
use crate::canonical::WorkflowHash;
use crate::definition::Slug;
use crate::path::StepPath;
use crate::people;

/// What a run is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It has asked for a slot.
    Pending,
    /// The gate has put it into its queue.
    Queued,
    Running,
    /// Everything in it waits: [`Execution::waits_for`] says for what.
    Waiting,
    /// It starts nothing new; something is still under way.
    Pausing,
    Paused,
    /// It is being ended; something is still under way.
    Cancelling,
    Completed,
    Failed,
    Cancelled,
}

/// What a run can wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitsFor {
    /// A person who decides.
    Approval,
    /// A person who knows what became of a step.
    Answer,
    Event,
    Child,
    Time,
    /// A runner that takes a step.
    Runner,
}

impl StepRun {
    /// Returns what the step waits for, when nobody works on it.
    pub fn waits_for(&self) -> Option<WaitsFor> {
        match &self.doing {
            Doing::Approval { .. } | Doing::Leave { .. } => Some(WaitsFor::Approval),
            Doing::Unknown { .. } => Some(WaitsFor::Answer),
            Doing::Event { .. } => Some(WaitsFor::Event),
            Doing::Child { .. } => Some(WaitsFor::Child),
            Doing::Timer { .. } | Doing::Retry { .. } => Some(WaitsFor::Time),
            Doing::Turn { .. } if self.held.is_some() => Some(WaitsFor::Approval),
            Doing::Turn { began: false, .. } => Some(WaitsFor::Runner),
            Doing::Turn { .. } | Doing::Call { .. } | Doing::Bodies(_) | Doing::Here => None,
        }
    }
}

impl Execution {
    /// Returns what the run is doing.
    pub fn status(&self) -> Status {
        if let Some(ended) = &self.ended {
            return match ended.end {
                RunEnd::Completed => Status::Completed,
                RunEnd::Failed => Status::Failed,
                RunEnd::Cancelled => Status::Cancelled,
            };
        }
        let busy = self.steps.values().any(StepRun::is_active);
        match &self.slot {
            _ if self.ending.is_some() => Status::Cancelling,
            _ if self.paused.is_some() && busy => Status::Pausing,
            _ if self.paused.is_some() => Status::Paused,
            Slot::Asked { queue: Some(_), .. } => Status::Queued,
            Slot::Asked { .. } => Status::Pending,
            _ if self.waits_for().is_some() => Status::Waiting,
            Slot::Held | Slot::None => Status::Running,
        }
    }

    /// Returns what the run waits for, when all that is under way in it waits: for people first.
    pub fn waits_for(&self) -> Option<WaitsFor> {
        if !self.ready.is_empty() {
            return None;
        }
        let leaves = self.steps.values().filter(|step| step.bodies().is_none());
        let waits: Option<Vec<WaitsFor>> = leaves.map(StepRun::waits_for).collect();
        waits?.into_iter().min()
    }

    /// Returns the step that a list shows as the current one: the first that is under way and holds no others.
    pub fn current(&self) -> Option<&StepPath> {
        self.steps.iter().find(|(_, step)| step.bodies().is_none()).map(|(path, _)| path)
    }
}

/// A run's row in the list `execution`. It is written at every step.
#[derive(Serialize)]
struct RunRow<'a> {
    id: ExecutionId,
    workflow: Option<WorkflowId>,
    slug: &'a Slug,
    name: &'a str,
    version: &'a str,
    hash: &'a WorkflowHash,
    status: Status,
    waits_for: Option<WaitsFor>,
    current: Option<&'a StepPath>,
    /// How many steps at the top are behind it, `of` so many.
    step: u32,
    of: usize,
    session: Option<SessionId>,
    trigger: &'a Trigger,
    by: &'a str,
    parent: Option<ExecutionId>,
    retry_of: Option<ExecutionId>,
    test: bool,
    started_at: Timestamp,
    ended_at: Option<Timestamp>,
    error: Option<StepError>,
}

/// Returns the rows by key.
pub(crate) fn rows(run: &Execution, id: ExecutionId) -> BTreeMap<SummaryKey, Row> {
    let mut rows = BTreeMap::new();
    let Some(about) = &run.about else { return rows };
    let start = &about.start;
    let of = |owner: UserId, list: &str, rank, id| SummaryKey { owner, list: list.into(), rank, id };
    let error = run.ended.as_ref().and_then(|ended| ended.error.as_ref()).map(brief);
    let row = Row::of(&RunRow {
        id,
        workflow: start.workflow,
        slug: &start.definition.slug,
        name: &start.definition.name,
        version: &start.definition.version,
        hash: &start.hash,
        status: run.status(),
        waits_for: run.waits_for().filter(|_| run.ended.is_none()),
        current: run.current(),
        step: run.root.next,
        of: start.definition.steps.len(),
        session: about.session,
        trigger: &start.trigger,
        by: &start.by.name,
        parent: start.parent.as_ref().map(|parent| parent.step.execution),
        retry_of: start.retrying.as_ref().map(|retrying| retrying.source),
        test: start.test,
        started_at: about.started_at,
        ended_at: run.ended.as_ref().map(|ended| ended.at),
        error,
    });
    rows.insert(of(start.owner, "execution", about.started_at, id.into()), row);
    for (path, asked) in run.open_approvals() {
        let since = run.steps.get(path).map_or(about.started_at, |step| step.since);
        let row = Row::of(&json!({
            "id": asked.approval,
            "execution": id,
            "workflow": start.definition.name,
            "session": about.session,
            "path": path,
            "prompt": asked.prompt,
            "items": asked.items,
            "may_decide": asked.deciders(&start.owner_name),
            "asked_at": since,
            "deadline": asked.deadline,
            "on_deadline": kinds::approval::deadline_word(asked),
            "on_deny": asked.on_deny,
            "next": asked.next,
            "hash": asked.hash,
        }));
        for name in asked.others(&start.owner_name) {
            rows.insert(of(people::addressee(name), "approval", since, asked.approval.into()), row.clone());
        }
        rows.insert(of(start.owner, "approval", since, asked.approval.into()), row);
    }
    for (approval, decided) in run.decided.iter() {
        let row = Row::of(&json!({
            "id": approval,
            "execution": id,
            "decision": decided.decision,
            "by": decided.by.as_ref().map(|by| &by.name),
            "at": decided.at,
        }));
        for name in &decided.asked {
            rows.insert(of(people::addressee(name), "decision", decided.at, (*approval).into()), row.clone());
        }
        rows.insert(of(start.owner, "decision", decided.at, (*approval).into()), row);
    }
    rows
}

/// Returns an error as a row has room for it; the whole of it is in the timeline.
fn brief(error: &StepError) -> StepError {
    const CHARS_MAX: usize = 1_000;
    let cut = |text: &String| match text.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.clone(),
    };
    StepError { code: cut(&error.code), message: cut(&error.message), step: error.step.clone() }
}
