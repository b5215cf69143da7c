//! Calling a tool by its name: what is refused before it looks at anything, and how large its answer may be.

use serde_json::{Map, Value, json};
use tenure_account::policy::Made;
use tenure_protocol::tool::Does;
use tenure_workflow::canonical::sorted;
use tenure_workflow::execution::Refusal;
use tenure_workflow::nearest::nearest;
use tracing::info;

use super::list::{self, ACTIONS};
use super::{Action, Answer, At, admit};
use crate::auth::{Caller, secret};
use crate::problem::{Explained, Rejection, problem};

/// Calls the tool of this name.
pub async fn call(at: &At<'_>, name: &str, params: Map<String, Value>) -> Result<Answer, Rejection> {
    let action = list::find(name).ok_or_else(|| unknown(name))?;
    let called = match may(at.caller, action) {
        Ok(()) => admitted(at, action, params).await,
        Err(refused) => Err(refused),
    };
    if action.does != Does::Reads {
        note(at.caller, action, &called);
    }
    let answer = called?;
    let (size, max) = (answer.size(), at.desk.options.tool_result_bytes_max);
    if size > max {
        let detail = format!(
            "the answer has {size} bytes, the limit tool_result_bytes_max is {max}; ask for less of it, or read it over HTTP"
        );
        return Err(problem(413, "tool_result_too_large", detail).limit(max as u64, size as u64));
    }
    Ok(answer)
}

/// Carries a call out once policy lets it go on.
async fn admitted(at: &At<'_>, action: &Action, params: Map<String, Value>) -> Result<Answer, Rejection> {
    let leave = admit::admit(at, action, made(at.caller, action, &params)).await?;
    let at = At { key: leave.key(&at.key), ..*at };
    let answer = (action.run)(&at, params).await;
    // A refusal leaves the approval as it is: nothing was carried out, and the same call can be made again.
    if answer.is_ok() {
        leave.used(at.desk, at.caller).await?;
    }
    answer
}

/// Describes a call as policy judges it.
pub fn made(caller: &Caller, action: &Action, params: &Map<String, Value>) -> Made {
    Made {
        tool: action.name.to_owned(),
        service: admit::SERVICE.to_owned(),
        risk: admit::risk(action.risk),
        arguments: params.clone(),
        hash: hash_of(action.name, params),
        caller: admit::from(caller),
    }
}

/// Names a tool with exactly these arguments, whatever their order.
fn hash_of(tool: &str, params: &Map<String, Value>) -> String {
    let canonical = sorted(json!({ "service": admit::SERVICE, "tool": tool, "arguments": params }));
    format!("sha256:{}", secret::hash(&canonical.to_string()))
}

/// Notes for the operator who has done what, or was kept from it.
fn note(caller: &Caller, action: &Action, called: &Result<Answer, Rejection>) {
    let outcome = called.as_ref().map_or_else(|refused| refused.0.code.as_str(), |_| "done");
    let session = caller.at_work().map(|agent| tracing::field::display(agent.session));
    let work = caller.at_work().map(|agent| tracing::field::display(agent.work));
    info!(
        target: "tenure::audit",
        user = %caller.name,
        session.id = session,
        turn.id = work,
        agent = caller.agent,
        outcome,
        "{} called the tool {}: {outcome}",
        caller.name,
        action.name
    );
}

/// Refuses what this caller may never do, whatever it is done to.
fn may(caller: &Caller, action: &Action) -> Result<(), Rejection> {
    if caller.is_in_workflow() && action.is_self_changing() {
        let detail = format!(
            "{} is refused where a run is at work, because runs do not change what they are made of; \
             have it done in the orchestrator session, or propose the change with create_workflow_proposal",
            action.name
        );
        return Err(problem(403, "refused_in_workflow", detail));
    }
    match caller.agent && action.needs_person() {
        true => Err(Refusal::AgentsDoNotDecide.rejection()),
        false => Ok(()),
    }
}

/// Refuses a name that no tool has.
pub fn unknown(name: &str) -> Rejection {
    let names = ACTIONS.iter().map(|action| action.name);
    let hint = match nearest(name, names) {
        Some(near) => format!("did you mean {near}?"),
        None => "the list of tools says what there is".to_owned(),
    };
    problem(404, "tool_unknown", format!("there is no tool \"{name}\"; {hint}"))
}
