//! What operators see and do.

use serde_json::json;
use uuid::Uuid;

use crate::runner::{FakeRunner, create, delta, prompt};
use crate::world::World;

#[actix_web::test]
async fn every_entity_is_seen_inside_out() {
    let world = World::start().await;
    let session = world.session(&world.bob).await;
    let mut runner = FakeRunner::connect(&world).await;
    prompt(&world, &world.bob, &session, "hi").await;
    let mut work = runner.work().await;
    runner.tell(&mut work, &[create(), delta(0, 0, "words")]).await;
    let get = |path: String| {
        let world = &world;
        async move {
            let (status, answer) = world.ask(&world.ann, "GET", &path, None).await;
            assert_eq!(status, 200, "{path}: {answer}");
            answer
        }
    };
    for kind in ["realm", "owner", "session"] {
        let list = get(format!("/admin/entities/{kind}")).await;
        assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "{kind}: {list}");
        let id = list["items"][0]["id"].as_str().expect("an id");
        let detail = get(format!("/admin/entities/{kind}/{id}")).await;
        assert!(detail["seq"].as_u64() > Some(0), "{detail}");
    }
    let detail = get(format!("/admin/entities/session/{session}")).await;
    assert_eq!((&detail["awake"], detail["claims"].as_array().map(Vec::len)), (&json!(true), Some(1)));
    let seq = detail["seq"].as_u64().expect("a seq");

    let journal = get(format!("/admin/entities/session/{session}/journal?limit=2")).await;
    let rows = journal["items"].as_array().expect("rows");
    assert_eq!((rows.len(), &rows[0]["seq"], &rows[0]["events"][0]["type"]), (2, &json!(1), &json!("created")));
    let next = journal["cursor"].as_str().expect("there is more");
    let journal = get(format!("/admin/entities/session/{session}/journal?limit=2&cursor={next}")).await;
    assert_eq!(journal["items"][0]["seq"], 3);

    let first = get(format!("/admin/entities/session/{session}/state?seq=1")).await;
    assert_eq!(first["state"]["turns"], json!({}));
    let diff = get(format!("/admin/entities/session/{session}/state?seq={seq}&since=1")).await;
    assert!(
        diff["changes"]
            .as_array()
            .expect("changes")
            .iter()
            .any(|change| change["at"].as_str().is_some_and(|at| at.starts_with("/turns/")))
    );
    let (status, beyond) =
        world.ask(&world.ann, "GET", &format!("/admin/entities/session/{session}/state?seq=999"), None).await;
    assert_eq!((status, &beyond["code"]), (404, &json!("seq_unknown")));

    let realm = get("/admin/entities/realm".into()).await;
    let id = realm["items"][0]["id"].as_str().expect("an id").to_owned();
    for path in [format!("/admin/entities/realm/{id}"), format!("/admin/entities/realm/{id}/journal")] {
        let text = get(path).await.to_string();
        assert!(!text.contains(&tenure_server::hash_secret(&world.bob.token)), "hashes are not shown");
    }
    assert!(get("/admin/writer".into()).await["commits"].as_u64() > Some(0));
    assert_eq!(get("/admin/runners".into()).await["items"][0]["name"], "fake");
    get(format!("/admin/entities/session/{session}/stuck")).await;
}

#[actix_web::test]
async fn stuck_says_what_a_session_waits_for() {
    let world = World::start().await;
    let session = world.session(&world.bob).await;
    prompt(&world, &world.bob, &session, "nobody is there").await;
    let (status, stuck) = world.ask(&world.ann, "GET", &format!("/admin/entities/session/{session}/stuck"), None).await;
    assert_eq!((status, &stuck["items"][0]["cause"]), (200, &json!("waits_for_runner")), "{stuck}");
}

#[actix_web::test]
async fn acts_are_dry_runs_until_it_is_said_otherwise() {
    let world = World::start().await;
    let session = world.session(&world.bob).await;
    let entity = format!("/admin/entities/session/{session}");
    let act = |path: String| async { world.ask(&world.ann, "POST", &{ path }, None).await };
    let awake = || async { world.runtime.sessions.awake_count() };
    let (status, dry) = act(format!("{entity}/passivate")).await;
    assert_eq!((status, &dry["dry_run"], awake().await), (200, &json!(true), 1));
    let (_, real) = act(format!("{entity}/passivate?dry_run=false")).await;
    assert_eq!(real["dry_run"], false);
    let asleep = async {
        while awake().await > 0 {
            tokio::task::yield_now().await
        }
    };
    tokio::time::timeout(crate::world::BOUND, asleep).await.expect("it falls asleep");
    let (_, woken) = act(format!("{entity}/wake?dry_run=false")).await;
    assert_eq!((&woken["dry_run"], awake().await), (&json!(false), 1));
    for path in ["passivate", "wake"] {
        let (status, problem) = act(format!("/admin/entities/session/{}/{path}", Uuid::nil())).await;
        assert_eq!((status, &problem["code"]), (404, &json!("entity_unknown")));
    }
    assert_eq!(world.ask(&world.ann, "GET", "/admin/entities/robot", None).await.1["code"], "kind_unknown");
}

#[actix_web::test]
async fn health_and_figures_are_open() {
    let world = World::start().await;
    for path in ["/healthz", "/readyz", "/metrics"] {
        let (status, answer) = world.send(world.request("GET", path)).await;
        assert_eq!(status, 200, "{path}: {answer}");
    }
    world.ask(&world.bob, "POST", &format!("/api/sessions/{}/abort", Uuid::nil()), None).await;
    let (_, figures) = world.send(world.request("GET", "/metrics")).await;
    let figures = figures.as_str().expect("text");
    for name in ["tenure_commits_total", "tenure_writer_queue", "tenure_refused_total{code=\"session_unknown\"} 1"] {
        assert!(figures.contains(name), "{name} is missing in {figures}");
    }
}
