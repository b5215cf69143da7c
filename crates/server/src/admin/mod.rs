//! What operators see and do: every entity inside out.
//!
//! Everything that changes something is a dry run unless `dry_run=false` is said, and leaves a line in the log.

pub mod acts;
pub mod entities;
pub mod journal;
pub mod server;

use actix_web::HttpRequest;
use serde_json::Value;
use tenure_model::Kind;
use tenure_runtime::InspectError;
use uuid::Uuid;

use crate::api::input;
use crate::problem::{Rejection, problem, unavailable};

/// Reads the kind out of the path.
fn kind(request: &HttpRequest) -> Result<Kind, Rejection> {
    let word = request.match_info().get("kind").unwrap_or_default();
    word.parse().map_err(|why: String| problem(404, "kind_unknown", why).field("kind"))
}

/// Reads kind and id out of the path.
fn entity(request: &HttpRequest) -> Result<(Kind, Uuid), Rejection> {
    Ok((kind(request)?, input::id(request, "id")?))
}

fn refused(error: InspectError) -> Rejection {
    match error {
        InspectError::Unknown(_) => problem(404, "entity_unknown", error.to_string()),
        InspectError::Compacted { .. } => problem(410, "seq_compacted", error.to_string()).field("seq"),
        InspectError::NotYet { .. } => problem(404, "seq_unknown", error.to_string()).field("seq"),
        InspectError::Damaged(_) => problem(500, "damaged", error.to_string()),
        InspectError::Unavailable(why) => unavailable(&why),
    }
}

/// Takes what stands for secrets out of what is shown.
fn redacted(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(name, _)| name != "by_hash")
            .map(|(name, value)| match name.as_str() {
                "hash" => (name, Value::String("…".into())),
                _ => (name, redacted(value)),
            })
            .collect(),
        Value::Array(items) => items.into_iter().map(redacted).collect(),
        other => other,
    }
}

/// Shows the realm without hashes, everything else as it is.
fn shown(kind: Kind, value: Value) -> Value {
    match kind {
        Kind::Realm => redacted(value),
        Kind::Owner
        | Kind::Session
        | Kind::Execution
        | Kind::Workflow
        | Kind::Gate
        | Kind::Scheduler
        | Kind::Policy
        | Kind::Budget => value,
    }
}
