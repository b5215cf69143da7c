//! Definitions as callers hand them in, read into what can be stored, and read back from records.

use std::sync::Arc;

use actix_web::web;
use tenure_model::id::WorkflowId;
use tenure_model::{EntityKey, Kind, Record};
use tenure_runtime::Runtime;
use tenure_workflow::library::{Refusal, Workflow};
use tenure_workflow::{Definition, Mistake, WorkflowHash};

use crate::problem::{Explained, Rejection, problem, unavailable};

/// Reads a definition, off the threads that serve.
pub async fn written(bytes: web::Bytes) -> Result<Result<Arc<Definition>, Vec<Mistake>>, Rejection> {
    let read = web::block(move || tenure_workflow::read::bytes(&bytes)).await;
    Ok(read.map_err(|_| unavailable("the server is stopping"))?.map(Arc::new))
}

/// Reads a definition that must be right.
pub async fn right(bytes: web::Bytes) -> Result<Arc<Definition>, Rejection> {
    written(bytes).await?.map_err(|mistakes| Refusal::Mistakes(mistakes).rejection())
}

/// Reads the text of a version or a proposal out of the record that holds it.
pub async fn recorded(
    runtime: &Runtime,
    id: WorkflowId,
    record: u64,
    hash: WorkflowHash,
) -> Result<Arc<Definition>, Rejection> {
    let store = runtime.store.clone();
    let key = EntityKey::new(Kind::Workflow, id);
    let read = web::block(move || store.record(key, record)).await;
    let stored =
        read.map_err(|_| unavailable("the server is stopping"))?.map_err(|error| unavailable(&error.to_string()))?;
    let record = stored.and_then(|stored| serde_json::from_slice::<Record<Workflow>>(&stored.body).ok());
    let events = record.map(|record| record.events).unwrap_or_default();
    let mut definitions = events.iter().filter_map(|event| event.definition());
    let found = definitions.find(|(known, _)| *known == hash).map(|(_, definition)| definition.clone());
    found.ok_or_else(|| problem(500, "damaged", format!("the record of the version {hash} cannot be read")))
}
