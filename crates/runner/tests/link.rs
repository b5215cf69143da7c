//! The link as the server sees it: handing over, frames, cuts, repeats, cancelling, refusals.

mod support;

use support::*;
use tenure_model::chat::{FinishReason, ToolStatus};
use tenure_model::link::TurnFrame;
use tenure_model::time::Span;
use tenure_protocol::Problem;
use tenure_protocol::runner::{RunnerMessage, ServerMessage, WorkVerdict};
use tenure_runner::{RunnerError, emitted};
use tokio_tungstenite::tungstenite::http::StatusCode;

const SHORT: &str = "name: short\nsteps:\n- emit: {bytes: 3000, seed: 5, chunk: 100}\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_goes_from_the_offer_to_its_acknowledged_end() {
    let server = FakeServer::start().await;
    let runner = run_script(&server, SHORT);
    let (mut link, hello) = server.next_link().await;
    assert_eq!((hello.protocol, hello.capacity, hello.held.len()), (1, 4, 0));
    assert_eq!(hello.agents[0].kind, "scripted");
    assert!(hello.agents[0].description.contains("no model"));
    link.say(&welcome_with(Span::secs(60), Span::secs(1), Vec::new())).await;

    let (spec, mut ledger) = (spec("script", "hi"), Ledger::default());
    link.start(&spec, &mut ledger).await;
    let end = link.hear_end(&mut ledger, &spec).await;
    assert_eq!(end, (FinishReason::EndTurn, None));
    assert!(matches!(&ledger.frames[0], TurnFrame::MessageCreate { agent, .. } if agent == "script"));
    assert_eq!(ledger.text(), emitted(5, 3_000));
    let spool = runner.folder.path().join("data/spool");
    until(|| std::fs::read_dir(&spool).unwrap().count() == 0).await;
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_text_is_byte_equal_whatever_cuts_the_connection() {
    let server = FakeServer::start().await;
    let runner = run_script(&server, "name: long\nsteps:\n- emit: {bytes: 40000, seed: 9, chunk: 50}\n");
    let (spec, mut ledger) = (spec("script", "go"), Ledger::default());
    let mut link = server.welcome(&ledger).await;
    link.start(&spec, &mut ledger).await;
    // Every connection is cut one frame later than the last one; every other time the server has not even acknowledged
    // what it has, and what came beyond the cut is lost with it.
    for cut in 1..=12 {
        let wanted = usize::try_from(ledger.next() + cut).unwrap();
        while ledger.frames.len() < wanted {
            if let RunnerMessage::Frames { first, frames, .. } = link.hear().await {
                ledger.enter(first, frames);
            }
        }
        ledger.forget_from(wanted);
        if cut % 2 == 0 {
            link.ack(&spec, ledger.next()).await;
        }
        drop(link);
        link = server.welcome(&ledger).await;
    }
    assert_eq!(link.hear_end(&mut ledger, &spec).await.0, FinishReason::EndTurn);
    assert_eq!(ledger.text(), emitted(9, 40_000));
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledgement_that_stays_asks_for_the_rest_again() {
    let server = FakeServer::start().await;
    let runner = run_script(&server, SHORT);
    let (spec, mut ledger) = (spec("script", "hi"), Ledger::default());
    let mut link = server.welcome(&ledger).await;
    link.start(&spec, &mut ledger).await;
    while ledger.end().is_none() {
        if let RunnerMessage::Frames { first, frames, .. } = link.hear().await {
            ledger.enter(first, frames);
        }
    }
    // The server lost all but the first three before they were durable.
    ledger.forget_from(3);
    link.ack(&spec, 3).await;
    link.ack(&spec, 3).await;
    link.hear_end(&mut ledger, &spec).await;
    assert_eq!(ledger.text(), emitted(5, 3_000));
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_start_does_the_work_once() {
    let server = FakeServer::start().await;
    let script = "name: count\nsteps:\n- append: {path: count, text: \"once\\n\"}\n- ask: {question: on?}\n";
    let runner = run_script(&server, script);
    let (spec, mut ledger) = (spec("script", "go"), Ledger::default());
    let mut link = server.welcome(&ledger).await;
    link.start(&spec, &mut ledger).await;
    link.say(&ServerMessage::Start { reference: "again".into(), spec: Box::new(spec.clone()) }).await;
    link.hear_done("again", &mut ledger).await;
    link.hear_until(&mut ledger, &spec, |ledger| ledger.frames.iter().any(is_question)).await;

    drop(link);
    let mut link = server.welcome(&ledger).await;
    link.say(&ServerMessage::Start { reference: "third".into(), spec: Box::new(spec.clone()) }).await;
    link.hear_done("third", &mut ledger).await;
    let question = ledger.frames.iter().find_map(|frame| match frame {
        TurnFrame::Question { question, .. } => Some(*question),
        _ => None,
    });
    let answer = ServerMessage::Answer {
        reference: "answer".into(),
        work: spec.work,
        generation: spec.generation,
        question: question.unwrap(),
        answer: Some("yes".into()),
    };
    link.say(&answer).await;
    link.hear_done("answer", &mut ledger).await;
    link.hear_end(&mut ledger, &spec).await;
    // Even when everything about it is acknowledged and forgotten.
    link.say(&ServerMessage::Start { reference: "fourth".into(), spec: Box::new(spec.clone()) }).await;
    link.hear_done("fourth", &mut ledger).await;
    assert_eq!(runner.workspace_file("count"), "once\n");
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_kills_the_whole_process_group() {
    let server = FakeServer::start().await;
    let runner = run_script(&server, SHORT);
    let command = "echo $$; sh -c 'sleep 600 & echo $!; wait'";
    let (spec, mut ledger) = (spec("shell", command), Ledger::default());
    let mut link = server.welcome(&ledger).await;
    link.start(&spec, &mut ledger).await;
    link.hear_until(&mut ledger, &spec, |ledger| printed_numbers(ledger).len() == 2).await;
    let pids = printed_numbers(&ledger);
    assert!(pids.iter().all(|pid| runs(*pid)));
    let cancel = ServerMessage::Cancel {
        reference: "cancel".into(),
        work: spec.work,
        generation: spec.generation,
        reason: FinishReason::Canceled,
    };
    link.say(&cancel).await;
    link.hear_done("cancel", &mut ledger).await;
    assert_eq!(link.hear_end(&mut ledger, &spec).await, (FinishReason::Canceled, None));
    assert!(!pids.iter().any(|pid| runs(*pid)), "the final frame is told when all are dead");
    assert_eq!(ledger.calls()[0].status, ToolStatus::Interrupted);
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deaf_server_loses_its_works_before_the_lease_ends() {
    let server = FakeServer::start().await;
    let runner = run_script(&server, SHORT);
    let (spec, mut ledger) = (spec("shell", "sleep 600 & echo $!; wait"), Ledger::default());
    let (mut link, _) = server.next_link().await;
    link.answers_heartbeats = false;
    link.say(&welcome_with(Span::secs(6), Span::secs(1), Vec::new())).await;
    link.start(&spec, &mut ledger).await;
    link.hear_until(&mut ledger, &spec, |ledger| printed_numbers(ledger).len() == 1).await;
    let pid = printed_numbers(&ledger)[0];
    // No heartbeat is answered, though the connection stands.
    until(|| !runs(pid)).await;
    let mut link = server.welcome(&ledger).await;
    let (reason, error) = link.hear_end(&mut ledger, &spec).await;
    assert_eq!(reason, FinishReason::Interrupted);
    assert!(error.unwrap().contains("lost touch"));
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_work_is_killed_and_forgotten() {
    let server = FakeServer::start().await;
    let runner = run_script(&server, SHORT);
    let (spec, mut ledger) = (spec("shell", "sleep 600 & echo $!; wait"), Ledger::default());
    let mut link = server.welcome(&ledger).await;
    link.start(&spec, &mut ledger).await;
    link.hear_until(&mut ledger, &spec, |ledger| printed_numbers(ledger).len() == 1).await;
    let pid = printed_numbers(&ledger)[0];
    let problem = Problem::new(409, "stale_generation", "someone else has it");
    link.say(&ServerMessage::Drop { work: spec.work, generation: spec.generation, problem }).await;
    until(|| !runs(pid)).await;
    drop(link);
    let (_, hello) = server.next_link().await;
    assert!(hello.held.is_empty());
    runner.shutdown.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_drops_what_the_server_does_not_want() {
    let server = FakeServer::start().await;
    let runner = run_script(&server, SHORT);
    let (spec, mut ledger) = (spec("shell", "sleep 600"), Ledger::default());
    let mut link = server.welcome(&ledger).await;
    link.start(&spec, &mut ledger).await;
    drop(link);
    let (mut link, hello) = server.next_link().await;
    let held = hello.held[0];
    let drop_it = WorkVerdict::Drop { work: held.work, generation: held.generation, reason: "old".into() };
    link.say(&welcome_with(Span::secs(60), Span::ms(50), vec![drop_it])).await;
    let spool = runner.folder.path().join("data/spool");
    until(|| std::fs::read_dir(&spool).unwrap().count() == 0).await;
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_that_runs_too_long_ends_with_an_error() {
    let server = FakeServer::start().await;
    let runner = run_script(&server, SHORT);
    let (mut spec, mut ledger) = (spec("shell", "echo begun; sleep 600"), Ledger::default());
    spec.timeout_ms = Span::ms(300);
    let mut link = server.welcome(&ledger).await;
    link.start(&spec, &mut ledger).await;
    let (reason, error) = link.hear_end(&mut ledger, &spec).await;
    assert_eq!(reason, FinishReason::Error);
    assert!(error.unwrap().contains("longer than it may"));
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_agent_is_declined() {
    let server = FakeServer::start().await;
    let runner = run_script(&server, SHORT);
    let mut link = server.welcome(&Ledger::default()).await;
    let spec = spec("oracle", "hi");
    let offer = tenure_model::link::WorkOffer {
        session: spec.session,
        work: spec.work,
        generation: 1,
        agent: Some("oracle".into()),
        kind: Default::default(),
        home: None,
        placement: Default::default(),
    };
    link.say(&ServerMessage::Offer { reference: "o".into(), offer }).await;
    match link.hear().await {
        RunnerMessage::Decline { reason, .. } => assert!(reason.contains("agents are script, shell"), "{reason}"),
        other => panic!("expected a refusal, not {other:?}"),
    }
    runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_stops_the_runner() {
    let server = FakeServer::start().await;
    let runner = run_script(&server, SHORT);
    server.refuse(StatusCode::SERVICE_UNAVAILABLE).await;
    server.refuse(StatusCode::UNAUTHORIZED).await;
    let stopped = bounded(runner.task).await.unwrap();
    assert!(matches!(stopped, Err(RunnerError::Refused { status: 401, .. })), "{stopped:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_speaks_another_protocol_stops_the_runner() {
    let server = FakeServer::start().await;
    let runner = run_script(&server, SHORT);
    let (mut link, _) = server.next_link().await;
    let problem = Problem::new(426, "unsupported_protocol", "this server speaks version 2");
    link.say(&ServerMessage::Problem { problem }).await;
    let stopped = bounded(runner.task).await.unwrap();
    assert!(matches!(&stopped, Err(RunnerError::Protocol(why)) if why.contains("version 2")), "{stopped:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runner_without_a_server_gives_up_in_the_end() {
    let server = FakeServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(&server, folder.path(), SHORT);
    config.orphan_timeout = Some(std::time::Duration::from_millis(300));
    drop(server);
    let runner = run_with(folder, config);
    let stopped = bounded(runner.task).await.unwrap();
    assert!(matches!(stopped, Err(RunnerError::Orphaned(_))), "{stopped:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_runner_tells_the_end_of_its_works_first() {
    let server = FakeServer::start().await;
    let runner = run_script(&server, SHORT);
    let (spec, mut ledger) = (spec("shell", "sleep 600 & echo $!; wait"), Ledger::default());
    let mut link = server.welcome(&ledger).await;
    link.start(&spec, &mut ledger).await;
    link.hear_until(&mut ledger, &spec, |ledger| printed_numbers(ledger).len() == 1).await;
    let pid = printed_numbers(&ledger)[0];
    runner.shutdown.cancel();
    let mut link = server.welcome(&ledger).await;
    let (reason, error) = link.hear_end(&mut ledger, &spec).await;
    assert_eq!((reason, error.as_deref()), (FinishReason::Interrupted, Some("the runner was stopped")));
    assert!(!runs(pid));
    bounded(runner.task).await.unwrap().unwrap();
}
