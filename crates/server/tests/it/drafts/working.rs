//! What a draft is on a good day: right at once, mended, or told with what is still wrong.

use serde_json::{Value, json};
use tenure_llm::stub::{Play, says, thinks};

use super::{BAD, GOOD, PAIR, Scene, answers, fenced, kinds, wanted};

#[actix_web::test]
async fn a_right_reply_is_the_draft_and_nothing_is_stored() {
    let scene = Scene::set(vec![answers(GOOD)]).await;
    let events = scene.draft(wanted("Say hello.")).await;
    assert_eq!(kinds(&events), ["text", "checking", "draft"]);
    let text: String = events.iter().filter_map(|event| event["text"].as_str()).collect();
    assert_eq!(text, fenced(GOOD), "every word is told as it comes");
    let usage = json!({ "model": "m-1", "input_tokens": 3, "output_tokens": 2 });
    let draft = json!({
        "type": "draft", "definition": GOOD, "valid": true, "mistakes": [], "slug": "hello", "repairs": 0, "usage": usage,
    });
    assert_eq!(events.last(), Some(&draft), "comments and layout are the model's");
    assert!(scene.asked(0)[0].contains("Say hello."));
    let asked = scene.stub.asked().remove(0);
    assert_eq!((&asked["model"], &asked["max_tokens"]), (&json!("m-1"), &json!(16_384)));
    let taught = asked["messages"][0]["content"].as_str().expect("the teaching").to_owned();
    assert!(taught.contains("## agent_prompt") && taught.contains("name: Release check"));
    let (_, stored) = scene.world.ask(&scene.world.bob, "GET", "/api/workflows", None).await;
    assert_eq!(stored["items"], json!([]));
}

#[actix_web::test]
async fn a_wrong_reply_is_mended_with_the_words_of_the_validator() {
    let scene = Scene::set(vec![Play::Whole(vec![thinks("hm"), says(&fenced(BAD))]), answers(GOOD)]).await;
    let events = scene.draft(wanted("Say hello.")).await;
    assert_eq!(kinds(&events), ["text", "checking", "repair", "text", "checking", "draft"]);
    let repair = &events[2];
    assert_eq!((&repair["repair"], &repair["repairs_max"]), (&json!(1), &json!(3)));
    assert_eq!(repair["mistakes"][0]["code"], "unknown_step_type");
    // The same as anybody hears who has it validated.
    let body = Some(json!({ "params": { "definition": BAD } }));
    let (_, judged) = scene.world.ask(&scene.world.bob, "POST", "/api/tools/validate_workflow/call", body).await;
    assert_eq!(judged["data"]["mistakes"], repair["mistakes"]);
    let asked = scene.asked(1);
    assert_eq!((asked.len(), &asked[1]), (3, &fenced(BAD)));
    assert!(asked[2].contains("workflow.steps[0].type: there is no step type `bush`"), "{}", asked[2]);
    let draft = &events[events.len() - 1];
    assert_eq!(
        (&draft["valid"], &draft["repairs"], &draft["usage"]["input_tokens"]),
        (&json!(true), &json!(1), &json!(6))
    );
}

#[actix_web::test]
async fn a_draft_that_stays_wrong_is_told_with_its_mistakes() {
    let scene = Scene::set((0..4).map(|_| answers(BAD)).collect()).await;
    let events = scene.draft(wanted("Say hello.")).await;
    assert_eq!(events.iter().filter(|event| event["type"] == "repair").count(), 3);
    let draft = &events[events.len() - 1];
    assert_eq!((&draft["valid"], &draft["definition"], &draft["repairs"]), (&json!(false), &json!(BAD), &json!(3)));
    assert_eq!(draft["mistakes"][0]["code"], "unknown_step_type");
    assert_eq!(scene.asked(3).len(), 3, "only the newest reply is sent again");
}

#[actix_web::test]
async fn words_without_a_definition_are_asked_about_and_json_becomes_yaml() {
    let json = r#"{"name": "Hello", "steps": [{"id": "say", "type": "bash", "command": "echo hello"}]}"#;
    let scene = Scene::set(vec![Play::Whole(vec![says("I would rather talk.")]), Play::Whole(vec![says(json)])]).await;
    let events = scene.draft(wanted("Say hello.")).await;
    assert_eq!(
        events.iter().find(|event| event["type"] == "repair").expect("one")["mistakes"][0]["code"],
        "no_definition"
    );
    let draft = &events[events.len() - 1];
    let yaml = "name: Hello\nsteps:\n- id: say\n  type: bash\n  command: echo hello\n";
    assert_eq!((&draft["definition"], &draft["valid"]), (&json!(yaml), &json!(true)));
}

#[actix_web::test]
async fn a_reply_that_had_no_room_is_asked_for_again() {
    let scene = Scene::set(vec![Play::Full(vec![says(&fenced(GOOD))]), answers(GOOD)]).await;
    let events = scene.draft(wanted("Say hello.")).await;
    assert_eq!(events.iter().find(|event| event["type"] == "repair").expect("one")["mistakes"][0]["code"], "cut_off");
    assert_eq!(events[events.len() - 1]["valid"], true);
}

#[actix_web::test]
async fn a_base_is_gone_on_from_right_or_wrong() {
    let scene = Scene::set(vec![answers(GOOD)]).await;
    let events = scene.draft(json!({ "prompt": "Louder.", "base": BAD })).await;
    assert_eq!(events[events.len() - 1]["valid"], true);
    let asked = &scene.asked(0)[0];
    assert!(
        asked.contains(BAD.trim_end()) && asked.contains("Louder.") && asked.contains("no step type `bush`"),
        "{asked}"
    );
}

/// Has the step `one` written anew, and returns all events.
async fn step(scene: &Scene) -> Vec<Value> {
    scene.step(json!({ "prompt": "List more.", "base": PAIR, "step": "one" })).await
}

#[actix_web::test]
async fn a_step_is_written_anew_and_every_other_line_stays() {
    let scene = Scene::set(vec![answers("id: one\ntype: bash\ncommand: ls -l\n")]).await;
    let events = step(&scene).await;
    assert_eq!(kinds(&events), ["text", "checking", "draft"]);
    let draft = &events[events.len() - 1];
    assert_eq!(
        (&draft["definition"], &draft["valid"]),
        (&json!(PAIR.replace("command: ls", "command: ls -l")), &json!(true))
    );
    assert!(scene.asked(0)[0].contains("step `one` anew"));
}

#[actix_web::test]
async fn a_step_that_would_change_more_is_refused_and_asked_for_again() {
    let whole = |two: &str| PAIR.replace("command: ls", "command: ls -l").replace("id: two", two);
    let scene = Scene::set(vec![
        answers("id: first\ntype: bash\ncommand: ls\n"),
        answers(&whole("id: other")),
        answers("- just words\n"),
        answers(&whole("id: two")),
    ])
    .await;
    let events = step(&scene).await;
    let repairs: Vec<&Value> =
        events.iter().filter(|event| event["type"] == "repair").map(|event| &event["mistakes"][0]["code"]).collect();
    assert_eq!(repairs, ["id_changed", "changes_elsewhere", "wrong_type"]);
    let draft = &events[events.len() - 1];
    assert_eq!(draft["definition"], json!(PAIR.replace("command: ls", "command: ls -l")));
}

#[actix_web::test]
async fn what_is_wrong_elsewhere_is_told_and_not_asked_of_the_step() {
    let base = PAIR.replace("type: bash, command", "type: bush, command");
    let scene =
        Scene::set(vec![answers("id: one\ntype: bish\n"), answers("id: one\ntype: bash\ncommand: ls -l\n")]).await;
    let events = scene.step(json!({ "prompt": "List more.", "base": base, "step": "one" })).await;
    assert_eq!(kinds(&events), ["text", "checking", "repair", "text", "checking", "draft"]);
    let draft = &events[events.len() - 1];
    assert_eq!((&draft["valid"], &draft["repairs"]), (&json!(false), &json!(1)));
    assert_eq!(draft["mistakes"].as_array().map(Vec::len), Some(1));
    assert_eq!(draft["mistakes"][0]["path"], "workflow.steps[1].type");
}

#[actix_web::test]
async fn a_base_that_is_json_becomes_yaml_and_its_step_is_found() {
    let base = json!({ "name": "Pair", "steps": [
        { "id": "outer", "type": "conditional", "condition": "true", "then": [{ "id": "in", "type": "stop" }] },
    ] });
    let scene = Scene::set(vec![answers("id: in\ntype: bash\ncommand: ls\n")]).await;
    let body = json!({ "prompt": "List.", "base": base.to_string(), "step": "outer:then/in" });
    let draft = scene.step(body).await.pop().expect("a draft");
    assert_eq!(draft["valid"], true, "{draft}");
    let definition = draft["definition"].as_str().expect("a text");
    assert!(definition.contains("command: ls") && !definition.contains("type: stop"), "{definition}");
}
