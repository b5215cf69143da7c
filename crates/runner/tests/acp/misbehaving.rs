//! Agents that flood, print rubbish, mix their messages up, die with children, or never stop: a clear end each, and the
//! session goes on.

use tenure_model::chat::{FinishReason, ToolStatus};
use tenure_runner::PermissionPolicy;

use crate::support::*;
use crate::{cancel, run_agent, take};

/// The session goes on: its next turn is an ordinary one.
async fn goes_on(link: &mut Link) {
    let (ledger, reason, _) = take(link, &spec("fake", "talk"), None).await;
    assert_eq!((reason, ledger.text().as_str()), (FinishReason::EndTurn, "Grüße and goodbye"));
}

#[tokio::test(flavor = "multi_thread")]
async fn rubbish_among_the_messages_is_set_aside() {
    let server = FakeServer::start().await;
    let runner = run_agent(&server, PermissionPolicy::Ask);
    let mut link = server.welcome(&Ledger::default()).await;
    let (ledger, reason, error) = take(&mut link, &spec("fake", "rubbish"), None).await;
    assert_eq!((reason, error, ledger.text().as_str()), (FinishReason::EndTurn, None, "still here"));
    goes_on(&mut link).await;
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_out_of_order_and_for_others_harm_nothing() {
    let server = FakeServer::start().await;
    let runner = run_agent(&server, PermissionPolicy::Ask);
    let mut link = server.welcome(&Ledger::default()).await;
    let (ledger, reason, _) = take(&mut link, &spec("fake", "disorder"), None).await;
    // What comes right behind the end of the turn may still be heard, or not.
    let text = ledger.text();
    assert_eq!((reason, text.trim_end_matches("after the end")), (FinishReason::EndTurn, "in the end"));
    let calls = ledger.calls();
    assert_eq!((calls.len(), calls[0].status, calls[0].tool.as_str()), (1, ToolStatus::Completed, "read"));
    goes_on(&mut link).await;
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_knows_is_refused() {
    let server = FakeServer::start().await;
    let runner = run_agent(&server, PermissionPolicy::Ask);
    let mut link = server.welcome(&Ledger::default()).await;
    let (ledger, reason, _) = take(&mut link, &spec("fake", "unknown"), None).await;
    assert_eq!((reason, ledger.text().as_str()), (FinishReason::EndTurn, "refused twice"));
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_that_ignores_its_cancel_is_killed_and_what_was_heard_is_whole() {
    let server = FakeServer::start().await;
    let runner = run_agent(&server, PermissionPolicy::Ask);
    let mut link = server.welcome(&Ledger::default()).await;
    let (flood, mut ledger) = (spec("fake", "flood"), Ledger::default());
    link.start(&flood, &mut ledger).await;
    link.hear_until(&mut ledger, &flood, |ledger| ledger.frames.len() > 50).await;
    cancel(&mut link, &flood).await;
    link.hear_done("c", &mut ledger).await;
    assert_eq!(link.hear_end(&mut ledger, &flood).await.0, FinishReason::Canceled);
    let text = ledger.text();
    assert!(text.len() > 500_000 && text.bytes().all(|byte| byte == b'x'));
    goes_on(&mut link).await;
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_without_an_end_ends_the_turn() {
    let server = FakeServer::start().await;
    let runner = run_agent(&server, PermissionPolicy::Ask);
    let mut link = server.welcome(&Ledger::default()).await;
    let (_, reason, error) = take(&mut link, &spec("fake", "endless"), None).await;
    assert_eq!(reason, FinishReason::Error);
    let error = error.unwrap();
    assert!(error.contains("more than 16777216 bytes"), "{error}");
    goes_on(&mut link).await;
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_dies_and_leaves_a_child_at_its_pipe_is_noticed() {
    let server = FakeServer::start().await;
    let runner = run_agent(&server, PermissionPolicy::Ask);
    let mut link = server.welcome(&Ledger::default()).await;
    let (ledger, reason, error) = take(&mut link, &spec("fake", "orphan"), None).await;
    assert_eq!(reason, FinishReason::Error);
    assert!(error.as_deref().unwrap().contains("exit status: 3"), "{error:?}");
    assert!(!runs(ledger.text().parse().unwrap()));
    goes_on(&mut link).await;
    runner.stop().await;
}
