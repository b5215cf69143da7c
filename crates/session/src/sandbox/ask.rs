//! What is told of a sandbox, and what people can wish of theirs.

use serde::{Deserialize, Serialize};
use tenure_model::id::{BootId, RunnerId};

/// What has become of one generation of the sandbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SandboxNews {
    /// Its runner says hello.
    Up {
        runner: RunnerId,
        boot: BootId,
    },
    /// Its runner's link is lost.
    Away,
    /// Whoever starts it has done so; `handle` is their own name of it.
    Started {
        handle: Option<String>,
    },
    /// There is no place for it yet; it is started as soon as there is one.
    Queued {
        why: String,
    },
    StartFailed {
        why: String,
    },
    /// Nothing of it runs any more, and when it was to end for good, nothing of it is kept.
    Stopped {
        ended: bool,
    },
    StopFailed {
        why: String,
    },
}

/// What somebody wants of their session's sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SandboxWish {
    /// It is to run, also without a prompt.
    Wake,
    /// It is to sleep; refused while something runs there.
    Hibernate,
    /// It is to end now, with everything that runs there.
    Stop,
}
