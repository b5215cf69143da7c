//! What an agent does on a good day: words, thoughts, calls, questions, files, and leaving when it is asked to.

use tenure_model::chat::{FinishReason, ToolStatus};
use tenure_model::link::TurnFrame;
use tenure_runner::PermissionPolicy;

use crate::support::*;
use crate::{cancel, conversation, question, run_agent, take};

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
