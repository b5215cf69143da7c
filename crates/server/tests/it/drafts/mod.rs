//! Drafts over HTTP: a stub plays the model server, and the events of each draft are read to their end.

mod limits;
mod troubles;
mod working;

use serde_json::{Value, json};
use tenure_llm::stub::{Play, Stub, says};
use tenure_server::DraftOptions;

use crate::cursor::events_till;
use crate::world::{Person, World};

/// A definition that is right.
const GOOD: &str = "name: Hello\nsteps:\n  # Says it.\n  - {id: say, type: bash, command: echo hello}\n";
/// One that is not.
const BAD: &str = "name: Hello\nsteps:\n  - {id: say, type: bush, command: echo hello}\n";
/// One with two steps.
const PAIR: &str = "name: Pair # ours\nsteps:\n  # The first.\n  - id: one\n    type: bash\n    command: ls\n\n  - {id: two, type: bash, command: 'echo {{ outputs.one.stdout }}'}\n";

/// A server and the model server that it asks.
struct Scene {
    world: World,
    stub: Stub,
}

impl Scene {
    async fn set(plays: Vec<Play>) -> Self {
        Self::with(plays, |_| {}).await
    }

    async fn with(plays: Vec<Play>, change: impl FnOnce(&mut DraftOptions)) -> Self {
        let stub = Stub::start(plays).await;
        let mut options =
            DraftOptions { model: Some("m-1".into()), base_url: Some(stub.url.clone()), ..DraftOptions::default() };
        change(&mut options);
        Self { world: World::drafting(options).await, stub }
    }

    /// Begins a draft.
    async fn begin(&self, who: &Person, path: &str, body: Value) -> reqwest::Response {
        let request = self.world.request("POST", path).bearer_auth(&who.token).json(&body);
        request.send().await.expect("an answer")
    }

    /// Has something drafted, and returns all events.
    async fn told(&self, path: &str, body: Value) -> Vec<Value> {
        let response = self.begin(&self.world.bob, path, body).await;
        assert_eq!(response.status(), 200, "{:?}", response.text().await);
        ended(response).await
    }

    async fn draft(&self, body: Value) -> Vec<Value> {
        self.told("/api/workflows/draft", body).await
    }

    async fn step(&self, body: Value) -> Vec<Value> {
        self.told("/api/workflows/draft/step", body).await
    }

    /// What the `n`th question said: what came after the teaching.
    fn asked(&self, n: usize) -> Vec<String> {
        let messages = self.stub.asked()[n]["messages"].as_array().expect("messages").clone();
        messages[1..].iter().map(|message| message["content"].as_str().expect("a text").to_owned()).collect()
    }
}

async fn ended(response: reqwest::Response) -> Vec<Value> {
    let last = |event: &Value| ["draft", "failed"].contains(&event["type"].as_str().unwrap_or_default());
    events_till(response, last).await.into_iter().map(|(_, event)| event).collect()
}

/// Lists the kinds of events, repeats in a row once.
fn kinds(events: &[Value]) -> Vec<&str> {
    let mut kinds: Vec<&str> = events.iter().map(|event| event["type"].as_str().expect("a type")).collect();
    kinds.dedup();
    kinds
}

fn fenced(text: &str) -> String {
    format!("This is it.\n```yaml\n{text}```\n")
}

/// A model that answers with a definition.
fn answers(text: &str) -> Play {
    let reply = fenced(text);
    let (first, rest) = reply.split_at(reply.len() / 2);
    Play::Whole(vec![says(first), says(rest)])
}

fn wanted(prompt: &str) -> Value {
    json!({ "prompt": prompt })
}
