//! Makes the folder of a session out of a repository: a clone of its own, with its own branches and settings, that shares
//! the objects of the runner's copy.
//!
//! It is no `git worktree`: those share branches and settings, so one agent could take a branch from another, or have git
//! run a program in another's folder.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use tenure_model::id::SessionId;
use tenure_model::step::RepoContext;

use super::git::GitError;
use super::mirror::Mirror;
use super::{Means, failure};

/// What a folder was made of, kept beside it.
#[derive(Serialize, Deserialize)]
struct Made {
    repo: RepoContext,
}

/// Makes the folder of a session, unless it was made of the same before; true when it was made now. What is half made is never seen: the clone is moved
/// into its place when it is whole.
pub async fn make(means: &Means<'_>, session: SessionId, folder: &Path, repo: &RepoContext) -> Result<bool, String> {
    repo.check().map_err(|bad| bad.to_string())?;
    let note = means.data.join("git/made").join(format!("{session}.json"));
    let made: Option<Made> = fs::read(&note).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let empty = is_empty(folder).map_err(|error| failure("look into the workspace", &error))?;
    match made {
        Some(made) if !empty => return fits(&made.repo, repo).map(|()| false),
        None if !empty => {
            return Err(format!("the workspace holds files already, so {} is not cloned into it", repo.url));
        }
        _ => {}
    }
    (means.tell)(&format!("cloning {}", repo.url));
    let mirror = Mirror::fetch(means, repo).await?;
    (means.tell)("checking out");
    let fresh = means.data.join("git/fresh").join(session.to_string());
    let _ = fs::remove_dir_all(&fresh);
    let cloned = clone(means, &mirror, &fresh, repo).await;
    let settled = cloned.and_then(|()| settle(&fresh, folder, &note, repo));
    if settled.is_err() {
        let _ = fs::remove_dir_all(&fresh);
    }
    settled.map(|()| true)
}

/// Checks that what is asked for is what is there: an agent's work is never checked out over.
fn fits(made: &RepoContext, asked: &RepoContext) -> Result<(), String> {
    let same = |asked: &Option<String>, made: &Option<String>| asked.is_none() || asked == made;
    if made.url != asked.url {
        return Err(format!("the workspace holds {}, not {}", made.url, asked.url));
    }
    if !same(&asked.branch, &made.branch) || !same(&asked.reference, &made.reference) {
        let name = |repo: &RepoContext| {
            let names: Vec<&str> = repo.branch.iter().chain(&repo.reference).map(String::as_str).collect();
            if names.is_empty() { "its own branch".to_owned() } else { names.join(" at ") }
        };
        return Err(format!("the workspace was made of {}, not of {}", name(made), name(asked)));
    }
    Ok(())
}

fn is_empty(folder: &Path) -> std::io::Result<bool> {
    Ok(fs::read_dir(folder)?.next().is_none())
}

async fn clone(means: &Means<'_>, mirror: &Mirror, fresh: &Path, repo: &RepoContext) -> Result<(), String> {
    let failed = |error: GitError| format!("the workspace cannot be made: {}", of_disk(error));
    let data = fresh.parent().expect("it is below the data folder");
    fs::create_dir_all(data).map_err(|error| failure("make the workspace", &error))?;
    let clone = means.git(data).reaching("file");
    let (from, to) = (mirror.folder.as_os_str(), fresh.as_os_str());
    let options = ["clone", "--quiet", "--shared", "--no-checkout", "--template=", "--"].map(std::ffi::OsStr::new);
    clone.run(options.into_iter().chain([from, to])).await.map_err(failed)?;
    let git = || means.git(fresh).repository(&fresh.join(".git"));
    git().run(["remote", "set-url", "--", "origin", &repo.url]).await.map_err(failed)?;
    match (&repo.branch, &repo.reference) {
        (None, None) => match &mirror.preferred {
            Some(branch) => follow(means, fresh, branch).await,
            // There is nothing in it yet.
            None => Ok(()),
        },
        (Some(branch), None) => follow(means, fresh, branch).await,
        (branch, Some(reference)) => {
            let commit = resolve(means, fresh, reference).await?;
            let at = match branch {
                Some(branch) => vec!["checkout", "--quiet", "-B", branch, &commit],
                None => vec!["checkout", "--quiet", "--detach", &commit],
            };
            git().env("GIT_WORK_TREE", fresh).run(at).await.map(|_| ()).map_err(failed)
        }
    }
}

/// Checks out a branch that follows the repository's.
async fn follow(means: &Means<'_>, fresh: &Path, branch: &str) -> Result<(), String> {
    let git = || means.git(fresh).repository(&fresh.join(".git"));
    let upstream = format!("refs/remotes/origin/{branch}");
    if git().run(["rev-parse", "--verify", "--quiet", &upstream]).await.is_err() {
        return Err(format!("the repository has no branch \"{branch}\""));
    }
    let follow = ["checkout", "--quiet", "-B", branch, "--track", &upstream];
    let followed = git().env("GIT_WORK_TREE", fresh).run(follow).await;
    followed.map(|_| ()).map_err(|error| format!("the branch \"{branch}\" cannot be checked out: {}", of_disk(error)))
}

/// Finds the commit that a name means: a tag, a branch of the repository, or the commit's own id.
async fn resolve(means: &Means<'_>, fresh: &Path, name: &str) -> Result<String, String> {
    let own = name.bytes().all(|byte| byte.is_ascii_hexdigit()) && name.len() >= 4;
    let places = [format!("refs/tags/{name}"), format!("refs/remotes/origin/{name}")];
    for place in places.into_iter().chain(own.then(|| name.to_owned())) {
        let git = means.git(fresh).repository(&fresh.join(".git"));
        let commit = format!("{place}^{{commit}}");
        if let Ok(commit) = git.line(["rev-parse", "--verify", "--quiet", "--end-of-options", &commit]).await {
            // Before git 2.30 the word that ends the options is repeated.
            return Ok(commit.lines().last().unwrap_or_default().to_owned());
        }
    }
    Err(format!("the repository has no tag, branch or commit \"{name}\""))
}

/// Notes what it is made of, then moves it into its place, which is an empty folder.
fn settle(fresh: &Path, folder: &Path, note: &Path, repo: &RepoContext) -> Result<(), String> {
    let written = || {
        fs::create_dir_all(note.parent().expect("it is below the data folder"))?;
        let bytes = serde_json::to_vec(&Made { repo: repo.clone() }).expect("it is plain data");
        fs::write(note, bytes)?;
        fs::rename(fresh, folder)
    };
    written().map_err(|error| failure("move the clone into its place", &error))
}

fn of_disk(error: GitError) -> String {
    match &error {
        GitError::Failed(words) if words.contains("No space left") => format!("the disk is full: {words}"),
        _ => error.to_string(),
    }
}
