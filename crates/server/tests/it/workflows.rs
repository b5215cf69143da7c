//! Stored workflows over HTTP: saved, listed, compared, brought back, proposed; and every mistake told at once.

use serde_json::{Value, json};
use tenure_model::id::UserId;
use tenure_model::{EntityKey, Kind};
use tenure_runtime::Runtime;
use tenure_workflow::library::workflow_id;

use crate::world::{Person, World};

const YAML: &str = "application/yaml";

/// A definition whose steps say these words.
fn greet(words: &str) -> String {
    named("greet", words)
}

pub fn named(slug: &str, words: &str) -> String {
    format!(
        "name: {slug}\nslug: {slug}\nconstraints:\n  allow_self_modification: true\nsteps:\n  - id: say\n    type: bash\n    command: echo {words}\n"
    )
}

/// Sends a definition as YAML, with headers.
pub async fn send(
    world: &World,
    who: &Person,
    method: &str,
    path: &str,
    text: &str,
    headers: &[(&str, &str)],
) -> (u16, Value) {
    let request = world.request(method, path).bearer_auth(&who.token).header("content-type", YAML);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    world.send(request.body(text.to_owned())).await
}

pub async fn sync(world: &World, text: &str) -> Value {
    let (status, saved) = send(world, &world.bob, "POST", "/api/workflows/sync", text, &[]).await;
    assert!(status == 200 || status == 201, "{status}: {saved}");
    saved
}

pub async fn get(world: &World, path: &str) -> Value {
    let (status, answer) = world.ask(&world.bob, "GET", path, None).await;
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

#[actix_web::test]
async fn a_workflow_is_synced_shown_and_synced_again() {
    let world = World::start().await;
    let (status, first) = send(&world, &world.bob, "POST", "/api/workflows/sync", &greet("hello"), &[]).await;
    assert_eq!((status, &first["outcome"], &first["slug"]), (201, &json!("created"), &json!("greet")));
    let (status, again) = send(&world, &world.bob, "POST", "/api/workflows/sync", &greet("hello"), &[]).await;
    assert_eq!((status, &again["outcome"]), (200, &json!("unchanged")));
    assert_eq!(sync(&world, &greet("goodbye")).await["outcome"], "updated");

    let by_slug = get(&world, "/api/workflows/greet").await;
    assert_eq!(by_slug["definition"]["steps"][0]["command"], "echo goodbye");
    let id = by_slug["id"].as_str().expect("an id");
    assert_eq!(get(&world, &format!("/api/workflows/{id}")).await, by_slug);
    // What is shown can be sent back as it is.
    let body = Some(by_slug["definition"].clone());
    let (status, put) = world.ask(&world.bob, "PUT", "/api/workflows/greet", body).await;
    assert_eq!((status, &put["outcome"], &put["version"]["hash"]), (200, &json!("unchanged"), &by_slug["hash"]));
}

#[actix_web::test]
async fn a_workflow_belongs_to_its_owner() {
    let world = World::start().await;
    sync(&world, &greet("hello")).await;
    let eve = world.person("eve").await;
    let id = get(&world, "/api/workflows/greet").await["id"].as_str().expect("an id").to_owned();
    for path in ["/api/workflows/greet".to_owned(), format!("/api/workflows/{id}")] {
        let (status, problem) = world.ask(&eve, "GET", &path, None).await;
        assert_eq!((status, &problem["code"]), (404, &json!("workflow_unknown")));
    }
    assert_eq!(world.ask(&world.ann, "GET", &format!("/api/workflows/{id}"), None).await.0, 200, "an administrator");
    // The same slug is another workflow for somebody else.
    let (status, saved) = send(&world, &eve, "POST", "/api/workflows/sync", &greet("mine"), &[]).await;
    assert_eq!(status, 201);
    assert_ne!(saved["id"], id.as_str());
}

#[actix_web::test]
async fn every_mistake_is_told_with_its_place_and_nothing_is_stored() {
    let world = World::start().await;
    let wrong = "name: greet\nslug: greet\nsteps:\n  - id: a\n    type: bsh\n    command: ls\n  - id: b\n    type: bash\n    colour: red\n";
    let (status, told) = send(&world, &world.bob, "POST", "/api/workflows/validate", wrong, &[]).await;
    assert_eq!((status, &told["valid"]), (200, &json!(false)));
    let mistakes = told["mistakes"].as_array().expect("mistakes");
    assert!(mistakes.len() >= 3, "the type, the field and the missing command: {told}");
    assert_eq!((&mistakes[0]["line"], &mistakes[0]["path"]), (&json!(5), &json!("workflow.steps[0].type")), "{told}");
    assert!(mistakes.iter().all(|mistake| mistake["line"].is_u64()), "{told}");

    let (status, problem) = send(&world, &world.bob, "POST", "/api/workflows/sync", wrong, &[]).await;
    assert_eq!((status, &problem["code"]), (422, &json!("definition_invalid")));
    assert_eq!(problem["errors"], told["mistakes"], "saving says the same");
    assert_eq!(get(&world, "/api/workflows").await["items"], json!([]));

    let (_, told) = send(&world, &world.bob, "POST", "/api/workflows/validate", &greet("x"), &[]).await;
    assert_eq!((&told["valid"], &told["slug"]), (&json!(true), &json!("greet")));
    assert_eq!(get(&world, "/api/workflows").await["items"], json!([]), "validating stores nothing");
}

#[actix_web::test]
async fn bad_bodies_are_refused_and_harm_nothing() {
    let world = World::start().await;
    sync(&world, &greet("hello")).await;
    let deep = format!("name: x\nsteps: {}{}", "[".repeat(10_000), "]".repeat(10_000));
    let mut laughs = "a0: &a0 [lol, lol]\n".to_owned();
    for n in 1..30 {
        laughs += &format!("a{n}: &a{n} [*a{p}, *a{p}, *a{p}, *a{p}]\n", p = n - 1);
    }
    for (body, status, code) in [
        (String::new(), 422, "definition_invalid"),
        ("{".to_owned(), 422, "definition_invalid"),
        ("- 1\n- 2\n".to_owned(), 422, "definition_invalid"),
        (deep, 422, "definition_invalid"),
        (laughs, 422, "definition_invalid"),
        (format!("name: {}\n", "x".repeat(600 * 1024)), 422, "definition_invalid"),
        ("x".repeat(10 << 20), 413, "body_too_large"),
    ] {
        let size = body.len();
        let (found, problem) = send(&world, &world.bob, "POST", "/api/workflows/sync", &body, &[]).await;
        assert_eq!((found, &problem["code"]), (status, &json!(code)), "{size} bytes: {problem}");
    }
    let raw = world.request("POST", "/api/workflows/sync").bearer_auth(&world.bob.token).header("content-type", YAML);
    let (status, problem) = world.send(raw.body(vec![b'n', 0xff, 0xfe])).await;
    assert_eq!((status, &problem["code"]), (422, &json!("definition_invalid")));
    let other = world.request("POST", "/api/workflows/sync").bearer_auth(&world.bob.token);
    let (status, problem) = world.send(other.header("content-type", "text/html").body("x")).await;
    assert_eq!((status, &problem["code"]), (415, &json!("media_type_unsupported")));
    assert_eq!(get(&world, "/api/workflows").await["items"].as_array().map(Vec::len), Some(1));
}

#[actix_web::test]
async fn lists_are_paged_filtered_and_searched() {
    let world = World::start().await;
    for n in 0..5 {
        sync(&world, &format!("tags: [t{}]\n{}", n % 2, named(&format!("flow-{n}"), "x"))).await;
    }
    let (mut slugs, mut path) = (vec![], "/api/workflows?limit=2".to_owned());
    loop {
        let page = get(&world, &path).await;
        let items = page["items"].as_array().expect("items");
        assert!(items.len() <= 2);
        slugs.extend(items.iter().map(|row| row["slug"].as_str().expect("a slug").to_owned()));
        let Some(cursor) = page["cursor"].as_str() else { break };
        path = format!("/api/workflows?limit=2&cursor={cursor}");
    }
    slugs.sort();
    assert_eq!(slugs, ["flow-0", "flow-1", "flow-2", "flow-3", "flow-4"]);
    world.ask(&world.bob, "POST", "/api/workflows/flow-3/disable", None).await;
    let count =
        async |query: &str| get(&world, &format!("/api/workflows?{query}")).await["items"].as_array().map(Vec::len);
    assert_eq!(count("tag=t1").await, Some(2));
    assert_eq!(count("enabled=false").await, Some(1));
    assert_eq!(count("q=FLOW-4").await, Some(1));
    assert_eq!(count("q=flow%20t0").await, Some(3));
    assert_eq!(count("q=nothing").await, Some(0));
    let page = get(&world, "/api/workflows?tag=t0&limit=1").await;
    assert!(page["cursor"].is_string(), "the next fitting row is on the next page");
    assert_eq!(world.ask(&world.bob, "GET", "/api/workflows?colour=red", None).await.1["code"], "query_invalid");
}

#[actix_web::test]
async fn versions_are_listed_compared_and_brought_back() {
    let world = World::start().await;
    let first = sync(&world, &greet("hello")).await["version"]["hash"].as_str().expect("a hash").to_owned();
    let second = sync(&world, &greet("goodbye")).await["version"]["hash"].as_str().expect("a hash").to_owned();
    let versions = get(&world, "/api/workflows/greet/versions").await;
    let rows: Vec<_> =
        versions["items"].as_array().expect("rows").iter().map(|row| (&row["hash"], &row["current"])).collect();
    assert_eq!(rows, [(&json!(second), &json!(true)), (&json!(first), &json!(false))]);

    let short = &first["sha256:".len()..][..12];
    let old = get(&world, &format!("/api/workflows/greet/versions/{short}")).await;
    assert_eq!(old["definition"]["steps"][0]["command"], "echo hello");
    let diff = get(&world, &format!("/api/workflows/greet/diff?from={short}")).await;
    let change =
        json!([{"what": "steps.say.command", "change": "changed", "before": "echo hello", "after": "echo goodbye"}]);
    assert_eq!(diff["changes"], change);

    let to = |hash: &str| Some(json!({ "hash": hash }));
    let (status, back) = world.ask(&world.bob, "POST", "/api/workflows/greet/rollback", to(short)).await;
    assert_eq!((status, &back["outcome"], &back["version"]["source"]), (200, &json!("updated"), &json!("rollback")));
    let (_, again) = world.ask(&world.bob, "POST", "/api/workflows/greet/rollback", to(&first)).await;
    assert_eq!(again["outcome"], "already_at_version");
    for (hash, status, code) in [("abc", 422, "hash_invalid"), (&"0".repeat(64)[..], 404, "version_unknown")] {
        let (found, problem) = world.ask(&world.bob, "POST", "/api/workflows/greet/rollback", to(hash)).await;
        assert_eq!((found, &problem["code"]), (status, &json!(code)));
    }
}

#[actix_web::test]
async fn somebody_elses_change_is_not_overwritten() {
    let world = World::start().await;
    let first = sync(&world, &greet("1")).await["version"]["hash"].as_str().expect("a hash").to_owned();
    sync(&world, &greet("2")).await;
    let seen = format!("\"{first}\"");
    let put = async |tag: String| {
        send(&world, &world.bob, "PUT", "/api/workflows/greet", &greet("3"), &[("if-match", &tag)]).await
    };
    let (status, problem) = put(seen).await;
    assert_eq!((status, &problem["code"]), (412, &json!("version_moved")));
    assert_eq!(put("nonsense".into()).await.1["code"], "if_match_invalid");
    let current = get(&world, "/api/workflows/greet").await["hash"].as_str().expect("a hash").to_owned();
    assert_eq!(put(format!("\"{current}\"")).await.0, 200);
}

#[actix_web::test]
async fn a_resend_with_its_key_changes_nothing_more() {
    let world = World::start().await;
    let keyed = async |text: &str| {
        send(&world, &world.bob, "POST", "/api/workflows/sync", text, &[("idempotency-key", "k")]).await
    };
    let first = keyed(&greet("1")).await;
    sync(&world, &greet("2")).await;
    let again = keyed(&greet("1")).await;
    assert_eq!((again.0, &again.1["outcome"]), (first.0, &first.1["outcome"]), "it is answered as then");
    let view = get(&world, "/api/workflows/greet").await;
    assert_eq!(view["definition"]["steps"][0]["command"], "echo 2");
    let other = keyed(&greet("3")).await;
    assert_eq!((other.0, &other.1["code"]), (409, &json!("request_reused")));
}

#[actix_web::test]
async fn fields_are_changed_and_checked() {
    let world = World::start().await;
    sync(&world, &greet("hello")).await;
    let patch = |body: Value| world.ask(&world.bob, "PATCH", "/api/workflows/greet", Some(body));
    assert_eq!(patch(json!({"description": "Says hello", "tags": ["daily"]})).await.1["outcome"], "updated");
    assert_eq!(get(&world, "/api/workflows/greet").await["description"], "Says hello");
    patch(json!({"description": null})).await;
    let view = get(&world, "/api/workflows/greet").await;
    assert_eq!((&view["description"], &view["tags"]), (&Value::Null, &json!(["daily"])));
    let (status, problem) = patch(json!({"version": "newest"})).await;
    assert_eq!((status, &problem["errors"][0]["path"]), (422, &json!("workflow.version")), "{problem}");
    assert_eq!(patch(json!({"slug": "other"})).await.1["code"], "json_invalid");
}

#[actix_web::test]
async fn a_deleted_workflow_is_gone_until_it_is_synced_again() {
    let world = World::start().await;
    let first = sync(&world, &greet("hello")).await;
    assert_eq!(world.ask(&world.bob, "DELETE", "/api/workflows/greet", None).await.0, 204);
    let (status, problem) = world.ask(&world.bob, "GET", "/api/workflows/greet", None).await;
    assert_eq!((status, &problem["code"]), (404, &json!("workflow_deleted")));
    assert_eq!(get(&world, "/api/workflows").await["items"], json!([]));
    let back = sync(&world, &greet("goodbye")).await;
    assert_eq!((&back["outcome"], &back["id"]), (&json!("created"), &first["id"]));
    assert_eq!(get(&world, "/api/workflows/greet/versions").await["items"].as_array().map(Vec::len), Some(2));
}

#[actix_web::test]
async fn a_proposal_is_looked_at_approved_and_applied() {
    let world = World::start().await;
    let base = sync(&world, &greet("hello")).await["version"]["hash"].clone();
    let propose = |words: &str| Some(json!({ "base": base, "text": greet(words), "note": "please" }));
    let (status, made) = world.ask(&world.bob, "POST", "/api/workflows/greet/proposals", propose("hi")).await;
    assert_eq!((status, &made["status"]), (201, &json!("pending")));
    let path = format!("/api/workflows/greet/proposals/{}", made["id"].as_str().expect("an id"));
    let shown = get(&world, &path).await;
    assert_eq!((&shown["note"], &shown["changes"][0]["after"]), (&json!("please"), &json!("echo hi")));
    assert_eq!(get(&world, "/api/workflows/greet").await["proposals"], 1);

    let apply = format!("{path}/apply");
    assert_eq!(world.ask(&world.bob, "POST", &apply, None).await.1["code"], "proposal_not_approved");
    let review = Some(json!({"approve": true}));
    let (_, reviewed) = world.ask(&world.bob, "POST", &format!("{path}/review"), review).await;
    assert_eq!((&reviewed["status"], &reviewed["reviewed_by"]["name"]), (&json!("approved"), &json!("bob")));
    let (status, saved) = world.ask(&world.bob, "POST", &apply, None).await;
    assert_eq!(
        (status, &saved["outcome"], &saved["version"]["source"]),
        (200, &json!("updated"), &json!("proposal_apply"))
    );
    assert_eq!(get(&world, &path).await["status"], "applied");

    let (status, problem) = world.ask(&world.bob, "POST", "/api/workflows/greet/proposals", propose("ho")).await;
    assert_eq!((status, &problem["code"]), (412, &json!("version_moved")), "the base has moved");
}

#[actix_web::test]
async fn an_approved_proposal_fails_when_the_workflow_has_changed() {
    let world = World::start().await;
    let base = sync(&world, &greet("hello")).await["version"]["hash"].clone();
    let body = Some(json!({ "base": base, "text": greet("hi") }));
    let (_, made) = world.ask(&world.bob, "POST", "/api/workflows/greet/proposals", body).await;
    let path = format!("/api/workflows/greet/proposals/{}", made["id"].as_str().expect("an id"));
    world.ask(&world.bob, "POST", &format!("{path}/review"), Some(json!({"approve": true}))).await;
    sync(&world, &greet("changed")).await;
    let (status, problem) = world.ask(&world.bob, "POST", &format!("{path}/apply"), None).await;
    assert_eq!((status, &problem["code"]), (409, &json!("proposal_failed")));
    assert_eq!(get(&world, &path).await["status"], "failed");
}

#[actix_web::test]
async fn the_schema_is_published() {
    let world = World::start().await;
    let schema = get(&world, "/schema/workflow.json").await;
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
}

/// Returns the state as the journal alone tells it.
async fn folded(runtime: &Runtime, owner: UserId) -> Value {
    let id = workflow_id(owner, &"greet".parse().expect("a slug"));
    let last = runtime.store.last_record(EntityKey::new(Kind::Workflow, id)).expect("it reads").expect("a record").0;
    let inspect = runtime.inspect(Kind::Workflow);
    inspect.state_at(id.0, last).await.expect("it folds")
}

#[actix_web::test]
async fn a_workflow_that_slept_is_what_it_was() {
    let world = World::start().await;
    sync(&world, &greet("hello")).await;
    sync(&world, &greet("goodbye")).await;
    let before = get(&world, "/api/workflows/greet").await;
    let id = workflow_id(world.bob.user, &"greet".parse().expect("a slug"));
    world.runtime.workflows.passivate(id);
    assert_eq!(get(&world, "/api/workflows/greet").await, before);
    let state = world.runtime.workflows.look(id).await.expect("it is there").state;
    assert_eq!(folded(&world.runtime, world.bob.user).await, serde_json::to_value(state.as_ref()).expect("it is data"));
}
