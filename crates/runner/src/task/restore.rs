//! Puts the files of the workspace back, as a checkpoint has them.

use tenure_model::chat::AgentStatus;
use tenure_model::link::RestoreWork;

use crate::agent::{Turn, TurnEnd};
use crate::workspace::Folders;

/// Puts the files back, and says how many.
pub async fn take(work: RestoreWork, folders: &Folders, turn: &Turn) -> TurnEnd {
    let voice = &turn.voice;
    voice.create("restore", None, None);
    voice.status(AgentStatus::ToolCalling, Some("putting files back".to_owned()));
    match folders.restore(turn, work.to).await {
        Ok(told) => {
            voice.text(&told);
            TurnEnd::said_all()
        }
        Err(why) => TurnEnd::failed(why),
    }
}
