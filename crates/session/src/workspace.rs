//! The folder that a session's agents work in, as its runner tells of it, and putting its files back.

use serde::{Deserialize, Serialize};
use tenure_model::chat::PromptMode;
use tenure_model::id::{RunnerId, TurnId};
use tenure_model::link::RestoreWork;
use tenure_model::step::RepoContext;
use tenure_model::time::Timestamp;
use tenure_model::workspace::{Checkpoint, FilesChanged, GitState, WorkspaceView};

use crate::command::By;
use crate::draft::Draft;
use crate::message::UserMessage;
use crate::queue;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::state::Session;
use crate::turn::Turn;

/// What is known of the workspace. Another runner has another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    pub runner: RunnerId,
    pub git: Option<GitState>,
    pub files: FilesChanged,
    /// Oldest first.
    pub checkpoints: Vec<Checkpoint>,
}

/// The last turn that put files back: enough to know repeated frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreOver {
    pub turn: TurnId,
    pub generation: u32,
    /// Everything that the runner said below this frame is in the message.
    pub next_frame: u64,
}

/// Opens a turn that puts files back. It is no prompt: no queue holds it up, and prompts wait for its end.
pub(crate) fn restore(draft: &mut Draft, by: &By, to: Option<TurnId>) -> Result<Reply, Refusal> {
    let session = draft.session();
    let workspace = session.workspace.as_ref().ok_or(Refusal::WorkspaceUnknown)?;
    if let Some(to) = to
        && workspace.checkpoints.iter().all(|kept| kept.turn != to)
    {
        return Err(Refusal::UnknownCheckpoint(to));
    }
    if !session.turns.is_empty() {
        return Err(Refusal::WorkspaceBusy);
    }
    let text = match to {
        Some(turn) => format!("Restore the files as the turn {turn} left them"),
        None => "Restore the files as they were before the first turn".to_owned(),
    };
    let thread = session.thread(None)?;
    let turn = draft.fresh();
    let message = UserMessage {
        prompts: vec![],
        authors: vec![by.author()],
        text,
        attachments: vec![],
        mode: PromptMode::Followup,
        agent: None,
        model: None,
        restore: Some(RestoreWork { to }),
        step: None,
    };
    queue::open(draft, turn, thread, message, None);
    Ok(Reply::Restoring { turn })
}

impl Session {
    /// Tells whether the workspace's files are being put back.
    pub(crate) fn is_restoring(&self) -> bool {
        self.turns.values().any(|turn| turn.message.restore.is_some())
    }

    /// Returns what the workspace of a turn is made of: what its run says, else what the session was created with.
    pub(crate) fn repo_of(&self, turn: &Turn) -> Option<RepoContext> {
        let run = turn.step().and_then(|step| self.runs.get(&step.execution));
        run.and_then(|run| run.repo.clone()).or_else(|| self.about.as_ref()?.repo.clone())
    }

    /// Changes what is known of the workspace of the runner that does this turn.
    pub(crate) fn in_workspace(&mut self, turn: TurnId, change: impl FnOnce(&mut Workspace)) {
        let Some(runner) = self.turns.get(&turn).and_then(|turn| turn.phase.hold()).map(|hold| hold.runner) else {
            return;
        };
        let fresh = Workspace { runner, git: None, files: FilesChanged::default(), checkpoints: vec![] };
        let there = self.workspace.take().filter(|there| there.runner == runner);
        change(self.workspace.insert(there.unwrap_or(fresh)));
    }

    /// Notes a checkpoint, and forgets the oldest when there are too many.
    pub(crate) fn keep_checkpoint(&mut self, turn: TurnId, at: Timestamp) {
        let max = usize::try_from(self.limits.checkpoints_max).unwrap_or(usize::MAX);
        self.in_workspace(turn, |there| {
            there.checkpoints.retain(|kept| kept.turn != turn);
            there.checkpoints.push(Checkpoint { turn, at });
            let beyond = there.checkpoints.len().saturating_sub(max);
            there.checkpoints.drain(..beyond);
        });
    }

    /// Returns the workspace as people see it; nothing while nothing is known of it.
    pub fn workspace_view(&self) -> Option<WorkspaceView> {
        let repo = self.about.as_ref().and_then(|about| about.repo.clone());
        let there = self.workspace.as_ref();
        if repo.is_none() && there.is_none() {
            return None;
        }
        Some(WorkspaceView {
            repo,
            runner: there.map(|there| there.runner),
            git: there.and_then(|there| there.git.clone()),
            files: there.map(|there| there.files.clone()).unwrap_or_default(),
            checkpoints: there.map(|there| there.checkpoints.clone()).unwrap_or_default(),
        })
    }
}
