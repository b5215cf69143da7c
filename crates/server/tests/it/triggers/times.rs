//! What a trigger would do, and why it did not.

use serde_json::json;
use tenure_model::Span;
use tenure_runtime::Clock;
use tenure_workflow::definition::parse_instant;

use super::*;

/// A world whose clock stands at an instant until it is moved.
async fn at(time: &str) -> World {
    let start = parse_instant(time).expect("an instant");
    World::with_both(|_| {}, |inside| inside.clock = Clock::at(start)).await
}

#[actix_web::test]
async fn the_next_times_are_told_in_their_zone_with_gaps_and_folds() {
    let world = World::start().await;
    greet(&world).await;
    sync(&world, &nightly("").replace("0 3", "30 2")).await;
    let spring = ask(&world, "GET", "/api/triggers/nightly/preview?from=2026-03-28T12:00&count=2", None).await;
    let times = spring["times"].as_array().expect("times");
    assert_eq!(each(times, "shown"), ["2026-03-29 03:00", "2026-03-30 02:30"].map(Value::from));
    assert_eq!(
        (&times[0]["mark"], &spring["timezone"], &spring["fires"]),
        (&json!("gap"), &json!("Europe/Berlin"), &json!(true))
    );
    let autumn = ask(&world, "GET", "/api/triggers/nightly/preview?from=2026-10-24T12:00:00Z&count=1", None).await;
    assert_eq!(
        (&autumn["times"][0]["shown"], &autumn["times"][0]["mark"]),
        (&json!("2026-10-25 02:30"), &json!("fold_first"))
    );
    assert_eq!(
        ask(&world, "GET", "/api/triggers/nightly/preview", None).await["times"].as_array().map(Vec::len),
        Some(10)
    );
    for (query, code) in
        [("count=0", "limit_invalid"), ("count=1001", "limit_invalid"), ("from=later", "query_invalid")]
    {
        assert_eq!(
            refused(&world, "GET", &format!("/api/triggers/nightly/preview?{query}"), None).await,
            (400, code.into())
        );
    }
    let unsaved = "name: x\ntype: schedule\ncron: '@hourly'\nprompt: hi\n";
    let (status, told) = send(&world, &world.bob, "POST", "/api/triggers/preview?count=3", unsaved).await;
    assert_eq!((status, told["times"].as_array().map(Vec::len)), (200, Some(3)), "{told}");
    let (status, problem) =
        send(&world, &world.bob, "POST", "/api/triggers/preview", "name: x\ntype: schedule\n").await;
    assert_eq!((status, &problem["code"]), (422, &json!("trigger_invalid")));
    assert_eq!(all(&world, "/api/triggers", 50).await.len(), 1, "nothing was saved");
    ask(&world, "POST", "/api/triggers/nightly/disable", None).await;
    assert_eq!(ask(&world, "GET", "/api/triggers/nightly/preview", None).await["fires"], false);
    sync(&world, "name: hand\ntype: manual\nworkflow: greet\n").await;
    assert_eq!(ask(&world, "GET", "/api/triggers/hand/preview", None).await["times"], json!([]));
}

#[actix_web::test]
async fn every_minute_is_explained() {
    let world = at("2026-11-20T12:00:00Z").await;
    greet(&world).await;
    sync(&world, &nightly("")).await;
    let why = async |at: &str| {
        let told = ask(&world, "GET", &format!("/api/triggers/nightly/why?at={at}"), None).await;
        (told["code"].as_str().expect("a code").to_owned(), told)
    };
    assert_eq!(why("2026-11-21T03:00").await.0, "will_fire");
    let (code, told) = why("2026-11-21T03:01").await;
    assert!(code == "not_planned" && told["words"].as_str().expect("words").contains("2026-11-21 03:00"), "{told}");
    assert_eq!(why("2026-11-19T03:00").await.0, "not_made");

    let mut feed = world.open("/api/feed", "tenure.feed.v1", Some(&world.bob.token)).await.expect("it opens");
    feed.until("live").await;
    world.runtime.clock.advance(Span::mins(14 * 60 + 1));
    while feed.until("row").await["row"]["row"]["last_run_at"].is_null() {}
    let (code, told) = why("2026-11-21T03:00").await;
    assert_eq!((code.as_str(), &told["entries"][0]["outcome"]), ("fired", &json!("matched")), "{told}");
    assert_eq!(told["shown"], "2026-11-21 03:00");
    assert_eq!(why("2026-11-21T02:00:30Z").await.0, "fired", "the same minute, said otherwise");
    assert_eq!(why(&told["at"].to_string()).await.0, "fired");

    ask(&world, "POST", "/api/triggers/nightly/disable", None).await;
    world.runtime.clock.advance(Span::hours(24));
    assert_eq!(why("2026-11-22T03:00").await.0, "disabled");
    let (_, told) = why("2026-10-25T02:30").await;
    assert!(told["note"].as_str().expect("a note").contains("twice"), "{told}");
    let (_, told) = why("2026-03-29T02:30").await;
    assert!(told["note"].as_str().expect("a note").contains("skip"), "{told}");
    let wrong = refused(&world, "GET", "/api/triggers/nightly/why?at=yesterday", None).await;
    assert_eq!(wrong, (400, "query_invalid".into()));
    sync(&world, "name: hand\ntype: manual\nworkflow: greet\n").await;
    assert_eq!(ask(&world, "GET", "/api/triggers/hand/why", None).await["code"], "nothing_came");
}
