//! What a session answers.

use serde::{Deserialize, Serialize};
use tenure_model::chat::{Attachment, PromptMode};
use tenure_model::id::{PromptId, QuestionId, SessionId, ThreadId, TurnId};

/// The answer to an accepted command. Answers to commands with a request id are kept and repeated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Reply {
    /// It is so now, or was so already.
    Done,
    Created {
        session: SessionId,
        /// The session's first thread.
        thread: ThreadId,
    },
    Prompted {
        prompt: PromptId,
        thread: ThreadId,
        /// The turn that the prompt opened, when it did not have to wait.
        turn: Option<TurnId>,
        /// The mode that was applied.
        mode: PromptMode,
        /// How many prompts of its thread go before it; none when it opened a turn.
        place: Option<u32>,
        /// The turn that it ends.
        ends: Option<TurnId>,
    },
    Withdrawn {
        prompt: PromptId,
        text: String,
        attachments: Vec<Attachment>,
    },
    Aborted {
        /// The turn that is ending or has ended; none when nothing was open.
        turn: Option<TurnId>,
    },
    Answered {
        question: QuestionId,
    },
    ThreadOpened {
        thread: ThreadId,
    },
    /// The files are put back by this turn.
    Restoring {
        turn: TurnId,
    },
    /// Everything below `next` is durable; the runner's next frame is `next`.
    Frames {
        next: u64,
    },
}
