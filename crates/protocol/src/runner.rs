//! The runner link, subprotocol `tenure.runner.v1`: JSON text frames, one message each.
//!
//! ```text
//! runner                                server
//!   hello {boot, agents, held works} ──▶
//!                                    ◀── welcome {what it should hold, leases}
//!                                    ◀── offer {ref}
//!   accept {ref} ────────────────────▶      (the acceptance becomes durable)
//!                                    ◀── start {ref, spec}       repeated until confirmed
//!   done {ref} ──────────────────────▶
//!                                    ◀── ask {ref, session}       about a workspace
//!   told {ref, answer} ──────────────▶
//!                                    ◀── connector {ref, order}   about a command that speaks MCP
//!   connector_told {ref, answer} ────▶      in any order
//!   list_tools, call_tool {ref, work} ▶       answered in any order, repeated after a reconnect
//!                                    ◀── tools, called, refused {ref}
//!   frames {work, first, frames} ────▶
//!                                    ◀── ack {work, next}        everything below `next` is durable
//!   heartbeat {handled, works} ──────▶
//!                                    ◀── heartbeat {}            the leases are renewed
//! ```

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tenure_model::Span;
use tenure_model::chat::FinishReason;
use tenure_model::connector::{ConnectorOrder, ConnectorTold};
use tenure_model::id::{BootId, QuestionId, RunnerId, SessionId, WorkId};
use tenure_model::link::{AgentInfo, HeldWork, TurnFrame, WorkKind, WorkOffer, WorkSpec};
use tenure_model::workspace::{WorkspaceAsk, WorkspaceTold};
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::tool::{PromptRow, ToolAnswer, ToolRow};

/// What a runner says.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RunnerMessage {
    /// The first message of every connection.
    Hello(Hello),
    /// Takes the offer on; the work is started only by `start`.
    Accept {
        #[serde(rename = "ref")]
        reference: String,
    },
    /// Refuses the offer.
    Decline {
        #[serde(rename = "ref")]
        reference: String,
        reason: String,
    },
    /// Confirms a `start`, `cancel` or `answer`; for a cancel: it was taken note of, the end is told by the final frame.
    Done {
        #[serde(rename = "ref")]
        reference: String,
    },
    /// Numbered frames of one work, in order; `first` is the number of the first one.
    Frames { session: SessionId, work: WorkId, generation: u32, first: u64, frames: Vec<TurnFrame> },
    /// Answers an `ask`.
    Told {
        #[serde(rename = "ref")]
        reference: String,
        answer: WorkspaceTold,
    },
    /// Answers a `connector`.
    ConnectorTold {
        #[serde(rename = "ref")]
        reference: String,
        answer: ConnectorTold,
    },
    /// Asks for the tools that the agent of a work may call; answered by `tools` or `refused`.
    ListTools {
        /// Chosen by the runner; at most 100 bytes. The same one again, while it is not answered, is no second question.
        #[serde(rename = "ref")]
        reference: String,
        session: SessionId,
        work: WorkId,
        generation: u32,
    },
    /// Calls a tool for the agent of a work; answered by `called` or `refused`.
    CallTool {
        #[serde(rename = "ref")]
        reference: String,
        session: SessionId,
        work: WorkId,
        generation: u32,
        name: String,
        /// What the tool's schema describes.
        #[serde(default)]
        params: Map<String, Value>,
        /// Under the same key a call is carried out once. A runner that was cut off before the answer calls again with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<String>,
    },
    /// Asks for the prompts that the agent of a work may read; answered by `prompts` or `refused`.
    ListPrompts {
        #[serde(rename = "ref")]
        reference: String,
        session: SessionId,
        work: WorkId,
        generation: u32,
    },
    /// Reads a prompt for the agent of a work; answered by `prompt` or `refused`.
    GetPrompt {
        #[serde(rename = "ref")]
        reference: String,
        session: SessionId,
        work: WorkId,
        generation: u32,
        name: String,
        #[serde(default)]
        arguments: Map<String, Value>,
    },
    /// Renews the leases of all works it names.
    Heartbeat {
        /// The last `ref` that was handled.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        handled: Option<String>,
        works: Vec<HeldWork>,
    },
}

/// How a runner introduces itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct Hello {
    /// The protocol version; 1.
    pub protocol: u32,
    /// Kept in the runner's folder, over restarts. It belongs to the token or the pool that it was first seen with; with any
    /// other the server answers `runner_not_yours`.
    pub runner: RunnerId,
    /// New at every start of the process.
    pub boot: BootId,
    /// A name for people; at most 100 bytes.
    pub name: String,
    /// The version of the program.
    pub version: String,
    #[serde(default)]
    pub labels: Vec<String>,
    /// How many works it takes at once.
    pub capacity: u32,
    pub agents: Vec<AgentInfo>,
    /// The kinds of work that it does; all of them when it does not say.
    #[serde(default = "WorkKind::all")]
    pub kinds: Vec<WorkKind>,
    /// Whether it starts the commands of connectors; a runner that does not say so is never sent a `connector`.
    #[serde(default)]
    pub connectors: bool,
    /// The works that it holds, ended ones with unacknowledged frames included.
    #[serde(default)]
    pub held: Vec<HeldWork>,
}

/// What the server says.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage {
    /// Answers `hello`; only now the runner sends frames.
    Welcome {
        /// A runner that cannot renew for this long less its margin kills its works.
        lease_ms: Span,
        heartbeat_ms: Span,
        /// The most bytes in one message of the runner.
        message_bytes_max: u64,
        /// One verdict per work that the runner said it holds.
        works: Vec<WorkVerdict>,
    },
    Offer {
        #[serde(rename = "ref")]
        reference: String,
        offer: WorkOffer,
    },
    Start {
        #[serde(rename = "ref")]
        reference: String,
        spec: Box<WorkSpec>,
    },
    /// Ends a work: its process group is killed, then the final frame is sent.
    Cancel {
        #[serde(rename = "ref")]
        reference: String,
        work: WorkId,
        generation: u32,
        reason: FinishReason,
    },
    /// The answer to a question; none when its time was over.
    Answer {
        #[serde(rename = "ref")]
        reference: String,
        work: WorkId,
        generation: u32,
        question: QuestionId,
        answer: Option<String>,
    },
    /// Asks about the workspace of a session; answered by `told` in time, if only to say that it is not here.
    Ask {
        #[serde(rename = "ref")]
        reference: String,
        session: SessionId,
        question: WorkspaceAsk,
    },
    /// Asks a connector that is a command; answered by `connector_told`. It is sent once, and never again.
    Connector {
        #[serde(rename = "ref")]
        reference: String,
        order: Box<ConnectorOrder>,
    },
    /// Answers `list_tools`.
    Tools {
        #[serde(rename = "ref")]
        reference: String,
        tools: Vec<ToolRow>,
    },
    /// Answers `call_tool`.
    Called {
        #[serde(rename = "ref")]
        reference: String,
        answer: ToolAnswer,
    },
    /// Answers `list_prompts`.
    Prompts {
        #[serde(rename = "ref")]
        reference: String,
        prompts: Vec<PromptRow>,
    },
    /// Answers `get_prompt`.
    Prompt {
        #[serde(rename = "ref")]
        reference: String,
        about: String,
        text: String,
    },
    /// Answers `list_tools`, `call_tool`, `list_prompts` or `get_prompt` when nothing comes of it.
    Refused {
        #[serde(rename = "ref")]
        reference: String,
        problem: Problem,
    },
    /// Every frame below `next` is durable; a `next` below what was sent asks for the rest again.
    Ack { work: WorkId, generation: u32, next: u64 },
    /// The frames of this work are not wanted: an old generation, a closed turn, another's work. The runner kills it.
    Drop { work: WorkId, generation: u32, problem: Problem },
    /// Answers a heartbeat: the leases run anew from now.
    Heartbeat {},
    /// Something was wrong with a message; the connection stays unless the server closes it.
    Problem { problem: Problem },
}

/// What becomes of a work that the runner holds.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum WorkVerdict {
    /// Goes on; frames from `next` are wanted.
    Keep { work: WorkId, generation: u32, next: u64 },
    /// Is killed and forgotten.
    Drop { work: WorkId, generation: u32, reason: String },
}
