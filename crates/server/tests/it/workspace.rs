//! The workspace of a session: what its clients see of it, and what its runner is asked.

use serde_json::{Value, json};

use crate::runner::{FakeRunner, create, finalize, prompt};
use crate::world::World;

fn left() -> Vec<Value> {
    let git = json!({"branch": "main", "head": "0d1c5be", "ahead": 1, "behind": 0, "changed": 1, "added": 0});
    let files = json!([{"path": "src/main.rs", "status": "modified", "added": 3, "removed": 1}]);
    vec![
        create(),
        json!({"type": "git-state", "git": git}),
        json!({"type": "files-changed", "changed": {"files": files, "added": 3, "removed": 1}}),
        json!({"type": "checkpoint"}),
        finalize(),
    ]
}

#[actix_web::test]
async fn a_session_is_opened_with_a_repository_which_every_work_carries() {
    let world = World::start().await;
    let open = |url: &str| Some(json!({"repo": {"url": url, "branch": "main"}}));
    let (status, session) = world.ask(&world.bob, "POST", "/api/sessions", open("https://example.org/a.git")).await;
    assert_eq!((status, &session["workspace"]["repo"]["branch"]), (201, &json!("main")), "{session}");
    let mut runner = FakeRunner::connect(&world).await;
    prompt(&world, &world.bob, session["id"].as_str().expect("an id"), "hi").await;
    let offer = runner.socket.until("offer").await;
    runner.socket.send(json!({"type": "accept", "ref": offer["ref"]})).await;
    assert_eq!(runner.socket.until("start").await["spec"]["repo"]["url"], "https://example.org/a.git");

    let (status, problem) = world.ask(&world.bob, "POST", "/api/sessions", open("https://u:p@example.org/a")).await;
    assert_eq!((status, &problem["code"]), (422, &json!("repo_invalid")), "{problem}");
}

#[actix_web::test]
async fn what_a_turn_left_is_seen_live_and_on_joining() {
    let world = World::start().await;
    let session = world.session(&world.bob).await;
    let mut runner = FakeRunner::connect(&world).await;
    let mut socket = world.join(&world.bob, &session, None).await;
    socket.until("live").await;
    prompt(&world, &world.bob, &session, "hi").await;
    let mut work = runner.work().await;
    runner.tell(&mut work, &left()).await;
    assert_eq!(socket.until("git-state").await["git"]["ahead"], 1);
    assert_eq!(socket.until("files-changed").await["changed"]["files"][0]["path"], "src/main.rs");
    assert_eq!(socket.until("checkpoint").await["turn"], work.work.as_str());
    let (_, view) = world.ask(&world.bob, "GET", &format!("/api/sessions/{session}"), None).await;
    let workspace = &view["workspace"];
    assert_eq!((&workspace["git"]["branch"], &workspace["files"]["added"]), (&json!("main"), &json!(3)));
    assert_eq!(workspace["checkpoints"][0]["turn"], work.work.as_str());
    assert_eq!(workspace["runner"], json!(runner.id));
}

#[actix_web::test]
async fn the_runner_is_asked_for_the_diff_and_nobody_else() {
    let world = World::start().await;
    let session = world.session(&world.bob).await;
    let path = format!("/api/sessions/{session}/workspace/diff");
    let (status, problem) = world.ask(&world.bob, "GET", &path, None).await;
    assert_eq!((status, &problem["code"]), (409, &json!("workspace_unknown")));

    let mut runner = FakeRunner::connect(&world).await;
    prompt(&world, &world.bob, &session, "hi").await;
    let mut work = runner.work().await;
    runner.tell(&mut work, &left()).await;
    let answers = async {
        for answer in [
            json!({"told": "diff", "changed": {"files": []}, "diff": "+new", "cut": false}),
            json!({"told": "unable", "why": "it is gone"}),
        ] {
            let ask = runner.socket.until("ask").await;
            assert_eq!((&ask["session"], &ask["question"]["ask"]), (&json!(session), &json!("diff")));
            runner.socket.send(json!({"type": "told", "ref": ask["ref"], "answer": answer})).await;
        }
        runner
    };
    let asks = async {
        let shown = world.ask(&world.bob, "GET", &path, None).await;
        (shown, world.ask(&world.bob, "GET", &path, None).await)
    };
    let (runner, ((status, diff), (again, problem))) = tokio::join!(answers, asks);
    assert_eq!((status, &diff["diff"]), (200, &json!("+new")), "{diff}");
    assert_eq!(
        (again, &problem["code"], &problem["detail"]),
        (409, &json!("workspace_unreadable"), &json!("it is gone"))
    );

    let stranger = world.person("stranger").await;
    assert_eq!(world.ask(&stranger, "GET", &path, None).await.0, 404);
    drop(runner);
    let gone = async {
        loop {
            let (status, problem) = world.ask(&world.bob, "GET", &path, None).await;
            if status == 503 {
                return problem;
            }
        }
    };
    let problem = tokio::time::timeout(std::time::Duration::from_secs(30), gone).await.expect("its leaving is noticed");
    assert_eq!((&problem["code"], &problem["retry"]), (&json!("workspace_unavailable"), &json!(true)));
}

#[actix_web::test]
async fn files_are_put_back_by_a_work_of_the_runner_that_has_them() {
    let world = World::start().await;
    let session = world.session(&world.bob).await;
    let path = format!("/api/sessions/{session}/workspace/restore");
    let mut runner = FakeRunner::connect(&world).await;
    prompt(&world, &world.bob, &session, "hi").await;
    let mut work = runner.work().await;
    let (status, problem) = world.ask(&world.bob, "POST", &path, Some(json!({}))).await;
    assert_eq!((status, &problem["code"]), (409, &json!("workspace_unknown")), "{problem}");
    runner.tell(&mut work, &left()).await;
    let turn = json!({ "turn": work.work });
    let (status, answer) = world.ask(&world.bob, "POST", &path, Some(turn)).await;
    assert_eq!((status, &answer["outcome"]), (200, &json!("restoring")), "{answer}");
    let offer = runner.socket.until("offer").await;
    assert_eq!((&offer["offer"]["kind"], &offer["offer"]["home"]), (&json!("restore"), &json!(runner.id)));
    let (status, problem) = world.ask(&world.bob, "POST", &path, Some(json!({}))).await;
    assert_eq!((status, &problem["code"]), (409, &json!("workspace_busy")), "{problem}");
}
