//! What a session remembers of its runner's choice and of its sandbox, and how events change it.

use serde::{Deserialize, Serialize};
use tenure_model::chat::FinishReason;
use tenure_model::id::{RunnerId, SessionId, derived};
use tenure_model::placement::Placement;
use tenure_model::sandbox::SandboxProvider;
use tenure_model::time::{Span, Timestamp};

use super::event::SandboxEvent;
use super::table::Place;
use crate::turn::Asked;

/// Which runners a session wants, as it was created.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunnerChoice {
    #[serde(skip_serializing_if = "Placement::is_any")]
    pub placement: Placement,
    /// How the sandbox that the placement names is to be treated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sandbox: Option<SandboxPolicy>,
}

impl RunnerChoice {
    /// Tells whether any runner will do.
    pub fn is_any(&self) -> bool {
        *self == Self::default()
    }
}

/// How a kind of sandbox is treated: copied from the configuration when the session is created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxPolicy {
    pub name: String,
    pub provider: SandboxProvider,
    /// After how long without anything to do it is put to sleep.
    pub idle_ms: Span,
    /// How long it may take from its start to its runner's hello.
    pub start_timeout_ms: Span,
    /// After how long an end that nobody confirmed is asked for again; doubled each time.
    pub stop_timeout_ms: Span,
    /// How long a runner whose link is lost is waited for.
    pub grace_ms: Span,
    /// How often in a row it is tried before it is given up.
    pub attempts_max: u32,
}

/// The sandbox of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sandbox {
    pub policy: SandboxPolicy,
    /// Counts the starts.
    pub generation: u32,
    pub phase: Phase,
    /// What whoever started this generation calls it.
    pub handle: Option<String>,
    /// Starts in a row that have failed.
    pub attempts: u32,
    /// When it was last of use.
    pub used_at: Timestamp,
}

/// How far a sandbox is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum Phase {
    None,
    Starting {
        since: Timestamp,
        /// When it is given up.
        deadline: Timestamp,
        cause: StartCause,
        /// Why it is not even begun.
        waits: Option<String>,
    },
    Running {
        since: Timestamp,
        /// Until when its runner, whose link is lost, is waited for.
        away_until: Option<Timestamp>,
    },
    Hibernating {
        since: Timestamp,
        cause: StopCause,
        asked: Asked,
        /// Why its end is not confirmed.
        trouble: Option<String>,
        /// Somebody wants it back as soon as it has ended.
        wanted: bool,
    },
    Hibernated {
        since: Timestamp,
    },
    Failed {
        since: Timestamp,
        why: String,
        /// When it is tried again, if it is still needed then; never by itself when absent.
        retry_at: Option<Timestamp>,
    },
}

/// Why a sandbox is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartCause {
    /// It never ran, or its last try was given up for good.
    First,
    /// It slept.
    Woken,
    /// It was lost, or did not come up.
    Recovery,
}

/// Why a sandbox is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopCause {
    /// Nothing was to be done for a while.
    Idle,
    /// Somebody asked for it.
    Asked,
    /// Its runner was lost while nothing was to be done.
    Lost,
    /// The session is over.
    Ended,
}

/// Returns the id of a session's sandbox as a runner: the same for all its generations, so that its works and its workspace
/// stay its own. Nobody else can have it, because runners draw theirs.
pub fn runner_of(session: SessionId) -> RunnerId {
    derived(&["sandbox-runner", &session.to_string()]).into()
}

impl Sandbox {
    /// Returns the sandbox of a session that was just created.
    pub(crate) fn of(policy: &SandboxPolicy, at: Timestamp) -> Self {
        Self { policy: policy.clone(), generation: 0, phase: Phase::None, handle: None, attempts: 0, used_at: at }
    }

    /// Returns where it stands.
    pub fn place(&self) -> Place {
        match self.phase {
            Phase::None => Place::None,
            Phase::Starting { .. } => Place::Starting,
            Phase::Running { .. } => Place::Running,
            Phase::Hibernating { .. } => Place::Hibernating,
            Phase::Hibernated { .. } => Place::Hibernated,
            Phase::Failed { .. } => Place::Failed,
        }
    }

    /// Tells whether its runner is there, as far as is known.
    pub fn is_up(&self) -> bool {
        matches!(self.phase, Phase::Running { away_until: None, .. })
    }

    /// Notes that a turn is over.
    pub(crate) fn served(&mut self, reason: FinishReason, at: Timestamp) {
        self.used_at = at;
        if reason == FinishReason::EndTurn {
            self.attempts = 0;
        }
    }

    /// Folds what has happened to a generation.
    pub(crate) fn fold(&mut self, generation: u32, what: &SandboxEvent, at: Timestamp) {
        match what {
            SandboxEvent::Starting { cause, deadline } => {
                if *cause != StartCause::Recovery {
                    self.attempts = 0;
                }
                (self.generation, self.handle) = (generation, None);
                self.phase = Phase::Starting { since: at, deadline: *deadline, cause: *cause, waits: None };
            }
            SandboxEvent::Queued { why, until } => {
                if let Phase::Starting { deadline, waits, .. } = &mut self.phase {
                    (*deadline, *waits) = (*until, Some(why.clone()));
                }
            }
            SandboxEvent::Launched { handle } => {
                self.handle.clone_from(handle);
                if let Phase::Starting { waits, .. } = &mut self.phase {
                    *waits = None;
                }
            }
            SandboxEvent::Up { .. } => {
                self.used_at = at;
                let before = match self.phase {
                    Phase::Running { since, .. } => since,
                    _ => at,
                };
                self.phase = Phase::Running { since: before, away_until: None };
            }
            SandboxEvent::Away { until } => {
                if let Phase::Running { away_until, .. } = &mut self.phase {
                    *away_until = Some(*until);
                }
            }
            SandboxEvent::Stopping { cause } => {
                let (asked, trouble, wanted) = (Asked::first(at), None, false);
                self.phase = Phase::Hibernating { since: at, cause: *cause, asked, trouble, wanted };
            }
            SandboxEvent::StopAskedAgain | SandboxEvent::StopFailed { .. } | SandboxEvent::Wanted => {
                self.fold_ending(what, at);
            }
            SandboxEvent::Stopped { ended } => {
                self.handle = None;
                self.phase = if *ended { Phase::None } else { Phase::Hibernated { since: at } };
            }
            SandboxEvent::Failed { why, attempts, retry_at } => {
                self.attempts = *attempts;
                self.phase = Phase::Failed { since: at, why: why.clone(), retry_at: *retry_at };
            }
        }
    }

    fn fold_ending(&mut self, what: &SandboxEvent, at: Timestamp) {
        let Phase::Hibernating { asked, trouble, wanted, .. } = &mut self.phase else { return };
        match what {
            SandboxEvent::StopAskedAgain => *asked = asked.again(at),
            SandboxEvent::StopFailed { why } => *trouble = Some(why.clone()),
            SandboxEvent::Wanted => *wanted = true,
            _ => {}
        }
    }
}
