//! A real agent, when one is at hand: two turns of one conversation and one call of a tool.
//!
//! `TENURE_REAL_AGENT` is its command, `TENURE_REAL_AGENT_ENV` what it needs (`NAME=value`, separated by `;`). Run with
//! `cargo test -p tenure-runner --test real_agent -- --ignored --nocapture`; `examples/stub-model` stands in for a model.

mod support;

use support::*;
use tenure_model::chat::{FinishReason, ToolStatus};
use tenure_model::link::TurnFrame;
use tenure_runner::{AgentConfig, PermissionPolicy};

fn agent() -> AgentConfig {
    let command = std::env::var("TENURE_REAL_AGENT").expect("TENURE_REAL_AGENT names the command");
    let env = std::env::var("TENURE_REAL_AGENT_ENV").unwrap_or_default();
    let pairs = env.split(';').filter_map(|pair| pair.split_once('='));
    let env = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    AgentConfig::acp("real", command.split_whitespace().map(str::to_owned).collect(), env)
}

#[tokio::test(flavor = "multi_thread")]
// tidy: allow(ignored) because it needs an agent and a model that not every machine has.
#[ignore = "needs a real agent"]
async fn a_real_agent_talks_goes_on_and_uses_a_tool() {
    let server = FakeServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(&server, folder.path(), "name: unused\nsteps: []\n");
    config.agents = vec![agent()];
    config.permissions = PermissionPolicy::Allow;
    let runner = run_with(folder, config);
    let mut link = server.welcome(&Ledger::default()).await;

    let (mut conversation, first) = (None, spec("real", ""));
    for prompt in ["say hello", "say hello again", "use a tool"] {
        let (mut spec, mut ledger) = (spec("real", prompt), Ledger::default());
        (spec.session, spec.thread, spec.agent_session) = (first.session, first.thread, conversation.clone());
        link.start(&spec, &mut ledger).await;
        let end = link.hear_end(&mut ledger, &spec).await;
        for frame in &ledger.frames {
            println!("{}", serde_json::to_string(frame).unwrap());
        }
        assert_eq!(end.0, FinishReason::EndTurn, "{end:?}");
        assert!(!ledger.text().is_empty());
        let TurnFrame::MessageCreate { agent_session, .. } =
            ledger.frames.iter().find(|frame| matches!(frame, TurnFrame::MessageCreate { .. })).unwrap()
        else {
            unreachable!("it was looked for");
        };
        if let Some(known) = &conversation {
            assert_eq!(agent_session.as_ref(), Some(known), "the conversation goes on");
        }
        conversation.clone_from(agent_session);
        if prompt == "use a tool" {
            assert!(ledger.calls().iter().any(|call| call.status == ToolStatus::Completed));
        }
    }
    runner.stop().await;
}
