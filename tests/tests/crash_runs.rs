//! Kills the real server at random moments while workflow runs go on, and cuts the runner's line now and then. At the end
//! every run that was acknowledged has completed with the outputs of an undisturbed one, and no step has run twice.
//!
//! `TENURE_LONG=1` kills 100 times, `TENURE_ROUNDS=n` n times; `TENURE_SEED=n` draws the same moments again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};
use tenure_model::id::ExecutionId;
use tenure_protocol::feed::{FeedEvent, ListRow};
use tenure_simulation::chance::Chance;
use tenure_tests::checks::seqs_have_no_hole;
use tenure_tests::harness::draw::drawn;
use tenure_tests::harness::{Api, Feed, PATIENCE, Proxy, Runner, Server, in_time};
use tokio::task::JoinHandle;

/// Runs that are started for each kill.
const RUNS_PER_ROUND: u64 = 2;
const ROUNDS: u64 = 8;
const ROUNDS_LONG: u64 = 100;

/// Each command leaves a line, so that running twice can be counted; the person who decides and tells is the test.
const WORKFLOW: &str = "
name: Siege
inputs:
  number: {type: integer, required: true}
steps:
  - {id: base, type: set, variables: {total: '{{ inputs.number * 10 }}'}}
  - id: each
    type: loop
    over: [1, 2, 3]
    concurrency: 2
    collect: '{{ outputs.mark.stdout | trim }}'
    steps:
      - {id: mark, type: bash, command: 'echo {{ run.id }} {{ item }} >> traces; echo mark {{ item }}'}
  - {id: gate, type: approval, prompt: 'Go on with {{ inputs.number }}?'}
  - id: both
    type: parallel
    branches:
      left:
        - {id: here, type: tool, tool: echo, arguments: {n: '{{ variables.total + 1 }}'}}
      right:
        - {id: there, type: bash, command: 'echo {{ run.id }} there >> traces; echo there'}
  - {id: go, type: wait, event: go}
  - {id: last, type: bash, command: 'echo {{ run.id }} last >> traces'}
outputs:
  marks: '{{ outputs.each.results }}'
  here: '{{ outputs.here.n }}'
";

/// What a run leaves in the file.
const TRACES: [&str; 5] = ["1", "2", "3", "there", "last"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_survive_every_kill_and_repeat_nothing() {
    let (seed, rounds) = drawn(ROUNDS, ROUNDS_LONG);
    let mut chance = Chance::new(seed);

    let mut server = Server::start().await;
    let line = Proxy::to(server.address()).await;
    let script = ("silent".to_owned(), "name: silent\nmatch: ''\nsteps:\n- say: nothing\n".to_owned());
    let runner = Runner::start(line.address(), &server.runner_token().await, &[script]);
    let person =
        tokio::spawn(a_person((server.address(), server.token().to_owned()), server.api(), rounds * RUNS_PER_ROUND));
    let starter = tokio::spawn(starts(server.api(), rounds * RUNS_PER_ROUND));
    for round in 1..=rounds {
        let load = Duration::from_millis(chance.between(30, 800));
        // tidy: allow(sleep) because the moment of the kill is random, and waits for nothing
        tokio::time::sleep(load).await;
        if chance.between(0, 2) == 0 {
            line.cut();
        }
        server.kill().await;
        server.start_again().await;
        println!("round {round}: killed after {load:?}");
    }
    let runs = in_time("every run to be started", starter).await.expect("the starter comes to its end");
    if tokio::time::timeout(PATIENCE, all_over(person, &runs)).await.is_err() {
        panic!("runs do not end:\n{}\nthe runner says:\n{}", why_not(&server.api(), &runs).await, runner.log());
    }
    for (number, run) in runs.iter().enumerate() {
        came_to_what_it_should(&server.api(), *run, number).await;
    }
    nothing_ran_twice(&std::fs::read_to_string(runner.file("traces")).expect("there are traces"), &runs);
    no_slot_is_held(&server.api()).await;
}

/// Starts the runs, each until it is acknowledged.
async fn starts(api: Api, count: u64) -> Vec<ExecutionId> {
    let mut runs = vec![];
    for number in 0..count {
        let body = json!({ "definition": WORKFLOW, "inputs": { "number": number } });
        let (status, answer) = api.insist("/api/executions", &format!("run-{number}"), &body).await;
        assert!(status.is_success(), "{status} {answer}");
        runs.push(serde_json::from_value(answer["execution"].clone()).expect("a run has an id"));
    }
    runs
}

/// Watches the lists: approves what is asked, tells what is waited for, and returns once as many runs as there are to be
/// have ended.
async fn a_person(server: (String, String), api: Api, count: u64) -> BTreeMap<ExecutionId, Value> {
    let mut ended = BTreeMap::new();
    loop {
        let Ok(mut feed) = Feed::open(&server.0, &server.1).await else {
            // tidy: allow(sleep) because nothing tells when a killed server is back
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        while let Ok(event) = feed.next().await {
            let rows = match event {
                FeedEvent::Snapshot { rows, .. } => rows,
                FeedEvent::Row { row, .. } => vec![row],
                _ => vec![],
            };
            for row in rows {
                act(&api, row, &mut ended).await;
            }
            if ended.len() as u64 == count {
                return ended;
            }
        }
    }
}

async fn act(api: &Api, row: ListRow, ended: &mut BTreeMap<ExecutionId, Value>) {
    let ListRow { list, id, row, .. } = row;
    match list.as_str() {
        "approval" => {
            let body = json!({ "hash": row["hash"], "decision": "approved" });
            let (status, answer) = api.insist(&format!("/api/approvals/{id}"), &format!("approve-{id}"), &body).await;
            // A row that was read before a decision was told is old news.
            assert!(status.is_success() || status == 404, "{status} {answer}");
        }
        "execution" if row["waits_for"] == "event" => {
            let path = format!("/api/executions/{id}/events/go");
            let (status, answer) = api.insist(&path, &format!("go-{id}"), &json!({})).await;
            assert!(status.is_success() || status == 409, "{status} {answer}");
        }
        "execution" if !row["ended_at"].is_null() => drop(ended.insert(ExecutionId(id), row)),
        _ => {}
    }
}

async fn all_over(person: JoinHandle<BTreeMap<ExecutionId, Value>>, runs: &[ExecutionId]) {
    let ended = person.await.expect("the person comes to their end");
    assert_eq!(ended.keys().collect::<BTreeSet<_>>(), runs.iter().collect::<BTreeSet<_>>());
    for (run, row) in ended {
        assert_eq!(row["status"], "completed", "{run}: {row}");
    }
}

/// Says what each run waits for.
async fn why_not(api: &Api, runs: &[ExecutionId]) -> String {
    let mut said = String::new();
    for run in runs {
        let why: Value = api.get(&format!("/api/executions/{run}/why")).await;
        said += &format!("{run}: {}\n", why["sentence"]);
    }
    said
}

async fn came_to_what_it_should(api: &Api, run: ExecutionId, number: usize) {
    let shown: Value = api.get(&format!("/api/executions/{run}")).await;
    let marks = ["mark 1", "mark 2", "mark 3"];
    assert_eq!(shown["outputs"], json!({ "marks": marks, "here": number * 10 + 1 }), "{run}");
    let journal = api.journal_of("execution", run).await;
    seqs_have_no_hole(&journal);
    let events = journal.iter().flat_map(|row| row["events"].as_array().expect("events"));
    let (mut started, mut completed) = (BTreeSet::new(), BTreeSet::new());
    for event in events {
        let path = event["path"].as_str().unwrap_or_default().to_owned();
        match event["type"].as_str().unwrap_or_default() {
            "step_started" => {
                assert_eq!(event["attempt"], 1, "{run}: {path} was tried again");
                assert!(started.insert(path.clone()), "{run}: {path} was started twice");
            }
            "step_completed" => assert!(completed.insert(path.clone()), "{run}: {path} was completed twice"),
            _ => {}
        }
    }
    assert_eq!(started, completed, "{run}: a step that was started has ended once");
}

fn nothing_ran_twice(traces: &str, runs: &[ExecutionId]) {
    let wanted = runs.iter().flat_map(|run| TRACES.map(|trace| format!("{run} {trace}")));
    let mut wanted: Vec<String> = wanted.collect();
    let mut found: Vec<String> = traces.lines().map(str::to_owned).collect();
    wanted.sort();
    found.sort();
    assert_eq!(found, wanted);
}

async fn no_slot_is_held(api: &Api) {
    let gates: Value = api.get("/admin/entities/gate").await;
    let id = gates["items"][0]["id"].as_str().expect("there is one gate").to_owned();
    let gate: Value = api.get(&format!("/admin/entities/gate/{id}")).await;
    assert_eq!((&gate["state"]["running"], &gate["state"]["queue"]), (&json!({}), &json!([])));
}
