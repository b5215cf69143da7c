//! What is told of the folder that agents work in: its git state, its changed files, its checkpoints; and what a runner is
//! asked about it.

use serde::{Deserialize, Serialize};

use crate::id::{RunnerId, TurnId};
use crate::step::RepoContext;
use crate::time::Timestamp;

/// Where the repository of a workspace stands.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, Default)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct GitState {
    /// Absent when a commit is checked out that is no branch's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The commit that is checked out; absent before the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
    /// Commits that the upstream branch does not have.
    #[serde(default)]
    pub ahead: u32,
    /// Commits that only the upstream branch has.
    #[serde(default)]
    pub behind: u32,
    /// Files of `head` that are changed or gone.
    #[serde(default)]
    pub changed: u32,
    /// Files that `head` does not have, staged or not; ignored ones do not count.
    #[serde(default)]
    pub added: u32,
}

/// What has become of a file.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FileStatus {
    Added,
    Modified,
    Deleted,
}

/// A file that is not as the checked out commit has it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ChangedFile {
    /// Below the workspace; bytes that are no UTF-8 are replaced.
    pub path: String,
    pub status: FileStatus,
    /// Lines that came; absent for a file that is no text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added: Option<u64>,
    /// Lines that went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<u64>,
}

/// All that differs from the checked out commit; in a workspace without a repository, from an empty folder.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, Default)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FilesChanged {
    /// The first of them by path.
    pub files: Vec<ChangedFile>,
    /// How many more there are.
    #[serde(default)]
    pub more: u64,
    /// Lines that came, in all files.
    #[serde(default)]
    pub added: u64,
    /// Lines that went, in all files.
    #[serde(default)]
    pub removed: u64,
}

impl FilesChanged {
    /// Keeps the first files only; the others are counted.
    pub fn shortened(mut self, max: usize) -> Self {
        let beyond = self.files.len().saturating_sub(max);
        self.files.truncate(max);
        self.more += beyond as u64;
        self
    }
}

/// The files of a workspace as a turn left them. That of a restore holds what was there before it, so restoring it undoes it.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Checkpoint {
    pub turn: TurnId,
    pub at: Timestamp,
}

/// A session's workspace as people see it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct WorkspaceView {
    /// What is cloned into it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repo: Option<RepoContext>,
    /// The runner that has it; absent before the first turn that left something there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runner: Option<RunnerId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git: Option<GitState>,
    #[serde(default)]
    pub files: FilesChanged,
    /// Oldest first.
    #[serde(default)]
    pub checkpoints: Vec<Checkpoint>,
}

/// What a runner is asked about a workspace that it holds.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum WorkspaceAsk {
    /// How the files differ from the checked out commit, or from a checkpoint.
    Diff {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<TurnId>,
    },
    /// A piece of the output of a command that was too long to be told whole.
    Attachment {
        id: String,
        /// Where the piece begins, in bytes.
        #[serde(default)]
        offset: u64,
    },
}

/// What a runner answers.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "told", rename_all = "snake_case")]
pub enum WorkspaceTold {
    Diff(WorkspaceDiff),
    Attachment(AttachmentPiece),
    /// It cannot say, for this reason.
    Unable {
        why: String,
    },
}

/// A piece of a long output.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AttachmentPiece {
    pub text: String,
    /// The bytes of the whole.
    pub size: u64,
    /// Where the next piece begins; absent after the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// How the files of a workspace differ.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, Default)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct WorkspaceDiff {
    pub changed: FilesChanged,
    /// The unified diff; bytes that are no UTF-8 are replaced.
    pub diff: String,
    /// Whether there is more than `diff` holds.
    pub cut: bool,
}
