//! How workspaces are made, as the server sees it: cloned before a work, or refused with a reason.

mod support;

use std::fs;
use std::path::PathBuf;

use support::repo::{Guarded, Repo, git};
use support::scene::*;
use support::*;
use tenure_model::chat::FinishReason;
use tenure_model::link::{TurnFrame, WorkSpec};
use tenure_model::step::RepoContext;
use tenure_protocol::runner::ServerMessage;
use tenure_runner::GitCredential;

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
