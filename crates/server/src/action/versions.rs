//! Tools that list the versions of a workflow, and go back to one.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use tenure_protocol::tool::{Does, Risk};

use super::{Answer, At, Tool, count, input};
use crate::api::workflows::{named, versions};
use crate::problem::Rejection;

pub struct ListWorkflowHistory;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// The workflow's id or slug.
    pub workflow_id: String,
    /// Rows of the answer, 1 to 200; 50 when absent.
    pub limit: Option<u64>,
    /// How many of the newest to pass over.
    pub offset: Option<u64>,
}

impl Tool for ListWorkflowHistory {
    type Params = History;
    const NAME: &'static str = "list_workflow_history";
    const ABOUT: &'static str =
        "Lists the versions of a workflow, the current one first: hash, who made it, when and how.";
    const RISK: Risk = Risk::Low;
    const DOES: Does = Does::Reads;
    const EXAMPLE: &'static str = r#"{"workflow_id": "nightly-report", "limit": 10}"#;

    async fn call(at: &At<'_>, params: History) -> Result<Answer, Rejection> {
        let found = named(at.desk, &params.workflow_id, at.caller).await?;
        let (items, more) = input::page(versions::rows(&found)?, params.offset, params.limit, 50)?;
        Answer::new(format!("{}.", count(items.len(), "version")), json!({ "items": items, "more": more }))
    }
}

pub struct RollbackWorkflow;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rollback {
    /// The workflow's id or slug.
    pub workflow_id: String,
    /// The hash of the version to go back to, or its first digits; list_workflow_history tells them.
    pub target_workflow_hash: String,
}

impl Tool for RollbackWorkflow {
    type Params = Rollback;
    const NAME: &'static str = "rollback_workflow";
    const ABOUT: &'static str = "Makes an earlier version of a workflow the current one. Runs under way keep \
                                 theirs.";
    const RISK: Risk = Risk::Medium;
    const DOES: Does = Does::Authors;
    const EXAMPLE: &'static str = r#"{"workflow_id": "nightly-report", "target_workflow_hash": "sha256:1f2e3d4c"}"#;

    async fn look(at: &At<'_>, params: Rollback) -> Result<(), Rejection> {
        let found = named(at.desk, &params.workflow_id, at.caller).await?;
        versions::known(&found, &params.target_workflow_hash)
    }

    async fn call(at: &At<'_>, params: Rollback) -> Result<Answer, Rejection> {
        let found = named(at.desk, &params.workflow_id, at.caller).await?;
        let (hash, key) = (&params.target_workflow_hash, at.key.clone());
        let saved = versions::go_back(at.desk, at.caller, key, &found, hash).await?;
        Answer::new(format!("The current version of \"{}\" is {}.", saved.slug, saved.version.hash), saved)
    }
}
