//! A chat on the socket: turns stream, commands are answered in order, people see each other.

use serde_json::json;
use uuid::Uuid;

use crate::fold::View;
use crate::runner::{FakeRunner, create, delta, finalize};
use crate::world::World;

#[actix_web::test]
async fn a_turn_streams_word_by_word_and_ends_with_its_message() {
    let world = World::start().await;
    let session = world.session(&world.bob).await;
    let mut runner = FakeRunner::connect(&world).await;
    let mut socket = world.join(&world.bob, &session, None).await;
    let mut view = View::default();
    let init = socket.until("init").await;
    assert_eq!(init["limits"]["frame_bytes_max"], 1024 * 1024);
    view.apply(&init);
    socket.send(json!({"type": "prompt", "request_id": "1", "text": "hi"})).await;
    let mut work = runner.work().await;
    assert_eq!(work.text, "hi");
    runner.tell(&mut work, &[create()]).await;
    let mut sent = String::new();
    for n in 0..50 {
        let word = format!("wort{n} größer ");
        runner.say(&mut work, &[delta(0, sent.len(), &word)]).await;
        sent.push_str(&word);
    }
    runner.tell(&mut work, &[finalize()]).await;
    let (mut replied, mut streamed) = (false, String::new());
    loop {
        let event = socket.next().await;
        view.apply(&event);
        match event["type"].as_str() {
            Some("reply") => {
                assert_eq!((&event["request_id"], &event["reply"]["outcome"]), (&json!("1"), &json!("prompted")));
                replied = true;
            }
            Some("message.part.text-delta") => streamed.push_str(event["text"].as_str().expect("text")),
            Some("message.finalize") => break,
            _ => {}
        }
    }
    assert!(replied);
    // What comes together with the end is not streamed first; the message holds it all.
    assert!(!streamed.is_empty() && sent.starts_with(&streamed), "{streamed}");
    assert_eq!(view.answer(), sent);
}

#[actix_web::test]
async fn commands_are_carried_out_and_answered_in_the_order_in_which_they_were_sent() {
    let world = World::start().await;
    let session = world.session(&world.bob).await;
    let mut socket = world.join(&world.bob, &session, None).await;
    socket.until("live").await;
    for n in 0..60 {
        let text = format!("prompt {n}");
        socket.send(json!({"type": "prompt", "request_id": n.to_string(), "text": text})).await;
    }
    for n in 0..60 {
        let reply = socket.until("reply").await;
        assert_eq!(reply["request_id"], n.to_string());
    }
    let (_, view) = world.ask(&world.bob, "GET", &format!("/api/sessions/{session}"), None).await;
    let queue: Vec<_> =
        view["queue"].as_array().expect("a queue").iter().map(|prompt| prompt["text"].clone()).collect();
    let expected: Vec<_> = (1..60).map(|n| json!(format!("prompt {n}"))).collect();
    assert_eq!(queue, expected);
}

#[actix_web::test]
async fn a_repeated_request_is_answered_alike_and_done_once() {
    let world = World::start().await;
    let session = world.session(&world.bob).await;
    let mut socket = world.join(&world.bob, &session, None).await;
    let prompt = json!({"type": "prompt", "request_id": "same", "text": "once"});
    socket.send(prompt.clone()).await;
    let first = socket.until("reply").await;
    drop(socket);
    let mut back = world.join(&world.bob, &session, None).await;
    back.send(prompt).await;
    assert_eq!(back.until("reply").await, first);
    back.send(json!({"type": "prompt", "request_id": "same", "text": "twice"})).await;
    assert_eq!(back.until("error").await["problem"]["code"], "request_reused");
    let (_, view) = world.ask(&world.bob, "GET", &format!("/api/sessions/{session}"), None).await;
    assert_eq!((view["turns"].as_array().map(Vec::len), &view["queue"]), (Some(1), &json!([])));
}

#[actix_web::test]
async fn a_question_is_asked_and_its_first_answer_counts() {
    let world = World::start().await;
    let session = world.session(&world.bob).await;
    let mut runner = FakeRunner::connect(&world).await;
    let mut socket = world.join(&world.bob, &session, None).await;
    socket.send(json!({"type": "prompt", "request_id": "1", "text": "hi"})).await;
    let mut work = runner.work().await;
    let id = Uuid::from_u128(42);
    let question = json!({"type": "question", "question": id, "text": "really?", "options": ["yes", "no"]});
    runner.tell(&mut work, &[create(), question]).await;
    assert_eq!(socket.until("question").await["question"]["text"], "really?");
    let mut late = world.join(&world.bob, &session, None).await;
    assert_eq!(late.until("init").await["session"]["questions"][0]["question"], json!(id));
    socket.send(json!({"type": "answer", "question": id, "answer": "yes", "request_id": "2"})).await;
    let resolved = late.until("question.resolved").await;
    assert_eq!((&resolved["answer"], &resolved["by"]), (&json!("yes"), &json!("bob")));
    let answer = runner.socket.until("answer").await;
    assert_eq!(answer["answer"], "yes");
    runner.socket.send(json!({"type": "done", "ref": answer["ref"]})).await;
    late.send(json!({"type": "answer", "question": id, "answer": "no", "request_id": "3"})).await;
    assert_eq!(late.until("error").await["problem"]["code"], "question_answered");
}

#[actix_web::test]
async fn people_see_who_is_here_and_who_types() {
    let world = World::start().await;
    let session = world.session(&world.bob).await;
    let mut bob = world.join(&world.bob, &session, None).await;
    bob.until("live").await;
    let mut ann = world.join(&world.ann, &session, None).await;
    let init = ann.until("init").await;
    assert_eq!(init["presence"].as_array().map(Vec::len), Some(2), "told whole on joining");
    ann.send(json!({"type": "typing", "typing": true})).await;
    let typing = |presence: &serde_json::Value| {
        presence["presence"]
            .as_array()
            .expect("people")
            .iter()
            .any(|person| person["name"] == "ann" && person["typing"].is_string())
    };
    while !typing(&bob.until("presence").await) {}
    drop(ann);
    while bob.until("presence").await["presence"].as_array().map(Vec::len) != Some(1) {}
}
