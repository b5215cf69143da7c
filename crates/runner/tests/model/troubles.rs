//! Model servers that are busy, broken, cut the answer off or hang: a clear end each, no word lost or said twice.

use tenure_model::chat::{FinishReason, ToolStatus};
use tenure_model::link::WorkSpec;
use tenure_model::time::Span;
use tenure_protocol::runner::ServerMessage;
use tenure_runner::PermissionPolicy;

use crate::support::*;
use crate::{Stage, switches};
use tenure_llm::stub::{Play, calls, says};

fn hello() -> Play {
    Play::Whole(vec![says("hello")])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_server_is_asked_again() {
    let mut stage = Stage::set(vec![Play::Status(429), Play::Status(503), hello()]).await;
    let (ledger, reason, error) = stage.prompt("hi").await;
    assert_eq!((reason, error, ledger.text().as_str()), (FinishReason::EndTurn, None, "hello"));
    assert_eq!(switches(&ledger), []);
    stage.runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_model_gives_way_and_the_prompt_is_not_lost() {
    let mut stage = Stage::set(vec![Play::Status(500), Play::Status(500), Play::Status(500), hello()]).await;
    let (ledger, reason, _) = stage.prompt("the very prompt").await;
    assert_eq!((reason, ledger.text().as_str()), (FinishReason::EndTurn, "hello"));
    assert_eq!(switches(&ledger), [(Some("m-1".into()), "m-2".into())]);
    let last = stage.stub.asked().pop().unwrap();
    assert_eq!(last["model"], "m-2");
    assert_eq!(last["messages"][1]["content"], "the very prompt");
    stage.runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_the_server_does_not_have_gives_way_at_once() {
    let mut stage = Stage::set(vec![Play::Status(404), hello()]).await;
    let wanted = WorkSpec { model: Some("m-9".into()), ..spec("small", "hi") };
    let (ledger, reason, _) = stage.take(&wanted).await;
    assert_eq!(reason, FinishReason::EndTurn);
    assert_eq!(switches(&ledger), [(Some("m-9".into()), "m-1".into())]);
    stage.runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_every_model_fails_the_turn_says_why() {
    let mut stage = Stage::set((0..6).map(|_| Play::Status(503)).collect()).await;
    let (_, reason, error) = stage.prompt("hi").await;
    let error = error.unwrap();
    assert_eq!(reason, FinishReason::Error);
    assert!(error.contains("m-2") && error.contains("503"), "{error}");
    stage.runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_ends_the_turn_at_once_and_is_not_shown() {
    let mut stage = Stage::set(vec![Play::Status(401)]).await;
    let (ledger, reason, error) = stage.prompt("hi").await;
    let error = error.unwrap();
    assert_eq!(reason, FinishReason::Error);
    assert!(error.contains("401"), "{error}");
    let all = serde_json::to_string(&ledger.frames).unwrap();
    assert!(!all.contains("the-secret-key"));
    stage.runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_answer_goes_on_where_it_was_cut() {
    let mut stage = Stage::set(vec![Play::Cut(vec![says("one, ")]), Play::Whole(vec![says("two")])]).await;
    let (ledger, reason, _) = stage.prompt("count").await;
    assert_eq!((reason, ledger.text().as_str()), (FinishReason::EndTurn, "one, two"));
    let messages = stage.stub.asked()[1]["messages"].clone();
    assert_eq!(messages[2]["content"], "one, ");
    assert!(messages[3]["content"].as_str().unwrap().contains("repeat nothing"));
    stage.runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_call_is_never_done_and_a_broken_one_is_answered() {
    let mut stage = Stage::set(vec![
        Play::Cut(vec![calls("shell", r#"{"command": "touch half"#)]),
        Play::Whole(vec![calls("shell", r#"{"command": "touch broken"#)]),
        Play::Whole(vec![calls("fly", "{}")]),
        hello(),
    ])
    .await;
    let (ledger, reason, _) = stage.prompt("work").await;
    assert_eq!(reason, FinishReason::EndTurn);
    let made = |name: &str| stage.runner.folder.path().join("workspace").join(name).exists();
    assert!(!made("half") && !made("broken"));
    let errors: Vec<String> = ledger.calls().into_iter().filter_map(|call| call.error).collect();
    assert!(errors[0].contains("no JSON object"), "{errors:?}");
    assert!(errors[1].contains("there is no tool fly"), "{errors:?}");
    assert_eq!(ledger.calls()[0].status, ToolStatus::Error);
    stage.runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_no_json_and_one_that_never_comes_are_given_up() {
    for bad in [|| Play::NoJson, || Play::Silence] {
        let plays = (0..6).map(|_| bad()).collect();
        let quick = |model: &mut tenure_runner::ModelConfig| model.silence_max_ms = Span::ms(100);
        let mut stage = Stage::with(plays, PermissionPolicy::Allow, quick).await;
        let (_, reason, error) = stage.prompt("hi").await;
        assert_eq!(reason, FinishReason::Error, "{error:?}");
        assert!(error.unwrap().contains("did not answer"));
        stage.runner.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_never_ends_is_ended() {
    let plays = (0..3).map(|_| Play::Whole(vec![calls("list", r#"{"path": "."}"#)])).collect();
    let mut stage = Stage::with(plays, PermissionPolicy::Allow, |model| model.rounds_max = 3).await;
    let (_, reason, error) = stage.prompt("go on").await;
    assert_eq!(reason, FinishReason::Error);
    assert!(error.unwrap().contains("3 answers"));
    stage.runner.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_server_can_be_left_and_a_command_ends_with_its_turn() {
    for plays in [vec![Play::Silence], vec![Play::Whole(vec![calls("shell", r#"{"command": "echo $$; sleep 600"}"#)])]]
    {
        let has_command = matches!(plays[0], Play::Whole(_));
        let mut stage = Stage::set(plays).await;
        let (spec, mut ledger) = (spec("small", "hi"), Ledger::default());
        stage.link.start(&spec, &mut ledger).await;
        let begun =
            |ledger: &Ledger| if has_command { ledger.output().ends_with('\n') } else { !ledger.frames.is_empty() };
        stage.link.hear_until(&mut ledger, &spec, begun).await;
        let (work, generation, reason) = (spec.work, spec.generation, FinishReason::Canceled);
        stage.link.say(&ServerMessage::Cancel { reference: "c".into(), work, generation, reason }).await;
        stage.link.hear_done("c", &mut ledger).await;
        assert_eq!(stage.link.hear_end(&mut ledger, &spec).await, (FinishReason::Canceled, None));
        assert!(printed_numbers(&ledger).iter().all(|pid| !runs(*pid)));
        stage.runner.stop().await;
    }
}
