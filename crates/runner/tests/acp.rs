//! Agents that speak the Agent Client Protocol, driven through the whole runner.

mod support;

use support::*;
use tenure_model::chat::{FinishReason, ToolStatus};
use tenure_model::id::QuestionId;
use tenure_model::link::{TurnFrame, WorkSpec};
use tenure_protocol::runner::ServerMessage;
use tenure_runner::{AgentConfig, PermissionPolicy};

fn run_agent(server: &FakeServer, permissions: PermissionPolicy) -> Running {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(server, folder.path(), "name: unused\nsteps: []\n");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fake_agent.sh");
    let command = vec!["sh".to_owned(), script.to_owned()];
    config.agents = vec![AgentConfig::Acp { name: "fake".into(), command, env: Default::default() }];
    config.permissions = permissions;
    run_with(folder, config)
}

/// Takes one turn to its end, answering the question when there is one.
async fn take(link: &mut Link, spec: &WorkSpec, answer: Option<&str>) -> (Ledger, FinishReason, Option<String>) {
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

fn question(ledger: &Ledger) -> Option<(QuestionId, Vec<String>)> {
    ledger.frames.iter().find_map(|frame| match frame {
        TurnFrame::Question { question, options, .. } => Some((*question, options.clone())),
        _ => None,
    })
}

fn conversation(ledger: &Ledger) -> Option<String> {
    ledger.frames.iter().find_map(|frame| match frame {
        TurnFrame::MessageCreate { agent_session, .. } => agent_session.clone(),
        _ => None,
    })
}

async fn cancel(link: &mut Link, spec: &WorkSpec) {
    let (work, generation) = (spec.work, spec.generation);
    link.say(&ServerMessage::Cancel { reference: "c".into(), work, generation, reason: FinishReason::Canceled }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_and_thoughts_come_through_and_the_conversation_goes_on_without_its_history() {
    let server = FakeServer::start().await;
    let runner = run_agent(&server, PermissionPolicy::Ask);
    let mut link = server.welcome(&Ledger::default()).await;
    let (ledger, reason, error) = take(&mut link, &spec("fake", "talk"), None).await;
    assert_eq!((reason, error), (FinishReason::EndTurn, None));
    assert_eq!((ledger.text().as_str(), ledger.reasoning().as_str()), ("Grüße and goodbye", "hm"));
    assert!(ledger.frames.contains(&TurnFrame::Title { title: "A talk".into() }));
    assert_eq!(conversation(&ledger).as_deref(), Some("conversation-1"));

    let mut next = spec("fake", "talk");
    next.agent_session = conversation(&ledger);
    let (ledger, reason, _) = take(&mut link, &next, None).await;
    assert_eq!((reason, ledger.text().as_str()), (FinishReason::EndTurn, "Grüße and goodbye"));
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_becomes_a_question_and_files_stay_inside() {
    let server = FakeServer::start().await;
    let runner = run_agent(&server, PermissionPolicy::Ask);
    let mut link = server.welcome(&Ledger::default()).await;
    let (ledger, reason, _) = take(&mut link, &spec("fake", "work"), Some("Allow once")).await;
    assert_eq!(reason, FinishReason::EndTurn);
    assert_eq!(question(&ledger).unwrap().1, ["Allow once", "Reject"]);
    assert_eq!(ledger.text(), "read back, and kept inside");
    assert_eq!(runner.workspace_file("a.txt"), "written\n");
    let calls = ledger.calls();
    assert_eq!((calls[0].tool.as_str(), calls[0].status), ("plan", ToolStatus::Completed));
    assert_eq!((calls[1].tool.as_str(), calls[1].status), ("edit", ToolStatus::Completed));
    assert_eq!(calls[1].arguments["file"], "a.txt");
    let result = calls[1].result.as_ref().unwrap();
    assert_eq!((&result["diffs"][0]["new"], &result["raw"]["ok"]), (&"written".into(), &true.into()));
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_reaches_the_agent() {
    let server = FakeServer::start().await;
    let runner = run_agent(&server, PermissionPolicy::Deny);
    let mut link = server.welcome(&Ledger::default()).await;
    let (ledger, _, _) = take(&mut link, &spec("fake", "work"), None).await;
    assert_eq!(ledger.calls()[1].status, ToolStatus::Error);
    assert!(question(&ledger).is_none());
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_is_asked_to_cancel_and_its_processes_are_killed() {
    for prompt in ["hang", "deaf"] {
        let server = FakeServer::start().await;
        let runner = run_agent(&server, PermissionPolicy::Ask);
        let mut link = server.welcome(&Ledger::default()).await;
        let (spec, mut ledger) = (spec("fake", prompt), Ledger::default());
        link.start(&spec, &mut ledger).await;
        link.hear_until(&mut ledger, &spec, |ledger| !ledger.text().is_empty()).await;
        let pid = ledger.text().parse().unwrap();
        assert!(runs(pid));
        cancel(&mut link, &spec).await;
        link.hear_done("c", &mut ledger).await;
        assert_eq!(link.hear_end(&mut ledger, &spec).await, (FinishReason::Canceled, None), "{prompt}");
        assert!(!runs(pid), "{prompt}");
        runner.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_is_told_with_the_last_words_of_the_agent() {
    let server = FakeServer::start().await;
    let runner = run_agent(&server, PermissionPolicy::Ask);
    let mut link = server.welcome(&Ledger::default()).await;
    let (ledger, reason, error) = take(&mut link, &spec("fake", "crash"), None).await;
    assert_eq!((reason, ledger.text().as_str()), (FinishReason::Error, "so far"));
    let error = error.unwrap();
    assert!(error.contains("exit status: 7") && error.contains("out of memory, or so"), "{error}");
    runner.stop().await;
}
