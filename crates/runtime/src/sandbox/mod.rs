//! Starting and stopping sandboxes: runners for one session each.
//!
//! ```text
//!   Session ── StartSandbox, StopSandbox ──▶ Roster ──▶ Sandboxes ──▶ Provider (process, command, external)
//!           ◀── Started, Queued, StartFailed, Stopped, StopFailed ──     │ notes what runs, on disk
//!           ◀── Up, Away ── the runner's own link ◀──────────────────────┘ starts it
//! ```
//! **Owns** the notes of what was started. **Does not own** how a sandbox stands: the session knows that.

mod command;
mod notes;
mod registry;
mod run;

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use tenure_model::id::SessionId;
use tenure_session::SandboxPolicy;

pub use command::CommandProvider;
pub use notes::Note;
pub use registry::{Mint, NotStarted, Sandboxes, SandboxesOptions, UnknownSandbox};

/// An answer of a provider that is on its way. Dropping it ends what it does.
pub type Providing<'a, T> = Pin<Box<dyn Future<Output = Result<T, String>> + Send + 'a>>;

/// Starts and stops sandboxes of one kind. What fails says why, in words that follow "because".
pub trait Provider: Send + Sync + 'static {
    /// Starts the sandbox, and returns its own name of it. Nothing of an earlier generation runs any more.
    fn start<'a>(&'a self, call: &'a SandboxCall) -> Providing<'a, Option<String>>;
    /// Ends the sandbox; one that has ended already is no failure. With `ends`, nothing of it is kept.
    fn stop<'a>(&'a self, call: &'a SandboxCall) -> Providing<'a, ()>;
    /// Tells whether a sandbox that was started runs still.
    fn is_there<'a>(&'a self, call: &'a SandboxCall) -> Providing<'a, bool>;
}

/// A kind of sandbox that sessions can ask for.
#[derive(Clone)]
pub struct SandboxKind {
    pub policy: SandboxPolicy,
    /// What its runners say of themselves.
    pub labels: Vec<String>,
    /// Where its runners find the server.
    pub server: String,
    /// Sandboxes of this kind at once; more of them wait.
    pub running_max: usize,
    pub provider: Arc<dyn Provider>,
}

/// Which sandbox is meant, and what it needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SandboxCall {
    pub session: SessionId,
    pub generation: u32,
    /// Its kind, by name.
    pub sandbox: String,
    pub labels: Vec<String>,
    /// Where its runner finds the server.
    pub server: String,
    /// Holds the credential of its runner.
    pub token_file: PathBuf,
    /// A folder for this session's sandbox alone, which outlives its generations.
    pub folder: PathBuf,
    /// What its start said.
    pub handle: Option<String>,
    /// The session is over: nothing is to be kept.
    pub ends: bool,
}

/// Sandboxes that somebody else starts: the demand is shown, and the runner's hello is waited for.
#[derive(Clone, Copy, Debug)]
pub struct ExternalProvider;

impl Provider for ExternalProvider {
    fn start<'a>(&'a self, _: &'a SandboxCall) -> Providing<'a, Option<String>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    fn stop<'a>(&'a self, _: &'a SandboxCall) -> Providing<'a, ()> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn is_there<'a>(&'a self, _: &'a SandboxCall) -> Providing<'a, bool> {
        Box::pin(std::future::ready(Ok(true)))
    }
}
