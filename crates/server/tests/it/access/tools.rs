//! Every tool, tried by everybody.

use serde_json::{Map, Value, json};
use tenure_server::ACTIONS;

use super::objects::{Objects, SECRETS, nowhere};
use super::table::Opens;
use super::{Agent, Nobody, Owner, Role, Runner, Scene, Stranger, Told, Wrong, refusal};

/// What a tool is expected to do with what it is called with.
#[derive(Clone, Copy, PartialEq)]
enum Takes {
    /// An object: of another owner's it knows nothing, and says so with this code.
    One(&'static str),
    /// Nothing of anybody's: it shows, or makes, what is the caller's own.
    Own,
}

use Takes::*;

const TOOLS: &[(&str, Takes)] = &[
    ("list_workflows", Own),
    ("get_workflow", One("workflow_unknown")),
    ("list_workflow_history", One("workflow_unknown")),
    ("validate_workflow", Own),
    ("sync_workflow", Own),
    ("update_workflow", One("workflow_unknown")),
    ("run_workflow", One("workflow_unknown")),
    ("delete_workflow", One("workflow_unknown")),
    ("rollback_workflow", One("workflow_unknown")),
    ("create_workflow_proposal", One("workflow_unknown")),
    ("list_workflow_proposals", One("workflow_unknown")),
    ("review_workflow_proposal", One("workflow_unknown")),
    ("apply_workflow_proposal", One("workflow_unknown")),
    ("list_workflow_executions", Own),
    ("get_execution", One("execution_unknown")),
    ("get_execution_steps", One("execution_unknown")),
    ("debug_execution", One("execution_unknown")),
    ("approve_execution", One("execution_unknown")),
    ("cancel_execution", One("execution_unknown")),
    ("list_triggers", Own),
    ("sync_trigger", One("trigger_invalid")),
    ("run_trigger", One("trigger_unknown")),
    ("delete_trigger", One("trigger_unknown")),
];

/// Which object stands for a parameter.
const PARAMETERS: &[(&str, &str)] = &[
    ("workflow_id", "workflow"),
    ("execution_id", "execution"),
    ("approval_id", "approval"),
    ("resume_token", "approval_hash"),
    ("proposal_id", "proposal"),
    ("trigger_id", "trigger"),
    ("base_workflow_hash", "hash"),
    ("target_workflow_hash", "hash"),
];

/// Returns the tool's own example, with these objects in it.
fn call_of(name: &str, objects: &Objects) -> Value {
    let action = ACTIONS.iter().find(|action| action.name == name).expect("it is listed");
    let Value::Object(mut params) = action.example() else { panic!("parameters are an object") };
    for (parameter, object) in PARAMETERS {
        if let Some(value) = params.get_mut(*parameter) {
            *value = json!(objects[object]);
        }
    }
    // Nobody waits here for a run to end.
    if let Some(wait) = params.get_mut("wait_ms") {
        *wait = json!(0);
    }
    Value::Object(params)
}

async fn by_http(scene: &Scene, role: Role, name: &str, objects: &Objects) -> Told {
    let body = json!({ "params": call_of(name, objects) }).to_string();
    let request = scene.request(role, "POST", &format!("/api/tools/{name}/call"));
    Told::of(request.header("content-type", "application/json").body(body), objects).await
}

/// Calls through `/mcp`, and returns the result.
async fn by_mcp(scene: &Scene, role: Role, name: &str, arguments: Value) -> Map<String, Value> {
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": name, "arguments": arguments } });
    let request = scene.request(role, "POST", "/mcp").header("content-type", "application/json");
    let (_, answer) = scene.world.send(request.body(body.to_string())).await;
    answer["result"]["structuredContent"].as_object().unwrap_or_else(|| panic!("{name}: {answer}")).clone()
}

#[test]
fn every_tool_has_a_row_and_every_object_a_name() {
    let there: Vec<_> = ACTIONS.iter().map(|action| action.name).collect();
    assert_eq!(there, TOOLS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    for action in ACTIONS {
        let schema = (action.schema)();
        let fields = schema["properties"].as_object().expect("fields");
        let objects = fields.keys().filter(|field| field.ends_with("_id") || field.ends_with("_hash"));
        for field in objects {
            assert!(PARAMETERS.iter().any(|(name, _)| name == field), "{}: {field}", action.name);
        }
    }
}

#[actix_web::test]
async fn nobody_calls_a_tool_without_being_somebody_nor_with_what_is_another_owners() {
    let scene = Scene::start().await;
    let (before, nothing) = (scene.settled().await, nowhere(&scene.owned));
    let mut wrong = vec![];
    for (name, takes) in TOOLS {
        for role in [Nobody, Wrong, Runner, Agent] {
            let told = by_http(&scene, role, name, &scene.owned).await;
            if Some(told.refusal()) != refusal(Opens::Persons, role) {
                wrong.push(format!("{name} as {role:?}: {told:?}"));
            }
        }
        let One(code) = takes else { continue };
        let told = by_http(&scene, Stranger, name, &scene.owned).await;
        let unknown = by_http(&scene, Stranger, name, &nothing).await;
        if told.code != *code || told != unknown {
            wrong.push(format!("{name}: {told:?}, and of nothing {unknown:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(scene.settled().await, before, "nothing was written");
    for (name, _) in TOOLS.iter().filter(|(_, takes)| *takes == Own) {
        let told = by_http(&scene, Stranger, name, &scene.strange).await;
        let shown = SECRETS.iter().find(|secret| told.text.contains(&scene.owned[**secret]));
        assert_eq!((told.status, shown), (200, None), "{name}: {told:?}");
    }
}

#[actix_web::test]
async fn an_agent_calls_every_tool_but_those_that_decide() {
    let scene = Scene::start().await;
    let all = json!({ "what": "service:tenure", "mode": "allow" }).to_string();
    let rule = scene.request(Owner, "PUT", "/api/policy/rules").header("content-type", "application/json").body(all);
    assert_eq!(scene.world.send(rule).await.0, 200, "nobody is to be asked");
    for action in ACTIONS {
        let told = by_mcp(&scene, Agent, action.name, call_of(action.name, &scene.strange)).await;
        let code = told.get("error").map(|error| error["code"].clone());
        match (action.needs_person(), code) {
            (true, code) => assert_eq!(code, Some(json!("agents_do_not_decide")), "{}", action.name),
            (false, Some(code)) => {
                let row = TOOLS.iter().find(|(name, _)| *name == action.name).expect("a row");
                assert!(matches!(row.1, One(unknown) if code == unknown), "{}: {code}", action.name);
            }
            (false, None) => {
                let shown = SECRETS.iter().find(|secret| json!(told).to_string().contains(&scene.strange[**secret]));
                assert_eq!(shown, None, "{} shows what is a stranger's", action.name);
            }
        }
    }
}

#[actix_web::test]
async fn an_owner_calls_every_tool() {
    let scene = Scene::start().await;
    let is_taking_away = |name: &str| name.starts_with("delete_") || name.starts_with("cancel_");
    let mut order: Vec<_> = TOOLS.to_vec();
    order.sort_by_key(|(name, _)| is_taking_away(name));
    for (name, takes) in order {
        let told = by_http(&scene, Owner, name, &scene.owned).await;
        let turned_away = matches!(takes, One(code) if code == told.code && told.status == 404);
        assert!(!turned_away && ![401, 403, 500].contains(&told.status), "{name}: {told:?}");
    }
}
