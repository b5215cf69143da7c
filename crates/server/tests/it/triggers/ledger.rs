//! The ledger: nothing skipped from page to page, filtered by outcome, shown with what was delivered, and replayed.

use serde_json::json;
use tenure_model::Span;
use tenure_runtime::{Clock, Retention};
use tenure_workflow::definition::parse_instant;

use super::*;

#[actix_web::test]
async fn pages_skip_nothing_and_filters_hold() {
    let world = World::start().await;
    greet(&world).await;
    let (one, _) = webhook(&world, "one", "none", "").await;
    let need = "mapping: {who: {path: '$.who', required: true}}\n";
    let (two, _) = webhook(&world, "two", "none", need).await;
    let mut firings = vec![];
    for n in 0..7 {
        for path in [&one, &two] {
            let body = if n % 2 == 0 { json!({ "who": "ann", "n": n }) } else { json!({ "n": n }) };
            let (status, said) = deliver(&world, path, &body.to_string(), &[]).await;
            assert_eq!(status, 202, "{said}");
            firings.push(said["firings"][0].clone());
        }
    }
    firings.reverse();
    for limit in [1, 3, 14, 50] {
        assert_eq!(each(&all(&world, "/api/triggers/deliveries", limit).await, "firing"), firings, "pages of {limit}");
    }
    let of_two = all(&world, "/api/triggers/two/deliveries", 2).await;
    let outcomes = ["matched", "error", "matched", "error", "matched", "error", "matched"];
    assert_eq!(each(&of_two, "outcome"), outcomes.map(Value::from));
    let wrong = all(&world, "/api/triggers/deliveries?outcome=error", 2).await;
    assert_eq!(wrong.len(), 3);
    assert!(wrong[0]["reason"].as_str().is_some_and(|reason| reason.contains("$.who")), "{}", wrong[0]);
    for (query, code) in
        [("cursor=x", "cursor_invalid"), ("outcome=odd", "query_invalid"), ("limit=0", "limit_invalid")]
    {
        assert_eq!(
            refused(&world, "GET", &format!("/api/triggers/one/deliveries?{query}"), None).await,
            (400, code.into())
        );
    }
}

#[actix_web::test]
async fn one_record_with_many_entries_is_read_in_pages() {
    let world = World::start().await;
    greet(&world).await;
    for n in 0..5 {
        sync(&world, &format!("name: t{n}\ntype: github\nrepos: ann/site\nevents: issues\nworkflow: greet\n")).await;
    }
    let (path, secret) = github_secret(&world).await;
    let body = r#"{"repository":{"full_name":"ann/site"}}"#;
    let signature = format!("sha256={}", hmac(&secret, body));
    let headers = [("x-github-event", "push"), ("x-hub-signature-256", signature.as_str())];
    assert_eq!(deliver(&world, &path, body, &headers).await.0, 202);
    let whole = all(&world, "/api/triggers/deliveries", 50).await;
    assert_eq!(whole.len(), 5, "{whole:?}");
    assert_eq!(all(&world, "/api/triggers/deliveries", 2).await, whole);
    assert_eq!(all(&world, "/api/triggers/t3/deliveries", 1).await.len(), 1, "only its own");
}

#[actix_web::test]
async fn a_firing_is_one_entry_however_often_it_was_decided() {
    let world = World::start().await;
    greet(&world).await;
    let (path, _) = webhook(&world, "hook", "none", "overlap: cancel_running\n").await;
    let mut firings = vec![];
    for n in 0..3 {
        let (_, said) = deliver(&world, &path, &n.to_string(), &[]).await;
        firings.insert(0, said["firings"][0].clone());
    }
    // The second waits for the first, until the third takes its place.
    let ledger = all(&world, "/api/triggers/hook/deliveries", 50).await;
    assert_eq!(each(&ledger, "firing"), firings);
    assert_eq!(each(&ledger[1..], "outcome"), ["replaced", "matched"].map(Value::from), "the third waits, or goes on");
    assert_eq!(each(&all(&world, "/api/triggers/hook/deliveries", 1).await, "firing"), firings);
    assert_eq!(all(&world, "/api/triggers/hook/deliveries?outcome=replaced", 1).await.len(), 1);
}

#[actix_web::test]
async fn a_delivery_is_replayed_by_what_the_trigger_says_now() {
    let world = World::start().await;
    greet(&world).await;
    let (path, _) = webhook(&world, "hook", "none", "mapping: {who: '$.a'}\n").await;
    let (_, said) = deliver(&world, &path, r#"{"a":"ann","b":"bob"}"#, &[]).await;
    let firing = said["firings"][0].as_str().expect("a firing").to_owned();
    webhook(&world, "hook", "none", "mapping: {who: '$.b'}\n").await;
    let path = format!("/api/triggers/hook/deliveries/{firing}/replay");
    let again = |key: &'static str| world.ask_keyed(&world.bob, "POST", &path, None, Some(key));
    let (status, replayed) = again("k").await;
    assert!(status == 202 && replayed["firing"] != firing.as_str(), "{status}: {replayed}");
    assert_eq!(again("k").await.1, replayed);
    let shown = format!("/api/triggers/hook/deliveries/{}", replayed["firing"].as_str().expect("an id"));
    let view = ask(&world, "GET", &shown, None).await;
    assert_eq!(
        (&view["inputs"], &view["cause"]["kind"], &view["cause"]["of"]),
        (&json!({ "who": "bob" }), &json!("replay"), &json!(firing))
    );
    assert_eq!(view["delivered"]["body"], r#"{"a":"ann","b":"bob"}"#);

    let ran = ask(&world, "POST", "/api/triggers/hook/run", None).await;
    let by_hand = format!("/api/triggers/hook/deliveries/{}/replay", ran["firing"].as_str().expect("an id"));
    assert_eq!(refused(&world, "POST", &by_hand, None).await, (409, "delivery_not_kept".into()));
    sync(&world, "name: other\ntype: manual\nworkflow: greet\n").await;
    for wrong in
        [shown.replace("hook", "other"), "/api/triggers/hook/deliveries/00000000-0000-7000-8000-000000000001".into()]
    {
        assert_eq!(refused(&world, "GET", &wrong, None).await, (404, "delivery_unknown".into()), "{wrong}");
    }
}

#[actix_web::test]
async fn what_a_delivery_would_do_is_told_and_not_done() {
    let world = World::start().await;
    greet(&world).await;
    webhook(&world, "hook", "hmac", "mapping: {who: {path: '$.user', type: string, required: true}}\n").await;
    let test = |body: Value| ask(&world, "POST", "/api/triggers/hook/test", Some(body));
    let told = test(json!({ "payload": { "user": "ann" } })).await;
    assert_eq!(
        (&told["fires"], &told["inputs"]["who"], &told["workflow"]),
        (&json!(true), &json!("ann"), &json!("greet")),
        "{told}"
    );
    assert_eq!(told["inputs"]["_payload"], json!({ "user": "ann" }), "the workflow asks for it");
    let told = test(json!({ "payload": {} })).await;
    assert!(told["fires"] == false && told["why"][0].as_str().expect("why").contains("$.user"), "{told}");
    ask(&world, "POST", "/api/triggers/hook/disable", None).await;
    assert_eq!(test(json!({ "payload": { "user": "ann" } })).await["why"], json!(["the trigger is switched off"]));
    sync(
        &world,
        "name: hub\ntype: github\nrepos: ann/site\nevents: pull_request.merged\nprompt: 'see {{ payload.number }}'\n",
    )
    .await;
    let merged = json!({ "event": "pull_request", "payload": {
        "number": 7, "action": "closed", "pull_request": { "merged": true }, "repository": { "full_name": "ann/site" },
    } });
    let told = ask(&world, "POST", "/api/triggers/hub/test", Some(merged)).await;
    assert_eq!((&told["fires"], &told["prompt"]), (&json!(true), &json!("see 7")), "{told}");
    assert_eq!(told["events"], json!(["pull_request", "pull_request.closed", "pull_request.merged"]));
    let push = ask(
        &world,
        "POST",
        "/api/triggers/hub/test",
        Some(json!({ "event": "push", "payload": { "repository": { "full_name": "ann/site" } } })),
    )
    .await;
    assert_eq!((&push["fires"], &push["why"]), (&json!(false), &json!(["it is push"])));
    assert_eq!(all(&world, "/api/triggers/deliveries", 50).await, Vec::<Value>::new(), "nothing was done");
}

#[actix_web::test]
async fn what_has_outlived_its_use_is_forgotten_and_said_to_be() {
    let start = parse_instant("2026-11-20T12:00:00Z").expect("an instant");
    let world = World::with_both(
        |_| {},
        |inside| {
            inside.clock = Clock::at(start);
            inside.snapshot_every = 1;
            inside.retention = Retention { span: Span::hours(24), records_max: 1_000 };
        },
    );
    let world = world.await;
    greet(&world).await;
    let (path, _) = webhook(&world, "hook", "none", "overlap: allow\n").await;
    let mut firings = vec![];
    for hours in [0, 30, 1, 1] {
        world.runtime.clock.advance(Span::hours(hours));
        let (status, said) = deliver(&world, &path, &json!({ "who": firings.len() }).to_string(), &[]).await;
        assert_eq!(status, 202, "{said}");
        firings.push(said["firings"][0].clone());
    }
    // Each is answered after what was to be tidied up before it.
    for _ in 0..2 {
        ask(&world, "POST", "/api/triggers/hook/disable", None).await;
        ask(&world, "POST", "/api/triggers/hook/enable", None).await;
    }
    let left = all(&world, "/api/triggers/hook/deliveries", 1).await;
    assert_eq!(each(&left, "firing"), [firings[3].clone(), firings[2].clone(), firings[1].clone()]);
    let of = |firing: &Value| format!("/api/triggers/hook/deliveries/{}", firing.as_str().expect("an id"));
    assert_eq!(refused(&world, "GET", &of(&firings[0]), None).await, (404, "delivery_unknown".into()));
    let replay = format!("{}/replay", of(&firings[0]));
    assert_eq!(refused(&world, "POST", &replay, None).await, (404, "delivery_unknown".into()));
    assert_eq!(ask(&world, "GET", &of(&firings[1]), None).await["delivered"]["body"], r#"{"who":1}"#);
    let why = ask(&world, "GET", "/api/triggers/hook/why?at=2026-11-20T12:00:00Z", None).await;
    assert_eq!(why["code"], "forgotten", "{why}");
    let why = ask(&world, "GET", "/api/triggers/hook/why?at=2026-11-20T11:00:00Z", None).await;
    assert_eq!(why["code"], "not_made", "its own changes are kept for good");
    assert_eq!(all(&world, "/api/triggers/hook/history", 50).await.len(), 5);
    let (status, inside) =
        world.ask(&world.ann, "GET", &format!("/admin/entities/scheduler/{}", world.bob.user), None).await;
    assert!(status == 200 && inside["floor"].as_u64() > Some(1), "{inside}");
}
