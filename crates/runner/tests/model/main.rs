//! The built-in agent, driven through the whole runner against a model server that a test plays.

#[path = "../support/mod.rs"]
mod support;

mod troubles;
mod working;

use support::*;
use tenure_llm::Provider;
use tenure_llm::stub::{Play, Stub};
use tenure_model::chat::FinishReason;
use tenure_model::link::{TurnFrame, WorkSpec};
use tenure_model::time::Span;
use tenure_runner::{AgentConfig, ModelConfig, PermissionPolicy};

/// A runner with the built-in agent, and the server that plays its model.
pub struct Stage {
    pub stub: Stub,
    pub link: Link,
    pub runner: Running,
    _server: FakeServer,
}

impl Stage {
    pub async fn set(plays: Vec<Play>) -> Self {
        Self::with(plays, PermissionPolicy::Allow, |_| {}).await
    }

    pub async fn with(plays: Vec<Play>, permissions: PermissionPolicy, change: impl FnOnce(&mut ModelConfig)) -> Self {
        let stub = Stub::start(plays).await;
        let server = FakeServer::start().await;
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("key");
        std::fs::write(&key, "the-secret-key\n").unwrap();
        let mut model = ModelConfig::new("small", Provider::OPENAI, vec!["m-1".into(), "m-2".into()]);
        model.base_url = Some(stub.url.clone());
        model.key_file = Some(key);
        model.silence_max_ms = Span::secs(20);
        change(&mut model);
        let mut config = config(&server, folder.path(), "name: unused\nsteps: []\n");
        config.agents = vec![AgentConfig::Model(model)];
        config.permissions = permissions;
        let runner = run_with(folder, config);
        let link = server.welcome(&Ledger::default()).await;
        Self { stub, link, runner, _server: server }
    }

    pub async fn take(&mut self, spec: &WorkSpec) -> (Ledger, FinishReason, Option<String>) {
        let mut ledger = Ledger::default();
        self.link.start(spec, &mut ledger).await;
        let (reason, error) = self.link.hear_end(&mut ledger, spec).await;
        (ledger, reason, error)
    }

    pub async fn prompt(&mut self, text: &str) -> (Ledger, FinishReason, Option<String>) {
        self.take(&spec("small", text)).await
    }
}

/// Returns the next turn of the same thread.
pub fn next_of(spec: &WorkSpec, ledger: &Ledger, text: &str) -> WorkSpec {
    let agent_session = ledger.frames.iter().find_map(|frame| match frame {
        TurnFrame::MessageCreate { agent_session, .. } => agent_session.clone(),
        _ => None,
    });
    WorkSpec { session: spec.session, thread: spec.thread, agent_session, ..support::spec("small", text) }
}

pub fn switches(ledger: &Ledger) -> Vec<(Option<String>, String)> {
    let switch = |frame: &TurnFrame| match frame {
        TurnFrame::ModelSwitched { from, to, .. } => Some((from.clone(), to.clone())),
        _ => None,
    };
    ledger.frames.iter().filter_map(switch).collect()
}
