//! What a delivery would do, without doing it.

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde_json::Value;
use tenure_protocol::trigger::{TestTrigger, TestedTrigger};
use tenure_workflow::scheduler::{Command, Reply, Stored, Tried, Verdict, execution_of};

use super::{Found, OwnerQuery, find, odd, target};
use crate::api::input::{self, Body};
use crate::api::workflows::shown::mistake;
use crate::auth::Person;
use crate::desk::Desk;
use crate::problem::{Rejection, of_ask};

/// `POST /api/triggers/{trigger}/test?owner`: says what a delivery would lead to. Nothing is checked of its signature, and
/// nothing is changed.
pub async fn test(
    desk: Data<Desk>,
    request: HttpRequest,
    caller: Person,
    body: Body<TestTrigger>,
) -> Result<Json<TestedTrigger>, Rejection> {
    let query: OwnerQuery = input::query(&request)?;
    let found = find(&desk, &request, &caller.0, query.owner.as_deref()).await?;
    let command = Command::Try { trigger: found.id(), stored: Box::new(imagined(body.0)) };
    match desk.runtime.schedulers.ask(found.owner, command).await.map_err(of_ask)?.reply {
        Reply::Tried(tried) => told(&desk, &found, *tried).await.map(Json),
        other => Err(odd(other)),
    }
}

/// Returns the request that is imagined: JSON, unless its headers say otherwise and the payload is a text.
fn imagined(test: TestTrigger) -> Stored {
    let TestTrigger { payload, headers, query, event } = test;
    let lower = headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value));
    let mut headers: BTreeMap<String, String> = lower.collect();
    headers.extend(event.map(|event| ("x-github-event".to_owned(), event)));
    let body = match (&payload, headers.contains_key("content-type")) {
        (Value::Null, _) => String::new(),
        (Value::String(text), true) => text.clone(),
        (payload, _) => payload.to_string(),
    };
    headers.entry("content-type".to_owned()).or_insert_with(|| "application/json".to_owned());
    Stored { method: "POST".to_owned(), headers, query, body, base64: false }
}

async fn told(desk: &Desk, found: &Found, tried: Tried) -> Result<TestedTrigger, Rejection> {
    let Tried { misses, events, verdict, firing, payload } = tried;
    let definition = &found.shown.definition;
    let mut why: Vec<String> = misses.into_iter().collect();
    why.extend(judged(&verdict));
    let mut inputs = firing.inputs;
    if let Some(name) = &definition.workflow
        && let Some(workflow) = target::workflow(desk, found.owner, name).await?
    {
        inputs = firing.offered.complete(&workflow, inputs, Some(&payload));
    } else if let Some(name) = &definition.workflow {
        why.push(format!("there is no workflow `{name}` any more"));
    }
    let mistakes = target::check_inputs(desk, found.owner, definition, &inputs).await?;
    Ok(TestedTrigger {
        fires: why.is_empty() && mistakes.is_empty(),
        why,
        events,
        inputs,
        workflow: definition.workflow.clone(),
        prompt: firing.prompt,
        mistakes: mistakes.iter().map(mistake).collect(),
    })
}

/// Says why a firing would start nothing now.
fn judged(verdict: &Verdict) -> Option<String> {
    match verdict {
        Verdict::Started => None,
        Verdict::Queued => Some("it would wait for the runs before it".to_owned()),
        Verdict::Skipped { running } => Some(format!("the run {} is still under way", execution_of(*running))),
        Verdict::Replaced => Some("a later firing would take its place in the queue".to_owned()),
        Verdict::Failed { why, .. } => Some(why.clone()),
    }
}
