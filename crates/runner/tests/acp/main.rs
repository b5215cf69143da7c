//! Agents that speak the Agent Client Protocol, driven through the whole runner.

#[path = "../support/mod.rs"]
mod support;

mod talking;
mod choosing;
mod staying;
mod misbehaving;
mod tooled;

use std::collections::BTreeMap;

use support::*;
use tenure_model::chat::FinishReason;
use tenure_model::id::QuestionId;
use tenure_model::link::{TurnFrame, WorkSpec};
use tenure_model::time::Span;
use tenure_protocol::runner::ServerMessage;
use tenure_runner::{AgentConfig, PermissionPolicy};

/// Returns the fake agent, with variables that change what it does.
pub fn fake(env: &[(&str, &str)]) -> AgentConfig {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/acp/fake_agent.sh");
    let env: BTreeMap<_, _> = env.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    AgentConfig::acp("fake", vec!["sh".to_owned(), script.to_owned()], env)
}

/// Starts a runner that offers this agent.
pub fn run_this(server: &FakeServer, agent: AgentConfig, permissions: PermissionPolicy) -> Running {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(server, folder.path(), "name: unused\nsteps: []\n");
    config.agents = vec![agent];
    config.permissions = permissions;
    run_with(folder, config)
}

pub fn run_agent(server: &FakeServer, permissions: PermissionPolicy) -> Running {
    run_this(server, fake(&[]), permissions)
}

/// Returns the next turn of the same thread.
pub fn next_of(spec: &WorkSpec, ledger: &Ledger, text: &str) -> WorkSpec {
    let fresh = support::spec("fake", text);
    WorkSpec { session: spec.session, thread: spec.thread, agent_session: conversation(ledger), ..fresh }
}

/// Returns the agent with another idle limit.
pub fn idle_for(mut agent: AgentConfig, idle: Span) -> AgentConfig {
    let AgentConfig::Acp { idle_ms, .. } = &mut agent else { panic!("it speaks the protocol") };
    *idle_ms = idle;
    agent
}

/// Takes one turn to its end, answering the question when there is one.
pub async fn take(link: &mut Link, spec: &WorkSpec, answer: Option<&str>) -> (Ledger, FinishReason, Option<String>) {
    let mut ledger = Ledger::default();
    link.start(spec, &mut ledger).await;
    if let Some(answer) = answer {
        link.hear_until(&mut ledger, spec, |ledger| question(ledger).is_some()).await;
        link.say(&ServerMessage::Answer {
            reference: "answer".into(),
            work: spec.work,
            generation: spec.generation,
            question: question(&ledger).unwrap().0,
            answer: Some(answer.to_owned()),
        })
        .await;
        link.hear_done("answer", &mut ledger).await;
    }
    let (reason, error) = link.hear_end(&mut ledger, spec).await;
    (ledger, reason, error)
}

pub fn question(ledger: &Ledger) -> Option<(QuestionId, Vec<String>)> {
    ledger.frames.iter().find_map(|frame| match frame {
        TurnFrame::Question { question, options, .. } => Some((*question, options.clone())),
        _ => None,
    })
}

pub fn conversation(ledger: &Ledger) -> Option<String> {
    ledger.frames.iter().find_map(|frame| match frame {
        TurnFrame::MessageCreate { agent_session, .. } => agent_session.clone(),
        _ => None,
    })
}

pub async fn cancel(link: &mut Link, spec: &WorkSpec) {
    let (work, generation) = (spec.work, spec.generation);
    link.say(&ServerMessage::Cancel { reference: "c".into(), work, generation, reason: FinishReason::Canceled }).await;
}
