//! How people see a sandbox, and the one word for how a session stands: derived from the state, and nowhere kept.

use tenure_model::id::{SessionId, UserId, derived};
use tenure_model::sandbox::{JointState, Lifecycle, SandboxProvider, SandboxRow, SandboxState, SandboxView};
use tenure_model::time::Timestamp;

use super::state::{Phase, Sandbox, StartCause, StopCause};
use super::time::deadline;
use crate::state::Session;
use crate::turn;

/// Returns whose list holds the sandboxes of all sessions, for administrators and for whoever clears up.
pub fn all_sandboxes() -> UserId {
    derived(&["sandboxes"]).into()
}

impl Session {
    /// Returns how the session stands, from all that it knows of its turns, its sandbox and its end.
    pub fn joint_state(&self) -> JointState {
        let sandbox = self.sandbox.as_ref().map(Sandbox::state).unwrap_or_default();
        let oldest = self.turns.values().min_by_key(|turn| turn.opened_at);
        let agent = oldest.map(turn::Turn::seen_status).unwrap_or_default();
        JointState { sandbox, agent, joint: self.lifecycle() }
    }

    fn lifecycle(&self) -> Lifecycle {
        if self.terminated_at.is_some() {
            return Lifecycle::Terminated;
        }
        match self.sandbox.as_ref().map(|sandbox| &sandbox.phase) {
            None | Some(Phase::None | Phase::Running { away_until: None, .. }) => self.work_state(),
            Some(Phase::Starting { cause: StartCause::First, .. }) => Lifecycle::Initializing,
            Some(Phase::Starting { cause: StartCause::Woken, .. }) => Lifecycle::Restoring,
            Some(Phase::Starting { cause: StartCause::Recovery, .. }) => Lifecycle::Recovering,
            Some(Phase::Running { .. }) => Lifecycle::WaitingRunner,
            Some(Phase::Hibernating { .. }) => Lifecycle::Hibernating,
            Some(Phase::Hibernated { .. }) => Lifecycle::Hibernated,
            Some(Phase::Failed { retry_at: Some(_), .. }) => Lifecycle::Backoff,
            Some(Phase::Failed { retry_at: None, .. }) => Lifecycle::Error,
        }
    }

    fn work_state(&self) -> Lifecycle {
        let held = self.turns.values().any(|turn| turn.phase.hold().is_some());
        match (self.turns.is_empty(), held) {
            (true, _) => Lifecycle::Idle,
            (false, true) => Lifecycle::Running,
            (false, false) => Lifecycle::WaitingRunner,
        }
    }

    /// Returns the sandbox as people see it.
    pub fn sandbox_view(&self) -> Option<SandboxView> {
        let sandbox = self.sandbox.as_ref()?;
        Some(SandboxView {
            name: sandbox.policy.name.clone(),
            provider: sandbox.policy.provider,
            state: sandbox.state(),
            generation: sandbox.generation,
            since: self.since(sandbox),
            why: waiting(sandbox),
            until: deadline(self).map(|(at, _)| at),
            attempts: sandbox.attempts,
            handle: sandbox.handle.clone(),
        })
    }

    fn since(&self, sandbox: &Sandbox) -> Timestamp {
        match &sandbox.phase {
            Phase::None => self.about.as_ref().map(|about| about.created_at).unwrap_or_default(),
            Phase::Starting { since, .. }
            | Phase::Running { since, .. }
            | Phase::Hibernating { since, .. }
            | Phase::Hibernated { since }
            | Phase::Failed { since, .. } => *since,
        }
    }
}

impl Sandbox {
    /// Returns the word for how it stands.
    pub fn state(&self) -> SandboxState {
        match &self.phase {
            Phase::None => SandboxState::None,
            Phase::Starting { .. } if self.policy.provider == SandboxProvider::External => SandboxState::Wanted,
            Phase::Starting { .. } => SandboxState::Starting,
            Phase::Running { away_until: Some(_), .. } => SandboxState::Away,
            Phase::Running { .. } => SandboxState::Running,
            Phase::Hibernating { .. } => SandboxState::Hibernating,
            Phase::Hibernated { .. } => SandboxState::Hibernated,
            Phase::Failed { retry_at: Some(_), .. } => SandboxState::Backoff,
            Phase::Failed { retry_at: None, .. } => SandboxState::Failed,
        }
    }
}

/// Says in one sentence what a session waits for because of its sandbox; nothing when that sleeps or is up.
pub(crate) fn waiting(sandbox: &Sandbox) -> Option<String> {
    let said = match &sandbox.phase {
        Phase::None | Phase::Hibernated { .. } | Phase::Running { away_until: None, .. } => return None,
        Phase::Starting { waits: Some(why), .. } => format!("its sandbox waits for a place: {why}"),
        Phase::Starting { .. } => match sandbox.policy.provider {
            SandboxProvider::External => "its sandbox is wanted, and somebody else is to start it".into(),
            SandboxProvider::Process | SandboxProvider::Command => "its sandbox is starting".into(),
        },
        Phase::Running { .. } => "its sandbox has lost its link and is waited for".into(),
        Phase::Hibernating { trouble: Some(why), .. } => format!("its sandbox does not end: {why}"),
        Phase::Hibernating { cause: StopCause::Ended, .. } => "its sandbox ends with the session".into(),
        Phase::Hibernating { .. } => "its sandbox is being put to sleep".into(),
        Phase::Failed { why, retry_at: Some(_), .. } => format!("its sandbox is tried again: {why}"),
        Phase::Failed { why, retry_at: None, .. } => format!("its sandbox was given up: {why}"),
    };
    Some(said)
}

/// Returns the row that lists show; nothing while there is nothing of a sandbox.
pub(crate) fn row(session: &Session, id: SessionId) -> Option<SandboxRow> {
    let about = session.about.as_ref()?;
    let sandbox = session.sandbox_view().filter(|view| view.state != SandboxState::None)?;
    Some(SandboxRow {
        session: id,
        title: session.title().to_owned(),
        owner: about.owner,
        owner_name: about.owner_name.clone(),
        sandbox,
    })
}
