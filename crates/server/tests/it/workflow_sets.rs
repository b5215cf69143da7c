//! Whole sets of workflows: synced with a dry run, pruned only when told to, refused as a whole, limited in number.

use serde_json::{Value, json};

use crate::workflows::{get, named, send, sync};
use crate::world::World;

fn set(texts: &[String], more: Value) -> Option<Value> {
    let definitions: Vec<_> =
        texts.iter().enumerate().map(|(n, text)| json!({ "file": format!("{n}.yaml"), "text": text })).collect();
    let mut body = json!({ "definitions": definitions });
    body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    Some(body)
}

fn outcomes(answer: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let items = answer["items"].as_array().unwrap_or_else(|| panic!("no items: {answer}"));
    items.iter().map(|row| (text(&row["slug"]), text(&row["outcome"]))).collect()
}

#[actix_web::test]
async fn a_set_is_synced_with_a_dry_run_and_prunes_only_when_told_to() {
    let world = World::start().await;
    for slug in ["same", "changed", "left"] {
        sync(&world, &named(slug, "old")).await;
    }
    let texts = [named("same", "old"), named("changed", "new"), named("fresh", "new")];
    let all = |more: Value| world.ask(&world.bob, "POST", "/api/workflows/sync-all", set(&texts, more));
    let expected = |fate: &str| {
        let pairs = [("changed", "updated"), ("fresh", "created"), ("same", "unchanged"), ("left", fate)];
        pairs.map(|(slug, outcome)| (slug.to_owned(), outcome.to_owned())).to_vec()
    };
    let dry = all(json!({"dry_run": true, "prune": true})).await.1;
    assert_eq!(outcomes(&dry), expected("deleted"));
    assert_eq!(get(&world, "/api/workflows").await["items"].as_array().map(Vec::len), Some(3), "nothing was done");
    assert_eq!(get(&world, "/api/workflows/changed").await["definition"]["steps"][0]["command"], "echo old");

    assert_eq!(outcomes(&all(json!({})).await.1), expected("kept"));
    assert_eq!(get(&world, "/api/workflows/left").await["slug"], "left");
    let pruned = outcomes(&all(json!({"prune": true})).await.1);
    assert_eq!(pruned.last(), Some(&("left".to_owned(), "deleted".to_owned())));
    assert_eq!(get(&world, "/api/workflows").await["items"].as_array().map(Vec::len), Some(3));
    assert_eq!(world.ask(&world.bob, "GET", "/api/workflows/left", None).await.0, 404);
}

#[actix_web::test]
async fn a_set_with_a_mistake_changes_nothing() {
    let world = World::start().await;
    let texts = [named("good", "x"), "name: bad\nsteps: []\n".to_owned(), named("good", "y")];
    let (status, problem) = world.ask(&world.bob, "POST", "/api/workflows/sync-all", set(&texts, json!({}))).await;
    assert_eq!((status, &problem["code"]), (422, &json!("definition_invalid")));
    let errors = problem["errors"].as_array().expect("errors");
    assert_eq!(errors[0]["file"], "1.yaml");
    assert!(errors.iter().any(|error| error["code"] == "duplicate_slug" && error["file"] == "2.yaml"), "{problem}");
    assert_eq!(get(&world, "/api/workflows").await["items"], json!([]));
}

#[actix_web::test]
async fn workflows_that_would_run_themselves_are_refused() {
    let world = World::start().await;
    let runs = |slug: &str, child: &str| {
        format!("name: {slug}\nslug: {slug}\nsteps:\n  - id: child\n    type: workflow\n    workflow: {child}\n")
    };
    sync(&world, &runs("a", "b")).await;
    sync(&world, &runs("b", "c")).await;
    let (status, problem) = send(&world, &world.bob, "POST", "/api/workflows/sync", &runs("c", "a"), &[]).await;
    assert_eq!((status, &problem["errors"][0]["code"]), (422, &json!("cyclic_workflows")));
    let texts = [runs("x", "y"), runs("y", "x")];
    let (status, problem) = world.ask(&world.bob, "POST", "/api/workflows/sync-all", set(&texts, json!({}))).await;
    assert_eq!((status, &problem["errors"][0]["code"]), (422, &json!("cyclic_workflows")));
    // The set breaks the ring that would arise with what is stored.
    let texts = [runs("c", "a"), named("b", "x")];
    assert_eq!(world.ask(&world.bob, "POST", "/api/workflows/sync-all", set(&texts, json!({}))).await.0, 200);
}

#[actix_web::test]
async fn one_person_has_a_limit_of_workflows() {
    let world = World::with(|options| options.workflows_max = 1).await;
    sync(&world, &named("one", "x")).await;
    sync(&world, &named("one", "y")).await;
    let (status, problem) = send(&world, &world.bob, "POST", "/api/workflows/sync", &named("two", "x"), &[]).await;
    assert_eq!((status, &problem["code"], &problem["limit"]), (409, &json!("limit_reached"), &json!(1)));
    let texts = [named("two", "x")];
    let all = |more: Value| world.ask(&world.bob, "POST", "/api/workflows/sync-all", set(&texts, more));
    assert_eq!(all(json!({})).await.0, 409);
    assert_eq!(all(json!({"prune": true})).await.0, 200, "the one makes room for the other");
}
