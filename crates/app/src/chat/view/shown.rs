//! What is new for a person who watches a session: the answer of the view to an event.

use tenure_model::chat::{FinishReason, TextKind, ToolCall, Usage};
use tenure_model::id::{ThreadId, TurnId};
use tenure_model::view::QuestionView;

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
    /// Something that people should know, in one line.
    Notice(String),
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
            Self::Notice(_) => None,
        }
    }
}
