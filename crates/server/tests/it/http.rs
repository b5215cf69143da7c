//! The HTTP API: sessions, pages, limits, and every bad input answered by field, rule and fix.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::runner::{FakeRunner, create, delta, finalize, prompt};
use crate::world::World;

async fn refused(world: &World, method: &str, path: &str, body: Option<Value>) -> (u16, String, Value) {
    let (status, problem) = world.ask(&world.bob, method, path, body).await;
    assert_eq!(problem["status"], status, "every refusal is a problem document: {problem}");
    (status, problem["code"].as_str().expect("a code").to_owned(), problem["field"].clone())
}

#[actix_web::test]
async fn the_same_key_opens_the_same_session() {
    let world = World::start().await;
    let open = |key: &'static str| {
        world.ask_keyed(&world.bob, "POST", "/api/sessions", Some(json!({"title": "t"})), Some(key))
    };
    let (status, first) = open("one").await;
    assert_eq!((status, &first["title"]), (201, &json!("t")));
    assert_eq!(open("one").await.1["id"], first["id"]);
    assert_ne!(open("two").await.1["id"], first["id"]);
    let other = Some(json!({"title": "other"}));
    let (status, problem) = world.ask_keyed(&world.bob, "POST", "/api/sessions", other, Some("one")).await;
    assert_eq!((status, &problem["code"]), (409, &json!("request_reused")));
    for bad in ["", &"x".repeat(101)] {
        let (status, problem) = world.ask_keyed(&world.bob, "POST", "/api/sessions", Some(json!({})), Some(bad)).await;
        assert_eq!((status, &problem["code"]), (400, &json!("idempotency_key_invalid")));
    }
}

#[actix_web::test]
async fn the_same_key_prompts_once() {
    let world = World::start().await;
    let session = world.session(&world.bob).await;
    let path = format!("/api/sessions/{session}/prompts");
    let say = |text: &'static str| world.ask_keyed(&world.bob, "POST", &path, Some(json!({ "text": text })), Some("k"));
    let (status, first) = say("hi").await;
    assert_eq!((status, &first["outcome"]), (200, &json!("prompted")));
    assert_eq!(say("hi").await, (200, first));
    assert_eq!(say("ho").await.1["code"], "request_reused");
    let (_, view) = world.ask(&world.bob, "GET", &format!("/api/sessions/{session}"), None).await;
    assert_eq!(view["turns"].as_array().map(Vec::len), Some(1));
}

#[actix_web::test]
async fn sessions_are_listed_newest_first_by_cursor() {
    let world = World::with(|options| options.page_max = 3).await;
    let mut opened = vec![];
    for _ in 0..5 {
        opened.insert(0, world.session(&world.bob).await);
    }
    let mut listed = vec![];
    let mut path = "/api/sessions?limit=2".to_owned();
    loop {
        let (status, page) = world.ask(&world.bob, "GET", &path, None).await;
        assert_eq!(status, 200, "{page}");
        let items = page["items"].as_array().expect("items");
        assert!(items.len() <= 2);
        listed.extend(items.iter().map(|row| row["id"].as_str().expect("an id").to_owned()));
        let Some(cursor) = page["cursor"].as_str() else { break };
        path = format!("/api/sessions?limit=2&cursor={cursor}");
    }
    // Sessions of one millisecond are ordered by their ids.
    listed.sort();
    opened.sort();
    assert_eq!(listed, opened);
    assert_eq!(world.ask(&world.ann, "GET", "/api/sessions", None).await.1["items"], json!([]));

    assert_eq!(world.ask(&world.bob, "GET", "/api/sessions?limit=3", None).await.0, 200);
    for limit in ["0", "4"] {
        let (status, problem) = world.ask(&world.bob, "GET", &format!("/api/sessions?limit={limit}"), None).await;
        assert_eq!((status, &problem["code"], &problem["limit"]), (400, &json!("limit_invalid"), &json!(3)));
    }
}

#[actix_web::test]
async fn the_transcript_is_read_back_in_time() {
    let world = World::start().await;
    let session = world.session(&world.bob).await;
    let mut runner = FakeRunner::connect(&world).await;
    for n in 0..3 {
        prompt(&world, &world.bob, &session, &format!("question {n}")).await;
        let mut work = runner.work().await;
        runner.tell(&mut work, &[create(), delta(0, 0, &format!("answer {n}")), finalize()]).await;
    }
    let (mut texts, mut path) = (vec![], format!("/api/sessions/{session}/messages?limit=1"));
    loop {
        let (status, page) = world.ask(&world.bob, "GET", &path, None).await;
        assert_eq!(status, 200, "{page}");
        for message in page["items"].as_array().expect("items") {
            texts.push(message["parts"][0]["text"].as_str().expect("text").to_owned());
        }
        let Some(cursor) = page["cursor"].as_str() else { break };
        path = format!("/api/sessions/{session}/messages?limit=1&before={cursor}");
    }
    assert_eq!(texts, ["answer 2", "question 2", "answer 1", "question 1", "answer 0", "question 0"]);

    let (_, view) = world.ask(&world.bob, "GET", &format!("/api/sessions/{session}"), None).await;
    let thread = view["threads"][0]["id"].as_str().expect("a thread");
    let (_, page) =
        world.ask(&world.bob, "GET", &format!("/api/sessions/{session}/messages?thread={thread}"), None).await;
    assert_eq!(page["items"].as_array().map(Vec::len), Some(6));
    let strange = format!("/api/sessions/{session}/messages?thread={}", Uuid::nil());
    assert_eq!(refused(&world, "GET", &strange, None).await.1, "thread_unknown");
}

#[actix_web::test]
async fn bad_input_is_answered_by_field_and_rule() {
    let world = World::start().await;
    let session = world.session(&world.bob).await;
    let of = |rest: &str| format!("/api/sessions/{session}{rest}");
    let prompts = of("/prompts");
    for (body, code, field) in [
        (json!({"text": "hi", "colour": "red"}), "json_invalid", json!("colour")),
        (json!({"text": 7}), "json_invalid", json!("text")),
        (json!({"text": "hi", "mode": "shout"}), "json_invalid", json!("mode")),
        (json!({"text": "hi", "thread": "first"}), "json_invalid", json!("thread")),
        (json!({}), "json_invalid", Value::Null),
    ] {
        let (status, found, at) = refused(&world, "POST", &prompts, Some(body)).await;
        assert_eq!((status, found.as_str(), at), (422, code, field));
    }
    let nowhere = format!("/api/sessions/{}", Uuid::from_u128(9));
    for (method, path, status, code) in [
        ("GET", "/api/sessions/none".to_owned(), 400, "path_invalid"),
        ("GET", nowhere.clone(), 404, "session_unknown"),
        ("GET", format!("{nowhere}/messages"), 404, "session_unknown"),
        ("POST", format!("{nowhere}/terminate"), 404, "session_unknown"),
        ("GET", "/api/sessions?cursor=first".to_owned(), 400, "cursor_invalid"),
        ("GET", "/api/sessions?page=2".to_owned(), 400, "query_invalid"),
        ("GET", of("/messages?before=x"), 400, "query_invalid"),
        ("GET", of("/events?after=-1"), 400, "query_invalid"),
        ("GET", "/api/nothing".to_owned(), 404, "route_unknown"),
        ("GET", "/nothing".to_owned(), 404, "route_unknown"),
        ("PUT", "/api/sessions".to_owned(), 405, "method_not_allowed"),
        ("GET", "/api/tickets".to_owned(), 405, "method_not_allowed"),
        ("GET", of("/ws"), 400, "subprotocol_missing"),
    ] {
        let found = refused(&world, method, &path, None).await;
        assert_eq!((found.0, found.1.as_str()), (status, code), "{method} {path}");
    }
    let post = |body: &'static str, media: &'static str| {
        world.send(
            world.request("POST", &prompts).bearer_auth(&world.bob.token).header("content-type", media).body(body),
        )
    };
    assert_eq!(post("{", "application/json").await.1["code"], "json_malformed");
    assert_eq!(post(r#"{"text":"hi"}"#, "text/plain").await.1["code"], "media_type_unsupported");
    assert_eq!(post(r#"{"text":"hi"}"#, "application/json; charset=utf-8").await.0, 200);
}

#[actix_web::test]
async fn bodies_and_prompts_have_limits() {
    let world = World::with(|options| options.body_bytes_max = 300 * 1024).await;
    let session = world.session(&world.bob).await;
    let path = format!("/api/sessions/{session}/prompts");
    let max = 256 * 1024;
    let (status, problem) = world.ask(&world.bob, "POST", &path, Some(json!({"text": "x".repeat(max + 1)}))).await;
    assert_eq!((status, &problem["code"], &problem["limit"]), (413, &json!("too_large"), &json!(max)), "{problem}");
    assert_eq!(world.ask(&world.bob, "POST", &path, Some(json!({"text": "x".repeat(max)}))).await.0, 200);

    let exact = |bytes: usize| {
        let frame = json!({"text": ""}).to_string().len();
        Some(json!({"text": "x".repeat(bytes - frame)}))
    };
    // At the limit the body is read, and the prompt in it is what is too large.
    assert_eq!(world.ask(&world.bob, "POST", &path, exact(300 * 1024)).await.1["code"], "too_large");
    let (status, problem) = world.ask(&world.bob, "POST", &path, exact(300 * 1024 + 1)).await;
    assert_eq!((status, &problem["code"]), (413, &json!("body_too_large")));
}

#[actix_web::test]
async fn a_user_has_a_limit_of_sessions_and_ended_ones_do_not_count() {
    let world = World::with(|options| options.sessions_max = 2).await;
    let first = world.session(&world.bob).await;
    world.session(&world.bob).await;
    let (status, problem) = world.ask(&world.bob, "POST", "/api/sessions", Some(json!({}))).await;
    assert_eq!((status, &problem["code"], &problem["limit"]), (409, &json!("limit_reached"), &json!(2)));
    assert_eq!(world.ask(&world.bob, "DELETE", &format!("/api/sessions/{first}"), None).await.0, 200);
    world.session(&world.bob).await;
}

#[actix_web::test]
async fn a_session_that_was_counted_and_never_created_is_found_at_the_limit() {
    let world = World::with(|options| options.sessions_max = 1).await;
    // A crash between counting and creating leaves this behind.
    let session = Uuid::from_u128(3).into();
    let counted = tenure_account::owner::Command::SessionOpened { session, sessions_max: 1 };
    world.runtime.owners.ask(world.bob.user, counted).await.expect("it counts");
    world.session(&world.bob).await;
}

async fn done(world: &World, method: &str, path: &str, body: Option<Value>) -> Value {
    let (status, answer) = world.ask(&world.bob, method, path, body).await;
    assert_eq!(status, 200, "{method} {path}: {answer}");
    answer
}

#[actix_web::test]
async fn the_queue_is_edited_over_http() {
    let world = World::start().await;
    let session = world.session(&world.bob).await;
    let of = |rest: &str| format!("/api/sessions/{session}{rest}");
    let mut prompts = vec![];
    for text in ["runs", "a", "b", "c"] {
        let answer = done(&world, "POST", &of("/prompts"), Some(json!({ "text": text }))).await;
        prompts.push(answer["prompt"].as_str().expect("a prompt").to_owned());
    }
    done(&world, "PATCH", &of(&format!("/prompts/{}", prompts[1])), Some(json!({"text": "A"}))).await;
    done(&world, "POST", &of(&format!("/prompts/{}/move", prompts[3])), Some(json!({"before": prompts[1]}))).await;
    let withdrawn = done(&world, "DELETE", &of(&format!("/prompts/{}", prompts[2])), None).await;
    assert_eq!((&withdrawn["outcome"], &withdrawn["text"]), (&json!("withdrawn"), &json!("b")));
    let view = done(&world, "GET", &of(""), None).await;
    let queue: Vec<_> =
        view["queue"].as_array().expect("a queue").iter().map(|prompt| prompt["text"].clone()).collect();
    assert_eq!(queue, [json!("c"), json!("A")]);
    let gone = refused(&world, "DELETE", &of(&format!("/prompts/{}", prompts[2])), None).await;
    assert_eq!((gone.0, gone.1.as_str()), (404, "prompt_unknown"));

    let thread = done(&world, "POST", &of("/threads"), Some(json!({"title": "side"}))).await;
    let thread = thread["thread"].as_str().expect("a thread").to_owned();
    done(&world, "PATCH", &of(&format!("/threads/{thread}")), Some(json!({"title": "aside"}))).await;
    done(&world, "POST", &of("/abort"), None).await;
    done(&world, "POST", &of("/terminate"), None).await;
    let late = refused(&world, "POST", &of("/prompts"), Some(json!({"text": "late"}))).await;
    assert_eq!((late.0, late.1.as_str()), (409, "session_terminated"));
}

#[actix_web::test]
async fn everything_that_is_described_is_there() {
    let world = World::start().await;
    let (status, document) = world.ask(&world.ann, "GET", "/api/openapi.json", None).await;
    assert_eq!(status, 200);
    let paths = document["paths"].as_object().expect("paths");
    assert!(paths.len() > 25, "{}", paths.len());
    for (path, methods) in paths {
        for method in methods.as_object().expect("methods").keys() {
            let path = path.replace("{kind}", "session");
            let path = ["{id}", "{prompt}", "{thread}", "{hash}", "{proposal}"]
                .iter()
                .fold(path, |path, name| path.replace(name, &Uuid::nil().to_string()));
            if ["/api/feed", "/admin/live"].contains(&path.as_str()) {
                continue;
            }
            let (_, answer) = world.ask(&world.ann, &method.to_uppercase(), &path, None).await;
            let code = answer["code"].as_str().unwrap_or_default();
            assert!(!["route_unknown", "method_not_allowed"].contains(&code), "{method} {path}: {answer}");
        }
    }
    let (status, schema) = world.ask(&world.ann, "GET", "/schema/frames.json", None).await;
    assert_eq!((status, schema["$defs"].is_object()), (200, true));
}
