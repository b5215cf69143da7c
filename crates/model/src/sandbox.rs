//! A sandbox as people see it: a runner that is started for one session, and how the session stands because of it.

use serde::{Deserialize, Serialize};

use crate::chat::AgentStatus;
use crate::id::{SessionId, UserId};
use crate::time::Timestamp;

/// Who starts and stops a kind of sandbox.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, Default)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SandboxProvider {
    /// The server: a `tenure runner` on its own machine.
    #[default]
    Process,
    /// Programs of the operator.
    Command,
    /// Somebody else, who hears that it is wanted.
    External,
}

/// How a sandbox stands.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, Default)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SandboxState {
    /// There is none, or none yet.
    #[default]
    None,
    /// Somebody else is asked to start it.
    Wanted,
    Starting,
    Running,
    /// Its runner's link is lost; it is waited for.
    Away,
    Hibernating,
    /// Stopped, its workspace is kept.
    Hibernated,
    /// It failed and is tried again at a stated time.
    Backoff,
    /// It failed too often; the next prompt tries anew.
    Failed,
}

/// What a session is doing, its runner taken into account.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, Default)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Lifecycle {
    /// Its sandbox starts for the first time.
    Initializing,
    #[default]
    Idle,
    Running,
    /// Something waits for a runner to take it on, or for one that was lost.
    WaitingRunner,
    /// Its sandbox starts again after it was lost or has failed.
    Recovering,
    /// Its sandbox has failed and is tried again later.
    Backoff,
    Hibernating,
    Hibernated,
    /// Its sandbox starts again with the workspace that was kept.
    Restoring,
    Terminated,
    /// Its sandbox has failed too often.
    Error,
}

/// The states of a session's parts, and the one that follows from them.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, Default)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct JointState {
    pub sandbox: SandboxState,
    /// What the agent is doing; when several work, the one of the oldest turn.
    pub agent: AgentStatus,
    pub joint: Lifecycle,
}

/// The sandbox of a session.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SandboxView {
    /// Its kind, by the name in the server's configuration.
    pub name: String,
    pub provider: SandboxProvider,
    pub state: SandboxState,
    /// Counts its starts; the runner of an earlier one is refused.
    pub generation: u32,
    pub since: Timestamp,
    /// What is the matter or what it waits for, in one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// When it is given up, tried again, or put to sleep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Starts in a row that have failed.
    pub attempts: u32,
    /// What the start command said last: the operator's own name of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
}

/// A sandbox as lists show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SandboxRow {
    pub session: SessionId,
    pub title: String,
    pub owner: UserId,
    pub owner_name: String,
    pub sandbox: SandboxView,
}
