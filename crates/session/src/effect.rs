//! What a session asks of the outside. Effects may be carried out more than once; the receiver knows a repeat by the
//! work, its generation and the question.

use serde::{Deserialize, Serialize};
use tenure_model::budget::Draw;
use tenure_model::chat::{FinishReason, Usage};
use tenure_model::id::{BootId, ExecutionId, QuestionId, RunnerId, TurnId, UserId, WorkId};
use tenure_model::link::{WorkOffer, WorkSpec};
use tenure_model::step::{StepOutcome, StepRef};
use tenure_model::time::Span;

/// A request to the roster or to a runner, or news for a workflow run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Effect {
    /// Finds a runner for a turn. The roster keeps the offer until somebody accepts it or it is recalled, and answers
    /// `Accepted`, or `Declined` to say why it waits.
    Offer {
        offer: WorkOffer,
        /// Whose session it is: free places go round among those who wait.
        #[serde(default)]
        owner: UserId,
        /// The budgets of others than the session and its owner that it draws on.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        draws: Vec<Draw>,
    },
    /// The offer is void.
    Recall {
        work: WorkId,
        generation: u32,
        #[serde(default)]
        owner: UserId,
    },
    /// Tells the owner's budgets what a work that has drawn on them has used.
    Spend { work: WorkId, owner: UserId, usage: Usage, time_ms: Span, tool_calls: u64 },
    /// Tells the runner that accepted to begin. It answers `StartConfirmed`, or with frames.
    Start { runner: RunnerId, boot: BootId, spec: Box<WorkSpec> },
    /// Tells the runner to end the work. It answers with a finalize frame once its process group is gone.
    Cancel { runner: RunnerId, work: WorkId, generation: u32, reason: CancelCause },
    /// Hands the runner the answer to a question, or nothing when it was not answered in time.
    Answer { runner: RunnerId, work: WorkId, generation: u32, question: QuestionId, answer: Option<String> },
    /// Asks the roster whether the runner still renews its lease. It answers `Alive` or `Lost`; a runner that may still
    /// come back after a restart of the server counts as seen when the server started.
    CheckLease { runner: RunnerId, work: WorkId, generation: u32 },
    /// Tells the run that a runner has begun with its step's work.
    StepBegan { step: StepRef, turn: TurnId, runner: RunnerId, agent: String },
    /// Tells the run that its step's work waits for a budget, or does not any more.
    StepHeld {
        step: StepRef,
        turn: TurnId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// Starts a generation of the session's sandbox. Answered with news of it; its runner's hello is what counts.
    StartSandbox { sandbox: String, generation: u32 },
    /// Makes sure that nothing of a generation runs any more, and with `ends` that nothing of it is kept either.
    StopSandbox {
        sandbox: String,
        generation: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        handle: Option<String>,
        #[serde(default)]
        ends: bool,
    },
    /// Tells the run how its step's work ended. It stays in the outbox until the run has taken it.
    TellStep { step: StepRef, turn: TurnId, outcome: Box<StepOutcome> },
}

/// Why a turn is ended from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelCause {
    /// A person ended it.
    Aborted,
    /// Another prompt goes first.
    Steered,
    /// The session was terminated.
    Terminated,
    /// It took longer than a turn may.
    TimedOut,
    /// The workflow run that asked for it does not want it any more.
    Undone,
    /// There is nothing left of a budget that it draws on.
    OverBudget,
    /// Its agent asked people a question, which nobody answers in a workflow's own session.
    Asked,
}

impl CancelCause {
    /// Returns how a turn ends that is ended for this cause.
    pub fn finish(self) -> FinishReason {
        match self {
            Self::TimedOut | Self::OverBudget | Self::Asked => FinishReason::Error,
            Self::Aborted | Self::Steered | Self::Terminated | Self::Undone => FinishReason::Canceled,
        }
    }
}

/// To whom an effect goes. Effects to one target are carried out in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    Roster,
    Runner(RunnerId),
    Execution(ExecutionId),
    /// Whoever starts and stops sandboxes.
    Sandboxes,
    Budgets,
}

impl Effect {
    /// Returns to whom the effect goes.
    pub fn target(&self) -> Target {
        match self {
            // A check must not wait behind what cannot be sent to the very runner that is in doubt.
            Effect::Offer { .. } | Effect::Recall { .. } | Effect::CheckLease { .. } => Target::Roster,
            Effect::Start { runner, .. } | Effect::Cancel { runner, .. } | Effect::Answer { runner, .. } => {
                Target::Runner(*runner)
            }
            Effect::StepBegan { step, .. } | Effect::StepHeld { step, .. } | Effect::TellStep { step, .. } => {
                Target::Execution(step.execution)
            }
            Effect::StartSandbox { .. } | Effect::StopSandbox { .. } => Target::Sandboxes,
            Effect::Spend { .. } => Target::Budgets,
        }
    }

    /// Returns the work that the effect is about; nothing when it is about the session's sandbox.
    pub fn work(&self) -> Option<WorkId> {
        Some(match self {
            Effect::Offer { offer, .. } => offer.work,
            Effect::Start { spec, .. } => spec.work,
            Effect::Recall { work, .. }
            | Effect::Cancel { work, .. }
            | Effect::Answer { work, .. }
            | Effect::Spend { work, .. }
            | Effect::CheckLease { work, .. } => *work,
            Effect::StepBegan { turn, .. } | Effect::StepHeld { turn, .. } | Effect::TellStep { turn, .. } => {
                (*turn).into()
            }
            Effect::StartSandbox { .. } | Effect::StopSandbox { .. } => return None,
        })
    }
}
