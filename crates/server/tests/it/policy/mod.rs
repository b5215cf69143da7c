//! Policy: what agents may call, and what people say to it.

mod asking;
mod granting;
mod ruling;

use serde_json::{Value, json};
use tenure_model::Span;
use tenure_runtime::Clock;

use crate::agents::{at_work, call};
use crate::runner::{FakeRunner, Work};
use crate::world::{Person, Socket, World};

/// A server, and an agent of bob's that is at work.
struct Scene {
    world: World,
    runner: FakeRunner,
    work: Work,
}

impl Scene {
    async fn start() -> Self {
        Self::of(World::start().await).await
    }

    /// Nobody holds a call open for a decision; the clock is moved by hand.
    async fn impatient(clock: &Clock) -> Self {
        let wait = |options: &mut tenure_server::ServerOptions| options.tool_approval_wait_ms = Span::ms(1);
        Self::of(World::with_both(wait, |inside| inside.clock = clock.clone()).await).await
    }

    async fn of(world: World) -> Self {
        let (runner, work) = at_work(&world).await;
        Self { world, runner, work }
    }

    /// Calls a tool as the agent of the work.
    async fn call(&self, tool: &str, arguments: Value) -> Value {
        call(&self.world, &self.work, tool, arguments).await
    }

    /// Calls it, and returns what it is refused with.
    async fn refused(&self, tool: &str, arguments: Value) -> (String, String) {
        let told = self.call(tool, arguments).await;
        let text = |field: &str| told["error"][field].as_str().unwrap_or_else(|| panic!("{told}")).to_owned();
        (text("code"), text("detail"))
    }

    /// Saves a workflow as bob.
    async fn workflow(&self, slug: &str) {
        let definition = json!({ "name": slug, "slug": slug, "steps": [
            { "id": "say", "type": "tool", "tool": "echo", "arguments": { "text": "hi" } },
        ] });
        self.bob("POST", "/api/workflows/sync", Some(definition)).await;
    }

    /// Returns the hash of a workflow's current version.
    async fn hash_of(&self, slug: &str) -> Value {
        let listed = self.bob("GET", &format!("/api/workflows/{slug}/versions"), None).await;
        listed["items"][0]["hash"].clone()
    }

    async fn has_workflow(&self, slug: &str) -> bool {
        let path = format!("/api/workflows/{slug}");
        self.world.ask(&self.world.bob, "GET", &path, None).await.0 == 200
    }

    /// Asks as bob, who is not refused.
    async fn bob(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let (status, answer) = self.world.ask(&self.world.bob, method, path, body).await;
        assert!(status < 300, "{method} {path}: {status}: {answer}");
        answer
    }

    /// Returns the one thing that waits for bob.
    async fn waiting(&self) -> Value {
        let listed = self.bob("GET", "/api/approvals", None).await;
        let [one] = &listed["items"].as_array().expect("a page")[..] else { panic!("{listed}") };
        one.clone()
    }

    async fn decide(&self, who: &Person, asked: &Value, decision: Value) -> (u16, Value) {
        let mut body = json!({ "hash": asked["hash"] });
        body.as_object_mut().expect("an object").extend(decision.as_object().expect("an object").clone());
        self.world.ask(who, "POST", &path_of(asked), Some(body)).await
    }

    /// Tells what the audit log says happened, the oldest first.
    async fn audit(&self) -> Vec<String> {
        let told = self.bob("GET", "/api/policy/audit", None).await;
        let items = told["items"].as_array().expect("a page");
        items.iter().rev().map(|entry| entry["what"].as_str().expect("a word").to_owned()).collect()
    }

    async fn feed(&self) -> Socket {
        let world = &self.world;
        let mut feed = world.open("/api/feed", "tenure.feed.v1", Some(&world.bob.token)).await.expect("it opens");
        feed.until("live").await;
        feed
    }
}

fn path_of(asked: &Value) -> String {
    format!("/api/approvals/{}", asked["id"].as_str().expect("an id"))
}

/// Waits until a call waits for a person.
async fn asked(feed: &mut Socket) -> Value {
    loop {
        let news = feed.until("row").await;
        if news["row"]["list"] == "approval" {
            return news["row"]["row"].clone();
        }
    }
}
