//! An open turn: one prompt on its way to its finished reply.
//!
//! ```text
//!  queue ──TurnOpened──▶ Offering ──TurnAccepted──▶ Accepted ──TurnStarted──▶ Running
//!                           │ ▲ (Offer repeated)       │  (Start repeated)       │
//!                     abort │                          │ abort, steer, timeout   │
//!                           │                          ▼                         ▼
//!                           │                      Cancelling  (Cancel repeated) ◀
//!                           ▼                          │
//!        TurnFinished ◀── runner's finalize · lease over · runner lost or forgot it
//! ```
//! A turn closes exactly once, whatever happens: after it nothing of the turn can change.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tenure_model::budget::Left;
use tenure_model::chat::{AgentStatus, Part, Usage};
use tenure_model::id::{BootId, QuestionId, RunnerId, ThreadId, TurnId};
use tenure_model::time::{Span, Timestamp};

use crate::command::Author;
use crate::effect::CancelCause;
use crate::message::UserMessage;

/// A turn that is not over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    pub thread: ThreadId,
    /// Rises when the work is given to somebody anew; frames of an older one are refused.
    pub generation: u32,
    pub message: UserMessage,
    pub retry_of: Option<TurnId>,
    pub opened_at: Timestamp,
    pub phase: Phase,
    /// What keeps the turn from getting on.
    pub held_up: Option<HeldUp>,
    /// When the last offer, start or cancellation was asked for, and how often.
    pub asked: Asked,
    /// The number of the next frame; everything below is durable.
    pub next_frame: u64,
    /// What the agent has said and done so far, by place in the message.
    pub parts: BTreeMap<u32, Part>,
    /// The size of the parts.
    pub bytes: u64,
    pub usage: Usage,
    pub created: Option<MessageHead>,
    pub status: Option<Status>,
    /// The questions of this turn, open and answered.
    pub questions: BTreeMap<QuestionId, Question>,
    /// What the agent asked where nobody answers.
    #[serde(default)]
    pub asked_in_vain: Option<String>,
}

/// How far a turn is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum Phase {
    /// Waits for a runner.
    Offering,
    /// A runner has it and was told to start.
    Accepted {
        hold: Hold,
    },
    Running {
        hold: Hold,
    },
    /// Was told to end.
    Cancelling {
        hold: Hold,
        since: Timestamp,
        cause: CancelCause,
        by: Option<Author>,
    },
}

/// A runner's hold of a turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    pub runner: RunnerId,
    pub boot: BootId,
    pub agent: String,
    pub accepted_at: Timestamp,
    /// Until then the runner is trusted without asking. Renewals by heartbeat are not recorded, so it may hold longer.
    pub lease_until: Timestamp,
    /// When the roster was asked about the lease: until when it must have answered.
    pub check_until: Option<Timestamp>,
    /// When the turn has taken too long.
    pub timeout_at: Timestamp,
    /// What was left of the budgets that the turn draws on when it was accepted; none when it draws on none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<Left>,
}

/// What keeps a turn from getting on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldUp {
    pub why: String,
    /// Whether it waits for a budget.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub budget: bool,
    pub since: Timestamp,
}

/// How often something was asked that is not confirmed yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub at: Timestamp,
    pub times: u32,
}

impl Asked {
    /// The pause stops doubling here: 64 times the first one.
    const DOUBLINGS_MAX: u32 = 6;

    /// Something new was asked for the first time.
    pub fn first(at: Timestamp) -> Self {
        Self { at, times: 1 }
    }

    /// The same was asked once more.
    pub fn again(self, at: Timestamp) -> Self {
        Self { at, times: self.times.saturating_add(1) }
    }

    /// Returns when it is time to ask again.
    pub fn due(self, pause: Span) -> Timestamp {
        let doublings = self.times.saturating_sub(1).min(Self::DOUBLINGS_MAX);
        self.at + Span(pause.0.saturating_mul(1 << doublings))
    }
}

/// What the agent said of itself when it began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageHead {
    pub agent: String,
    pub model: Option<String>,
    pub agent_session: Option<String>,
}

/// What the agent is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    pub status: AgentStatus,
    pub detail: Option<String>,
    pub since: Timestamp,
}

/// A question of the agent to people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub text: String,
    pub options: Vec<String>,
    pub asked_at: Timestamp,
    pub deadline: Timestamp,
    pub outcome: Outcome,
}

/// What became of a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Open,
    Answered { answer: String, by: Author },
    Expired,
}

impl Phase {
    /// Returns the runner's hold, once there is one.
    pub fn hold(&self) -> Option<&Hold> {
        match self {
            Phase::Offering => None,
            Phase::Accepted { hold } | Phase::Running { hold } | Phase::Cancelling { hold, .. } => Some(hold),
        }
    }

    /// Returns the runner's hold for changing it.
    pub fn hold_mut(&mut self) -> Option<&mut Hold> {
        match self {
            Phase::Offering => None,
            Phase::Accepted { hold } | Phase::Running { hold } | Phase::Cancelling { hold, .. } => Some(hold),
        }
    }
}

impl Turn {
    /// Lists the questions that wait for an answer, oldest first.
    pub fn open_questions(&self) -> Vec<(QuestionId, &Question)> {
        let mut open: Vec<_> = self
            .questions
            .iter()
            .filter(|(_, question)| question.is_open())
            .map(|(id, question)| (*id, question))
            .collect();
        open.sort_by_key(|(id, question)| (question.asked_at, *id));
        open
    }

    /// Returns how many calls of tools its agent has made.
    pub fn tool_calls(&self) -> u64 {
        self.parts.values().filter(|part| matches!(part, Part::ToolCall { .. })).count() as u64
    }

    /// Returns when the time that its budgets have left for it is over.
    pub(crate) fn budget_ends_at(&self) -> Option<Timestamp> {
        let hold = self.phase.hold().filter(|_| !self.is_cancelling())?;
        Some(hold.accepted_at + hold.left?.time_ms?)
    }

    /// Tells whether the turn was told to end.
    pub fn is_cancelling(&self) -> bool {
        matches!(self.phase, Phase::Cancelling { .. })
    }
}

impl Question {
    /// Tells whether the question waits for an answer.
    pub fn is_open(&self) -> bool {
        self.outcome == Outcome::Open
    }
}
