//! Whose turn it is: what an agent says goes to the turn that its process takes at the moment, and to no other.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use agent_client_protocol::Error;
use agent_client_protocol::v1::schema::{
    AvailableCommand, McpServer, SessionConfigOption, SessionId, SessionModeState, SessionNotification, SessionUpdate,
};

use super::terminals::Terminals;
use super::updates;
use crate::agent::files::Files;
use crate::config::PermissionPolicy;
use crate::works::Voice;

/// The turn that is under way.
pub struct Act {
    pub conversation: SessionId,
    pub voice: Voice,
    pub workspace: PathBuf,
    pub files: Arc<Files>,
    pub permissions: PermissionPolicy,
    pub terminals: Terminals,
    /// Whether the agent has said or done something in this turn.
    pub said: AtomicBool,
}

impl Act {
    /// Says whether nothing of this turn was seen yet, so that its prompt can be sent again.
    pub fn is_untouched(&self) -> bool {
        !self.said.load(Ordering::Acquire)
    }
}

/// What is known of a conversation that is open in the agent's process.
#[derive(Clone, Default)]
pub struct Known {
    pub options: Vec<SessionConfigOption>,
    pub modes: Option<SessionModeState>,
    pub commands: Vec<AvailableCommand>,
    /// How many tokens the conversation takes, and how many there is room for.
    pub context: Option<(u64, u64)>,
    /// The tools that it was opened with.
    pub servers: Vec<McpServer>,
    /// Whether it was opened here; the agent may tell of one before it says so.
    pub open: bool,
}

/// The stage of one process: at most one act at a time, and what is known of its conversations.
#[derive(Default)]
pub struct Stage {
    act: Mutex<Option<Arc<Act>>>,
    known: Mutex<BTreeMap<String, Known>>,
}

impl Stage {
    /// Begins an act; from now on the agent is heard.
    pub fn enter(&self, act: Act) -> Arc<Act> {
        let act = Arc::new(act);
        *self.lock_act() = Some(Arc::clone(&act));
        act
    }

    /// Ends the act; what the agent still says is not heard by anyone.
    pub fn leave(&self) {
        self.lock_act().take();
    }

    /// Returns the act of a conversation, or what the agent is told that asks outside of one.
    pub fn act(&self, conversation: &SessionId) -> Result<Arc<Act>, Error> {
        let act = self.lock_act().clone().filter(|act| act.conversation == *conversation);
        act.ok_or_else(|| Error::invalid_params().data("no turn of this session is under way"))
    }

    pub fn known(&self, conversation: &SessionId) -> Known {
        self.lock_known().get(&*conversation.0).cloned().unwrap_or_default()
    }

    /// Changes what is known of a conversation.
    pub fn learn(&self, conversation: &SessionId, learn: impl FnOnce(&mut Known)) {
        learn(self.lock_known().entry(conversation.0.to_string()).or_default());
    }

    /// Hears one report of the agent. The history that it replays of a loaded conversation comes before the act, and is
    /// known already.
    pub fn hear(&self, report: SessionNotification) {
        self.learn(&report.session_id, |known| match &report.update {
            SessionUpdate::ConfigOptionUpdate(update) => known.options.clone_from(&update.config_options),
            SessionUpdate::AvailableCommandsUpdate(update) => known.commands.clone_from(&update.available_commands),
            SessionUpdate::CurrentModeUpdate(update) => {
                if let Some(modes) = &mut known.modes {
                    modes.current_mode_id = update.current_mode_id.clone();
                }
            }
            SessionUpdate::UsageUpdate(update) => known.context = Some((update.used, update.size)),
            _ => {}
        });
        if let Ok(act) = self.act(&report.session_id) {
            updates::tell(&act, report.update);
        }
    }

    fn lock_act(&self) -> MutexGuard<'_, Option<Arc<Act>>> {
        self.act.lock().expect("no holder of this lock panics")
    }

    fn lock_known(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        self.known.lock().expect("no holder of this lock panics")
    }
}
