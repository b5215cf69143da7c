//! Calling a tool by its name: what is refused before it looks at anything, and how large its answer may be.

use serde_json::{Map, Value, json};
use tenure_account::owner::OWN_SERVICE;
use tenure_account::policy::Made;
use tenure_protocol::tool::Does;
use tenure_workflow::canonical::sorted;
use tenure_workflow::execution::Refusal;
use tenure_workflow::nearest::nearest;
use tracing::info;

use super::found::Found;
use super::list::ACTIONS;
use super::{Action, Answer, At, admit, found};
use crate::auth::{Caller, secret};
use crate::connectors::Connected;
use crate::problem::{Explained, Rejection, problem, unavailable};

/// Calls the tool of this name.
pub async fn call(at: &At<'_>, name: &str, params: Map<String, Value>) -> Result<Answer, Rejection> {
    let found = found::find(at.desk, at.caller, name).await?;
    let called = match found.clone() {
        Found::Own(action) => own(at, action, params).await,
        Found::Connected(tool) => connected(at, tool, params).await,
    };
    if found.does() != Does::Reads {
        note(at.caller, found.name(), &called);
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

/// Carries a call of the server's own out once policy lets it go on.
async fn own(at: &At<'_>, action: &Action, params: Map<String, Value>) -> Result<Answer, Rejection> {
    may(at.caller, action)?;
    let made = made(at.caller, action, &params);
    not_in_circles(at, &made)?;
    let leave = admit::admit(at, action.does == Does::Reads, made).await?;
    let at = At { key: leave.key(&at.key), ..*at };
    let answer = (action.run)(&at, params).await;
    // A refusal leaves the approval as it is: nothing was carried out, and the same call can be made again.
    if answer.is_ok() {
        leave.used(at.desk, at.caller).await?;
    }
    answer
}

/// Has a connector carry a call out once policy lets it go on.
async fn connected(at: &At<'_>, tool: Connected, params: Map<String, Value>) -> Result<Answer, Rejection> {
    tool.is_as_seen()?;
    let made = tool.made(&params, admit::from(at.caller));
    not_in_circles(at, &made)?;
    let leave = admit::admit(at, false, made).await?;
    let (hub, service) = (at.desk.hub.clone(), tool.service().to_owned());
    tool.ready(&hub).await.map_err(|failure| failure.rejection(&service))?;
    let key = leave.key(&at.key);
    // An approval is spent beforehand: what became of the call may never be known, and then it is not made again.
    leave.spend(at.desk, at.caller).await?;
    if let Some(key) = &key
        && !admit::sends(at.desk, at.caller, key).await?
    {
        return Err(tool.sent_before());
    }
    let key = key.map(|key| key.to_string());
    // In a task of its own, so that a caller who leaves cuts nothing off.
    let calling = tokio::spawn(async move { tool.call(&hub, params, key.as_deref()).await });
    let called = calling.await.map_err(|_| unavailable("the server is stopping"))?;
    called.map(Answer::from).map_err(|failure| failure.rejection(&service))
}

/// Refuses an agent that makes the same call over and over.
fn not_in_circles(at: &At<'_>, made: &Made) -> Result<(), Rejection> {
    let Some(agent) = at.caller.at_work() else { return Ok(()) };
    at.desk.loops.enter(agent.work, &made.tool, &made.hash, at.desk.now())
}

/// Describes a call as policy judges it.
pub fn made(caller: &Caller, action: &Action, params: &Map<String, Value>) -> Made {
    Made {
        tool: action.name.to_owned(),
        service: OWN_SERVICE.to_owned(),
        risk: admit::risk(action.risk),
        arguments: params.clone(),
        hash: hash_of(OWN_SERVICE, action.name, params),
        caller: admit::from(caller),
    }
}

/// Names a service's tool with exactly these arguments, whatever their order.
pub fn hash_of(service: &str, tool: &str, params: &Map<String, Value>) -> String {
    let canonical = sorted(json!({ "service": service, "tool": tool, "arguments": params }));
    format!("sha256:{}", secret::hash(&canonical.to_string()))
}

/// Notes for the operator who has done what, or was kept from it.
fn note(caller: &Caller, tool: &str, called: &Result<Answer, Rejection>) {
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
        "{} called the tool {tool}: {outcome}",
        caller.name
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
