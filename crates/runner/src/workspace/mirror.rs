//! The runner's own copy of a repository, one per address: sessions share its objects, so a second clone costs next to
//! nothing. Nothing is ever removed from it, because clones lean on it.

use std::path::{Path, PathBuf};

use tenure_model::id::derived;
use tenure_model::step::RepoContext;

use super::credentials::SignIn;
use super::git::{Git, GitError, objects};
use super::{Means, failure};

/// A copy that is as new as the repository was a moment ago.
pub struct Mirror {
    pub folder: PathBuf,
    /// The branch that the repository itself prefers; none when it is empty.
    pub preferred: Option<String>,
}

/// Returns where the copy of a repository is.
pub fn place(data: &Path, repo: &RepoContext) -> PathBuf {
    data.join("git/mirrors").join(format!("{}.git", derived(&["mirror", &repo.url])))
}

impl Mirror {
    /// Brings the copy of a repository up to date, and makes it when it is not there.
    pub async fn fetch(means: &Means<'_>, repo: &RepoContext) -> Result<Self, String> {
        let protocol = repo.protocol().map_err(|bad| bad.to_string())?;
        if !means.settings.protocols.iter().any(|known| known == protocol) {
            let known = means.settings.protocols.join(", ");
            return Err(format!("this runner does not reach repositories by {protocol}, only by {known}"));
        }
        let sign_in = SignIn::prepare(&means.settings.credentials, repo, means.data)?;
        let folder = place(means.data, repo);
        let _alone = means.locks.take(&folder).await;
        std::fs::create_dir_all(&folder).map_err(|error| failure("make the copy of the repository", &error))?;
        let git = || means.git(&folder).repository(&folder);
        git().run(["init", "--quiet", "--bare", "--template="]).await.map_err(|error| explained(error, repo))?;
        let reach = || sign_in.add_to(git().reaching(protocol));
        let told = reach().run(["ls-remote", "--symref", "--", &repo.url, "HEAD"]).await;
        let told = told.map_err(|error| explained(error, repo))?;
        let wanted = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];
        let fetch = ["fetch", "--quiet", "--no-auto-gc", "--no-tags", "--no-write-fetch-head", "--", &repo.url];
        let fetched = reach().growing(&folder, means.bytes_max).run(fetch.into_iter().chain(wanted)).await;
        if let Err(GitError::TooLarge(_)) = fetched {
            forget_halves(&folder);
        }
        fetched.map_err(|error| explained(error, repo))?;
        if let Some(reference) = &repo.reference {
            bring(reach(), &git, repo, reference).await;
        }
        let preferred = preferred(&String::from_utf8_lossy(&told.bytes), git).await;
        Ok(Self { folder, preferred })
    }
}

/// Removes what a fetch that was ended has left of its pack.
fn forget_halves(folder: &Path) {
    let packs = std::fs::read_dir(objects(folder).join("pack")).into_iter().flatten().flatten();
    for half in packs.filter(|file| file.file_name().to_string_lossy().starts_with("tmp_")) {
        // It is weighed with the rest, so what stays is found again.
        let _ = std::fs::remove_file(half.path());
    }
}

/// Asks for a commit that no branch or tag has; what cannot be had is told when it is checked out.
async fn bring<'a>(reach: Git<'a>, git: &impl Fn() -> Git<'a>, repo: &RepoContext, reference: &str) {
    let there = format!("{reference}^{{commit}}");
    let known = git().run(["rev-parse", "--verify", "--quiet", "--end-of-options", &there]).await.is_ok();
    if !known && reference.len() >= 40 {
        let fetch =
            ["fetch", "--quiet", "--no-auto-gc", "--no-tags", "--no-write-fetch-head", "--", &repo.url, reference];
        let _ = reach.run(fetch).await;
    }
}

/// Returns the branch that `HEAD` names; a server that does not say is taken to mean `main` or `master`.
async fn preferred<'a>(told: &str, git: impl Fn() -> Git<'a>) -> Option<String> {
    let named = told.lines().find_map(|line| line.strip_prefix("ref: refs/heads/")?.split('\t').next());
    if let Some(named) = named {
        return Some(named.to_owned());
    }
    for usual in ["main", "master"] {
        let branch = format!("refs/heads/{usual}");
        if git().run(["rev-parse", "--verify", "--quiet", &branch]).await.is_ok() {
            return Some(usual.to_owned());
        }
    }
    None
}

/// Says what is wrong with the repository, as far as git's words tell it.
fn explained(error: GitError, repo: &RepoContext) -> String {
    let GitError::Failed(words) = &error else {
        return match error {
            GitError::TimedOut(limit) => format!("fetching {} took longer than {} s", repo.url, limit.as_secs()),
            error => error.to_string(),
        };
    };
    let says = |texts: &[&str]| texts.iter().any(|text| words.contains(text));
    let url = &repo.url;
    if says(&["No space left", "Disk quota exceeded"]) {
        return format!("the disk is full: {words}");
    }
    if says(&["could not read Username", "could not read Password", "Authentication failed", "Permission denied"])
        || says(&["The requested URL returned error: 401", "The requested URL returned error: 403"])
    {
        let host = repo.host().unwrap_or("its host");
        return format!(
            "{url} needs a login that this runner does not have; name one for {host} in runner.git_credentials"
        );
    }
    if says(&["not found", "does not exist", "does not appear to be a git repository", "not a git repository"]) {
        return format!("there is no repository at {url}, or this runner may not see it");
    }
    if says(&["Could not resolve host", "Failed to connect", "Couldn't connect", "Connection refused", "timed out"]) {
        return format!("the host of {url} cannot be reached: {words}");
    }
    format!("{url} cannot be fetched: {words}")
}
