//! The runner's own record of the files of one workspace: a repository outside of the folder, with settings and an index
//! that no agent can reach. The folder's own branch and index stay as they are.
//!
//! Git runs no filter, hook or monitor of the folder here, because those are named in settings, and these are the runner's.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tenure_model::id::TurnId;

use super::git::{Git, GitError, objects, option};
use super::{Means, failure};

/// Where checkpoints stand in the record.
const CHECKPOINTS: &str = "refs/tenure/checkpoints";
/// The checkpoint of what was there before the first turn.
const START: &str = "start";
/// The tree without any file.
pub const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
/// From how many loose objects on the record is packed.
const PACK_FROM: &str = "gc.auto=3000";

/// The record of one workspace.
pub struct Kept<'a> {
    means: &'a Means<'a>,
    folder: &'a Path,
    git_dir: PathBuf,
}

impl<'a> Kept<'a> {
    /// Returns the record of `folder`, which may not have been begun yet.
    pub fn of(means: &'a Means<'a>, folder: &'a Path, key: &str) -> Self {
        Self { means, folder, git_dir: means.data.join("git/kept").join(format!("{key}.git")) }
    }

    pub fn is_begun(&self) -> bool {
        self.git_dir.join("HEAD").exists()
    }

    /// Begins the record with the files that are there now. Objects that `shared` has are not stored again.
    pub async fn begin(&self, shared: Option<&Path>) -> Result<(), String> {
        self.begin_with(shared, None).await
    }

    /// Begins the record of a folder that was empty at first.
    pub async fn begin_empty(&self) -> Result<(), String> {
        self.begin_with(None, Some(EMPTY_TREE)).await
    }

    async fn begin_with(&self, shared: Option<&Path>, start: Option<&str>) -> Result<(), String> {
        let fresh = self.git_dir.with_extension("fresh");
        let _ = fs::remove_dir_all(&fresh);
        fs::create_dir_all(&fresh).map_err(|error| failure("make the record of the workspace", &error))?;
        let git = || self.means.git(self.means.data).repository(&fresh);
        git().run(["init", "--quiet", "--bare", "--template="]).await.map_err(in_words)?;
        if let Some(shared) = shared {
            let line = format!("{}\n", objects(shared).display());
            let alternates = objects(&fresh).join("info/alternates");
            fs::write(alternates, line).map_err(|error| failure("make the record of the workspace", &error))?;
        }
        leave_out(&fresh, self.means.data, self.folder)
            .map_err(|error| failure("make the record of the workspace", &error))?;
        let begun = Kept { means: self.means, folder: self.folder, git_dir: fresh.clone() };
        let tree = match start {
            Some(tree) => tree.to_owned(),
            None => begun.take_in().await?,
        };
        begun.name(START, &tree).await?;
        fs::rename(&fresh, &self.git_dir).map_err(|error| failure("make the record of the workspace", &error))
    }

    /// Takes in all files that are not ignored, and returns their tree.
    pub async fn take_in(&self) -> Result<String, String> {
        let ignored = self.folder.join(".git/info/exclude");
        let ignored = option("core.excludesFile", if ignored.is_file() { &ignored } else { Path::new("/dev/null") });
        let add = self.in_folder().setting(ignored).run(["add", "--all", "--ignore-errors", "--", "."]).await;
        match add {
            // Files that cannot be read are left out; all others are in.
            Ok(_) | Err(GitError::Failed(_)) => {}
            Err(error) => {
                // A killed git leaves its lock behind.
                let _ = fs::remove_file(self.git_dir.join("index.lock"));
                return Err(error.to_string());
            }
        }
        self.git().line(["write-tree"]).await.map_err(in_words)
    }

    /// Keeps a tree as the checkpoint of a turn; the oldest beyond the limit is forgotten.
    pub async fn keep(&self, turn: TurnId, tree: &str) -> Result<(), String> {
        self.name(&turn.to_string(), tree).await?;
        let list = ["for-each-ref", "--sort=subject", "--format=%(refname)", CHECKPOINTS];
        let names = self.git().line(list).await.map_err(in_words)?;
        let start = reference(START);
        let names: Vec<&str> = names.lines().filter(|name| *name != start).collect();
        let beyond = names.len().saturating_sub(self.means.settings.checkpoints_max as usize);
        for oldest in &names[..beyond] {
            self.git().run(["update-ref", "-d", oldest]).await.map_err(in_words)?;
        }
        if beyond > 0 {
            let pack = self.git().setting(PACK_FROM).setting("gc.autoDetach=false");
            pack.run(["gc", "--auto", "--quiet", "--prune=now"]).await.map_err(in_words)?;
        }
        Ok(())
    }

    /// Returns the tree of a turn's checkpoint, or of the start.
    pub async fn checkpoint(&self, turn: Option<TurnId>) -> Result<String, String> {
        let name = turn.map_or_else(|| START.to_owned(), |turn| turn.to_string());
        let tree = format!("{}^{{tree}}", reference(&name));
        let found = self.git().line(["rev-parse", "--verify", "--quiet", &tree]).await;
        found.map_err(|_| match turn {
            Some(turn) => format!("the checkpoint of the turn {turn} is no longer kept by this runner"),
            None => "what was there before the first turn is not kept by this runner".to_owned(),
        })
    }

    /// Makes the files those of a tree. Ignored files stay. The files of now must have been taken in.
    pub async fn put_back(&self, tree: &str) -> Result<(), String> {
        self.in_folder().run(["read-tree", "--reset", "-u", tree]).await.map(|_| ()).map_err(in_words)
    }

    /// Returns a call of git on the record, which also finds the objects of `own`.
    pub fn git_with(&self, own: Option<&Path>) -> Git<'a> {
        match own {
            Some(own) => self.git().env("GIT_ALTERNATE_OBJECT_DIRECTORIES", quoted(&objects(own))),
            None => self.git(),
        }
    }

    fn git(&self) -> Git<'a> {
        self.means.git(self.means.data).repository(&self.git_dir)
    }

    fn in_folder(&self) -> Git<'a> {
        self.means.git(self.folder).repository(&self.git_dir).env("GIT_WORK_TREE", self.folder)
    }

    async fn name(&self, name: &str, tree: &str) -> Result<(), String> {
        let git = ["AUTHOR", "COMMITTER"].into_iter().fold(self.git(), |git, role| {
            git.env(&format!("GIT_{role}_NAME"), "Tenure").env(&format!("GIT_{role}_EMAIL"), "tenure@localhost")
        });
        // Git's own dates are too coarse to tell which of two is the older one.
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let order = format!("{:024}", since.as_nanos());
        let commit = git.line(["commit-tree", "-m", &order, tree]).await.map_err(in_words)?;
        self.git().run(["update-ref", &reference(name), &commit]).await.map(|_| ()).map_err(in_words)
    }
}

/// Leaves the runner's own files out when they lie in the workspace, as they do where somebody develops.
fn leave_out(git_dir: &Path, data: &Path, folder: &Path) -> io::Result<()> {
    let data = data.canonicalize()?;
    let Some(below) = data.strip_prefix(folder).ok().filter(|below| !below.as_os_str().is_empty()) else {
        return Ok(());
    };
    let plain = |c: char| if "*?[\\".contains(c) { format!("\\{c}") } else { c.to_string() };
    let pattern: String = below.to_string_lossy().chars().map(plain).collect();
    fs::create_dir_all(git_dir.join("info"))?;
    fs::write(git_dir.join("info/exclude"), format!("/{pattern}/\n"))
}

fn reference(name: &str) -> String {
    format!("{CHECKPOINTS}/{name}")
}

fn in_words(error: GitError) -> String {
    match &error {
        GitError::Failed(words) if words.contains("No space left") => format!("the disk is full: {words}"),
        _ => error.to_string(),
    }
}

/// Writes a path into a list of paths, in which a colon would end it.
fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{text}\"")
}
