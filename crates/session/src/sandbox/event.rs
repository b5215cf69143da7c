//! What has happened to one generation of a sandbox: the journal's words, kept for ever.

use serde::{Deserialize, Serialize};
use tenure_model::id::{BootId, RunnerId};
use tenure_model::time::Timestamp;

use super::state::{StartCause, StopCause};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum SandboxEvent {
    /// This generation is started: the one before is over.
    Starting {
        cause: StartCause,
        deadline: Timestamp,
    },
    /// There is no place for it yet.
    Queued {
        why: String,
        until: Timestamp,
    },
    /// It was started; its runner is awaited.
    Launched {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        handle: Option<String>,
    },
    /// Its runner said hello.
    Up {
        runner: RunnerId,
        boot: BootId,
    },
    /// Its runner's link is lost.
    Away {
        until: Timestamp,
    },
    Stopping {
        cause: StopCause,
    },
    /// Its end was not confirmed, and was asked for again.
    StopAskedAgain,
    StopFailed {
        why: String,
    },
    /// Somebody wants it back once it has ended.
    Wanted,
    /// Nothing of it runs any more. Its workspace is kept unless the session has ended.
    Stopped {
        #[serde(default)]
        ended: bool,
    },
    /// It is given up.
    Failed {
        why: String,
        attempts: u32,
        /// When the next one is tried; none before a new prompt when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_at: Option<Timestamp>,
    },
}
