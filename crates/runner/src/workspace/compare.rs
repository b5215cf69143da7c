//! How the files of a workspace differ: from the commit that is checked out, from a checkpoint, or from nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tenure_model::workspace::{ChangedFile, FileStatus, FilesChanged, GitState, WorkspaceDiff};

use super::Means;
use super::kept::{EMPTY_TREE, Kept};

/// Changed files that are told; the others are counted.
const FILES_MAX: usize = 200;
/// The most that is read of a list of changed files.
const LIST_BYTES_MAX: usize = 16 * 1024 * 1024;
/// The longest diff, and the longest way of writing it down for the link.
const DIFF_BYTES_MAX: usize = 256 * 1024;
const WRITTEN_BYTES_MAX: usize = 512 * 1024;

/// The repository that the workspace itself holds.
pub struct Own {
    pub git_dir: PathBuf,
    head: Option<String>,
}

impl Own {
    /// Looks for a repository right in the folder. One that a file or link points to elsewhere is not looked into: it may be
    /// another session's.
    pub async fn find(means: &Means<'_>, folder: &Path) -> Option<Self> {
        let git_dir = folder.join(".git");
        let real = |path: &Path| fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
        if !real(&git_dir) || !real(&git_dir.join("objects")) {
            return None;
        }
        let head = means.git(folder).repository(&git_dir).line(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]);
        let head = head.await.ok().filter(|head| !head.is_empty());
        Some(Self { git_dir, head })
    }

    /// Returns the tree that the files are compared with.
    fn base(&self) -> String {
        self.head.as_ref().map_or_else(|| EMPTY_TREE.to_owned(), |head| format!("{head}^{{tree}}"))
    }

    /// Tells where it stands.
    async fn state(&self, means: &Means<'_>, folder: &Path, (changed, added): (u32, u32)) -> GitState {
        let git = || means.git(folder).repository(&self.git_dir);
        let branch = git().line(["symbolic-ref", "--short", "--quiet", "HEAD"]).await.ok();
        let apart = git().line(["rev-list", "--left-right", "--count", "HEAD...@{upstream}"]).await.unwrap_or_default();
        let mut apart = apart.split_whitespace().map(|count| count.parse().unwrap_or(0));
        let (ahead, behind) = (apart.next().unwrap_or(0), apart.next().unwrap_or(0));
        GitState { branch, head: self.head.clone(), ahead, behind, changed, added }
    }
}

/// Tells how a tree differs from what is checked out, and where the workspace's own repository stands.
pub async fn standing(
    means: &Means<'_>,
    folder: &Path,
    kept: &Kept<'_>,
    tree: &str,
) -> Result<(Option<GitState>, FilesChanged), String> {
    let own = Own::find(means, folder).await;
    let base = own.as_ref().map_or_else(|| EMPTY_TREE.to_owned(), Own::base);
    let all = changed(kept, own.as_ref(), &base, tree).await?;
    let added = all.files.iter().filter(|file| file.status == FileStatus::Added).count();
    let counts = (count(all.files.len() - added), count(added));
    let git = match &own {
        Some(own) => Some(own.state(means, folder, counts).await),
        None => None,
    };
    Ok((git, all.shortened(FILES_MAX)))
}

/// Shows how a tree differs from `since`, or from what is checked out.
pub async fn diff(
    means: &Means<'_>,
    folder: &Path,
    kept: &Kept<'_>,
    tree: &str,
    since: Option<String>,
) -> Result<WorkspaceDiff, String> {
    let own = Own::find(means, folder).await;
    let base = since.or_else(|| own.as_ref().map(Own::base)).unwrap_or_else(|| EMPTY_TREE.to_owned());
    let changed = changed(kept, own.as_ref(), &base, tree).await?.shortened(FILES_MAX);
    let show = ["diff-tree", "-r", "-p", "--no-renames", "--no-ext-diff", "--no-textconv", &base, tree];
    let git = kept.git_with(own.as_ref().map(|own| own.git_dir.as_path())).at_most(DIFF_BYTES_MAX);
    let printed = git.run(show).await.map_err(|error| error.to_string())?;
    let (diff, cut) = fitting(String::from_utf8_lossy(&printed.bytes).into_owned());
    Ok(WorkspaceDiff { changed, diff, cut: cut || printed.cut })
}

async fn changed(kept: &Kept<'_>, own: Option<&Own>, base: &str, tree: &str) -> Result<FilesChanged, String> {
    let list =
        ["diff-tree", "-r", "-z", "--raw", "--numstat", "--no-renames", "--no-ext-diff", "--no-textconv", base, tree];
    let git = kept.git_with(own.map(|own| own.git_dir.as_path())).at_most(LIST_BYTES_MAX);
    let printed = git.run(list).await.map_err(|error| error.to_string())?;
    Ok(read(&printed.bytes))
}

/// Reads what git lists: `:mode mode id id status`, path, …, then `added<tab>removed<tab>path`, ….
fn read(bytes: &[u8]) -> FilesChanged {
    let mut files: BTreeMap<String, ChangedFile> = BTreeMap::new();
    let mut pieces = bytes.split(|byte| *byte == 0).map(String::from_utf8_lossy).filter(|piece| !piece.is_empty());
    let mut sum = FilesChanged::default();
    while let Some(piece) = pieces.next() {
        if let Some(raw) = piece.strip_prefix(':') {
            let status = match raw.split(' ').nth(4).and_then(|status| status.chars().next()) {
                Some('A') => FileStatus::Added,
                Some('D') => FileStatus::Deleted,
                _ => FileStatus::Modified,
            };
            let Some(path) = pieces.next() else { break };
            let path = path.into_owned();
            files.insert(path.clone(), ChangedFile { path, status, added: None, removed: None });
            continue;
        }
        let mut fields = piece.splitn(3, '\t');
        let (added, removed) = (number(fields.next()), number(fields.next()));
        if let Some(file) = fields.next().and_then(|path| files.get_mut(path)) {
            (file.added, file.removed) = (added, removed);
            sum.added += added.unwrap_or(0);
            sum.removed += removed.unwrap_or(0);
        }
    }
    FilesChanged { files: files.into_values().collect(), ..sum }
}

/// Reads a count of lines; a file that is no text has none.
fn number(field: Option<&str>) -> Option<u64> {
    field?.parse().ok()
}

fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Cuts a text until it fits when it is written down as JSON, where a control character takes six bytes.
fn fitting(mut text: String) -> (String, bool) {
    let mut cut = false;
    while serde_json::to_string(&text).map_or(0, |written| written.len()) > WRITTEN_BYTES_MAX {
        text.truncate(text.floor_char_boundary(text.len() / 2));
        cut = true;
    }
    (text, cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_changes_is_read() {
        let raw = b":100644 000000 aa bb D\0gone\0:000000 100644 aa bb A\0new \xff\0:100644 100644 aa bb M\0old\0\
                    0\t3\tgone\0-\t-\tnew \xff\x002\t1\told\0";
        let read = read(raw);
        let told: Vec<_> = read.files.iter().map(|file| (file.path.as_str(), file.status, file.added)).collect();
        assert_eq!(
            told,
            [
                ("gone", FileStatus::Deleted, Some(0)),
                ("new \u{FFFD}", FileStatus::Added, None),
                ("old", FileStatus::Modified, Some(2)),
            ]
        );
        assert_eq!((read.added, read.removed), (2, 4));
    }

    #[test]
    fn a_diff_of_control_characters_is_cut_to_fit() {
        let (text, cut) = fitting("\u{1}".repeat(DIFF_BYTES_MAX));
        assert!(cut && serde_json::to_string(&text).unwrap().len() <= WRITTEN_BYTES_MAX);
        assert_eq!(fitting("+a\n".into()), ("+a\n".into(), false));
    }
}
