//! What chat clients say.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenure_model::chat::{Attachment, PromptMode};
use tenure_model::id::{ApprovalId, ExecutionId, PromptId, QuestionId, ThreadId, TurnId, UserId};
use tenure_model::view::Role;
use utoipa::ToSchema;

use crate::execution::Verdict;

/// What a chat client says. `request_id` (1 to 100 bytes) makes a repeat harmless: the first answer is told again.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct ClientMessage {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    #[serde(flatten)]
    pub command: ClientCommand,
}

/// What a chat client may ask for.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(tag = "type")]
pub enum ClientCommand {
    /// Says something to the agent. Needs a `request_id`.
    #[serde(rename = "prompt")]
    Prompt {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        thread: Option<ThreadId>,
        text: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attachments: Vec<Attachment>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mode: Option<PromptMode>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        model: Option<String>,
    },
    #[serde(rename = "queue.edit")]
    QueueEdit { prompt: PromptId, text: String },
    /// Moves a waiting prompt before another of its thread, or to the end.
    #[serde(rename = "queue.move")]
    QueueMove {
        prompt: PromptId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<PromptId>,
    },
    /// Takes a waiting prompt back; the reply holds its text.
    #[serde(rename = "queue.withdraw")]
    QueueWithdraw { prompt: PromptId },
    /// Makes a waiting prompt a `steer`.
    #[serde(rename = "queue.promote")]
    QueuePromote { prompt: PromptId },
    /// Ends the turn named, or the open turn of the thread named, or of the default thread.
    #[serde(rename = "abort")]
    Abort {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        thread: Option<ThreadId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        turn: Option<TurnId>,
    },
    /// Prompts again with the text of a turn that failed or was interrupted.
    #[serde(rename = "retry")]
    Retry { turn: TurnId },
    #[serde(rename = "answer")]
    Answer { question: QuestionId, answer: String },
    #[serde(rename = "thread.open")]
    ThreadOpen { title: String },
    #[serde(rename = "thread.rename")]
    ThreadRename { thread: ThreadId, title: String },
    #[serde(rename = "title")]
    Title { title: String },
    /// Sets the mode of prompts that name none.
    #[serde(rename = "mode")]
    Mode { mode: PromptMode },
    /// Gives a person a role here, or takes it away when `role` is absent.
    #[serde(rename = "share")]
    Share {
        user: UserId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<Role>,
    },
    /// Decides an approval of a run that works here, on exactly what was shown.
    #[serde(rename = "decide")]
    Decide {
        execution: ExecutionId,
        approval: ApprovalId,
        /// The `hash` of the approval as it was shown.
        hash: String,
        decision: Verdict,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Tells a run that works here that something has happened: it ends the wait that has stood longest, or waits for one.
    #[serde(rename = "run.event")]
    RunEvent {
        execution: ExecutionId,
        name: String,
        #[serde(default)]
        payload: Value,
    },
    /// Puts the files of the workspace back as a turn left them; without `turn`, as they were before the first one. Refused
    /// while anything runs here.
    #[serde(rename = "workspace.restore")]
    WorkspaceRestore {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        turn: Option<TurnId>,
    },
    /// Has the session's sandbox run, also without a prompt.
    #[serde(rename = "sandbox.wake")]
    SandboxWake {},
    /// Stops the session's sandbox and keeps its workspace; refused while something runs there.
    #[serde(rename = "sandbox.hibernate")]
    SandboxHibernate {},
    /// Stops the session's sandbox with everything that runs there.
    #[serde(rename = "sandbox.stop")]
    SandboxStop {},
    /// Ends the session for good.
    #[serde(rename = "terminate")]
    Terminate {},
    /// Tells the others that this person is typing, or no longer.
    #[serde(rename = "typing")]
    Typing {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        thread: Option<ThreadId>,
        typing: bool,
    },
    #[serde(rename = "ping")]
    Ping {},
}
