//! What the roster tells a runner, and what it hears back. The link turns these into wire messages.

use tenure_model::Timestamp;
use tenure_model::chat::FinishReason;
use tenure_model::connector::{ConnectorOrder, ConnectorTold};
use tenure_model::id::{BootId, QuestionId, RunnerId, SessionId, WorkId};
use tenure_model::link::{AgentInfo, HeldWork, WorkKind, WorkOffer, WorkSpec};
use tenure_model::workspace::{WorkspaceAsk, WorkspaceTold};

/// One connection of one runner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LinkId {
    pub runner: RunnerId,
    pub number: u64,
}

/// The one session that a runner is for, and which start of its sandbox it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SandboxSeat {
    pub session: SessionId,
    pub generation: u32,
}

/// How a runner introduced itself.
#[derive(Clone, Debug)]
pub struct RunnerHello {
    pub runner: RunnerId,
    pub boot: BootId,
    pub name: String,
    /// The pool of its token, when that has one.
    pub pool: Option<String>,
    pub version: String,
    pub labels: Vec<String>,
    pub capacity: u32,
    pub agents: Vec<AgentInfo>,
    pub kinds: Vec<WorkKind>,
    /// Whether it starts the commands of connectors.
    pub connectors: bool,
    pub held: Vec<HeldWork>,
    /// It is to end what it has and gets nothing new.
    pub draining: bool,
    /// The session that it was started for.
    pub sandbox: Option<SandboxSeat>,
}

/// What a runner is told. A `reference` comes back with its answer; an order may be repeated under the same one.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    Offer {
        reference: String,
        offer: WorkOffer,
    },
    Start {
        reference: String,
        spec: Box<WorkSpec>,
    },
    Cancel {
        reference: String,
        work: WorkId,
        generation: u32,
        reason: FinishReason,
    },
    Answer {
        reference: String,
        work: WorkId,
        generation: u32,
        question: QuestionId,
        answer: Option<String>,
    },
    /// Something about a session's workspace is to be told.
    Ask {
        reference: String,
        session: SessionId,
        question: WorkspaceAsk,
    },
    /// A connector that is a command is to be asked something.
    Connector {
        reference: String,
        order: Box<ConnectorOrder>,
    },
    /// What it holds of this work is not wanted.
    Drop {
        work: WorkId,
        generation: u32,
        reason: String,
    },
    /// The link is to be closed.
    Close {
        reason: String,
    },
}

impl Order {
    pub(crate) fn reference(&self) -> Option<&str> {
        match self {
            Order::Offer { reference, .. }
            | Order::Start { reference, .. }
            | Order::Cancel { reference, .. }
            | Order::Answer { reference, .. }
            | Order::Ask { reference, .. }
            | Order::Connector { reference, .. } => Some(reference),
            Order::Drop { .. } | Order::Close { .. } => None,
        }
    }
}

/// What a runner said that is not frames.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    Accepted { reference: String },
    Declined { reference: String, reason: String },
    Done { reference: String },
    Told { reference: String, answer: WorkspaceTold },
    ConnectorTold { reference: String, answer: ConnectorTold },
    Heartbeat { handled: Option<String>, works: Vec<HeldWork> },
}

/// Why a runner did not tell what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTold {
    #[error("the runner that has the workspace is not connected")]
    NotConnected,
    #[error("the runner that has the workspace does not answer")]
    NoAnswer,
}

/// What becomes of a work that a runner holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Goes on; frames from `next` are wanted.
    Keep { work: WorkId, generation: u32, next: u64 },
    /// Is killed and forgotten.
    Drop { work: WorkId, generation: u32, reason: String },
}

/// Why a link is not, or no longer, taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RosterRefusal {
    #[error("a newer connection of this runner has taken its place")]
    Replaced,
    #[error("there are {max} runners already, the limit runners_max is {max}")]
    Full { max: usize },
    #[error("{what} has {actual}, the limit is {max}")]
    TooMany { what: &'static str, actual: usize, max: usize },
    #[error("unavailable: {0}")]
    Unavailable(String),
}

/// Why frames were not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FramesRefused {
    /// The runner must end the work and forget it.
    pub drop: bool,
    /// The number from which frames are wanted.
    pub next: Option<u64>,
    pub code: &'static str,
    pub detail: String,
    /// The same frames may be taken later.
    pub retry: bool,
}

/// A runner as operators see it.
#[derive(Clone, Debug)]
pub struct RunnerState {
    pub id: RunnerId,
    pub boot: BootId,
    pub name: String,
    pub pool: Option<String>,
    /// The session whose sandbox it is.
    pub session: Option<SessionId>,
    pub version: String,
    pub labels: Vec<String>,
    pub capacity: u32,
    pub agents: Vec<AgentInfo>,
    /// The works that it is believed to hold.
    pub works: Vec<WorkId>,
    pub connected: bool,
    /// It is to end what it has and gets nothing new.
    pub draining: bool,
    pub seen_at: Timestamp,
    /// The last order that it has handled.
    pub handled: Option<String>,
}
