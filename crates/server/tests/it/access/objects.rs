//! Everything that one person owns, by the names under which the table asks for it; and the same of nobody.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::runner::{FakeRunner, Work, create, prompt};
use crate::world::{Person, Socket, World};

/// What stands for a name in the table.
pub type Objects = BTreeMap<&'static str, String>;

/// What is a part of something else: it must not be reached through another whole either.
pub const PARTS: &[&str] = &["prompt", "turn", "thread", "proposal", "approval", "link", "firing"];

/// What only its owner may come to see.
pub const SECRETS: &[&str] =
    &["session", "workflow", "proposal", "execution", "approval", "trigger", "firing", "token", "grant"];

const GATE: &str = "name: Gate\nslug: gate\nconstraints: {allow_self_modification: true}\nsteps:\n  - {id: gate, type: approval, prompt: 'Go on?'}\n  - {id: say, type: tool, tool: echo, arguments: {text: hi}}\n";
const OTHER: &str = "name: Other\nslug: gate\nconstraints: {allow_self_modification: true}\nsteps:\n  - {id: say, type: tool, tool: echo, arguments: {text: other}}\n";

/// Makes one of everything for this person: a turn that an agent is at, a prompt behind it, a run that asks, and so on.
pub async fn made(world: &World, who: &Person, runner: &mut FakeRunner) -> (Objects, Work) {
    let session = world.session(who).await;
    prompt(world, who, &session, "do it").await;
    let mut work = runner.work().await;
    runner.tell(&mut work, &[create()]).await;
    let of = |path: &str| format!("/api/sessions/{session}{path}");
    let queued = done(world, who, "POST", &of("/prompts"), json!({ "text": "and this" })).await;
    let thread = done(world, who, "POST", &of("/threads"), json!({ "title": "other" })).await;
    let saved = done(world, who, "POST", "/api/workflows/sync", definition(GATE)).await;
    let workflow = text(&saved["id"]);
    let proposal = json!({ "base": saved["version"]["hash"], "text": OTHER });
    let proposal = done(world, who, "POST", &format!("/api/workflows/{workflow}/proposals"), proposal).await;
    let mut feed = world.open("/api/feed", "tenure.feed.v1", Some(&who.token)).await.expect("it opens");
    let run = done(world, who, "POST", "/api/executions", json!({ "workflow": workflow })).await;
    let execution = text(&run["execution"]);
    asks(&mut feed, &run["execution"]).await;
    let (_, run) = world.ask(who, "GET", &format!("/api/executions/{execution}"), None).await;
    let approval = &run["approvals"][0];
    let links = format!("/api/executions/{execution}/approvals/{}/links", text(&approval["id"]));
    let link = done(world, who, "POST", &links, json!({})).await;
    let schedule = json!({ "name": "nightly", "type": "schedule", "cron": "0 3 * * *", "workflow": workflow });
    let trigger = text(&done(world, who, "POST", "/api/triggers/sync", schedule).await["id"]);
    let fired = done(world, who, "POST", &format!("/api/triggers/{trigger}/run"), json!({})).await;
    asks(&mut feed, &fired["execution"]).await;
    let token = done(world, who, "POST", "/api/tokens", json!({ "name": "spare", "role": "user" })).await;
    let grant = json!({ "tool": "list_workflows", "within": "owner", "lasts_ms": 3_600_000 });
    let grant = text(&done(world, who, "POST", "/api/policy/grants", grant).await["id"]);
    let persona = format!("pirate-{}", &session[24..]);
    let told = json!({ "instructions": "Speak like a pirate." });
    done(world, who, "PUT", &format!("/api/personas/{persona}"), told).await;
    let connector = format!("tracker-{}", &session[24..]);
    let told = json!({ "url": "http://127.0.0.1:1/mcp", "enabled": false });
    done(world, who, "PUT", &format!("/api/connectors/{connector}"), told).await;
    let budget = format!("session:{session}");
    done(world, who, "PUT", &format!("/api/budgets/{budget}"), json!({ "allowance": { "turns": 1_000 } })).await;
    let objects = [
        ("session", session.clone()),
        ("budget", budget),
        ("turn", work.work.clone()),
        ("prompt", text(&queued["prompt"])),
        ("thread", text(&thread["thread"])),
        ("workflow", workflow),
        ("hash", text(&saved["version"]["hash"])),
        ("proposal", text(&proposal["id"])),
        ("execution", execution),
        ("approval", text(&approval["id"])),
        ("approval_hash", text(&approval["hash"])),
        ("link", text(&link["id"])),
        ("trigger", trigger),
        ("firing", text(&fired["firing"])),
        ("token", text(&token["id"])),
        ("grant", grant),
        ("persona", persona),
        ("connector", connector),
        ("runner", runner.id.to_string()),
        ("user", world.ann.user.to_string()),
    ];
    (objects.into_iter().chain(words()).collect(), work)
}

/// Returns the same shapes, of which nothing was ever made.
pub fn nowhere(like: &Objects) -> Objects {
    let shared = ["hash", "approval_hash", "runner", "user"];
    let other = |(number, (name, value)): (usize, (&&'static str, &String))| {
        let value = match Uuid::parse_str(value) {
            Ok(_) if !shared.contains(name) => {
                Uuid::from_u128(0x018f_2b3c_0000_7000_8000_0000_0000_0000 + number as u128).to_string()
            }
            _ => value.clone(),
        };
        let value = match *name {
            "budget" => "session:018f2b3c-0000-7000-8000-0000000000ff".to_owned(),
            "persona" => "pirate-of-nobody's".to_owned(),
            "connector" => "connector-of-nobody".to_owned(),
            _ => value,
        };
        (*name, value)
    };
    like.iter().enumerate().map(other).collect()
}

/// What is no object.
fn words() -> [(&'static str, String); 5] {
    [("event", "go"), ("tool", "list_workflows"), ("kind", "session"), ("fresh", "later"), ("address", "none")]
        .map(|(name, word)| (name, word.to_owned()))
}

async fn done(world: &World, who: &Person, method: &str, path: &str, body: Value) -> Value {
    let (status, answer) = world.ask(who, method, path, Some(body)).await;
    assert!(status < 300, "{method} {path}: {status}: {answer}");
    answer
}

/// Waits until a run asks.
async fn asks(feed: &mut Socket, execution: &Value) {
    loop {
        let news = feed.until("row").await;
        let row = &news["row"];
        if row["id"] == *execution && row["row"]["status"] == "waiting" {
            return;
        }
    }
}

fn definition(yaml: &str) -> Value {
    serde_norway::from_str(yaml).expect("it is YAML")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
