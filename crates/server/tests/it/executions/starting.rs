//! Runs are started, once per key, and what cannot be started is said in full.

use serde_json::{Value, json};

use super::{GREET, WAIT, get, run, until};
use crate::workflows::sync;
use crate::world::World;

#[actix_web::test]
async fn a_stored_workflow_runs_and_gives_its_outputs() {
    let world = World::start().await;
    let saved = sync(&world, GREET).await;
    let body = json!({"workflow": "greet", "inputs": {"name": "eve"}, "hash": saved["version"]["hash"]});
    let (status, started) = world.ask(&world.bob, "POST", "/api/executions", Some(body)).await;
    assert_eq!((status, &started["hash"]), (201, &saved["version"]["hash"]), "{started}");
    let id = started["execution"].as_str().expect("an id");
    until(&world, id, "completed").await;

    let view = get(&world, id, "").await;
    assert_eq!(view["outputs"], json!({"said": "hello eve"}));
    assert_eq!(view["inputs"], json!({"name": "eve", "times": 1}));
    assert_eq!((&view["workflow"], &view["slug"], &view["by"]), (&saved["id"], &json!("greet"), &json!("bob")));
    assert_eq!((&view["steps_started"], &view["step"], &view["of"]), (&json!(2), &json!(2), &json!(2)));
    assert_eq!((&view["trigger"]["kind"], &view["definition"]["name"]), (&json!("manual"), &json!("Greet")));
    assert_eq!((&view["open"], &view["session"]), (&json!([]), &Value::Null), "nothing in it needs a session");

    let steps = get(&world, id, "/steps").await;
    let told: Vec<_> = steps["items"]
        .as_array()
        .expect("steps")
        .iter()
        .map(|step| json!([step["path"], step["attempt"], step["phase"], step["name"], step["kind"], step["output"]]))
        .collect();
    assert_eq!(
        told,
        [
            json!(["words", 1, "completed", "words", "set", {"said": "hello eve"}]),
            json!(["say", 1, "completed", "Say it", "tool", {"text": "hello eve"}]),
        ]
    );
    assert_eq!(steps["items"][1]["input"]["arguments"], json!({"text": "hello eve"}), "{steps}");
}

#[actix_web::test]
async fn the_same_key_starts_the_same_run() {
    let world = World::start().await;
    sync(&world, GREET).await;
    let start = async |name: &str| {
        let body = json!({"workflow": "greet", "inputs": {"name": name}});
        world.ask_keyed(&world.bob, "POST", "/api/executions", Some(body), Some("k")).await
    };
    let first = start("eve").await;
    assert_eq!(first.0, 201);
    // What it was started as holds, whatever becomes of the workflow.
    sync(&world, &GREET.replace("hello", "hi")).await;
    world.ask(&world.bob, "POST", "/api/workflows/greet/disable", None).await;
    assert_eq!(start("eve").await, first);
    let other = start("adam").await;
    assert_eq!((other.0, &other.1["code"]), (409, &json!("execution_exists")));
    let (_, list) = world.ask(&world.bob, "GET", "/api/executions", None).await;
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
    // Another person's key is another key.
    let body = Some(json!({"definition": GREET, "inputs": {"name": "eve"}}));
    let (status, theirs) = world.ask_keyed(&world.ann, "POST", "/api/executions", body, Some("k")).await;
    assert_eq!(status, 201);
    assert_ne!(theirs["execution"], first.1["execution"]);
}

#[actix_web::test]
async fn what_cannot_be_started_is_said_in_full() {
    let world = World::start().await;
    let saved = sync(&world, GREET).await;
    let ask = async |body: Value| world.ask(&world.bob, "POST", "/api/executions", Some(body)).await;
    let inputs = json!({"nam": "eve", "times": "often"});
    for body in [json!({"workflow": "greet", "inputs": inputs}), json!({"definition": GREET, "inputs": inputs})] {
        let (status, problem) = ask(body).await;
        assert_eq!((status, &problem["code"]), (422, &json!("inputs_invalid")), "{problem}");
        let errors: Vec<_> = problem["errors"].as_array().expect("errors").iter().map(|error| &error["path"]).collect();
        assert_eq!(errors, ["inputs.nam", "inputs.name", "inputs.times"], "{problem}");
        assert_eq!(problem["errors"][0]["fix"], "did you mean `name`?");
    }
    let zeros = format!("sha256:{}", "0".repeat(64));
    let wrong = "name: x\nslug: x\nsteps:\n  - {id: a, type: sett}\n";
    for (body, status, code) in [
        (json!({}), 422, "json_invalid"),
        (json!({"workflow": "greet", "definition": GREET}), 422, "json_invalid"),
        (json!({"workflow": "greet", "input": {}}), 422, "json_invalid"),
        (json!({"workflow": "nothing"}), 404, "workflow_unknown"),
        (json!({"workflow": "greet", "hash": zeros}), 409, "definition_hash_mismatch"),
        (json!({"workflow": "greet", "hash": "abc"}), 422, "hash_invalid"),
        (json!({"definition": wrong}), 422, "definition_invalid"),
        (json!({"workflow": "greet", "session": saved["id"]}), 404, "session_unknown"),
    ] {
        let (found, problem) = ask(body.clone()).await;
        assert_eq!((found, &problem["code"]), (status, &json!(code)), "{body}: {problem}");
    }
    let body = json!({"workflow": "greet", "inputs": {"name": "eve"}}).to_string();
    let runner = world.request("POST", "/api/executions").bearer_auth(&world.runner_token).body(body);
    let (status, problem) = world.send(runner).await;
    assert_eq!((status, &problem["code"]), (403, &json!("role_insufficient")), "a runner starts nothing");
    world.ask(&world.bob, "POST", "/api/workflows/greet/disable", None).await;
    let (status, problem) = ask(json!({"workflow": "greet", "inputs": {"name": "eve"}})).await;
    assert_eq!((status, &problem["code"]), (409, &json!("workflow_disabled")));
    let (_, list) = world.ask(&world.bob, "GET", "/api/executions", None).await;
    assert_eq!(list["items"], json!([]), "nothing was started");
}

#[actix_web::test]
async fn a_run_is_attached_to_a_session_of_its_starter_only() {
    let world = World::start().await;
    let session = world.session(&world.bob).await;
    let body = json!({"definition": WAIT, "session": session});
    let (status, started) = world.ask(&world.bob, "POST", "/api/executions", Some(body.clone())).await;
    assert_eq!((status, &started["session"]), (201, &json!(session)));
    let id = started["execution"].as_str().expect("an id");
    assert_eq!(id[id.len() - 4..], session[session.len() - 4..], "both run in one place");

    let eve = world.person("eve").await;
    assert_eq!(world.ask(&eve, "POST", "/api/executions", Some(body.clone())).await.1["code"], "session_unknown");
    let share = json!({"user": eve.user, "role": "collaborator"});
    world.ask(&world.bob, "POST", &format!("/api/sessions/{session}/share"), Some(share)).await;
    assert_eq!(world.ask(&eve, "POST", "/api/executions", Some(body.clone())).await.1["code"], "run_of_another");
    world.ask(&world.bob, "POST", &format!("/api/sessions/{session}/terminate"), None).await;
    assert_eq!(world.ask(&world.bob, "POST", "/api/executions", Some(body)).await.1["code"], "session_terminated");
}

#[actix_web::test]
async fn runs_are_listed_in_pages_and_filtered() {
    let world = World::start().await;
    sync(&world, GREET).await;
    for n in 0..3 {
        run(&world, GREET, json!({"name": n.to_string()})).await;
    }
    let body = json!({"workflow": "greet", "inputs": {"name": "x"}, "test": true});
    world.ask(&world.bob, "POST", "/api/executions", Some(body)).await;
    let waits = run(&world, WAIT, json!({})).await;
    until(&world, &waits, "waiting").await;

    let list = async |query: &str| {
        let (status, page) = world.ask(&world.bob, "GET", &format!("/api/executions?{query}"), None).await;
        assert_eq!(status, 200, "{page}");
        page
    };
    let (mut seen, mut query) = (vec![], "limit=2".to_owned());
    loop {
        let page = list(&query).await;
        seen.extend(page["items"].as_array().expect("items").iter().map(|row| row["id"].clone()));
        let Some(cursor) = page["cursor"].as_str() else { break };
        query = format!("limit=2&cursor={cursor}");
    }
    assert_eq!((seen.len(), &seen[0]), (5, &json!(waits)), "newest first");
    let count = async |query: &str| list(query).await["items"].as_array().map(Vec::len);
    assert_eq!(count("status=waiting").await, Some(1));
    assert_eq!(count("workflow=greet").await, Some(4));
    let stored = list("workflow=greet&limit=1").await["items"][0].clone();
    assert_eq!((&stored["test"], &stored["trigger"]["kind"]), (&json!(true), &json!("test")));
    let id = stored["workflow"].as_str().expect("an id");
    assert_eq!(count(&format!("workflow={id}")).await, Some(1));
    assert_eq!(world.ask(&world.bob, "GET", "/api/executions?status=odd", None).await.1["code"], "query_invalid");
    assert_eq!(world.ask(&world.ann, "GET", "/api/executions", None).await.1["items"], json!([]));
}

#[actix_web::test]
async fn a_run_is_its_owners_and_administrators_may_look() {
    let world = World::start().await;
    let id = run(&world, WAIT, json!({})).await;
    until(&world, &id, "waiting").await;
    let eve = world.person("eve").await;
    for (method, below) in [
        ("GET", ""),
        ("GET", "/steps"),
        ("GET", "/why"),
        ("GET", "/stream"),
        ("POST", "/cancel"),
        ("POST", "/pause"),
        ("POST", "/retry"),
        ("POST", "/events/go"),
    ] {
        let (status, problem) = world.ask(&eve, method, &format!("/api/executions/{id}{below}"), None).await;
        assert_eq!((status, &problem["code"]), (404, &json!("execution_unknown")), "{below}: {problem}");
    }
    let nobody = format!("/api/executions/{}", world.bob.user);
    assert_eq!(world.ask(&world.bob, "GET", &nobody, None).await.1["code"], "execution_unknown");
    assert_eq!(world.ask(&world.ann, "GET", &format!("/api/executions/{id}"), None).await.0, 200);
    assert_eq!(get(&world, &id, "").await["status"], "waiting", "nothing has harmed it");
}

#[actix_web::test]
async fn saving_a_workflow_says_which_runs_go_on_with_older_versions() {
    let world = World::start().await;
    let first = sync(&world, WAIT).await;
    assert_eq!(first.get("older_runs"), None);
    let start = async || {
        let (_, started) = world.ask(&world.bob, "POST", "/api/executions", Some(json!({"workflow": "wait"}))).await;
        let id = started["execution"].as_str().expect("an id").to_owned();
        until(&world, &id, "waiting").await;
        id
    };
    let (one, _) = (start().await, start().await);
    assert_eq!(sync(&world, WAIT).await.get("older_runs"), None, "they run what is current");
    let hash = &first["version"]["hash"];
    let older =
        |runs: u64| json!([{"hash": hash, "version": first["version"]["version"], "runs": runs, "waiting": runs}]);
    let changed = WAIT.replace("timeout: 1h", "timeout: 2h");
    assert_eq!(sync(&world, &changed).await["older_runs"], older(2));
    world.ask(&world.bob, "POST", &format!("/api/executions/{one}/cancel"), None).await;
    assert_eq!(sync(&world, &changed).await["older_runs"], older(1));
}

#[actix_web::test]
async fn a_run_takes_its_owners_personas_along() {
    let world = World::start().await;
    let put = async |name: &str, body: Value| {
        world.ask(&world.bob, "PUT", &format!("/api/personas/{name}"), Some(body)).await
    };
    let strict = json!({"name": "code reviewer", "instructions": "Be strict."});
    assert_eq!(put("code%20reviewer", json!({"instructions": "Be strict."})).await, (200, strict.clone()));
    for (name, body, status, code) in [
        ("x", json!({"instructions": " "}), 422, "persona_empty"),
        ("x", json!({"text": "x"}), 422, "json_invalid"),
        ("%20x", json!({"instructions": "x"}), 422, "persona_name_invalid"),
        ("x", json!({"instructions": "x".repeat(9_000)}), 413, "too_large"),
    ] {
        let (found, problem) = put(name, body).await;
        assert_eq!((found, &problem["code"]), (status, &json!(code)), "{problem}");
    }
    let list = async |who| world.ask(who, "GET", "/api/personas", None).await.1["items"].clone();
    assert_eq!(list(&world.bob).await, json!([strict]));
    assert_eq!(list(&world.ann).await, json!([]));

    let text = "name: Ask
slug: ask
steps:
  - {id: ask, type: agent_prompt, prompt: Hello, persona: code reviewer}
";
    let asks = run(&world, text, json!({})).await;
    let waits = run(&world, WAIT, json!({})).await;
    let carried = async |id: &str| {
        let run = world.runtime.executions.look(id.parse().expect("an id")).await.expect("it is there").state;
        run.about.as_ref().expect("it was started").start.personas.clone()
    };
    assert_eq!(carried(&asks).await, [("code reviewer".to_owned(), "Be strict.".to_owned())].into());
    assert_eq!(carried(&waits).await, [].into(), "nothing in it asks for one");

    let gone = async || world.ask(&world.bob, "DELETE", "/api/personas/code%20reviewer", None).await;
    assert_eq!(gone().await.0, 204);
    let (status, problem) = gone().await;
    assert_eq!((status, &problem["code"]), (404, &json!("persona_unknown")));
    assert_eq!(carried(&asks).await.len(), 1, "a run keeps what it was started with");
}

#[actix_web::test]
async fn large_values_are_carried_and_too_large_ones_refused() {
    let world = World::start().await;
    let name = "x".repeat(900_000);
    let id = run(&world, GREET, json!({"name": name})).await;
    until(&world, &id, "completed").await;
    assert_eq!(get(&world, &id, "").await["outputs"]["said"].as_str().map(str::len), Some(900_006));
    let body = json!({"definition": GREET, "inputs": {"name": "x".repeat(2 << 20)}});
    let (status, problem) = world.ask(&world.bob, "POST", "/api/executions", Some(body)).await;
    assert_eq!((status, &problem["code"]), (413, &json!("body_too_large")));
}
