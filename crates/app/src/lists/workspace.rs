//! The workspace of a session on the command line: what it is made of, how it stands, how its files differ.

use clap::Args;
use tenure_model::id::SessionId;
use tenure_model::step::RepoContext;
use tenure_model::workspace::{AttachmentPiece, ChangedFile, FileStatus, FilesChanged, WorkspaceDiff, WorkspaceView};

use super::ListArgs;
use super::when::when;
use crate::chat::clean;
use crate::failure::Outcome;
use crate::out;

/// What is cloned into the workspace.
#[derive(Args, Clone, Debug)]
pub struct RepoArgs {
    /// The repository that is cloned into the workspace
    #[arg(long, value_name = "URL")]
    repo: Option<String>,
    #[arg(long, value_name = "NAME", requires = "repo")]
    branch: Option<String>,
    /// The commit, tag or other name that the branch is set to
    #[arg(long = "ref", value_name = "REF", requires = "repo")]
    reference: Option<String>,
}

impl RepoArgs {
    /// Returns what they name.
    pub fn context(self) -> Option<RepoContext> {
        let Self { repo, branch, reference } = self;
        repo.map(|url| RepoContext { url, branch, reference })
    }
}

/// Tells a workspace in a few lines.
pub fn about(workspace: &WorkspaceView) -> Vec<String> {
    let mut lines: Vec<String> = workspace.repo.iter().map(|repo| format!("repo     {}", repo.url)).collect();
    if let Some(git) = &workspace.git {
        let branch = git.branch.as_deref().unwrap_or("no branch");
        let head = git.head.as_deref().map_or("no commit", |head| &head[..head.floor_char_boundary(12)]);
        lines.push(format!("branch   {branch} at {head}, {} ahead, {} behind", git.ahead, git.behind));
    }
    let files = &workspace.files;
    if !files.files.is_empty() || files.more > 0 {
        lines.push(format!("files    {}", sum(files)));
    }
    lines.extend(
        workspace.checkpoints.iter().map(|kept| format!("kept     {} UTC after turn {}", when(kept.at), kept.turn)),
    );
    lines
}

/// Prints a long output as it stands, piece by piece.
pub async fn attachment(args: &ListArgs, session: SessionId, name: &str) -> Outcome {
    let api = args.api()?;
    let mut next = Some(0);
    while let Some(offset) = next {
        let path = format!("/api/sessions/{session}/attachments/{name}?offset={offset}");
        let piece: AttachmentPiece = api.get(&path).await?;
        match args.json {
            true => out::line(serde_json::to_string(&piece)?)?,
            false => out::text(clean(&piece.text))?,
        }
        next = piece.next;
    }
    Ok(())
}

/// Tells a diff: the files, then their lines.
pub fn diff(diff: &WorkspaceDiff) -> String {
    let changed = &diff.changed;
    let mut lines: Vec<String> = changed.files.iter().map(file).collect();
    lines.push(sum(changed));
    if !diff.diff.is_empty() {
        lines.push(format!("\n{}", diff.diff.trim_end()));
    }
    if diff.cut {
        lines.push("[cut here: there is more]".to_owned());
    }
    clean(&lines.join("\n"))
}

fn file(file: &ChangedFile) -> String {
    let letter = match file.status {
        FileStatus::Added => 'A',
        FileStatus::Modified => 'M',
        FileStatus::Deleted => 'D',
    };
    let lines = match (file.added, file.removed) {
        (Some(added), Some(removed)) => format!("+{added} -{removed}"),
        _ => "no text".to_owned(),
    };
    format!("{letter} {} ({lines})", file.path)
}

fn sum(changed: &FilesChanged) -> String {
    let count = changed.files.len() as u64 + changed.more;
    format!("{count} changed, +{} -{} lines", changed.added, changed.removed)
}
