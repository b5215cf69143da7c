//! Kills the real server, or its runner, at random moments while workflow runs go on, and cuts the runner's line now and
//! then. At the end every run that was acknowledged has completed with the outputs of an undisturbed one, and no step has
//! run again by itself: what was running in a killed runner is unknown until a person says that it may.
//!
//! `TENURE_LONG=1` kills 100 times, `TENURE_ROUNDS=n` n times; `TENURE_SEED=n` draws the same moments again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tenure_model::id::ExecutionId;
use tenure_protocol::feed::{FeedEvent, ListRow};
use tenure_simulation::chance::Chance;
use tenure_tests::checks::seqs_have_no_hole;
use tenure_tests::harness::draw::drawn;
use tenure_tests::harness::{Api, Feed, PATIENCE, Proxy, Runner, Server, a_moment, in_time};
use tokio::task::JoinHandle;

/// Runs that are started for each kill.
const RUNS_PER_ROUND: u64 = 2;
const ROUNDS: u64 = 8;
const ROUNDS_RUNNER: u64 = 4;
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

/// What each command of a run leaves in the file.
const TRACES: [(&str, &str); 5] =
    [("each:i0/mark", "1"), ("each:i1/mark", "2"), ("each:i2/mark", "3"), ("both:b1/there", "there"), ("last", "last")];

/// What a round kills.
#[derive(Clone, Copy)]
enum Target {
    Server,
    /// The runner, and half of the time the server as well.
    Runner,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_survive_every_kill_and_repeat_nothing() {
    siege(Target::Server, ROUNDS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ran_in_a_killed_runner_is_unknown_and_runs_again_only_when_a_person_says_so() {
    siege(Target::Runner, ROUNDS_RUNNER).await;
}

async fn siege(target: Target, usual: u64) {
    let (seed, rounds) = drawn(usual, ROUNDS_LONG);
    let mut chance = Chance::new(seed);

    let mut server = Server::start().await;
    let line = Proxy::to(server.address()).await;
    let script = ("silent".to_owned(), "name: silent\nmatch: ''\nsteps:\n- say: nothing\n".to_owned());
    let mut runner = Runner::start(line.address(), &server.runner_token().await, &[script]);
    let person =
        tokio::spawn(a_person((server.address(), server.token().to_owned()), server.api(), rounds * RUNS_PER_ROUND));
    let starter = tokio::spawn(starts(server.api(), rounds * RUNS_PER_ROUND));
    for round in 1..=rounds {
        let load = Duration::from_millis(chance.between(30, 800));
        // tidy: allow(sleep) because the moment of the kill is random, and waits for nothing
        tokio::time::sleep(load).await;
        match target {
            Target::Server if chance.between(0, 2) == 0 => line.cut(),
            Target::Server => {}
            Target::Runner => runner.kill().await,
        }
        if matches!(target, Target::Server) || chance.between(0, 1) == 0 {
            server.kill().await;
            server.start_again().await;
        }
        if matches!(target, Target::Runner) {
            runner.start_again();
        }
        println!("round {round}: killed after {load:?}");
    }
    let runs = in_time("every run to be started", starter).await.expect("the starter comes to its end");
    if tokio::time::timeout(PATIENCE, all_over(person, &runs)).await.is_err() {
        panic!("runs do not end:\n{}\nthe runner says:\n{}", why_not(&server.api(), &runs).await, runner.log());
    }
    let traces = std::fs::read_to_string(runner.file("traces")).expect("there are traces");
    for (number, run) in runs.iter().enumerate() {
        let attempts = came_to_what_it_should(&server.api(), *run, number).await;
        nothing_ran_without_being_asked(&traces, *run, &attempts);
    }
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
            a_moment().await;
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
        "execution" if row["waits_for"] == "answer" => answer(api, ExecutionId(id)).await,
        "execution" if row["waits_for"] == "event" => {
            let path = format!("/api/executions/{id}/events/go");
            let (status, answer) = api.insist(&path, &format!("go-{id}"), &json!({})).await;
            assert!(status.is_success() || status == 409, "{status} {answer}");
        }
        "execution" if !row["ended_at"].is_null() => drop(ended.insert(ExecutionId(id), row)),
        _ => {}
    }
}

/// Lets every step that nobody knows of run again.
async fn answer(api: &Api, run: ExecutionId) {
    // When the server is away, the lists are told anew once it is back.
    let Some((_, shown)) = api.try_call(Method::GET, &format!("/api/executions/{run}"), None).await else { return };
    for step in shown["open"].as_array().into_iter().flatten().filter(|step| step["phase"] == "unknown") {
        let (path, attempt) = (step["path"].as_str().expect("a path"), &step["attempt"]);
        let body = json!({ "path": path, "answer": "retry" });
        let key = format!("retry-{run}-{path}-{attempt}");
        let (status, answer) = api.insist(&format!("/api/executions/{run}/resolve"), &key, &body).await;
        assert!(status.is_success() || status == 409, "{status} {answer}");
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

/// Returns how often each step was started: once, and once more for every time that a person asked for it.
async fn came_to_what_it_should(api: &Api, run: ExecutionId, number: usize) -> BTreeMap<String, u64> {
    let shown: Value = api.get(&format!("/api/executions/{run}")).await;
    let marks = ["mark 1", "mark 2", "mark 3"];
    assert_eq!(shown["outputs"], json!({ "marks": marks, "here": number * 10 + 1 }), "{run}");
    let journal = api.journal_of("execution", run).await;
    seqs_have_no_hole(&journal);
    let events = journal.iter().flat_map(|row| row["events"].as_array().expect("events"));
    let (mut started, mut asked) = (BTreeMap::<String, u64>::new(), BTreeMap::<String, u64>::new());
    let mut completed = BTreeSet::new();
    for event in events {
        let path = event["path"].as_str().unwrap_or_default().to_owned();
        match event["type"].as_str().unwrap_or_default() {
            "step_started" => {
                let attempt = started.entry(path.clone()).or_default();
                *attempt += 1;
                let wanted = 1 + asked.get(&path).copied().unwrap_or_default();
                assert_eq!((&event["attempt"], *attempt), (&json!(wanted), wanted), "{run}: {path} was tried again");
            }
            "step_resolved" => *asked.entry(path).or_default() += 1,
            "step_completed" => assert!(completed.insert(path.clone()), "{run}: {path} was completed twice"),
            _ => {}
        }
    }
    assert_eq!(started.keys().cloned().collect::<BTreeSet<_>>(), completed, "{run}: a started step has ended once");
    started
}

fn nothing_ran_without_being_asked(traces: &str, run: ExecutionId, attempts: &BTreeMap<String, u64>) {
    for (path, trace) in TRACES {
        let line = format!("{run} {trace}");
        let (found, asked) = (traces.lines().filter(|found| **found == line).count() as u64, attempts[path]);
        assert!((1..=asked).contains(&found), "{path} of {run} ran {found} times, it was asked for {asked} times");
    }
}

async fn no_slot_is_held(api: &Api) {
    let gates: Value = api.get("/admin/entities/gate").await;
    let id = gates["items"][0]["id"].as_str().expect("there is one gate").to_owned();
    let gate: Value = api.get(&format!("/admin/entities/gate/{id}")).await;
    assert_eq!((&gate["state"]["running"], &gate["state"]["queue"]), (&json!({}), &json!([])));
}
