//! Who may draft, what, and how much at once; each refusal before a model is asked.

use serde_json::{Value, json};
use tenure_llm::stub::{Play, says};

use super::{GOOD, PAIR, Scene, answers, ended, kinds, wanted};
use crate::cursor::events_till;
use crate::runner::{FakeRunner, create, finalize, prompt};
use crate::world::{Person, World};

const WHOLE: &str = "/api/workflows/draft";
const STEP: &str = "/api/workflows/draft/step";

#[actix_web::test]
async fn without_a_model_the_refusal_says_what_to_set() {
    let world = World::start().await;
    let (status, problem) = world.ask(&world.bob, "POST", WHOLE, Some(wanted("Say hello."))).await;
    assert_eq!((status, &problem["code"]), (501, &json!("draft_unconfigured")));
    let detail = problem["detail"].as_str().expect("a detail");
    assert!(detail.contains("draft.model") && detail.contains("draft.key_env"), "{detail}");
}

#[actix_web::test]
async fn what_cannot_be_drafted_is_refused_before_anybody_is_asked() {
    let scene = Scene::with(vec![], |options| (options.prompt_bytes_max, options.base_bytes_max) = (20, 400)).await;
    let step = |base: &str, step: &str| json!({ "prompt": "p", "base": base, "step": step });
    let long = "x".repeat(401);
    for (path, body, status, code, field) in [
        (WHOLE, wanted(" \n"), 422, "json_invalid", "prompt"),
        (WHOLE, json!({ "prompt": "p", "basis": "b" }), 422, "json_invalid", "basis"),
        (WHOLE, wanted(&"x".repeat(21)), 413, "draft_too_large", "prompt"),
        (WHOLE, json!({ "prompt": "p", "base": long }), 413, "draft_too_large", "base"),
        (STEP, step(&long, "one"), 413, "draft_too_large", "base"),
        (STEP, step(PAIR, "three"), 422, "draft_step_unknown", "step"),
        (STEP, step(PAIR, "one:then/two"), 422, "draft_step_unknown", "step"),
        (STEP, step(PAIR, "one two"), 422, "draft_step_unknown", "step"),
        (STEP, step("a: [", "one"), 422, "definition_invalid", "base"),
    ] {
        let (answered, problem) = scene.world.ask(&scene.world.bob, "POST", path, Some(body)).await;
        assert_eq!((answered, &problem["code"], &problem["field"]), (status, &json!(code), &json!(field)), "{problem}");
    }
    let (_, problem) = scene.world.ask(&scene.world.bob, "POST", WHOLE, Some(wanted(&"x".repeat(21)))).await;
    assert_eq!((&problem["limit"], &problem["actual"]), (&json!(20), &json!(21)));
    let (_, problem) = scene.world.ask(&scene.world.bob, "POST", STEP, Some(step(PAIR, "three"))).await;
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.ends_with("its steps are one, two")), "{problem}");
    assert_eq!(scene.stub.asked(), [] as [Value; 0]);
    // None of these kept a place.
    assert_eq!(scene.world.ask(&scene.world.bob, "POST", WHOLE, Some(wanted(""))).await.0, 422);
}

#[actix_web::test]
async fn strangers_and_runners_do_not_draft() {
    let scene = Scene::set(vec![]).await;
    let (world, bob) = (&scene.world, scene.world.bob.clone());
    let with = |token: &str| Person { token: token.to_owned(), ..bob.clone() };
    for (who, status, code) in
        [(with("wrong"), 401, "unauthorized"), (with(&world.runner_token), 403, "role_insufficient")]
    {
        let (answered, problem) = world.ask(&who, "POST", WHOLE, Some(wanted("Say hello."))).await;
        assert_eq!((answered, &problem["code"]), (status, &json!(code)));
    }
    assert_eq!(world.ask(&bob, "GET", WHOLE, None).await.0, 405);
}

#[actix_web::test]
async fn one_users_drafts_leave_room_for_anothers() {
    let stuck = || Play::Stuck(vec![says("so")]);
    let scene = Scene::with(vec![stuck(), answers(GOOD)], |options| options.at_once_max = 1).await;
    let world = &scene.world;
    let held = scene.begin(&world.bob, WHOLE, wanted("Say hello.")).await;
    assert_eq!(held.headers()["content-type"], "text/event-stream");
    let (status, problem) = world.ask(&world.bob, "POST", WHOLE, Some(wanted("More."))).await;
    assert_eq!((status, &problem["code"], &problem["limit"]), (429, &json!("drafts_full"), &json!(1)));
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("draft.at_once_max")), "{problem}");
    // The first one has asked the model before the other does.
    events_till(held, |event| event["type"] == "text").await;
    let anns = scene.begin(&world.ann, WHOLE, wanted("Say hello.")).await;
    assert_eq!(kinds(&ended(anns).await), ["text", "checking", "draft"]);
}

#[actix_web::test]
async fn an_agent_drafts_with_its_pass_until_its_work_is_over() {
    let scene = Scene::set(vec![answers(GOOD)]).await;
    let world = &scene.world;
    let mut runner = FakeRunner::connect(world).await;
    let session = world.session(&world.bob).await;
    prompt(world, &world.bob, &session, "do it").await;
    let mut work = runner.work().await;
    runner.tell(&mut work, &[create()]).await;
    let agent = Person { token: work.mcp["token"].as_str().expect("a pass").to_owned(), ..world.bob.clone() };
    let events = ended(scene.begin(&agent, WHOLE, wanted("Say hello.")).await).await;
    assert_eq!(events[events.len() - 1]["valid"], true);
    runner.tell(&mut work, &[finalize()]).await;
    let (status, problem) = world.ask(&agent, "POST", WHOLE, Some(wanted("Say hello."))).await;
    assert_eq!((status, &problem["code"]), (401, &json!("pass_ended")));
}

#[actix_web::test]
async fn an_agent_of_a_run_does_not_draft() {
    let scene = Scene::set(vec![]).await;
    let world = &scene.world;
    let mut runner = FakeRunner::connect(world).await;
    let definition = "name: P\nsteps:\n  - {id: ask, type: agent_prompt, prompt: Do it}\n";
    let run = Some(json!({ "definition": definition, "inputs": {} }));
    assert_eq!(world.ask(&world.bob, "POST", "/api/executions", run).await.0, 201);
    let mut work = runner.work().await;
    runner.tell(&mut work, &[create()]).await;
    let agent = Person { token: work.mcp["token"].as_str().expect("a pass").to_owned(), ..world.bob.clone() };
    for path in [WHOLE, STEP] {
        let body = json!({ "prompt": "p", "base": PAIR, "step": "one" });
        let (status, problem) = world.ask(&agent, "POST", path, Some(body)).await;
        assert_eq!((status, &problem["code"]), (403, &json!("refused_in_workflow")), "{path}");
    }
}
