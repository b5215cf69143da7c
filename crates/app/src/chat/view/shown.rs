//! What is new for a person who watches a session: the answer of the view to an event.

use tenure_model::chat::{FinishReason, TextKind, ToolCall, Usage};
use tenure_model::id::{ThreadId, TurnId};
use tenure_model::step::RunEnd;
use tenure_model::view::QuestionView;
use tenure_protocol::execution::{ApprovalView, Decided, ExecutionStatus, StepEvent, StepProblem, Waiting};

/// One piece of news, said once.
#[derive(Clone, PartialEq, Debug)]
pub enum Shown {
    /// Somebody said something.
    Said { thread: ThreadId, author: String, text: String, attachments: Vec<String> },
    /// More text of a part of the agent's answer.
    Text {
        thread: ThreadId,
        turn: TurnId,
        part: u32,
        kind: TextKind,
        text: String,
        /// Set when the text does not go on from what was shown before, but takes its place.
        anew: bool,
    },
    /// A tool call was begun, or has moved on.
    Tool { thread: ThreadId, turn: TurnId, part: u32, call: ToolCall },
    /// An agent's turn is over.
    Ended { thread: ThreadId, turn: TurnId, reason: FinishReason, error: Option<String>, usage: Option<Usage> },
    /// An agent asks.
    Asked(QuestionView),
    /// A question is no longer open.
    Resolved { thread: ThreadId, text: String, answer: Option<String>, by: Option<String> },
    /// Something has happened in a workflow run that works here.
    Run(RunNews),
    /// Something that people should know, in one line.
    Notice(String),
}

/// What is new of a run.
#[derive(Clone, PartialEq, Debug)]
pub enum RunNews {
    Began {
        title: String,
        workflow: String,
    },
    /// A step was begun, or has moved on.
    Step(Box<StepEvent>),
    /// The run does not go on, or not as before.
    Stands {
        title: String,
        status: ExecutionStatus,
    },
    /// People are asked to decide; they answer with the number.
    Asks {
        number: usize,
        approval: Box<ApprovalView>,
    },
    /// Somebody is to let a call go on, or to raise a budget; they answer with the number.
    AsksLeave {
        number: usize,
        asked: Box<Waiting>,
    },
    Decided {
        number: usize,
        decided: Decided,
    },
    /// The approval is no longer open, and nobody has decided it.
    NotAsked {
        number: usize,
        prompt: String,
    },
    Ended {
        title: String,
        end: RunEnd,
        error: Option<StepProblem>,
    },
}

impl Shown {
    /// Returns the thread that this belongs to; news of the whole session has none.
    pub fn thread(&self) -> Option<ThreadId> {
        match self {
            Self::Said { thread, .. }
            | Self::Text { thread, .. }
            | Self::Tool { thread, .. }
            | Self::Ended { thread, .. }
            | Self::Resolved { thread, .. } => Some(*thread),
            Self::Asked(question) => Some(question.thread),
            Self::Run(_) | Self::Notice(_) => None,
        }
    }

    /// Returns the turn that this belongs to.
    pub fn turn(&self) -> Option<TurnId> {
        match self {
            Self::Text { turn, .. } | Self::Tool { turn, .. } | Self::Ended { turn, .. } => Some(*turn),
            Self::Asked(question) => Some(question.turn),
            Self::Said { .. } | Self::Resolved { .. } | Self::Run(_) | Self::Notice(_) => None,
        }
    }
}
