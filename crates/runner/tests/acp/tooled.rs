//! Agents that call the server's tools through a bridge, over the link of their runner.

use serde_json::json;
use tenure_model::chat::FinishReason;
use tenure_model::link::{McpAccess, WorkSpec};
use tenure_protocol::Problem;
use tenure_protocol::runner::{RunnerMessage, ServerMessage};
use tenure_protocol::tool::{Does, PromptRow, Risk, ToolAnswer, ToolRow};
use tenure_runner::{AgentConfig, IsolationMode, IsolationPolicy, Network, RunnerError};

use crate::support::*;
use crate::{fake, next_of};

/// Starts a runner that offers this agent under this isolation.
fn run_under(server: &FakeServer, agent: AgentConfig, isolation: IsolationPolicy) -> Running {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(server, folder.path(), "name: unused\nsteps: []\n");
    config.agents = vec![agent];
    let bridge = vec![env!("CARGO_BIN_EXE_tenure-bridge").into()];
    config.isolation = IsolationPolicy { bridge, ..isolation };
    run_with(folder, config)
}

fn with_tools(spec: WorkSpec) -> WorkSpec {
    let token = format!("secret of {}", spec.work);
    WorkSpec { mcp: Some(McpAccess { url: "/mcp".into(), token }), ..spec }
}

/// Hears the next question for the tools; frames on the way are entered.
async fn question(link: &mut Link, ledger: &mut Ledger, spec: &WorkSpec) -> RunnerMessage {
    let heard = async {
        loop {
            match link.hear().await {
                RunnerMessage::Frames { first, frames, .. } => {
                    ledger.enter(first, frames);
                    link.ack(spec, ledger.next()).await;
                }
                message => return message,
            }
        }
    };
    bounded(heard).await
}

/// Hears the agent ask which tools there are, and tells it of one.
async fn tell_of_tools(link: &mut Link, ledger: &mut Ledger, wanted: &WorkSpec) {
    let asked = question(link, ledger, wanted).await;
    let RunnerMessage::ListTools { reference, session, work, generation } = asked else { panic!("{asked:?}") };
    assert_eq!((session, work, generation), (wanted.session, wanted.work, wanted.generation));
    let tool = ToolRow {
        service: "tenure".to_owned(),
        name: "list_workflows".into(),
        about: "Lists.".into(),
        risk: Risk::Low,
        does: Does::Reads,
        schema: json!({ "type": "object" }),
        example: json!({}),
    };
    link.say(&ServerMessage::Tools { reference, tools: vec![tool] }).await;
}

/// Returns how the server answers to this call.
fn answer_to(call: &RunnerMessage) -> ServerMessage {
    let RunnerMessage::CallTool { reference, .. } = call else { panic!("{call:?}") };
    let answer = ToolAnswer { success: true, text: "One workflow.".into(), data: json!([1]) };
    ServerMessage::Called { reference: reference.clone(), answer }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_without_http_calls_tools_for_its_turn_and_a_cut_link_loses_no_answer() {
    let server = FakeServer::start().await;
    let runner = run_under(&server, fake(&[("FAKE_HTTP", "false")]), IsolationPolicy::none());
    let (first, mut ledger) = (with_tools(spec("fake", "reach")), Ledger::default());
    let mut link = server.welcome(&ledger).await;
    link.start(&first, &mut ledger).await;
    tell_of_tools(&mut link, &mut ledger, &first).await;
    let call = question(&mut link, &mut ledger, &first).await;
    let RunnerMessage::CallTool { work, name, params, key, .. } = &call else { panic!("{call:?}") };
    assert_eq!((*work, name.as_str(), params.get("q")), (first.work, "list_workflows", Some(&json!("x"))));
    assert!(key.as_ref().is_some_and(|key| !key.is_empty()), "a repeat does nothing twice");
    // The answer is lost with the link; the call comes again, and is the same one.
    drop(link);
    let mut link = server.welcome(&ledger).await;
    assert_eq!(question(&mut link, &mut ledger, &first).await, call);
    link.say(&answer_to(&call)).await;
    assert_eq!(link.hear_end(&mut ledger, &first).await, (FinishReason::EndTurn, None));
    assert_eq!(ledger.text(), "list_workflows: One workflow.");

    // The process is used again, and calls for the turn that it takes now; what is refused is told to the model.
    let next = with_tools(next_of(&first, &ledger, "reach"));
    let mut ledger = Ledger::default();
    link.start(&next, &mut ledger).await;
    tell_of_tools(&mut link, &mut ledger, &next).await;
    let call = question(&mut link, &mut ledger, &next).await;
    let RunnerMessage::CallTool { reference, work, .. } = call else { panic!("{call:?}") };
    assert_eq!(work, next.work);
    let problem = Problem::new(403, "denied", "it is not allowed");
    link.say(&ServerMessage::Refused { reference, problem }).await;
    assert_eq!(link.hear_end(&mut ledger, &next).await, (FinishReason::EndTurn, None));
    assert_eq!(ledger.text(), "list_workflows: it is not allowed (denied)");
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_reads_the_servers_prompts_through_its_bridge() {
    let server = FakeServer::start().await;
    let runner = run_under(&server, fake(&[("FAKE_HTTP", "false")]), IsolationPolicy::none());
    let (spec, mut ledger) = (with_tools(spec("fake", "learn")), Ledger::default());
    let mut link = server.welcome(&ledger).await;
    link.start(&spec, &mut ledger).await;
    let asked = question(&mut link, &mut ledger, &spec).await;
    let RunnerMessage::ListPrompts { reference, work, .. } = asked else { panic!("{asked:?}") };
    assert_eq!(work, spec.work);
    let (name, title, about) = ("workflows".to_owned(), "Workflows".to_owned(), "How to.".to_owned());
    let prompts = vec![PromptRow { name, title, about, arguments: vec![] }];
    link.say(&ServerMessage::Prompts { reference, prompts }).await;
    let asked = question(&mut link, &mut ledger, &spec).await;
    let RunnerMessage::GetPrompt { reference, name, arguments, .. } = asked else { panic!("{asked:?}") };
    assert_eq!((name.as_str(), arguments.get("topic")), ("workflows", Some(&json!("steps"))));
    let (about, text) = ("every kind of step".to_owned(), "The guide.".to_owned());
    link.say(&ServerMessage::Prompt { reference, about, text }).await;
    assert_eq!(link.hear_end(&mut ledger, &spec).await, (FinishReason::EndTurn, None));
    assert_eq!(ledger.text(), "workflows: The guide.");
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_without_a_network_calls_tools() {
    let server = FakeServer::start().await;
    // The script itself is not to be seen within.
    let program = ["sh", "-c", include_str!("fake_agent.sh")].map(str::to_owned).to_vec();
    let mode = Some(IsolationMode::Bubblewrap);
    let isolation = IsolationPolicy { mode, network: Network::None, ..IsolationPolicy::default() };
    let mut runner = run_under(&server, AgentConfig::acp("fake", program, Default::default()), isolation);
    let mut ledger = Ledger::default();
    let mut link = tokio::select! {
        link = server.welcome(&ledger) => link,
        ended = bounded(&mut runner.task) => match ended.unwrap() {
            Err(RunnerError::Isolation(why)) => {
                eprintln!("SKIPPED, because this machine has no such isolation: {why}");
                return;
            }
            other => panic!("the runner ended: {other:?}"),
        },
    };
    let spec = with_tools(spec("fake", "reach"));
    link.start(&spec, &mut ledger).await;
    tell_of_tools(&mut link, &mut ledger, &spec).await;
    let call = question(&mut link, &mut ledger, &spec).await;
    link.say(&answer_to(&call)).await;
    assert_eq!(link.hear_end(&mut ledger, &spec).await, (FinishReason::EndTurn, None));
    assert_eq!(ledger.text(), "list_workflows: One workflow.");
    runner.stop().await;
}
