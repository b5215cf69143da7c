//! Model servers that refuse, break, hang or never end, and clients that leave: a clear end each, and the call is over.

use serde_json::{Value, json};
use tenure_llm::stub::{Play, says};
use tenure_model::Span;
use tenure_server::DraftOptions;
use tokio::time::timeout;

use super::{GOOD, Scene, answers, ended, kinds, wanted};
use crate::cursor::events_till;
use crate::world::BOUND;

/// Has something drafted that comes to nothing, and returns why.
async fn failed(play: Play, change: impl FnOnce(&mut DraftOptions)) -> Value {
    let scene = Scene::with(vec![play], change).await;
    let mut events = scene.draft(wanted("Say hello.")).await;
    let last = events.pop().expect("an event");
    assert_eq!(last["type"], "failed", "{last}");
    last["problem"].clone()
}

#[actix_web::test]
async fn what_the_model_server_refuses_is_told_without_the_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let key = folder.path().join("key");
    std::fs::write(&key, "the-secret-key\n").expect("it is written");
    for status in [401, 403, 404, 500, 503] {
        let with_key = |options: &mut DraftOptions| options.key_file = Some(key.display().to_string());
        let problem = failed(Play::Status(status), with_key).await;
        assert_eq!((&problem["code"], &problem["status"]), (&json!("draft_failed"), &json!(502)), "{problem}");
        let detail = problem["detail"].as_str().expect("a detail");
        assert!(detail.contains(&status.to_string()) && detail.contains("it is so, …"), "{detail}");
        assert!(!problem.to_string().contains("the-secret-key"), "{problem}");
        assert_eq!(problem["retry"] == true, status >= 500, "{problem}");
    }
}

#[actix_web::test]
async fn a_busy_model_server_says_when_to_ask_again() {
    let problem = failed(Play::Busy(7), |_| {}).await;
    assert_eq!((&problem["retry"], &problem["retry_after_ms"]), (&json!(true), &json!(7_000)), "{problem}");
}

#[actix_web::test]
async fn a_key_that_cannot_be_read_is_named() {
    let problem = failed(Play::Silence, |options| options.key_file = Some("no/such/file".into())).await;
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("no/such/file")), "{problem}");
}

#[actix_web::test]
async fn a_reply_that_breaks_off_or_is_no_reply_fails() {
    for play in [Play::Cut(vec![says("```yaml\nname: ")]), Play::NoJson] {
        assert_eq!(failed(play, |_| {}).await["code"], "draft_failed");
    }
    for play in [Play::Silence, Play::Stuck(vec![says("so")])] {
        let problem = failed(play, |options| options.silence_max_ms = Span::ms(100)).await;
        assert_eq!((&problem["code"], &problem["retry"]), (&json!("draft_failed"), &json!(true)), "{problem}");
    }
}

#[actix_web::test]
async fn a_reply_without_end_is_ended() {
    let scene =
        Scene::with(vec![Play::Flood(says(&"x".repeat(1_000)))], |options| options.reply_bytes_max = 50_000).await;
    let events = scene.draft(wanted("Say hello.")).await;
    let problem = &events[events.len() - 1]["problem"];
    assert_eq!((&problem["code"], &problem["limit"]), (&json!("draft_failed"), &json!(50_000)), "{problem}");
    let heard: usize = events.iter().filter_map(|event| event["text"].as_str()).map(str::len).sum();
    assert_eq!(heard, 50_000);
    timeout(BOUND, scene.stub.left(1)).await.expect("the call is over");
}

#[actix_web::test]
async fn a_draft_that_takes_too_long_is_ended() {
    let limit = |options: &mut DraftOptions| options.time_max_ms = Span::ms(200);
    let scene = Scene::with(vec![Play::Stuck(vec![says("so")])], limit).await;
    let events = scene.draft(wanted("Say hello.")).await;
    assert_eq!(events[events.len() - 1]["problem"]["code"], "draft_late");
    timeout(BOUND, scene.stub.left(1)).await.expect("the call is over");
}

#[actix_web::test]
async fn only_words_come_to_nothing() {
    let scene = Scene::set((0..4).map(|_| Play::Whole(vec![says("Let us talk.")])).collect()).await;
    let events = scene.draft(wanted("Say hello.")).await;
    let problem = &events[events.len() - 1]["problem"];
    assert_eq!(problem["code"], "draft_failed");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("4 times")), "{problem}");
}

#[actix_web::test]
async fn a_client_that_leaves_ends_the_call_and_makes_room() {
    let scene =
        Scene::with(vec![Play::Stuck(vec![says("so")]), answers(GOOD)], |options| options.at_once_max = 1).await;
    let first = scene.begin(&scene.world.bob, "/api/workflows/draft", wanted("Say hello.")).await;
    // Leaves as soon as it has heard a word.
    events_till(first, |event| event["type"] == "text").await;
    timeout(BOUND, scene.stub.left(1)).await.expect("the call is over");
    let again = async {
        loop {
            let response = scene.begin(&scene.world.bob, "/api/workflows/draft", wanted("Say hello.")).await;
            match response.status().as_u16() {
                429 => {}
                _ => return ended(response).await,
            }
        }
    };
    let events = timeout(BOUND, again).await.expect("its place is free again");
    assert_eq!(kinds(&events), ["text", "checking", "draft"]);
}

#[actix_web::test]
async fn a_revoked_token_and_a_stop_end_a_draft() {
    let scene = Scene::with(vec![Play::Silence, Play::Silence], |_| {}).await;
    let world = &scene.world;
    let first = scene.begin(&world.bob, "/api/workflows/draft", wanted("Say hello.")).await;
    timeout(BOUND, scene.stub.heard(1)).await.expect("the model is asked");
    let (_, tokens) = world.ask(&world.bob, "GET", "/api/tokens", None).await;
    let path = format!("/api/tokens/{}", tokens["items"][0]["id"].as_str().expect("an id"));
    assert_eq!(world.ask(&world.ann, "DELETE", &path, None).await.0, 204);
    assert_eq!(ended(first).await[0]["problem"]["code"], "token_revoked");
    let second = scene.begin(&world.ann, "/api/workflows/draft", wanted("Say hello.")).await;
    timeout(BOUND, scene.stub.heard(2)).await.expect("the model is asked");
    let Scene { world, stub } = scene;
    let (events, ()) = futures_util::join!(ended(second), world.stop());
    assert_eq!(events[0]["problem"]["code"], "shutting_down");
    timeout(BOUND, stub.left(2)).await.expect("both calls are over");
}
