//! What is kept, told and put back of the files of a workspace, and how much room they may take.

mod support;

use std::fs;

use support::repo::{Repo, git};
use support::scene::*;
use support::*;
use tenure_model::link::{TurnFrame, WorkSpec};
use tenure_model::workspace::{FileStatus, WorkspaceAsk, WorkspaceTold};
use tenure_runner::Workspaces;

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

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_repository_is_kept_without_the_runners_own_files() {
    let repo = Repo::new();
    let at = repo.folder.path().canonicalize().unwrap();
    let own = at.join(".own*/data");
    let mut scene = Scene::with(|config| {
        config.workspaces = Workspaces::Shared(at.clone());
        config.data = own.clone();
    })
    .await;
    let first = command("echo mine > mine.txt");
    let ledger = scene.good(&first).await;
    let (seen, others) = (files(&ledger).unwrap(), [("mine.txt", FileStatus::Added)]);
    assert_eq!(named(seen), others);
    scene.good(&restoring(&first, None)).await;
    assert!(!at.join("mine.txt").exists() && own.join("runner.json").exists());
    scene.runner.stop().await;
}
