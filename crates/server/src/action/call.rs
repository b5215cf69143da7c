//! Calling a tool by its name: what is refused before it looks at anything, and how large its answer may be.

use serde_json::{Map, Value, json};
use tenure_account::owner::OWN_SERVICE;
use tenure_account::policy::Made;
use tenure_model::request::RequestId;
use tenure_protocol::tool::Does;
use tenure_runtime::Runtime;
use tenure_workflow::canonical::sorted;
use tenure_workflow::execution::Refusal;
use tenure_workflow::nearest::nearest;
use tracing::info;

use super::admit::Leave;
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
        Found::Connected(tool) => match admitted(at, &tool, &params).await {
            Ok(leave) => return bounded(at, carried_out(at, tool, params, leave).await?),
            Err(refused) => Err(refused),
        },
    };
    if found.does() != Does::Reads {
        note(at.caller, found.name(), &called);
    }
    bounded(at, called?)
}

/// Refuses an answer that is larger than callers take.
fn bounded(at: &At<'_>, answer: Answer) -> Result<Answer, Rejection> {
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
    let looks = || (action.look)(at, params.clone());
    let leave = admit::admit(at, action.does == Does::Reads, made, looks).await?;
    let at = At { key: leave.key(&at.key), ..*at };
    let answer = (action.run)(&at, params).await;
    // A refusal leaves the approval as it is: nothing was carried out, and the same call can be made again.
    if answer.is_ok() {
        leave.used(&at.desk.runtime, at.caller).await?;
    }
    answer
}

/// Returns leave for a call of a connector's tool.
async fn admitted(at: &At<'_>, tool: &Connected, params: &Map<String, Value>) -> Result<Leave, Rejection> {
    tool.is_as_seen()?;
    let made = tool.made(params, admit::from(at.caller));
    not_in_circles(at, &made)?;
    // What it names, only the connector knows.
    let leave = admit::admit(at, false, made, || std::future::ready(Ok(()))).await?;
    let (hub, service) = (&at.desk.hub, tool.service());
    tool.ready(hub).await.map_err(|failure| failure.rejection(service))?;
    Ok(leave)
}

/// Has a connector carry a call out, in a task of its own, so that a caller who leaves cuts nothing off, nor what is noted of it.
async fn carried_out(
    at: &At<'_>,
    tool: Connected,
    params: Map<String, Value>,
    leave: Leave,
) -> Result<Answer, Rejection> {
    let (runtime, hub) = (at.desk.runtime.clone(), at.desk.hub.clone());
    let (caller, key) = (at.caller.clone(), leave.key(&at.key));
    let calling = tokio::spawn(async move {
        let called = match spent(&runtime, &caller, &tool, leave, key.as_ref()).await {
            Ok(()) => {
                let key = key.map(|key| key.to_string());
                let said = tool.call(&hub, params, key.as_deref()).await;
                said.map(Answer::from).map_err(|failure| failure.rejection(tool.service()))
            }
            Err(refused) => Err(refused),
        };
        note(&caller, &tool.tool.name, &called);
        called
    });
    calling.await.map_err(|_| unavailable("the server is stopping"))?
}

/// Uses up what a call may be made under, before it is sent: what became of it may never be known, and then it is not made again.
async fn spent(
    runtime: &Runtime,
    caller: &Caller,
    tool: &Connected,
    leave: Leave,
    key: Option<&RequestId>,
) -> Result<(), Rejection> {
    leave.spend(runtime, caller).await?;
    match key {
        Some(key) if !admit::sends(runtime, caller, &tool.tool.name, key).await? => Err(tool.sent_before()),
        _ => Ok(()),
    }
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
