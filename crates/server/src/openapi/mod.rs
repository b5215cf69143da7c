//! The description of the HTTP API, generated from the types of its bodies and one table of its operations.

mod connectors;
mod executions;
mod operations;
mod policy;
mod tools;
mod triggers;
mod workflows;

use actix_web::web::Json;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tenure_protocol::Problem;
use tenure_protocol::schema::{Definitions, frames as frame_schemas};

use crate::api::input;
use crate::guide::{self, Topic, Topics};
use crate::problem::{Rejection, problem};
use operations::{Answer, Operation, Taken, operations};

/// `GET /api/openapi.json`: describes the HTTP API.
pub async fn document() -> Json<Value> {
    Json(describe())
}

/// `GET /schema/frames.json`: describes what websockets and event streams carry.
pub async fn frames() -> HttpResponse {
    HttpResponse::Ok().content_type("application/schema+json").json(frame_schemas())
}

/// `GET /schema/workflow.json`: describes what a definition of a workflow may say, for editors and agents.
pub async fn workflow() -> HttpResponse {
    HttpResponse::Ok().content_type("application/schema+json").json(tenure_workflow::schema::schema())
}

/// `GET /schema/trigger.json`: describes what a definition of a trigger may say.
pub async fn trigger() -> HttpResponse {
    HttpResponse::Ok().content_type("application/schema+json").json(tenure_workflow::trigger::schema())
}

/// `GET /schema/workflow.md?topic`: tells how workflows are written and run, as Markdown: what the prompt `workflows` of `/mcp` tells.
pub async fn guide(request: HttpRequest) -> Result<HttpResponse, Rejection> {
    let query: GuideQuery = input::query(&request)?;
    let topic = match query.topic {
        Some(name) => Topic::named(&name)
            .ok_or_else(|| problem(400, "query_invalid", format!("topic is one of {Topics}")).field("topic"))?,
        None => Topic::Overview,
    };
    Ok(HttpResponse::Ok().content_type("text/markdown; charset=utf-8").body(guide::text(topic)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GuideQuery {
    topic: Option<String>,
}

fn every_operation() -> impl Iterator<Item = Operation> {
    let others = [
        workflows::operations(),
        executions::operations(),
        triggers::operations(),
        tools::operations(),
        connectors::operations(),
        policy::operations(),
    ];
    operations().into_iter().chain(others.into_iter().flatten())
}

fn describe() -> Value {
    let mut definitions = Definitions::default();
    let problem = definitions.add::<Problem>();
    let mut paths: Map<String, Value> = Map::new();
    for operation in every_operation() {
        let described = describe_one(&operation, &problem, &mut definitions);
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method] = described;
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Tenure",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Durable sessions for AI agents. Errors are problem documents (RFC 9457); match on `code`. \
                            Pages are followed by their `cursor`. A command with an `Idempotency-Key` is carried out \
                            once within 24 hours, however often it is sent.",
        },
        "paths": paths,
        "components": {
            "schemas": definitions.types,
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
        },
        "security": [{ "token": [] }],
    })
}

fn describe_one(operation: &Operation, problem: &str, definitions: &mut Definitions) -> Value {
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let any = json!({});
    let content = match operation.answer {
        Answer::Json(add) => Some(("application/json", reference(&add(definitions)))),
        Answer::Events => Some(("text/event-stream", json!({ "type": "string" }))),
        Answer::Markdown => Some(("text/markdown", json!({ "type": "string" }))),
        Answer::Plain => Some(("text/plain", json!({ "type": "string" }))),
        Answer::Any => Some(("application/json", any)),
        Answer::Nothing => None,
    };
    let mut success = json!({ "description": "It is so" });
    if let Some((media, schema)) = content {
        success["content"][media]["schema"] = schema;
    }
    let named = operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Value> = named
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    parameters.extend(
        operation
            .query
            .iter()
            .map(|name| json!({ "name": name, "in": "query", "required": false, "schema": { "type": "string" } })),
    );
    if operation.keyed {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "schema": { "type": "string", "minLength": 1, "maxLength": 100 },
        }));
    }
    let mut described = json!({
        "summary": operation.summary,
        "parameters": parameters,
        "responses": {
            operation.status.to_string(): success,
            "default": {
                "description": "It is not",
                "content": { "application/problem+json": { "schema": reference(problem) } },
            },
        },
    });
    if operation.open {
        described["security"] = json!([]);
    }
    let content = match operation.body {
        None => return described,
        Some(Taken::Json(body)) => json!({ "application/json": { "schema": reference(&body(definitions)) } }),
        Some(Taken::Any) => json!({ "application/json": { "schema": {} } }),
        Some(Taken::Definition) => written_as("/schema/workflow.json"),
        Some(Taken::Trigger) => written_as("/schema/trigger.json"),
    };
    let required = !matches!(operation.body, Some(Taken::Any));
    described["requestBody"] = json!({ "required": required, "content": content });
    described
}

/// A text that a schema of its own describes, in either language.
fn written_as(schema: &str) -> Value {
    let schema = json!({ "schema": { "$ref": schema } });
    json!({ "application/yaml": schema, "application/json": schema })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::route_table::ANY;
    use crate::routes;

    /// What speaks a protocol of its own, which its own documents describe.
    const OTHERS: &[(&str, &str)] = &[("*", "/mcp"), ("GET", "/link/runner")];
    const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE"];

    #[test]
    fn what_is_described_is_what_there_is() {
        let described: BTreeSet<_> =
            every_operation().map(|one| (one.method.to_uppercase(), one.path.to_owned())).collect();
        let each = |method: &'static str| if method == ANY { METHODS.to_vec() } else { vec![method] };
        let there = routes::table().list().into_iter().filter(|(method, path)| !OTHERS.contains(&(*method, path)));
        let there: BTreeSet<_> = there
            .flat_map(|(method, path)| each(method).into_iter().map(move |method| (method.to_owned(), path.clone())))
            .collect();
        assert_eq!(described, there);
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = describe();
        let text = document.to_string();
        let found: Vec<_> = text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(found.len() > 50, "the API mentions many types");
        for pointer in found {
            assert!(document.pointer(pointer).is_some(), "{pointer} leads nowhere");
        }
    }
}
