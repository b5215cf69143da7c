//! Webhooks: taken once, only from whom they believe, bounded; strangers leave no trace.

use serde_json::json;

use super::*;

/// How many commits there are in the store.
async fn position(world: &World) -> u64 {
    let page = world.send(world.request("GET", "/metrics")).await.1;
    let line = page.as_str().expect("a page").lines().find(|line| line.starts_with("tenure_position "));
    line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).expect("a figure")
}

async fn counted(world: &World, outcome: &str) -> u64 {
    let page = world.send(world.request("GET", "/metrics")).await.1;
    let start = format!("tenure_webhooks_total{{outcome=\"{outcome}\"}} ");
    let line = page.as_str().expect("a page").lines().find_map(|line| line.strip_prefix(&start).map(str::to_owned));
    line.map_or(0, |count| count.parse().expect("a figure"))
}

#[actix_web::test]
async fn a_delivery_starts_one_run_however_often_and_at_once_it_comes() {
    let world = World::start().await;
    greet(&world).await;
    let (path, secret) = webhook(&world, "hook", "hmac", "mapping: {who: '$.user.name'}\n").await;
    let body = r#"{"user":{"name":"ann"}}"#;
    let signature = hmac(&secret, body);
    let signed = [("x-webhook-signature", signature.as_str())];
    let one = || deliver(&world, &path, body, &signed);
    let answers = futures_util::future::join_all((0..8).map(|_| one())).await;
    assert_eq!(answers.iter().filter(|(status, _)| *status == 202).count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|(status, said)| *status == 200 && said["duplicate"] == true).count(), 7);
    assert!(answers.iter().all(|(_, said)| said["firings"] == answers[0].1["firings"]), "{answers:?}");
    assert!(answers.iter().all(|(_, said)| said["executions"] == answers[0].1["executions"]), "{answers:?}");

    let firing = answers[0].1["firings"][0].as_str().expect("a firing");
    let view = ask(&world, "GET", &format!("/api/triggers/hook/deliveries/{firing}"), None).await;
    assert_eq!((&view["inputs"], &view["delivered"]["body"]), (&json!({ "who": "ann" }), &json!(body)));
    assert_eq!((&view["outcome"], &view["execution"]), (&json!("matched"), &answers[0].1["executions"][0]));
    assert_eq!(view["cause"]["keyed_by"], "bytes", "the ledger says that equal bytes are one");
    assert!(!view.to_string().contains(&signature), "no credential is kept: {view}");
    assert_eq!((counted(&world, "taken").await, counted(&world, "duplicate").await), (1, 7));
}

#[actix_web::test]
async fn what_is_not_believed_leaves_no_trace() {
    let world = World::start().await;
    greet(&world).await;
    let (path, secret) = webhook(&world, "hook", "hmac", "content_types: application/json\n").await;
    let (other, _) = webhook(&world, "other", "hmac", "").await;
    let signature = hmac(&secret, "{}");
    let signed = [("x-webhook-signature", signature.as_str())];
    let (from, before) = (position(&world).await, ask(&world, "GET", "/api/triggers/deliveries", None).await);
    let mut forged = path.clone().into_bytes();
    let last = forged.len() - 5;
    forged[last] = if forged[last] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).expect("text");
    for unknown in ["/webhooks/nightly", "/webhooks/AAAA", forged.as_str(), "/webhooks/%00"] {
        let (status, problem) = deliver(&world, unknown, "{}", &signed).await;
        assert_eq!((status, &problem["code"]), (404, &json!("webhook_unknown")), "{unknown}");
    }
    let wrong = hmac("guess", "{}");
    for headers in [
        &[][..],
        &[("x-webhook-signature", wrong.as_str())],
        &[("x-webhook-signature", "")],
        &[("authorization", "Bearer x")],
    ] {
        let (status, problem) = deliver(&world, &path, "{}", headers).await;
        assert_eq!((status, &problem["code"]), (401, &json!("webhook_unproven")), "{headers:?}");
        assert!(!problem.to_string().contains("header"), "which part was wrong is not told: {problem}");
    }
    assert_eq!(deliver(&world, &other, "{}", &signed).await.0, 401, "the secret of another trigger");
    assert_eq!(deliver(&world, &path, "{ }", &signed).await.0, 401, "another body");
    let get = world.request("GET", &path).header("x-webhook-signature", &signature);
    let answer = get.send().await.expect("an answer");
    assert!(answer.status().as_u16() == 405 && answer.headers()["allow"] == "POST", "{answer:?}");
    let text =
        world.request("POST", &path).header("x-webhook-signature", &signature).header("content-type", "text/plain");
    let (status, problem) = world.send(text.body("{}")).await;
    assert_eq!((status, &problem["code"]), (415, &json!("webhook_content_type")));
    for size in [1024 * 1024 + 1, 20 << 20] {
        let (status, problem) = deliver(&world, &path, &"x".repeat(size), &signed).await;
        assert_eq!((status, &problem["code"], &problem["limit"]), (413, &json!("body_too_large"), &json!(1024 * 1024)));
    }
    assert_eq!(position(&world).await, from, "nothing was written");
    assert_eq!(ask(&world, "GET", "/api/triggers/deliveries", None).await, before);
    assert_eq!((counted(&world, "webhook_unknown").await, counted(&world, "webhook_unproven").await), (4, 6));

    let (status, problem) = deliver(&world, &path, "{", &[("x-webhook-signature", &hmac(&secret, "{"))]).await;
    assert_eq!((status, &problem["code"]), (422, &json!("payload_invalid")), "who is believed is told what is wrong");
    ask(&world, "POST", "/api/triggers/hook/disable", None).await;
    assert_eq!(deliver(&world, &path, "{}", &signed).await.1["code"], "webhook_unknown", "switched off");
    ask(&world, "POST", "/api/triggers/hook/enable", None).await;
    assert_eq!(deliver(&world, &path, "{}", &signed).await.0, 202);
    ask(&world, "DELETE", "/api/triggers/hook", None).await;
    assert_eq!(deliver(&world, &path, "{}", &signed).await.1["code"], "webhook_unknown", "deleted");
}

#[actix_web::test]
async fn who_calls_too_fast_is_told_when_to_come_back() {
    let world = World::start().await;
    greet(&world).await;
    let (path, _) = webhook(&world, "hook", "none", "rate_per_minute: 2\ndedup_window: 0s\n").await;
    for _ in 0..2 {
        assert_eq!(deliver(&world, &path, "{}", &[]).await.0, 202);
    }
    let answer = world.request("POST", &path).body("{}").send().await.expect("an answer");
    let wait: u64 = answer.headers()["retry-after"].to_str().expect("text").parse().expect("seconds");
    assert!(answer.status().as_u16() == 429 && (1..=60).contains(&wait), "{wait}");
    assert_eq!(all(&world, "/api/triggers/hook/deliveries", 50).await.len(), 2, "refused calls fill no ledger");

    let strict = World::with(|options| options.webhook_calls_per_minute_max = 3).await;
    greet(&strict).await;
    let (path, _) = webhook(&strict, "hook", "hmac", "").await;
    for _ in 0..3 {
        assert_eq!(deliver(&strict, &path, "{}", &[]).await.0, 401);
    }
    let (status, problem) = deliver(&strict, &path, "{}", &[]).await;
    assert_eq!((status, &problem["code"]), (429, &json!("webhooks_too_fast")), "guessing is bounded as well");
}

#[actix_web::test]
async fn bodies_share_a_bounded_room_and_come_in_time() {
    let world = World::with(|options| {
        options.webhook_bytes_max = 1_000;
        options.webhook_read_ms = tenure_model::Span::ms(50);
    });
    let world = world.await;
    greet(&world).await;
    let (path, _) = webhook(&world, "hook", "none", "").await;
    let (status, problem) = deliver(&world, &path, &json!("x".repeat(1_000)).to_string(), &[]).await;
    assert_eq!((status, &problem["code"], &problem["retry"]), (503, &json!("webhooks_full"), &json!(true)));
    let never = futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>();
    let slow = world.request("POST", &path).body(reqwest::Body::wrap_stream(never));
    let (status, problem) = world.send(slow).await;
    assert_eq!((status, &problem["code"]), (408, &json!("webhook_body_late")));
    assert_eq!(deliver(&world, &path, "{}", &[]).await.0, 202, "the room was given back");
}

#[actix_web::test]
async fn methods_queries_and_bodies_that_are_no_text_arrive() {
    let world = World::start().await;
    greet(&world).await;
    let (path, _) = webhook(&world, "hook", "none", "methods: [GET, PUT]\n").await;
    let (status, said) = world.send(world.request("GET", &format!("{path}?who=ann"))).await;
    assert_eq!(status, 202, "{said}");
    let put = world.request("PUT", &path).header("content-type", "application/octet-stream").body(vec![0, 255, 1]);
    let (status, said) = world.send(put).await;
    assert_eq!(status, 202, "{said}");
    let firing = said["firings"][0].as_str().expect("a firing");
    let view = ask(&world, "GET", &format!("/api/triggers/hook/deliveries/{firing}"), None).await;
    assert_eq!((&view["delivered"]["base64"], &view["delivered"]["body"]), (&json!(true), &json!("AP8B")));
}
