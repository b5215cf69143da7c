//! Why a runner could not start, or stopped for good.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Ends [`crate::run`]. A lost connection is none of these: the runner reconnects by itself.
#[derive(thiserror::Error, Debug)]
pub enum RunnerError {
    #[error("use the data folder at {path}")]
    Data {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("read the server address \"{address}\": {reason}")]
    Address { address: String, reason: String },
    #[error("find an agent in the settings: name at least one")]
    NoAgents,
    #[error("offer two agents under the one name \"{0}\"")]
    AgentTwice(String),
    #[error("load the agent \"{agent}\": {reason}")]
    Agent { agent: String, reason: String },
    #[error("keep processes in: {0}")]
    Isolation(String),
    #[error("take the secrets on: {0}")]
    Secrets(String),
    #[error("join the server: it answered {status}, {reason}; make a new token with `tenure token issue`")]
    Refused { status: u16, reason: String },
    #[error("speak with the server: {0}")]
    Protocol(String),
    #[error("find the server for {} s; every work was ended", .0.as_secs())]
    Orphaned(Duration),
}
