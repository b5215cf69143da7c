//! Who may what: every route and every tool, tried by everybody, with their own objects and with those of others.
//!
//! Routes and tools come from the server's own lists, so that a new one without an expectation fails here.

mod objects;
mod routes;
mod table;
mod tools;

use serde_json::Value;
use tenure_journal::Position;

use self::objects::{Objects, made};
use self::table::{Opens, Refusal, Row};
use crate::runner::{FakeRunner, Work};
use crate::world::{BOUND, Person, World};

/// Who asks.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Role {
    Nobody,
    Wrong,
    Runner,
    /// An agent, with the pass of a work of the owner's.
    Agent,
    /// A person who has as much as the owner, but nothing of what is named.
    Stranger,
    Owner,
    Admin,
}

use Role::*;

const ROLES: [Role; 7] = [Nobody, Wrong, Runner, Agent, Stranger, Owner, Admin];

/// A server, two people who have one of everything, and whoever else may ask.
struct Scene {
    world: World,
    stranger: Person,
    pass: String,
    /// What the owner, bob, has.
    owned: Objects,
    /// What the stranger has.
    strange: Objects,
    /// Is at the works of both, and answers nothing.
    runner: Option<FakeRunner>,
}

impl Scene {
    async fn start() -> Self {
        let world = World::with(|options| options.metrics_open = false).await;
        let stranger = world.person("cleo").await;
        let mut runner = FakeRunner::connect(&world).await;
        let (owned, Work { mcp, .. }) = made(&world, &world.bob, &mut runner).await;
        let (strange, _) = made(&world, &stranger, &mut runner).await;
        let pass = mcp["token"].as_str().expect("a pass").to_owned();
        Self { world, stranger, pass, owned, strange, runner: Some(runner) }
    }

    fn credential(&self, role: Role) -> Option<&str> {
        match role {
            Nobody => None,
            Wrong => Some("wrong"),
            Runner => Some(&self.world.runner_token),
            Agent => Some(&self.pass),
            Stranger => Some(&self.stranger.token),
            Owner => Some(&self.world.bob.token),
            Admin => Some(&self.world.ann.token),
        }
    }

    /// Begins a request that shows what this role has to show.
    fn request(&self, role: Role, method: &str, path: &str) -> reqwest::RequestBuilder {
        let request = self.world.request(method, path).header("accept", "application/json, text/event-stream");
        self.credential(role).into_iter().fold(request, |request, token| request.bearer_auth(token))
    }

    async fn ask(&self, role: Role, row: &Row, objects: &Objects) -> Told {
        let method = if row.method == "*" { "POST" } else { row.method };
        let path = format!("{}{}", filled(row.path, objects), filled(row.query, objects));
        let mut request = self.request(role, method, &path);
        if let Some(body) = row.body {
            request = request.header("content-type", "application/json").body(filled(body, objects));
        }
        if let Some(subprotocol) = subprotocol(row.path) {
            request = request.header("connection", "upgrade").header("upgrade", "websocket");
            request = request.header("sec-websocket-version", "13").header("sec-websocket-protocol", subprotocol);
            request = request.header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        }
        Told::of(request, objects).await
    }

    /// Lets the runner go, so that nobody waits for its answers. The pass of its work is over then.
    fn without_runner(mut self) -> Self {
        self.runner = None;
        self
    }

    /// Waits until nothing that was asked for is still to be done, and returns the number of the last commit:
    /// nothing was written as long as it stays.
    async fn settled(&self) -> Position {
        let settled = async {
            loop {
                let health = self.world.runtime.health();
                if health.effects == 0 && health.queued == 0 {
                    return health.position;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(BOUND, settled).await.expect("it settles in time")
    }
}

/// What came back.
#[derive(Clone, PartialEq, Debug)]
struct Told {
    status: u16,
    code: String,
    /// All of it, with the names of objects in place of their ids; nothing of a stream.
    text: String,
}

impl Told {
    async fn of(request: reqwest::RequestBuilder, objects: &Objects) -> Self {
        let answer = tokio::time::timeout(BOUND, request.send()).await.expect("in time").expect("an answer");
        let status = answer.status().as_u16();
        let streams = answer.headers().get("content-type").is_some_and(|kind| kind == "text/event-stream");
        if status == 101 || streams {
            return Self { status, code: String::new(), text: String::new() };
        }
        let mut text = tokio::time::timeout(BOUND, answer.text()).await.expect("in time").expect("a text");
        let said: Value = serde_json::from_str(&text).unwrap_or_default();
        for (name, value) in objects.iter().filter(|(_, value)| value.len() > 16) {
            text = text.replace(value, name);
        }
        Self { status, code: said["code"].as_str().unwrap_or_default().to_owned(), text }
    }

    fn refusal(&self) -> (u16, &str) {
        (self.status, &self.code)
    }
}

/// Returns what a role is refused with; none when it is let in.
fn refusal(opens: Opens, role: Role) -> Option<Refusal> {
    match (opens, role) {
        (Opens::All, _) | (Opens::Runners, Runner) | (Opens::Agents, Agent) => None,
        (Opens::Proof(refusal), _) => Some(refusal),
        (_, Nobody | Wrong | Agent) => Some((401, "unauthorized")),
        (_, Runner) | (Opens::Runners, _) => Some((403, "role_insufficient")),
        (Opens::Admins(refusal), Stranger | Owner) => Some(refusal),
        (Opens::Owner(refusal), Stranger | Admin) | (Opens::OwnerAndAdmins(refusal), Stranger) => Some(refusal),
        _ => None,
    }
}

/// Puts objects in the place of their names. What is no name of an object stays, as braces of JSON do.
fn filled(text: &str, objects: &Objects) -> String {
    objects.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

fn subprotocol(path: &str) -> Option<&'static str> {
    match path {
        "/link/runner" => Some("tenure.runner.v1"),
        path if path.ends_with("/ws") => Some("tenure.client.v1"),
        _ => None,
    }
}
