//! A runner with a workspace per session, and turns in them.

use std::path::PathBuf;

use tenure_model::chat::FinishReason;
use tenure_model::id::TurnId;
use tenure_model::link::{RestoreWork, TurnFrame, WorkSpec};
use tenure_model::workspace::{FileStatus, FilesChanged, GitState, WorkspaceAsk, WorkspaceDiff, WorkspaceTold};
use tenure_protocol::runner::{RunnerMessage, ServerMessage};
use tenure_runner::{Config, Workspaces};

use super::*;

/// A runner with a folder per session, linked with a server.
pub struct Scene {
    pub runner: Running,
    pub link: Link,
    _server: FakeServer,
}

impl Scene {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
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
    pub async fn turn(&mut self, spec: &WorkSpec) -> (Ledger, FinishReason, Option<String>) {
        let mut ledger = Ledger::default();
        self.link.start(spec, &mut ledger).await;
        let (reason, error) = self.link.hear_end(&mut ledger, spec).await;
        (ledger, reason, error)
    }

    /// Has it do a turn that ends well, and returns its frames.
    pub async fn good(&mut self, spec: &WorkSpec) -> Ledger {
        let (ledger, reason, error) = self.turn(spec).await;
        assert_eq!((reason, error), (FinishReason::EndTurn, None));
        ledger
    }

    /// Returns the complaint of a turn that cannot begin.
    pub async fn refused(&mut self, spec: &WorkSpec) -> String {
        let (_, reason, error) = self.turn(spec).await;
        assert_eq!(reason, FinishReason::Error);
        error.expect("an error says what is wrong")
    }

    pub async fn ask(&mut self, spec: &WorkSpec, question: WorkspaceAsk) -> WorkspaceTold {
        self.link.say(&ServerMessage::Ask { reference: "ask".into(), session: spec.session, question }).await;
        match self.link.hear().await {
            RunnerMessage::Told { reference, answer } if reference == "ask" => answer,
            other => panic!("expected an answer, not {other:?}"),
        }
    }

    pub async fn diff(&mut self, spec: &WorkSpec, since: Option<TurnId>) -> WorkspaceDiff {
        match self.ask(spec, WorkspaceAsk::Diff { since }).await {
            WorkspaceTold::Diff(diff) => diff,
            other => panic!("expected a diff, not {other:?}"),
        }
    }

    pub fn folder(&self, spec: &WorkSpec) -> PathBuf {
        self.runner.folder.path().join("data/workspaces").join(spec.session.to_string())
    }
}

pub fn command(text: &str) -> WorkSpec {
    spec("shell", text)
}

/// Returns another turn of the same session.
pub fn then(before: &WorkSpec, text: &str) -> WorkSpec {
    WorkSpec { session: before.session, repo: before.repo.clone(), ..command(text) }
}

pub fn restoring(before: &WorkSpec, to: Option<&WorkSpec>) -> WorkSpec {
    let to = to.map(|to| TurnId::from(to.work));
    WorkSpec { restore: Some(RestoreWork { to }), agent: None, ..then(before, "restore") }
}

pub fn git_state(ledger: &Ledger) -> Option<&GitState> {
    ledger.frames.iter().rev().find_map(|frame| match frame {
        TurnFrame::GitState { git } => Some(git),
        _ => None,
    })
}

pub fn files(ledger: &Ledger) -> Option<&FilesChanged> {
    ledger.frames.iter().rev().find_map(|frame| match frame {
        TurnFrame::FilesChanged { changed } => Some(changed),
        _ => None,
    })
}

pub fn named(changed: &FilesChanged) -> Vec<(&str, FileStatus)> {
    changed.files.iter().map(|file| (file.path.as_str(), file.status)).collect()
}

pub fn is_kept(ledger: &Ledger) -> bool {
    ledger.frames.contains(&TurnFrame::Checkpoint {})
}
