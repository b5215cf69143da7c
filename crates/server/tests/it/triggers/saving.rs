//! Triggers are saved by name, once; everything that is wrong is told at once; nobody sees another's.

use serde_json::{Value, json};

use super::*;

#[actix_web::test]
async fn a_trigger_is_made_changed_and_left_as_it_is() {
    let world = World::start().await;
    greet(&world).await;
    let (status, first) = send(&world, &world.bob, "POST", "/api/triggers/sync", &nightly("")).await;
    assert_eq!((status, &first["outcome"], &first["revision"]), (201, &json!("created"), &json!(1)), "{first}");
    assert!(first["next"]["shown"].as_str().is_some_and(|shown| shown.ends_with("03:00")), "{first}");
    assert_eq!(sync(&world, &nightly("")).await["outcome"], "unchanged");
    // Another case is the same trigger; what is left out stays.
    let renamed = sync(&world, "name: NIGHTLY\ntype: schedule\ncron: '0 4 * * *'\n").await;
    assert_eq!(
        (&renamed["outcome"], &renamed["id"], &renamed["revision"]),
        (&json!("updated"), &first["id"], &json!(2))
    );
    let view = ask(&world, "GET", "/api/triggers/nightly", None).await;
    assert_eq!((&view["definition"]["timezone"], &view["name"]), (&json!("Europe/Berlin"), &json!("NIGHTLY")));
    assert_eq!(view["by"]["name"], "bob");
    let by_id = ask(&world, "GET", &format!("/api/triggers/{}", first["id"].as_str().unwrap()), None).await;
    assert_eq!(by_id, view);
    // What is shown can be sent back.
    let (_, same) = world.ask(&world.bob, "PATCH", "/api/triggers/nightly", Some(view["definition"].clone())).await;
    assert_eq!(same["outcome"], "unchanged", "{same}");
    let page = ask(&world, "GET", "/api/triggers?type=schedule&enabled=true&workflow=greet", None).await;
    assert_eq!(page["items"][0]["id"], first["id"]);
    assert_eq!(page["items"][0]["next_at"], view["next_at"]);
    for none in ["type=manual", "enabled=false", "workflow=other"] {
        assert_eq!(ask(&world, "GET", &format!("/api/triggers?{none}"), None).await["items"], json!([]), "{none}");
    }
    assert_eq!(refused(&world, "GET", "/api/triggers?kind=manual", None).await, (400, "query_invalid".into()));
}

#[actix_web::test]
async fn every_mistake_is_told_at_once_with_its_place() {
    let world = World::start().await;
    let wrong = "name: ''\ntype: schedule\ncron: '61 3 * * *'\ntimezone: Europe/Berlinn\nworkflow: nowhere\ncolour: red\noverlap: maybe\n";
    let (status, problem) = send(&world, &world.bob, "POST", "/api/triggers/sync", wrong).await;
    assert_eq!((status, &problem["code"]), (422, &json!("trigger_invalid")));
    let errors = problem["errors"].as_array().expect("errors");
    for field in ["name", "cron", "timezone", "workflow", "colour", "overlap"] {
        let found = errors.iter().find(|error| error["path"] == format!("trigger.{field}"));
        assert!(found.is_some_and(|error| error["line"].is_u64()), "{field}: {problem:#}");
    }
    let zone = errors.iter().find(|error| error["code"] == "unknown_zone").expect("the zone");
    assert!(zone["fix"].as_str().is_some_and(|fix| fix.contains("Europe/Berlin")), "{zone}");
    let (_, told) = send(&world, &world.bob, "POST", "/api/triggers/validate", wrong).await;
    assert_eq!((&told["valid"], &told["mistakes"]), (&json!(false), &problem["errors"]));

    greet(&world).await;
    let inputs = nightly("inputs: {whom: ann}\n");
    let (status, problem) = send(&world, &world.bob, "POST", "/api/triggers/sync", &inputs).await;
    assert_eq!((status, &problem["errors"][0]["code"]), (422, &json!("unknown_input")), "{problem}");
    let typo = nightly("").replace("workflow: greet", "workflow: gret");
    let (_, problem) = send(&world, &world.bob, "POST", "/api/triggers", &typo).await;
    let error = &problem["errors"][0];
    assert_eq!((&error["code"], &error["line"]), (&json!("unknown_workflow"), &json!(5)), "{problem}");
    assert!(error["fix"].as_str().is_some_and(|fix| fix.contains("greet")), "{error}");
    for body in ["", "- 1\n", "{", "name: [\n"] {
        let (status, problem) = send(&world, &world.bob, "POST", "/api/triggers/sync", body).await;
        assert_eq!((status, &problem["code"]), (422, &json!("trigger_invalid")), "{body:?}");
    }
    assert_eq!(ask(&world, "GET", "/api/triggers", None).await["items"], json!([]), "nothing is stored");

    let (_, told) = send(&world, &world.bob, "POST", "/api/triggers/validate", &nightly("")).await;
    assert_eq!((&told["valid"], &told["outcome"], &told["name"]), (&json!(true), &json!("created"), &json!("nightly")));
    sync(&world, &nightly("")).await;
    let (_, told) = send(&world, &world.bob, "POST", "/api/triggers/validate", &nightly("enabled: false\n")).await;
    assert_eq!(told["outcome"], "updated");
}

#[actix_web::test]
async fn a_revision_that_has_moved_and_a_name_that_is_taken_are_refused() {
    let world = World::start().await;
    greet(&world).await;
    let (status, made) = send(&world, &world.bob, "POST", "/api/triggers", &nightly("")).await;
    assert_eq!((status, &made["outcome"]), (201, &json!("created")));
    let other = nightly("").replace("nightly", "Nightly").replace("0 3", "0 5");
    let (status, problem) = send(&world, &world.bob, "POST", "/api/triggers", &other).await;
    assert_eq!((status, &problem["code"], &problem["field"]), (409, &json!("name_taken"), &json!("name")));
    let path = "/api/triggers/sync?expected_revision=7";
    let (status, problem) = send(&world, &world.bob, "POST", path, &nightly("enabled: false\n")).await;
    assert_eq!((status, &problem["code"]), (412, &json!("revision_moved")));
    let seen = |tag: &'static str| {
        let world = &world;
        async move {
            let (path, off) = ("/api/triggers/nightly", "enabled: false\n");
            workflows::send(world, &world.bob, "PATCH", path, off, &[("if-match", tag)]).await
        }
    };
    assert_eq!(seen("\"9\"").await.0, 412);
    assert_eq!(seen("abc").await.1["code"], "if_match_invalid");
    assert_eq!(seen("\"1\"").await.1["outcome"], "updated");
    assert_eq!(seen("\"1\"").await.1["outcome"], "unchanged", "what is so already is nobody's matter");
    let (_, view) = world.ask(&world.bob, "GET", "/api/triggers/nightly", None).await;
    assert_eq!(view["enabled"], false);
    // A file that does not say `enabled` leaves it as it is.
    assert_eq!(sync(&world, &nightly("")).await["outcome"], "unchanged");
    let key = |text: String| {
        let world = &world;
        async move {
            let headers = [("idempotency-key", "once")];
            workflows::send(world, &world.bob, "POST", "/api/triggers/sync", &text, &headers).await
        }
    };
    let first = key(nightly("enabled: true\n")).await;
    assert_eq!(key(nightly("enabled: true\n")).await, first, "the same request has the same answer");
    assert_eq!(key(nightly("enabled: false\n")).await.1["code"], "request_reused");
}

#[actix_web::test]
async fn nobody_sees_or_changes_the_triggers_of_another_but_administrators_do() {
    let world = World::start().await;
    greet(&world).await;
    let id = sync(&world, &nightly("")).await["id"].as_str().expect("an id").to_owned();
    let eve = world.person("eve").await;
    for path in ["nightly".to_owned(), id.clone(), format!("{id}?owner=bob"), "nightly?owner=bob".to_owned()] {
        for method in ["GET", "DELETE"] {
            let (status, problem) = world.ask(&eve, method, &format!("/api/triggers/{path}"), None).await;
            assert_eq!((status, &problem["code"]), (404, &json!("trigger_unknown")), "{method} {path}");
        }
    }
    let (status, problem) = world.ask(&eve, "GET", "/api/triggers?owner=nobody", None).await;
    assert_eq!((status, &problem["code"]), (404, &json!("trigger_unknown")), "not even who there is");
    assert_eq!(world.ask(&eve, "GET", "/api/triggers", None).await.1["items"], json!([]));
    assert_eq!(world.ask(&world.ann, "GET", &format!("/api/triggers/{id}"), None).await.0, 404, "it is not ann's own");
    let (status, view) = world.ask(&world.ann, "GET", "/api/triggers/NIGHTLY?owner=bob", None).await;
    assert_eq!((status, &view["id"], &view["owner"]), (200, &json!(id), &json!(world.bob.user)));
    let (status, row) = world.ask(&world.ann, "POST", "/api/triggers/nightly/disable?owner=bob", None).await;
    assert_eq!((status, &row["enabled"]), (200, &json!(false)));
    let (status, problem) = world.ask(&world.ann, "GET", "/api/triggers?owner=nobody", None).await;
    assert_eq!((status, &problem["code"]), (404, &json!("user_unknown")));
    // What an administrator saves for somebody runs that person's workflows.
    let (status, _) =
        send(&world, &world.ann, "POST", "/api/triggers/sync?owner=bob", &nightly("enabled: true\n")).await;
    assert_eq!(status, 200);
    let anonymous = world.send(world.request("GET", "/api/triggers")).await;
    assert_eq!(anonymous.0, 401);
}

#[actix_web::test]
async fn names_with_odd_signs_are_found_and_lists_go_on_where_they_ended() {
    let world = World::start().await;
    greet(&world).await;
    for name in ["100 % + süß?", "b", "c", "d"] {
        sync(&world, &format!("name: '{name}'\ntype: manual\nworkflow: greet\n")).await;
    }
    let view = ask(&world, "GET", "/api/triggers/100%20%25%20%2B%20S%C3%9CSS%3F", None).await;
    assert_eq!((&view["name"], view.get("address")), (&json!("100 % + süß?"), None));
    let rows = all(&world, "/api/triggers", 2).await;
    assert_eq!(each(&rows, "name"), ["d", "c", "b", "100 % + süß?"].map(Value::from));
}

#[actix_web::test]
async fn the_feed_and_the_descriptions_know_triggers() {
    let world = World::start().await;
    greet(&world).await;
    sync(&world, &nightly("")).await;
    let mut feed = world.open("/api/feed", "tenure.feed.v1", Some(&world.bob.token)).await.expect("it opens");
    let snapshot = feed.until("snapshot").await;
    let rows = snapshot["rows"].as_array().expect("rows");
    assert!(rows.iter().any(|row| row["list"] == "trigger" && row["row"]["name"] == "nightly"), "{snapshot}");
    ask(&world, "POST", "/api/triggers/nightly/disable", None).await;
    loop {
        let news = feed.until("row").await;
        if news["row"]["list"] == "trigger" {
            assert_eq!(news["row"]["row"]["enabled"], false);
            break;
        }
    }
    let schema = ask(&world, "GET", "/schema/trigger.json", None).await;
    assert_eq!(schema["title"], "Tenure trigger");
    let api = ask(&world, "GET", "/api/openapi.json", None).await;
    assert!(api["paths"]["/api/triggers/{trigger}/why"]["get"].is_object());
    assert_eq!(api["paths"]["/webhooks/{address}"]["post"]["security"], json!([]));
}
