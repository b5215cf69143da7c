//! What a session remembers of runs and of the works of their steps.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenure_model::budget::Draw;
use tenure_model::id::{ExecutionId, ThreadId, TurnId};
use tenure_model::step::{Persona, RepoContext, RunEnd, StepRef};
use tenure_model::time::{Span, Timestamp};
use tenure_model::view::RunView;

use crate::state::Session;

/// A run that is attached, or was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub workflow: String,
    pub title: String,
    pub repo: Option<RepoContext>,
    /// The budgets that its works draw on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub draws: Vec<Draw>,
    pub attached_at: Timestamp,
    pub ended: Option<RunEnd>,
}

/// A step's prompt while it waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedStep {
    /// The turn that it will become.
    pub turn: TurnId,
    #[serde(flatten)]
    pub asked: StepTurn,
}

/// What a step's turn carries beside its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepTurn {
    pub step: StepRef,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<Span>,
    pub job: StepJob,
}

/// What the text of a step's message is, and what goes with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum StepJob {
    /// The text is told to an agent.
    Prompt {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        persona: Option<Persona>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        models: Vec<String>,
    },
    /// The text is a command.
    Shell {
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        env: BTreeMap<String, String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cwd: Option<String>,
    },
    /// The text is the name of a tool.
    Tool {
        #[serde(default, skip_serializing_if = "Value::is_null")]
        arguments: Value,
    },
}

/// The works of steps that are over, so that a repeat is known. The oldest are forgotten first: what is asked again is
/// what was asked last, because a run's wishes come in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepsOver {
    turns: BTreeMap<TurnId, StepOver>,
    order: VecDeque<TurnId>,
}

/// One work that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepOver {
    pub step: StepRef,
    pub thread: ThreadId,
    pub generation: u32,
    /// Everything that the runner said below this frame is in the message.
    pub next_frame: u64,
    pub superseded: bool,
}

impl StepsOver {
    /// Returns a work that is over.
    pub fn get(&self, turn: TurnId) -> Option<&StepOver> {
        self.turns.get(&turn)
    }

    pub(crate) fn keep(&mut self, turn: TurnId, over: StepOver, max: u64) {
        if self.turns.insert(turn, over).is_none() {
            self.order.push_back(turn);
        }
        while self.order.len() as u64 > max.max(1) {
            let oldest = self.order.pop_front();
            oldest.and_then(|turn| self.turns.remove(&turn));
        }
    }

    pub(crate) fn supersede(&mut self, turn: TurnId) {
        if let Some(over) = self.turns.get_mut(&turn) {
            over.superseded = true;
        }
    }
}

impl Session {
    /// Returns a run that is attached and not over.
    pub(crate) fn live_run(&self, execution: ExecutionId) -> Option<&Run> {
        self.runs.get(&execution).filter(|run| run.ended.is_none())
    }

    /// Tells whether the turn was taken over by another repair round, as far as is remembered.
    pub fn is_superseded(&self, turn: TurnId) -> bool {
        self.steps_over.get(turn).is_some_and(|over| over.superseded)
    }

    /// Returns the runs as people see them, oldest first.
    pub(crate) fn run_views(&self) -> Vec<RunView> {
        let mut views: Vec<_> = self.runs.iter().map(|(id, run)| run.view(*id)).collect();
        views.sort_by_key(|run| (run.attached_at, run.execution));
        views
    }

    /// Forgets the oldest run that is over while there are more than may be.
    pub(crate) fn forget_runs(&mut self) {
        while self.runs.len() as u64 > self.limits.runs_max {
            let over = self.runs.iter().filter(|(_, run)| run.ended.is_some());
            let Some((oldest, _)) = over.min_by_key(|(id, run)| (run.attached_at, **id)) else { return };
            let oldest = *oldest;
            self.runs.remove(&oldest);
        }
    }
}

impl Run {
    fn view(&self, execution: ExecutionId) -> RunView {
        RunView {
            execution,
            workflow: self.workflow.clone(),
            title: self.title.clone(),
            attached_at: self.attached_at,
            ended: self.ended,
        }
    }
}
