//! Processes of agents that stay for the next turn, and those that must not.

use tenure_model::chat::FinishReason;
use tenure_model::time::Span;
use tenure_runner::PermissionPolicy;

use crate::support::*;
use crate::{cancel, fake, idle_for, next_of, run_agent, run_this, take};

fn numbers(ledger: &Ledger) -> Vec<i32> {
    ledger.text().split(' ').map(|number| number.parse().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_takes_the_next_turn_of_its_session_and_of_no_other() {
    let server = FakeServer::start().await;
    let runner = run_agent(&server, PermissionPolicy::Ask);
    let mut link = server.welcome(&Ledger::default()).await;
    let first = spec("fake", "whoami");
    let (ledger, _, _) = take(&mut link, &first, None).await;
    let pid = numbers(&ledger)[0];
    assert!(runs(pid));
    let (again, _, _) = take(&mut link, &next_of(&first, &ledger, "whoami"), None).await;
    assert_eq!(numbers(&again), [pid]);
    let (other, _, _) = take(&mut link, &spec("fake", "whoami"), None).await;
    assert_ne!(numbers(&other), [pid]);
    runner.stop().await;
    assert!(!runs(pid) && !runs(numbers(&other)[0]), "nothing outlives the runner");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_leaves_when_its_time_is_over() {
    let server = FakeServer::start().await;
    let runner = run_this(&server, idle_for(fake(&[]), Span::ms(50)), PermissionPolicy::Ask);
    let mut link = server.welcome(&Ledger::default()).await;
    let (ledger, _, _) = take(&mut link, &spec("fake", "whoami"), None).await;
    let pid = numbers(&ledger)[0];
    until(|| !runs(pid)).await;
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_idle_time_a_process_ends_with_its_turn() {
    let server = FakeServer::start().await;
    let runner = run_this(&server, idle_for(fake(&[]), Span::ZERO), PermissionPolicy::Ask);
    let mut link = server.welcome(&Ledger::default()).await;
    let (ledger, _, _) = take(&mut link, &spec("fake", "whoami"), None).await;
    assert!(!runs(numbers(&ledger)[0]), "the last frame comes when it is gone");
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_leaves_something_running_is_ended_with_it() {
    let server = FakeServer::start().await;
    let runner = run_agent(&server, PermissionPolicy::Ask);
    let mut link = server.welcome(&Ledger::default()).await;
    let (ledger, reason, _) = take(&mut link, &spec("fake", "leftover"), None).await;
    assert_eq!(reason, FinishReason::EndTurn);
    assert!(numbers(&ledger).iter().all(|pid| !runs(*pid)), "the last frame comes when they are gone");
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_dies_while_it_waits_is_started_anew() {
    let server = FakeServer::start().await;
    let runner = run_agent(&server, PermissionPolicy::Ask);
    let mut link = server.welcome(&Ledger::default()).await;
    let first = spec("fake", "whoami");
    let (ledger, _, _) = take(&mut link, &first, None).await;
    let pid = numbers(&ledger)[0];
    let process = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::KILL).unwrap();
    until(|| !runs(pid)).await;
    let (again, reason, error) = take(&mut link, &next_of(&first, &ledger, "whoami"), None).await;
    assert_eq!((reason, error), (FinishReason::EndTurn, None));
    assert_ne!(numbers(&again), [pid]);
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_conversation_is_told() {
    let server = FakeServer::start().await;
    let runner = run_agent(&server, PermissionPolicy::Ask);
    let mut link = server.welcome(&Ledger::default()).await;
    let mut lost = spec("fake", "talk");
    lost.agent_session = Some("lost".into());
    let (ledger, reason, _) = take(&mut link, &lost, None).await;
    assert_eq!((reason, ledger.text().as_str()), (FinishReason::EndTurn, "Grüße and goodbye"));
    let call = &ledger.calls()[0];
    assert!(call.title.as_deref().unwrap().starts_with("The agent starts anew"), "{call:?}");
    assert!(call.result.as_ref().unwrap()["text"].as_str().unwrap().contains("no such session"));
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_breaks_at_its_start_is_started_again_and_then_given_up() {
    for (crashes, end) in [("2", FinishReason::EndTurn), ("9", FinishReason::Error)] {
        let server = FakeServer::start().await;
        let runner = run_this(&server, fake(&[("FAKE_CRASHES", crashes)]), PermissionPolicy::Ask);
        let mut link = server.welcome(&Ledger::default()).await;
        let (_, reason, error) = take(&mut link, &spec("fake", "talk"), None).await;
        assert_eq!(reason, end, "{error:?}");
        assert_eq!(runner.workspace_file("starts").lines().count(), 3);
        let told = error.is_none_or(|error| error.contains("exit status: 9") && error.contains("not yet"));
        assert!(told);
        runner.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_never_introduces_itself_can_be_left() {
    let server = FakeServer::start().await;
    let runner = run_this(&server, fake(&[("FAKE_SILENT", "1")]), PermissionPolicy::Ask);
    let mut link = server.welcome(&Ledger::default()).await;
    let (spec, mut ledger) = (spec("fake", "talk"), Ledger::default());
    link.start(&spec, &mut ledger).await;
    cancel(&mut link, &spec).await;
    link.hear_done("c", &mut ledger).await;
    assert_eq!(link.hear_end(&mut ledger, &spec).await, (FinishReason::Canceled, None));
    runner.stop().await;
}
