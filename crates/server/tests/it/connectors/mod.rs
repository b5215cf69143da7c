//! Connectors, with a fake server of the Model Context Protocol behind them.

mod calling;
mod commands;
mod fake;
mod keeping;
mod misbehaving;
mod steps;

use serde_json::{Value, json};
use tenure_model::Span;

use self::fake::Fake;
use crate::world::World;

/// What no answer, log or file may show.
const SECRET: &str = "tok-5f2c91d7e3";

/// A server, and a fake that bob has registered as `tracker`, whose tools his agents may call.
struct Scene {
    world: World,
    fake: Fake,
}

impl Scene {
    async fn start() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut tenure_server::ServerOptions)) -> Self {
        let (world, fake) = (World::with(change).await, Fake::start().await);
        let scene = Self { world, fake };
        let told = scene.set(json!({ "url": scene.fake.url, "risk": "low" })).await;
        assert_eq!((told.0, &told.1["outcome"]), (201, &json!("created")), "{}", told.1);
        scene
    }

    /// Nobody waits long for a connector here.
    async fn impatient() -> Self {
        Self::with(|options| {
            options.connector_call_ms = Span::ms(300);
            options.connector_answer_bytes_max = 256 * 1024;
        })
        .await
    }

    async fn set(&self, body: Value) -> (u16, Value) {
        self.world.ask(&self.world.bob, "PUT", "/api/connectors/tracker", Some(body)).await
    }

    /// Asks as bob, who is not refused.
    async fn bob(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let (status, answer) = self.world.ask(&self.world.bob, method, path, body).await;
        assert!(status < 300, "{method} {path}: {status}: {answer}");
        answer
    }

    /// Calls a tool of the connector as bob.
    async fn call(&self, tool: &str, params: Value) -> (u16, Value) {
        let path = format!("/api/tools/tracker__{tool}/call");
        self.world.ask(&self.world.bob, "POST", &path, Some(json!({ "params": params }))).await
    }

    /// Calls it, and returns what it is refused with.
    async fn refused(&self, tool: &str) -> (u64, String, String) {
        let (status, told) = self.call(tool, json!({})).await;
        let text = |field: &str| told[field].as_str().unwrap_or_else(|| panic!("{told}")).to_owned();
        (status.into(), text("code"), text("detail"))
    }

    async fn health(&self) -> Value {
        self.bob("GET", "/api/connectors/tracker", None).await["health"].clone()
    }

    /// Returns the names of the connector's tools in the list of all tools.
    async fn listed(&self) -> Vec<String> {
        let listed = self.bob("GET", "/api/tools", None).await;
        let items = listed["items"].as_array().expect("a page").iter();
        let of_it = items.filter(|tool| tool["service"] == "tracker");
        of_it.map(|tool| tool["name"].as_str().expect("a name").to_owned()).collect()
    }
}
