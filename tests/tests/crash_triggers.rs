//! Kills the real server at random moments while senders call a webhook and people fire a trigger, all of whom try until they are
//! answered. At the end each of them has led to one run, which has completed.
//!
//! `TENURE_LONG=1` kills 60 times, `TENURE_ROUNDS=n` n times; `TENURE_SEED=n` draws the same moments again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use reqwest::StatusCode;
use serde_json::{Value, json};
use sha2::Sha256;
use tenure_protocol::feed::FeedEvent;
use tenure_simulation::chance::Chance;
use tenure_tests::harness::draw::drawn;
use tenure_tests::harness::{Api, Feed, Server, a_moment, http, in_time};
use tokio::sync::watch;
use tokio::task::JoinSet;
use uuid::Uuid;

const ROUNDS: u64 = 6;
const ROUNDS_LONG: u64 = 60;
/// Each delivers one after the other, until the last kill is survived.
const SENDERS: u64 = 3;
/// Senders, and the person, give numbers of their own.
const NUMBERS_OF_ONE: u64 = 1_000_000;

const WORKFLOW: &str = "
name: Takes
inputs:
  number: {type: integer, required: true}
steps:
  - {id: one, type: tool, tool: echo, arguments: {n: '{{ inputs.number }}'}}
  - {id: two, type: tool, tool: echo, arguments: {n: '{{ outputs.one.n + 1 }}'}}
outputs:
  sum: '{{ outputs.one.n + outputs.two.n }}'
";
const HOOK: &str = "
name: hook
type: webhook
workflow: takes
rate_per_minute: 1000000
verify: {scheme: hmac, header: x-signature}
mapping:
  - {name: number, path: $.number, type: integer, required: true}
";
const BY_HAND: &str = "name: by hand\ntype: manual\nworkflow: takes\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_delivery_leads_to_one_run_whatever_is_killed() {
    let (seed, rounds) = drawn(ROUNDS, ROUNDS_LONG);
    let mut chance = Chance::new(seed);
    let mut server = Server::start().await;
    let api = server.api();
    api.post_text("/api/workflows/sync", WORKFLOW).await;
    let hook = api.post_text("/api/triggers/sync", HOOK).await;
    api.post_text("/api/triggers/sync", BY_HAND).await;

    let (stop, stopped) = watch::channel(false);
    let mut people = JoinSet::new();
    for sender in 0..SENDERS {
        people.spawn(sends(server.address(), hook.clone(), sender * NUMBERS_OF_ONE, stopped.clone()));
    }
    people.spawn(asks(server.api(), SENDERS * NUMBERS_OF_ONE, stopped));
    for round in 1..=rounds {
        let load = Duration::from_millis(chance.between(30, 300));
        // tidy: allow(sleep) because the moment of the kill is random, and waits for nothing
        tokio::time::sleep(load).await;
        server.kill().await;
        server.start_again().await;
        println!("round {round}: killed after {load:?}");
    }
    stop.send(true).expect("somebody still listens");
    let taken: BTreeSet<u64> =
        in_time("the last deliveries to be taken", people.join_all()).await.concat().into_iter().collect();
    println!("{} were taken", taken.len());
    assert!(taken.len() as u64 > rounds, "somebody was taken between the kills");
    let runs = in_time("every run to end", all_over(&server, taken.len())).await;
    let mut numbers = BTreeMap::new();
    for run in runs {
        let shown: Value = api.get(&format!("/api/executions/{run}")).await;
        assert_eq!(shown["status"], "completed", "{shown}");
        let number = shown["inputs"]["number"].as_u64().expect("it was given a number");
        assert_eq!(shown["outputs"]["sum"], json!(2 * number + 1));
        *numbers.entry(number).or_insert(0) += 1;
    }
    let once: BTreeMap<u64, i32> = taken.into_iter().map(|number| (number, 1)).collect();
    assert_eq!(numbers, once, "each number has one run");
    let runs: Vec<Value> = api.all("/api/executions?limit=200").await.expect("the server is there");
    assert_eq!(runs.len(), once.len(), "there is no other run");
}

/// Delivers number after number, each until somebody says that it was taken; returns those that were.
async fn sends(address: String, hook: Value, first: u64, stopped: watch::Receiver<bool>) -> Vec<u64> {
    let path = hook["address"]["path"].as_str().expect("a webhook has an address");
    let secret = hook["secret"].as_str().expect("its secret is told once");
    let (url, http) = (format!("http://{address}{path}"), http());
    let mut taken = vec![];
    while !*stopped.borrow() {
        let number = first + taken.len() as u64;
        delivered(&http, &url, secret, number).await;
        taken.push(number);
    }
    taken
}

async fn delivered(http: &reqwest::Client, url: &str, secret: &str, number: u64) {
    let body = json!({ "number": number }).to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of every length");
    mac.update(body.as_bytes());
    let signature: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    loop {
        let request = http.post(url).header("x-signature", &signature).header("content-type", "application/json");
        if let Ok(answer) = request.body(body.clone()).send().await {
            match answer.status() {
                StatusCode::ACCEPTED | StatusCode::OK => return,
                StatusCode::SERVICE_UNAVAILABLE => {}
                other => panic!("a delivery was answered with {other}: {:?}", answer.text().await),
            }
        }
        a_moment().await;
    }
}

/// Fires the other trigger with number after number, as a person does.
async fn asks(api: Api, first: u64, stopped: watch::Receiver<bool>) -> Vec<u64> {
    let mut taken = vec![];
    while !*stopped.borrow() {
        let number = first + taken.len() as u64;
        let body = json!({ "inputs": { "number": number } });
        let (status, answer) = api.insist("/api/triggers/by%20hand/run", &format!("ask-{number}"), &body).await;
        assert!(status.is_success(), "{status} {answer}");
        taken.push(number);
    }
    taken
}

/// Waits until so many runs have ended, and returns which.
async fn all_over(server: &Server, count: usize) -> BTreeSet<Uuid> {
    // Opened before the list is read, so that no end is missed in between.
    let mut feed = Feed::open(&server.address(), server.token()).await.expect("the server is there");
    let runs: Vec<Value> = server.api().all("/api/executions?limit=200").await.expect("the server is there");
    let id = |run: &Value| serde_json::from_value::<Uuid>(run["id"].clone()).expect("a run has an id");
    let mut ended: BTreeSet<Uuid> = runs.iter().filter(|run| !run["ended_at"].is_null()).map(id).collect();
    while ended.len() < count {
        if let FeedEvent::Row { row, .. } = feed.next().await.expect("the feed goes on")
            && row.list == "execution"
            && !row.row["ended_at"].is_null()
        {
            ended.insert(row.id);
        }
    }
    ended
}
