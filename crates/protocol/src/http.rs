//! The bodies of the HTTP API.

use serde::{Deserialize, Serialize};
use tenure_model::Timestamp;
use tenure_model::chat::{Attachment, PromptMode};
use tenure_model::id::{PromptId, QuestionId, RunnerId, SessionId, ThreadId, TokenId, TurnId, UserId, WorkId};
use tenure_model::link::AgentInfo;
use tenure_model::placement::Placement;
use tenure_model::sandbox::SandboxView;
use tenure_model::step::RepoContext;
use tenure_model::view::{Message, Purpose, Role, SessionStatus};
use utoipa::ToSchema;

/// Opens a session. With an `Idempotency-Key` header the same key opens the same session.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSession {
    /// At most 200 bytes; the agent may find a better one later.
    #[serde(default)]
    pub title: Option<String>,
    /// The agent that answers; the runner's first one when absent.
    #[serde(default)]
    pub agent: Option<String>,
    #[serde(default)]
    pub model: Option<String>,
    /// The mode of prompts that name none.
    #[serde(default)]
    pub mode: Option<PromptMode>,
    /// What is cloned into its workspace before its first turn. Credentials are the runner's: an address with a user name or
    /// a password is refused.
    #[serde(default)]
    pub repo: Option<RepoContext>,
    /// Which runners take its works; any when absent.
    #[serde(default)]
    pub runner: Option<Placement>,
}

/// Changes what a session is called, or the mode of prompts that name none. What is absent stays.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionPatch {
    #[serde(default)]
    pub title: Option<String>,
    #[serde(default)]
    pub mode: Option<PromptMode>,
}

/// Says something to the agent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPrompt {
    pub text: String,
    /// The session's first thread when absent.
    #[serde(default)]
    pub thread: Option<ThreadId>,
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    #[serde(default)]
    pub mode: Option<PromptMode>,
    #[serde(default)]
    pub agent: Option<String>,
    #[serde(default)]
    pub model: Option<String>,
}

/// The new text of a waiting prompt.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PromptText {
    pub text: String,
}

/// Where a waiting prompt goes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PromptMove {
    /// The prompt that it goes before; the end of its thread when absent.
    #[serde(default)]
    pub before: Option<PromptId>,
}

/// Ends the turn named, or the open turn of the thread named, or of the first thread.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AbortTurn {
    #[serde(default)]
    pub thread: Option<ThreadId>,
    #[serde(default)]
    pub turn: Option<TurnId>,
}

/// Answers an agent's question.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAnswer {
    pub question: QuestionId,
    pub answer: String,
}

/// Puts the files of the workspace back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreFiles {
    /// As this turn left them; as they were before the first turn when absent.
    #[serde(default)]
    pub turn: Option<TurnId>,
}

/// What a thread is called.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ThreadTitle {
    pub title: String,
}

/// Prompts again with the text of a turn that failed or was interrupted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetryTurn {
    pub turn: TurnId,
}

/// Gives a person a role in a session, or takes it away when `role` is absent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareSession {
    pub user: UserId,
    #[serde(default)]
    pub role: Option<Role>,
}

/// One row of a list of sessions.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct SessionRow {
    pub id: SessionId,
    pub title: String,
    pub status: SessionStatus,
    pub purpose: Purpose,
    #[serde(default)]
    pub agent: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub threads: u32,
    pub queued: u32,
    pub questions: u32,
}

/// One page of a list, newest first.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Pass it as `cursor` to get the next page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A page of the transcript, newest first; pass its `cursor` as `before` to go back in time. What one record holds is
/// never torn apart, so a page may hold a message or two more than its limit.
pub type Transcript = Page<Message>;

/// Adds a person to this server. The same name twice is one person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// What they are called, and how others name them; at most 100 bytes.
    pub name: String,
    /// Whether their tokens may carry the administrator's rights.
    #[serde(default)]
    pub admin: bool,
}

/// A person as lists show them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct UserRow {
    pub id: UserId,
    pub name: String,
    pub admin: bool,
    pub created_at: Timestamp,
}

/// What a credential may do.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenRole {
    Admin,
    User,
    Runner,
}

/// Asks for a new credential.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is for, in words; at most 100 bytes.
    pub name: String,
    pub role: TokenRole,
    /// The person it acts for; the caller when absent. Only an admin names another.
    #[serde(default)]
    pub user: Option<String>,
    /// When it ends; never when absent.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// For the role `runner`: the pool whose runners it connects. A runner belongs to the pool that it was first seen with.
    /// Without a pool and a runner it connects the first runner that says hello with it, and no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// For the role `runner`: the one runner that it connects, which from its next hello belongs to this token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runner: Option<RunnerId>,
}

/// A new credential. The secret is shown this once; the server keeps its hash only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct IssuedToken {
    pub id: TokenId,
    pub secret: String,
}

/// A credential as lists show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct TokenRow {
    pub id: TokenId,
    pub name: String,
    pub role: TokenRole,
    /// The pool whose runners it connects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// The one runner that it connects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runner: Option<RunnerId>,
    pub user: UserId,
    pub user_name: String,
    pub created_at: Timestamp,
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    pub revoked: bool,
}

/// A single-use stand-in for the caller's token, for a browser's websocket.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct Ticket {
    /// Offer `tenure.ticket.<ticket>` beside the subprotocol.
    pub ticket: String,
    pub expires_at: Timestamp,
}

/// A runner as the server sees it now.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct RunnerRow {
    pub id: RunnerId,
    pub name: String,
    /// The pool of the token that it said hello with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// The session whose sandbox it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    pub version: String,
    pub connected: bool,
    /// It ends what it has and gets nothing new.
    #[serde(default)]
    pub draining: bool,
    pub labels: Vec<String>,
    pub capacity: u32,
    pub agents: Vec<AgentInfo>,
    pub works: Vec<WorkId>,
    /// When it was last heard of.
    pub seen_at: Timestamp,
}

/// What the runner of a session's sandbox needs, for whoever starts it by hand. The credential is good for this one start.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SandboxCredential {
    pub session: SessionId,
    pub generation: u32,
    /// The same for all starts: what is kept under it is the session's workspace.
    pub workspace_key: String,
    /// Where the runner finds the server.
    pub server: String,
    pub token: String,
}

/// How a session's sandbox stands after something was asked of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct SandboxAnswer {
    pub session: SessionId,
    pub sandbox: SandboxView,
}

/// What a persona is told.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonaText {
    pub instructions: String,
}

/// Who the caller is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct Me {
    pub user: UserId,
    pub name: String,
    pub role: TokenRole,
}
