//! One story per thing that a user does, from end to end: the real server, a real runner, and clients over the wire.

mod budget;
mod asking_step;
mod connectors;
mod full_disk;
mod policy;
mod stage;
mod tools;

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tenure_model::chat::{FinishReason, Part, PromptMode};
use tenure_model::id::QuestionId;
use tenure_model::view::{MessageRole, SessionStatus};
use tenure_protocol::client::{ClientCommand, ClientEvent, Reply};
use tenure_runner::emitted;
use tenure_tests::harness::api::http;
use tenure_tests::harness::{Api, Socket, View, in_time};

use crate::stage::Stage;

const ENDED: Option<FinishReason> = Some(FinishReason::EndTurn);

#[tokio::test]
async fn a_prompt_streams_and_stands_in_the_transcript() {
    let mut stage = Stage::set().await;
    assert_eq!(stage.answer("greet me").await, ("Grüße 🌍".into(), ENDED));
    let messages = stage.api().messages(stage.session).await;
    let roles: Vec<_> = messages.iter().map(|message| message.role).collect();
    assert_eq!(roles, [MessageRole::User, MessageRole::Assistant]);
    assert_eq!(messages[1].parts.last(), Some(&Part::Finish { reason: FinishReason::EndTurn }));
    stage.sees_what_the_server_knows().await;
}

#[tokio::test]
async fn a_tool_call_is_seen_with_its_output_and_usage_is_counted() {
    let mut stage = Stage::set().await;
    let (_, finish) = stage.answer("work").await;
    assert_eq!(finish, ENDED);
    let messages = stage.api().messages(stage.session).await;
    let Part::ToolCall { output, .. } = &messages[1].parts[0] else { panic!("no call in {:?}", messages[1]) };
    assert_eq!(output, "out\n");
    let usage = stage.api().session(stage.session).await.usage;
    assert_eq!((usage.input_tokens, usage.output_tokens), (3, 4));
}

#[tokio::test]
async fn a_waiting_prompt_is_edited_moved_withdrawn_and_promoted() {
    let mut stage = Stage::set().await;
    let (_, running) = stage.prompt("linger", None).await;
    let running = running.expect("the thread is free");
    stage.until("its words", |view| view.has_seen(running, "so long")).await;
    let (first, _) = stage.prompt("first", None).await;
    let (second, _) = stage.prompt("second", None).await;
    let (third, _) = stage.prompt("third", None).await;
    stage.command(ClientCommand::QueueEdit { prompt: second, text: "greet me".into() }).await.expect("it waits");
    stage.command(ClientCommand::QueueMove { prompt: third, before: Some(first) }).await.expect("it waits");
    stage.until("the queue", |view| view.queue.len() == 3 && view.queue[0].prompt == third).await;
    let withdrawn = stage.command(ClientCommand::QueueWithdraw { prompt: first }).await;
    assert_eq!(withdrawn, Ok(Reply::Withdrawn { prompt: first, text: "first".into() }));
    stage.command(ClientCommand::QueueWithdraw { prompt: third }).await.expect("it waits");
    let promoted = stage.command(ClientCommand::QueuePromote { prompt: second }).await;
    let Ok(Reply::Prompted { ends, .. }) = promoted else { panic!("answered with {promoted:?}") };
    assert_eq!(ends, Some(running));

    assert_eq!(stage.finished(running).await, ("so long".into(), Some(FinishReason::Canceled)));
    stage.until("the promoted prompt's answer", |view| view.messages.len() == 4).await;
    let last = stage.view.messages.values().last().expect("there are four").turn;
    assert_eq!(stage.view.answer(last), Some(("Grüße 🌍".into(), ENDED)));
    stage.sees_what_the_server_knows().await;
}

#[tokio::test]
async fn a_steering_prompt_ends_the_turn_and_goes_first() {
    let mut stage = Stage::set().await;
    let (_, running) = stage.prompt("linger", None).await;
    let running = running.expect("the thread is free");
    stage.until("a turn that runs", |view| view.has_seen(running, "so long")).await;
    stage.prompt("later: greet", None).await;
    stage.prompt("now: count", Some(PromptMode::Steer)).await;
    assert_eq!(stage.finished(running).await.1, Some(FinishReason::Canceled));
    stage.until("both answers", |view| view.messages.len() == 6).await;
    let users = stage.view.messages.values().filter(|message| message.role == MessageRole::User);
    let texts: Vec<_> = users.map(|message| message.parts.clone()).collect();
    let text = |text: &str| vec![Part::Text { text: text.into() }];
    assert_eq!(texts, [text("linger"), text("now: count"), text("later: greet")]);
}

#[tokio::test]
async fn a_question_is_answered_once_by_whoever_is_first() {
    let mut stage = Stage::set().await;
    let (_, turn) = stage.prompt("ask me", None).await;
    stage.until("a question", |view| !view.questions.is_empty()).await;
    let question: QuestionId = *stage.view.questions.keys().next().expect("there is one");
    let answer = |answer: &str| ClientCommand::Answer { question, answer: answer.into() };
    assert_eq!(stage.command(answer("blue")).await, Ok(Reply::Answered { question }));
    let second = stage.command(answer("red")).await;
    assert!(
        matches!(second.as_ref().map_err(String::as_str), Err("question_answered" | "question_unknown")),
        "{second:?}"
    );
    assert_eq!(stage.finished(turn.expect("the thread is free")).await, ("blue it is".into(), ENDED));
}

#[tokio::test]
async fn an_aborted_turn_keeps_its_words_and_leaves_no_process() {
    let mut stage = Stage::set().await;
    let (_, turn) = stage.prompt("linger", None).await;
    let turn = turn.expect("the thread is free");
    stage.until("its words", |view| view.has_seen(turn, "so long")).await;
    let aborted = stage.command(ClientCommand::Abort { thread: None, turn: Some(turn) }).await;
    assert_eq!(aborted, Ok(Reply::Aborting { turn: Some(turn) }));
    assert_eq!(stage.finished(turn).await, ("so long".into(), Some(FinishReason::Canceled)));
    assert_eq!(stage.answer("greet").await.1, ENDED, "the thread is free again");
}

#[tokio::test]
async fn a_viewer_sees_everything_and_changes_nothing() {
    let mut stage = Stage::set().await;
    let added = stage.api().post("/api/users", &json!({ "name": "vera" })).await;
    assert_eq!(stage.api().post("/api/users", &json!({ "name": "vera" })).await, added, "a name is one person");
    let token = json!({ "name": "vera's", "role": "user", "user": "vera" });
    let secret = stage.api().post("/api/tokens", &token).await["secret"].as_str().expect("a secret").to_owned();
    let vera = Api::new(&stage.server.address(), &secret);
    let path = format!("/api/sessions/{}", stage.session);
    assert_eq!(vera.call(Method::GET, &path, None).await.0, StatusCode::NOT_FOUND, "a stranger knows of nothing");

    let add = vera.call(Method::POST, "/api/users", Some(json!({ "name": "walt" }))).await;
    assert_eq!(add.0, StatusCode::FORBIDDEN, "people are added by administrators");

    let me: Value = vera.get("/api/me").await;
    assert_eq!(me["user"], added["id"]);
    stage.api().post(&format!("{path}/share"), &json!({ "user": added["id"], "role": "viewer" })).await;
    let mut hers = Socket::open(&stage.server.address(), &secret, stage.session, None).await.expect("a socket");
    hers.until("the picture", |event| matches!(event, ClientEvent::Live { .. }).then_some(())).await;
    stage.answer("greet").await;
    let mut seen = View::default();
    let finished = |event: ClientEvent| {
        seen.apply(event);
        (seen.messages.len() == 2).then(|| seen.messages.clone())
    };
    assert_eq!(hers.until("the answer", finished).await, stage.view.messages);

    let (status, problem) = vera.call(Method::POST, &format!("{path}/prompts"), Some(json!({ "text": "greet" }))).await;
    assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("forbidden")));
    let abort = vera.call(Method::POST, &format!("{path}/abort"), Some(json!({}))).await;
    assert_eq!(abort.0, StatusCode::FORBIDDEN);
    assert_eq!(stage.api().messages(stage.session).await.len(), 2);
}

#[tokio::test]
async fn a_revoked_token_loses_its_open_socket() {
    let stage = Stage::set().await;
    let issued = stage.api().post("/api/tokens", &json!({ "name": "second", "role": "user" })).await;
    let secret = issued["secret"].as_str().expect("a secret");
    let mut socket = Socket::open(&stage.server.address(), secret, stage.session, None).await.expect("a socket");
    socket.until("the picture", |event| matches!(event, ClientEvent::Live { .. }).then_some(())).await;
    let path = format!("/api/tokens/{}", issued["id"].as_str().expect("an id"));
    assert!(stage.api().call(Method::DELETE, &path, None).await.0.is_success());
    in_time("the end of the socket", async { while socket.next().await.is_ok() {} }).await;
    let again = Socket::open(&stage.server.address(), secret, stage.session, None).await;
    assert!(again.is_err(), "a revoked token opens nothing");
}

#[tokio::test]
async fn a_client_comes_back_where_it_left_off() {
    let mut stage = Stage::set().await;
    let (_, turn) = stage.prompt("count", None).await;
    let turn = turn.expect("the thread is free");
    // Away and back again after every few events, in the middle of the stream.
    let mut rounds = 0;
    while stage.view.answer(turn).is_none() {
        for _ in 0..5 {
            let event = in_time("an event", stage.socket.next()).await.expect("the socket is open");
            stage.view.apply(event);
        }
        rounds += 1;
        stage.join().await;
    }
    assert!(rounds > 1, "the stream was over at once");
    assert_eq!(stage.view.answer(turn), Some((emitted(7, 4000), ENDED)));
    stage.until("the rest", |view| view.status == Some(SessionStatus::Idle)).await;
    stage.sees_what_the_server_knows().await;
}

#[tokio::test]
async fn an_event_stream_goes_on_after_its_last_event_id() {
    let mut stage = Stage::set().await;
    stage.answer("greet").await;
    let ids = |text: &str| -> Vec<u64> {
        text.lines()
            .filter_map(|line| line.strip_prefix("id:"))
            .map(|id| id.trim().parse().expect("a position"))
            .collect()
    };
    let whole = stage.events(&[]).await;
    let positions = ids(&whole);
    assert!(whole.contains("\"init\""), "{whole}");
    let last = positions.last().expect("events have ids").to_string();
    stage.answer("greet").await;
    let rest = stage.events(&[("last-event-id", &last)]).await;
    let missed: BTreeSet<u64> = ids(&rest).into_iter().collect();
    assert!(missed.iter().all(|position| *position >= last.parse().expect("a position")), "{rest}");
    assert!(rest.contains("message.finalize") && !rest.contains("\"init\""), "{rest}");
}

#[tokio::test]
async fn an_operator_sees_a_session_at_any_seq() {
    let mut stage = Stage::set().await;
    stage.answer("greet").await;
    let journal = stage.api().journal(stage.session).await;
    let seqs: Vec<_> = journal.iter().map(|row| row["seq"].as_u64().expect("a seq")).collect();
    assert_eq!(seqs, (1..=journal.len() as u64).collect::<Vec<_>>());
    for seq in &seqs {
        let path = format!("/admin/entities/session/{}/state?seq={seq}", stage.session);
        let told: Value = stage.api().get(&path).await;
        assert_eq!(told["seq"], *seq);
        assert!(told["state"]["about"].is_object(), "{told}");
    }
    let shown: Value = stage.api().get(&format!("/admin/entities/session/{}", stage.session)).await;
    assert_eq!(shown["seq"], json!(journal.len()));
}

#[tokio::test]
async fn a_restart_keeps_everything() {
    let mut stage = Stage::set().await;
    stage.answer("greet").await;
    let (_, running) = stage.prompt("linger", None).await;
    let running = running.expect("the thread is free");
    stage.until("its words", |view| view.has_seen(running, "so long")).await;
    let (waiting, _) = stage.prompt("count", None).await;
    stage.until("the queue", |view| view.queue.len() == 1).await;
    let before = stage.api().messages(stage.session).await;

    stage.server.kill().await;
    stage.server.start_again().await;
    assert_eq!(stage.api().messages(stage.session).await, before);
    let session = stage.api().session(stage.session).await;
    assert_eq!(session.queue.iter().map(|queued| queued.prompt).collect::<Vec<_>>(), [waiting]);
    assert_eq!(session.turns.iter().map(|turn| turn.turn).collect::<Vec<_>>(), [running]);

    stage.join().await;
    stage.command(ClientCommand::Abort { thread: None, turn: Some(running) }).await.expect("it runs");
    stage.until("the waiting prompt's answer", |view| view.messages.len() == 6).await;
    let last = stage.view.messages.values().last().expect("there are six").turn;
    assert_eq!(stage.view.answer(last), Some((emitted(7, 4000), ENDED)));
    let counted = std::fs::read_to_string(stage.runner.file("counted")).expect("it was counted");
    assert_eq!(counted, "once\n", "{}", stage.runner.log());
    stage.sees_what_the_server_knows().await;
}

impl Stage {
    /// Reads the event stream until it is live.
    async fn events(&self, headers: &[(&str, &str)]) -> String {
        let url = format!("http://{}/api/sessions/{}/events", self.server.address(), self.session);
        let mut request = http().get(url).bearer_auth(self.server.token());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = request.send().await.expect("an answer");
        let mut text = String::new();
        in_time("a live stream", async {
            while !text.contains("\"live\"") {
                let chunk = response.chunk().await.expect("the stream goes on").expect("the stream goes on");
                text.push_str(&String::from_utf8_lossy(&chunk));
            }
        })
        .await;
        text
    }
}
