//! Random definitions: trees of steps of every kind, in which each step's result depends on nothing but its place.

use proptest::prelude::*;
use serde_json::{Value, json};

/// A step before it has an id.
#[derive(Clone, Debug)]
pub enum Plan {
    Tool,
    Bash,
    Agent,
    Notify,
    Child,
    Set,
    Wait,
    Event,
    Approval,
    Stop,
    Fork { holds: bool, then: Vec<Node>, other: Vec<Node> },
    Loop { items: u8, at_once: u8, collects: bool, steps: Vec<Node> },
    While { rounds: u8, steps: Vec<Node> },
    Parallel { branches: Vec<Vec<Node>>, collects: bool },
}

/// A step and what all steps can say.
#[derive(Clone, Debug)]
pub struct Node {
    pub plan: Plan,
    pub skipped: bool,
    pub attempts: u8,
    pub goes_on: bool,
    pub catch: bool,
}

/// What a tree may hold: `stops` and failing fast make the outcome depend on who is first.
#[derive(Clone, Copy, Debug)]
pub struct Taste {
    pub racy: bool,
}

pub fn tree(taste: Taste) -> impl Strategy<Value = Vec<Node>> {
    let leaf = prop_oneof![
        6 => Just(Plan::Tool),
        3 => Just(Plan::Bash),
        1 => Just(Plan::Agent),
        1 => Just(Plan::Notify),
        1 => Just(Plan::Child),
        3 => Just(Plan::Set),
        2 => Just(Plan::Wait),
        1 => Just(Plan::Event),
        2 => Just(Plan::Approval),
        u32::from(taste.racy) => Just(Plan::Stop),
    ];
    let node = node(leaf);
    let tree = node.prop_recursive(3, 24, 4, move |inner| {
        let body = || prop::collection::vec(inner.clone(), 1..4);
        let plan = prop_oneof![
            (any::<bool>(), body(), body()).prop_map(|(holds, then, other)| Plan::Fork { holds, then, other }),
            (0..4_u8, 1..4_u8, any::<bool>(), body()).prop_map(move |(items, at_once, collects, steps)| {
                let collects = collects || (at_once > 1 && !taste.racy);
                Plan::Loop { items, at_once, collects, steps }
            }),
            (0..3_u8, body()).prop_map(|(rounds, steps)| Plan::While { rounds, steps }),
            (prop::collection::vec(body(), 1..4), any::<bool>())
                .prop_map(move |(branches, collects)| Plan::Parallel { branches, collects: collects || !taste.racy }),
        ];
        self::node(plan)
    });
    prop::collection::vec(tree, 1..5)
}

fn node(plan: impl Strategy<Value = Plan>) -> impl Strategy<Value = Node> {
    let traits = (prop::bool::weighted(0.1), 1..3_u8, prop::bool::weighted(0.3), prop::bool::weighted(0.2));
    (plan, traits).prop_map(|(plan, (skipped, attempts, goes_on, catch))| Node {
        plan,
        skipped,
        attempts,
        goes_on,
        catch,
    })
}

/// Writes the definition, with ids in authored order.
pub fn definition(nodes: &[Node]) -> String {
    let steps = write(nodes, &mut 0, true);
    json!({ "name": "Random", "max_steps": 10_000, "steps": steps }).to_string()
}

/// Items that run at once may not set variables, because they would overwrite each other's.
fn write(nodes: &[Node], ids: &mut u32, sets: bool) -> Vec<Value> {
    nodes.iter().map(|node| step(node, ids, sets)).collect()
}

fn step(node: &Node, ids: &mut u32, sets: bool) -> Value {
    *ids += 1;
    let id = format!("s{ids}");
    let mut step = match &node.plan {
        Plan::Tool => json!({ "type": "tool", "tool": "t" }),
        Plan::Bash => json!({ "type": "bash", "command": "ls" }),
        Plan::Agent => {
            json!({ "type": "agent_prompt", "prompt": "Look", "output_schema": { "n": { "type": "number" } } })
        }
        Plan::Notify => json!({ "type": "notify", "content": "x" }),
        Plan::Child => json!({ "type": "workflow", "workflow": "other" }),
        Plan::Set if sets => json!({ "type": "set", "variables": { id.as_str(): [1, "{{ run.id }}"] } }),
        Plan::Set => json!({ "type": "tool", "tool": "echo", "arguments": { "x": [1, id] } }),
        Plan::Wait => json!({ "type": "wait", "duration": "2h" }),
        Plan::Event => json!({ "type": "wait", "event": id }),
        Plan::Approval => json!({ "type": "approval", "prompt": "Go?", "on_deny": "continue" }),
        Plan::Stop => json!({ "type": "stop" }),
        Plan::Fork { holds, then, other } => {
            json!({ "type": "conditional", "condition": holds, "then": write(then, ids, sets), "else": write(other, ids, sets) })
        }
        Plan::Loop { items, at_once, collects, steps } => json!({
            "type": "loop",
            "over": (0..*items).collect::<Vec<_>>(),
            "concurrency": at_once,
            "on_failure": if *collects { "collect" } else { "fail_fast" },
            "collect": "{{ loop.item }}",
            "steps": write(steps, ids, sets && *at_once == 1),
        }),
        Plan::While { rounds, steps } => json!({
            "type": "loop",
            "while": format!("loop.index < {rounds}"),
            "steps": write(steps, ids, sets),
        }),
        Plan::Parallel { branches, collects } => {
            let branches = branches.iter().enumerate();
            let branches: serde_json::Map<_, _> =
                branches.map(|(number, steps)| (format!("b{number}"), json!(write(steps, ids, sets)))).collect();
            json!({ "type": "parallel", "branches": branches, "on_failure": if *collects { "collect" } else { "fail_fast" } })
        }
    };
    step["id"] = json!(id);
    if node.skipped {
        step["if"] = json!("false");
    }
    if node.attempts > 1 {
        step["retry"] = json!({ "max_attempts": node.attempts, "backoff": { "delay": "1m" } });
    }
    if node.goes_on {
        step["continue_on_error"] = json!(true);
    }
    if node.catch {
        *ids += 1;
        step["catch"] = json!([{ "id": format!("s{ids}"), "type": "tool", "tool": "mend" }]);
    }
    step
}
