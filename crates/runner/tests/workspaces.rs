//! The folders that agents work in, as the server sees them: cloned before a work, looked at and kept after it.

mod support;

use std::fs;
use std::path::PathBuf;

use support::repo::{Guarded, Repo, git};
use support::*;
use tenure_model::chat::FinishReason;
use tenure_model::id::TurnId;
use tenure_model::link::{RestoreWork, TurnFrame, WorkSpec};
use tenure_model::step::RepoContext;
use tenure_model::workspace::{FileStatus, FilesChanged, GitState, WorkspaceAsk, WorkspaceDiff, WorkspaceTold};
use tenure_protocol::runner::{RunnerMessage, ServerMessage};
use tenure_runner::{Config, GitCredential, Workspaces};

/// A runner with a folder per session, linked with a server.
struct Scene {
    runner: Running,
    link: Link,
    _server: FakeServer,
}

impl Scene {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let server = FakeServer::start().await;
        let folder = tempfile::tempdir().unwrap();
        let mut config = config(&server, folder.path(), "name: idle\nsteps: []\n");
        config.workspaces = Workspaces::PerSession;
        config.git.protocols = ["file", "https", "http"].map(str::to_owned).to_vec();
        change(&mut config);
        let runner = run_with(folder, config);
        let link = server.welcome(&Ledger::default()).await;
        Self { runner, link, _server: server }
    }

    /// Has the agent `shell` do a turn.
    async fn turn(&mut self, spec: &WorkSpec) -> (Ledger, FinishReason, Option<String>) {
        let mut ledger = Ledger::default();
        self.link.start(spec, &mut ledger).await;
        let (reason, error) = self.link.hear_end(&mut ledger, spec).await;
        (ledger, reason, error)
    }

    /// Has it do a turn that ends well, and returns its frames.
    async fn good(&mut self, spec: &WorkSpec) -> Ledger {
        let (ledger, reason, error) = self.turn(spec).await;
        assert_eq!((reason, error), (FinishReason::EndTurn, None));
        ledger
    }

    /// Returns the complaint of a turn that cannot begin.
    async fn refused(&mut self, spec: &WorkSpec) -> String {
        let (_, reason, error) = self.turn(spec).await;
        assert_eq!(reason, FinishReason::Error);
        error.expect("an error says what is wrong")
    }

    async fn ask(&mut self, spec: &WorkSpec, question: WorkspaceAsk) -> WorkspaceTold {
        self.link.say(&ServerMessage::Ask { reference: "ask".into(), session: spec.session, question }).await;
        match self.link.hear().await {
            RunnerMessage::Told { reference, answer } if reference == "ask" => answer,
            other => panic!("expected an answer, not {other:?}"),
        }
    }

    async fn diff(&mut self, spec: &WorkSpec, since: Option<TurnId>) -> WorkspaceDiff {
        match self.ask(spec, WorkspaceAsk::Diff { since }).await {
            WorkspaceTold::Diff(diff) => diff,
            other => panic!("expected a diff, not {other:?}"),
        }
    }

    fn folder(&self, spec: &WorkSpec) -> PathBuf {
        self.runner.folder.path().join("data/workspaces").join(spec.session.to_string())
    }
}

fn command(text: &str) -> WorkSpec {
    spec("shell", text)
}

/// Returns another turn of the same session.
fn then(before: &WorkSpec, text: &str) -> WorkSpec {
    WorkSpec { session: before.session, repo: before.repo.clone(), ..command(text) }
}

fn restoring(before: &WorkSpec, to: Option<&WorkSpec>) -> WorkSpec {
    let to = to.map(|to| TurnId::from(to.work));
    WorkSpec { restore: Some(RestoreWork { to }), agent: None, ..then(before, "restore") }
}

fn git_state(ledger: &Ledger) -> Option<&GitState> {
    ledger.frames.iter().rev().find_map(|frame| match frame {
        TurnFrame::GitState { git } => Some(git),
        _ => None,
    })
}

fn files(ledger: &Ledger) -> Option<&FilesChanged> {
    ledger.frames.iter().rev().find_map(|frame| match frame {
        TurnFrame::FilesChanged { changed } => Some(changed),
        _ => None,
    })
}

fn named(changed: &FilesChanged) -> Vec<(&str, FileStatus)> {
    changed.files.iter().map(|file| (file.path.as_str(), file.status)).collect()
}

fn is_kept(ledger: &Ledger) -> bool {
    ledger.frames.contains(&TurnFrame::Checkpoint {})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_is_cloned_before_the_work_and_sessions_share_its_objects() {
    let (repo, mut scene) = (Repo::new(), Scene::new().await);
    let first = WorkSpec { repo: Some(repo.context()), ..command("cat a.txt") };
    let ledger = scene.good(&first).await;
    assert_eq!(ledger.output(), "one\ntwo\nthree\n");
    let told = |frame: &TurnFrame| matches!(frame, TurnFrame::AgentStatus { detail: Some(detail), .. } if detail.starts_with("preparing the workspace: cloning /"));
    assert!(ledger.frames.iter().any(told));
    let state = git_state(&ledger).unwrap();
    assert_eq!((state.branch.as_deref(), state.changed, state.added, state.ahead), (Some("main"), 0, 0, 0));
    assert_eq!(state.head.as_deref(), Some(git(repo.folder.path(), &["rev-parse", "main"]).as_str()));

    // Another session has the same branch, and its own commits on it.
    let second = WorkSpec {
        repo: Some(repo.context()),
        ..command("git -c user.name=x -c user.email=x commit -qam more --allow-empty")
    };
    let ledger = scene.good(&second).await;
    assert_eq!(git_state(&ledger).map(|state| (state.ahead, state.behind)), Some((1, 0)));
    assert_eq!(git(&scene.folder(&first), &["rev-list", "--count", "main"]), "2");
    let packed = |folder: PathBuf| git(&folder, &["count-objects"]);
    assert!(packed(scene.folder(&first)).starts_with("0 objects"));
    let mirrors = fs::read_dir(scene.runner.folder.path().join("data/git/mirrors")).unwrap().count();
    assert_eq!(mirrors, 1);

    // The next turn finds what is there, whatever has become of the repository.
    drop(repo);
    assert_eq!(scene.good(&then(&first, "git remote get-url origin")).await.output().lines().count(), 1);
    scene.runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_a_tag_or_a_commit_is_checked_out() {
    let (repo, mut scene) = (Repo::new(), Scene::new().await);
    let first = git(repo.folder.path(), &["rev-parse", "v1"]);
    let show = "git rev-parse --abbrev-ref HEAD; git rev-parse HEAD";
    let side = git(repo.folder.path(), &["rev-parse", "side"]);
    for (branch, reference, expected) in [
        (Some("side"), None, format!("side\n{side}\n")),
        (None, Some("v1"), format!("HEAD\n{first}\n")),
        (None, Some(first.as_str()), format!("HEAD\n{first}\n")),
        (Some("fix"), Some("v1"), format!("fix\n{first}\n")),
    ] {
        let context =
            RepoContext { branch: branch.map(Into::into), reference: reference.map(Into::into), ..repo.context() };
        let ledger = scene.good(&WorkSpec { repo: Some(context), ..command(show) }).await;
        assert_eq!(ledger.output(), expected);
    }
    scene.runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_cloned_ends_the_work_with_its_reason() {
    let (repo, mut scene) = (Repo::new(), Scene::with(|config| config.git.protocols = vec!["file".into()]).await);
    let of = |context: RepoContext| WorkSpec { repo: Some(context), ..command("true") };
    let at = |url: &str| RepoContext { url: url.into(), branch: None, reference: None };
    let good = repo.context();
    for (context, why) in [
        (at("/nowhere/at/all"), "there is no repository at /nowhere/at/all"),
        (RepoContext { branch: Some("none".into()), ..good.clone() }, "the repository has no branch \"none\""),
        (RepoContext { reference: Some("none".into()), ..good.clone() }, "no tag, branch or commit \"none\""),
        (RepoContext { branch: Some("--all".into()), ..good.clone() }, "no name of a branch"),
        (at("https://example.org/a"), "does not reach repositories by https"),
        (at("ext::sh -c true"), "no repository's address"),
        (at("--upload-pack=true"), "no repository's address"),
        (at("https://ann:secret@example.org/a"), "holds a user name or a password"),
    ] {
        let refused = scene.refused(&of(context)).await;
        assert!(refused.contains(why), "{refused}");
        assert!(!refused.contains("secret"));
    }
    // What is half made is not left behind: the session goes on once the repository can be had.
    let late = of(RepoContext { branch: Some("late".into()), ..good.clone() });
    scene.refused(&late).await;
    git(repo.folder.path(), &["branch", "late"]);
    scene.good(&then(&late, "true")).await;
    // An agent's files are never cloned over.
    let other = WorkSpec { repo: Some(at("/another")), ..then(&late, "true") };
    assert!(scene.refused(&other).await.contains("the workspace holds /"));
    let filled = command("touch mine");
    scene.good(&filled).await;
    let refused = scene.refused(&WorkSpec { repo: Some(good), ..then(&filled, "true") }).await;
    assert!(refused.contains("holds files already"), "{refused}");
    scene.runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_seen_by_git_alone() {
    const SECRET: &str = "s3cret-that-is-nowhere";
    let repo = Repo::new();
    let guarded = Guarded::serve(&repo, "ann", SECRET).await;
    let keys = tempfile::tempdir().unwrap();
    let password = keys.path().join("password");
    fs::write(&password, SECRET).unwrap();
    let of = || RepoContext { url: guarded.url.clone(), branch: None, reference: None };
    let mut without = Scene::new().await;
    let refused = without.refused(&WorkSpec { repo: Some(of()), ..command("true") }).await;
    assert!(refused.contains(&format!("name one for {} in runner.git_credentials", guarded.host)), "{refused}");
    without.runner.stop().await;

    let host = guarded.host.clone();
    let known =
        GitCredential { host, username: "ann".into(), password_file: Some(password), ..GitCredential::default() };
    let mut scene = Scene::with(|config| config.git.credentials = vec![known]).await;
    let work = WorkSpec { repo: Some(of()), ..command("cat a.txt; cat .git/config; env") };
    let ledger = scene.good(&work).await;
    assert!(ledger.output().starts_with("one\ntwo\nthree\n"));
    assert!(!serde_json::to_string(&ledger.frames).unwrap().contains(SECRET));
    assert_eq!(*guarded.leaks.lock().unwrap(), Vec::<String>::new());
    let secrets = scene.runner.folder.path().join("data/git/secret");
    assert_eq!(fs::read_dir(secrets).unwrap().count(), 0);
    scene.runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_turn_changed_is_told_shown_and_can_be_put_back() {
    let (repo, mut scene) = (Repo::new(), Scene::new().await);
    let change =
        "echo four >> a.txt; echo new > new.txt; echo x > ignored; rm .gitignore; git checkout -q -- .gitignore";
    let first = WorkSpec { repo: Some(repo.context()), ..command(change) };
    let ledger = scene.good(&first).await;
    let changed = files(&ledger).unwrap();
    assert_eq!(named(changed), [("a.txt", FileStatus::Modified), ("new.txt", FileStatus::Added)]);
    assert_eq!((changed.added, changed.removed, changed.more), (2, 0, 0));
    assert_eq!(git_state(&ledger).map(|state| (state.changed, state.added)), Some((1, 1)));
    assert!(is_kept(&ledger));
    let status = git(&scene.folder(&first), &["status", "--porcelain"]);
    assert_eq!(status, "M a.txt\n?? new.txt", "the index of the workspace is left alone");

    // Nothing is told twice.
    let idle = scene.good(&then(&first, "true")).await;
    assert!(files(&idle).is_none() && git_state(&idle).is_none() && is_kept(&idle));

    let second = then(&first, "rm a.txt new.txt; mkdir -p deep; printf '\\000' > deep/raw");
    let ledger = scene.good(&second).await;
    assert_eq!(named(files(&ledger).unwrap()), [("a.txt", FileStatus::Deleted), ("deep/raw", FileStatus::Added)]);
    let shown = scene.diff(&first, None).await;
    assert!(shown.diff.contains("-three") && !shown.cut, "{}", shown.diff);
    let since = scene.diff(&first, Some(first.work.into())).await;
    assert!(since.diff.contains("-four") && named(&since.changed).len() == 3);

    let back = restoring(&first, Some(&first));
    let ledger = scene.good(&back).await;
    assert_eq!(ledger.text(), "3 files were put back.");
    assert_eq!(fs::read_to_string(scene.folder(&first).join("a.txt")).unwrap(), "one\ntwo\nthree\nfour\n");
    assert!(!scene.folder(&first).join("deep").exists() && scene.folder(&first).join("ignored").exists());
    assert_eq!(named(files(&ledger).unwrap()).len(), 2);

    // A restore can be undone, and the beginning is kept as well.
    scene.good(&restoring(&first, Some(&back))).await;
    assert!(scene.folder(&first).join("deep/raw").exists() && !scene.folder(&first).join("a.txt").exists());
    scene.good(&restoring(&first, None)).await;
    assert_eq!(git(&scene.folder(&first), &["status", "--porcelain"]), "");
    let refused = scene.refused(&restoring(&first, Some(&command("x")))).await;
    assert!(refused.contains("no longer kept"), "{refused}");
    scene.runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_without_a_repository_is_kept_as_well() {
    let mut scene = Scene::new().await;
    let first = command("true");
    let ledger = scene.good(&first).await;
    assert!(!is_kept(&ledger) && files(&ledger).is_none(), "there is nothing to tell of an empty folder");
    let second = then(&first, "echo one > a; echo two > b");
    let ledger = scene.good(&second).await;
    assert_eq!(named(files(&ledger).unwrap()), [("a", FileStatus::Added), ("b", FileStatus::Added)]);
    assert_eq!(git_state(&ledger), None);
    assert!(!scene.folder(&first).join(".git").exists());
    scene.good(&then(&first, "rm b")).await;
    scene.good(&restoring(&first, Some(&second))).await;
    assert!(scene.folder(&first).join("b").exists());
    scene.good(&restoring(&first, None)).await;
    assert_eq!(fs::read_dir(scene.folder(&first)).unwrap().count(), 0);
    scene.runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_of_an_agent_run_nothing_and_other_repositories_are_not_looked_into() {
    let (repo, mut scene) = (Repo::new(), Scene::new().await);
    let trap = "touch ../../../trapped";
    let set =
        ["filter.x.clean", "filter.x.smudge", "filter.x.process", "core.fsmonitor", "diff.external", "diff.x.textconv"]
            .map(|name| format!("git config {name} '{trap}; cat'"))
            .join("; ");
    let hooks = format!(
        "mkdir -p .git/hooks; printf '#!/bin/sh\\n{trap}\\n' > .git/hooks/post-checkout; chmod +x .git/hooks/*"
    );
    let work = format!(
        "{set}; {hooks}; echo '* filter=x diff=x' > .gitattributes; echo more >> a.txt; mkdir in; git init -q in"
    );
    let first = WorkSpec { repo: Some(repo.context()), ..command(&work) };
    let ledger = scene.good(&first).await;
    assert!(is_kept(&ledger) && named(files(&ledger).unwrap()).contains(&("a.txt", FileStatus::Modified)));
    scene.diff(&first, None).await;
    scene.good(&restoring(&first, None)).await;
    assert!(!scene.runner.folder.path().join("trapped").exists());

    // A `.git` that points to another session's shows nothing of it.
    let thief = command(&format!("echo 'gitdir: {}/.git' > .git; touch mine", scene.folder(&first).display()));
    let ledger = scene.good(&thief).await;
    assert_eq!((git_state(&ledger), named(files(&ledger).unwrap())), (None, vec![("mine", FileStatus::Added)]));
    scene.runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn old_checkpoints_are_forgotten_and_an_unknown_workspace_is_told() {
    let mut scene = Scene::with(|config| config.git.checkpoints_max = 2).await;
    let turns: Vec<WorkSpec> = {
        let first = command("echo 0 > a");
        let others = (1..4).map(|number| then(&first, &format!("echo {number} > a")));
        others.collect::<Vec<_>>().into_iter().fold(vec![first.clone()], |mut all, turn| {
            all.push(turn);
            all
        })
    };
    for turn in &turns {
        assert!(is_kept(&scene.good(turn).await));
    }
    assert!(scene.refused(&restoring(&turns[0], Some(&turns[1]))).await.contains("no longer kept"));
    scene.good(&restoring(&turns[0], Some(&turns[3]))).await;
    let told = scene.ask(&command("x"), WorkspaceAsk::Diff { since: None }).await;
    assert!(matches!(told, WorkspaceTold::Unable { why } if why.contains("no workspace of the session")));
    scene.runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clone_that_hangs_is_ended_when_the_work_is_cancelled() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/a.git", silent.local_addr().unwrap());
    let mut scene = Scene::new().await;
    let spec = WorkSpec { repo: Some(RepoContext { url, branch: None, reference: None }), ..command("true") };
    let mut ledger = Ledger::default();
    scene.link.start(&spec, &mut ledger).await;
    let (_held, _) = bounded(silent.accept()).await.unwrap();
    let (work, generation, reason) = (spec.work, spec.generation, FinishReason::Canceled);
    scene.link.say(&ServerMessage::Cancel { reference: "cancel".into(), work, generation, reason }).await;
    scene.link.hear_done("cancel", &mut ledger).await;
    assert_eq!(scene.link.hear_end(&mut ledger, &spec).await, (FinishReason::Canceled, None));
    scene.runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_that_holds_too_much_takes_no_further_work_until_it_is_less() {
    let mut scene = Scene::with(|config| config.room.bytes_max = 1 << 20).await;
    let first = command("head -c 3000000 /dev/zero > big");
    let ledger = scene.good(&first).await;
    let told = |frame: &TurnFrame| matches!(frame, TurnFrame::AgentStatus { detail: Some(why), .. } if why.contains("workspace_bytes_max"));
    assert!(ledger.frames.iter().any(told));
    assert!(scene.refused(&then(&first, "true")).await.contains("no work is taken on there"));
    scene.good(&command("true")).await;
    fs::remove_file(scene.folder(&first).join("big")).unwrap();
    scene.good(&then(&first, "true")).await;
    scene.runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn workspaces_that_nobody_uses_are_removed_at_the_start() {
    let server = FakeServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(&server, folder.path(), "name: idle\nsteps: []\n");
    config.workspaces = Workspaces::PerSession;
    config.room.idle = Some(std::time::Duration::from_secs(3_600));
    let old = folder.path().join("data/workspaces").join(command("x").session.to_string());
    fs::create_dir_all(&old).unwrap();
    let past = std::time::SystemTime::now() - std::time::Duration::from_secs(7_200);
    fs::File::open(&old).unwrap().set_modified(past).unwrap();
    let runner = run_with(folder, config);
    until(|| !old.exists()).await;
    runner.stop().await;
}
