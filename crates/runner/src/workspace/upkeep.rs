//! Keeping the folders of this runner small: those that hold more than they may take no further work, those that nobody has
//! used for long are removed.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tenure_model::id::SessionId;
use tokio::time::{MissedTickBehavior, interval};
use tracing::{info, warn};

use super::{Folders, clean, room};
use crate::config::Workspaces;
use crate::runner::Runner;

/// How often is looked for workspaces that nobody uses.
const LOOK_EVERY: Duration = Duration::from_secs(3_600);

/// Removes unused workspaces now and then, for as long as the runner runs.
pub async fn clean_up(runner: Arc<Runner>) {
    let mut look = interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        let in_use =
            |session| runner.works.held().iter().any(|held| held.session == session) || runner.connectors.uses(session);
        runner.folders.clean(in_use).await;
        if let Some(idle) = runner.config.room.idle {
            runner.agents.iter().for_each(|agent| agent.forget_unused(idle));
        }
    }
}

impl Folders {
    /// Counts what a workspace takes, and says so when it is more than it may. The folder that an operator chose for all
    /// sessions is the operator's to watch.
    pub async fn weigh(&self, session: SessionId, folder: &Path) -> Option<String> {
        let max = self.room.bytes_max;
        if max == 0 || matches!(self.policy, Workspaces::Shared(_)) {
            return None;
        }
        let folder = folder.to_owned();
        let counted = tokio::task::spawn_blocking(move || room::count(&folder, max)).await;
        let bytes = counted.ok()?.ok()?.bytes;
        let too_much = bytes > max;
        self.note_full(session, too_much);
        let why = format!(
            "the workspace holds more than {max} bytes, the limit runner.workspace_bytes_max; until files are removed from \
             it, no work is taken on there"
        );
        too_much.then_some(why)
    }

    /// Refuses to work where there was too much, unless it has become less.
    pub(super) async fn check_room(&self, session: SessionId, folder: &Path) -> Result<(), String> {
        if !self.is_full(session) {
            return Ok(());
        }
        self.weigh(session, folder).await.map_or(Ok(()), Err)
    }

    /// Removes the workspaces that nobody has used for long, except those of works that are here.
    pub async fn clean(&self, in_use: impl Fn(SessionId) -> bool) {
        let Some(idle) = self.room.idle else { return };
        self.forget_old_attachments(idle);
        for session in clean::unused(&self.data, idle) {
            let _alone = self.locks.take(&self.place(session)).await;
            // A work may have come while the lock was waited for.
            if in_use(session) || !clean::is_unused(&self.data, session, idle) {
                continue;
            }
            match clean::remove(&self.data, session) {
                Ok(()) => {
                    info!(session.id = %session, "the workspace of {session} was removed: nobody has used it for long")
                }
                Err(error) => warn!(session.id = %session, %error, "failed to remove the workspace of {session}"),
            }
        }
    }
}
