//! Tools that find stored workflows, show one, and take one away.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use tenure_protocol::tool::{Does, Risk};

use super::{Answer, At, Tool, count};
use crate::api::workflows::listing::{self, ListQuery};
use crate::api::workflows::{named, saving, shown};
use crate::problem::Rejection;

pub struct ListWorkflows;

#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub struct List {
    /// Words that must stand in the name, the slug or a tag.
    pub query: Option<String>,
    /// Only those that may run (true), or may not (false).
    pub enabled: Option<bool>,
    /// Rows of the answer; 50 when absent.
    pub limit: Option<u64>,
    /// The `cursor` of the answer before, to go on there.
    pub cursor: Option<String>,
}

impl Tool for ListWorkflows {
    type Params = List;
    const NAME: &'static str = "list_workflows";
    const ABOUT: &'static str = "Lists the stored workflows, newest first: slug, name, version, whether it may run.";
    const RISK: Risk = Risk::Low;
    const DOES: Does = Does::Reads;
    const EXAMPLE: &'static str = r#"{"query": "nightly"}"#;

    async fn call(at: &At<'_>, params: List) -> Result<Answer, Rejection> {
        let List { query: q, enabled, limit, cursor } = params;
        let page = listing::page(at.desk, at.caller, ListQuery { limit, cursor, enabled, tag: None, q }).await?;
        let headline = match page.items.len() {
            0 => "No workflow fits. Make one with sync_workflow.".to_owned(),
            number if page.cursor.is_some() => format!("{}, and there are more.", count(number, "workflow")),
            number => format!("{}.", count(number, "workflow")),
        };
        Answer::new(headline, page)
    }
}

pub struct GetWorkflow;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// The workflow's id or slug.
    pub workflow_id: String,
}

impl Tool for GetWorkflow {
    type Params = Which;
    const NAME: &'static str = "get_workflow";
    const ABOUT: &'static str = "Shows a workflow with its whole current definition and the hash of that version.";
    const RISK: Risk = Risk::Low;
    const DOES: Does = Does::Reads;
    const EXAMPLE: &'static str = r#"{"workflow_id": "nightly-report"}"#;

    async fn call(at: &At<'_>, params: Which) -> Result<Answer, Rejection> {
        let found = named(at.desk, &params.workflow_id, at.caller).await?;
        let view = shown::view(&found)?;
        Answer::new(format!("The workflow \"{}\" as it is now.", view.row.slug), view)
    }
}

pub struct DeleteWorkflow;

impl Tool for DeleteWorkflow {
    type Params = Which;
    const NAME: &'static str = "delete_workflow";
    const ABOUT: &'static str = "Takes a workflow off the lists, so that nothing starts it any more. Runs under \
                                 way go on; syncing it again brings it back with its versions.";
    const RISK: Risk = Risk::Medium;
    const DOES: Does = Does::Authors;
    const EXAMPLE: &'static str = r#"{"workflow_id": "nightly-report"}"#;

    async fn look(at: &At<'_>, params: Which) -> Result<(), Rejection> {
        named(at.desk, &params.workflow_id, at.caller).await.map(drop)
    }

    async fn call(at: &At<'_>, params: Which) -> Result<Answer, Rejection> {
        let found = named(at.desk, &params.workflow_id, at.caller).await?;
        saving::remove(at.desk, at.caller, at.key.clone(), &found).await?;
        Answer::new("The workflow is deleted.", json!({ "id": found.id, "deleted": true }))
    }
}
