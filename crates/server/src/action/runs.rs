//! Tools that find runs, show one, and list its steps.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use tenure_model::id::ExecutionId;
use tenure_protocol::tool::{Does, Risk};

use super::{Answer, At, Tool, count, input};
use crate::api::executions::listing::{self, ListQuery};
use crate::api::executions::look;
use crate::api::executions::showing::{self, StepsQuery};
use crate::api::executions::waiting::{ShowQuery, awaited};
use crate::problem::Rejection;

pub struct ListWorkflowExecutions;

#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub struct List {
    /// Only runs of this workflow, by its id or slug.
    pub workflow_id: Option<String>,
    /// Only those that stand so: queued, running, waiting, paused, cancelling, completed, failed or cancelled.
    pub status: Option<String>,
    /// Rows of the answer; 20 when absent.
    pub limit: Option<u64>,
    /// The `cursor` of the answer before, to go on there.
    pub cursor: Option<String>,
}

impl Tool for ListWorkflowExecutions {
    type Params = List;
    const NAME: &'static str = "list_workflow_executions";
    const ABOUT: &'static str =
        "Lists runs of workflows, newest first: how each stands, what it waits for, what went wrong.";
    const RISK: Risk = Risk::Low;
    const DOES: Does = Does::Reads;
    const EXAMPLE: &'static str = r#"{"workflow_id": "nightly-report", "status": "failed"}"#;

    async fn call(at: &At<'_>, params: List) -> Result<Answer, Rejection> {
        let List { workflow_id: workflow, status, limit, cursor } = params;
        let status = status.map(|word| serde_json::from_value(Value::String(word))).transpose();
        let status = status.map_err(|error| input::invalid(&format!("status: {error}")).field("status"))?;
        let limit = limit.or(Some(20.min(at.desk.options.page_max as u64)));
        let page =
            listing::page(at.desk, at.caller, ListQuery { limit, cursor, workflow, status, session: None }).await?;
        Answer::new(format!("{}.", count(page.items.len(), "run")), page)
    }
}

pub struct GetExecution;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// The run's id.
    pub execution_id: String,
    /// Answers once the run is over, or after so many milliseconds; 60000 at most.
    pub wait_ms: Option<u64>,
}

impl Tool for GetExecution {
    type Params = Which;
    const NAME: &'static str = "get_execution";
    const ABOUT: &'static str = "Shows a run: how it stands, its inputs and outputs, the steps that are under way, \
                                 and what it asks people. Its definition is that of its workflow's version, by the \
                                 hash.";
    const RISK: Risk = Risk::Low;
    const DOES: Does = Does::Reads;
    const EXAMPLE: &'static str = r#"{"execution_id": "018f2b3c-0000-7000-8000-000000000001", "wait_ms": 30000}"#;

    async fn call(at: &At<'_>, params: Which) -> Result<Answer, Rejection> {
        let id: ExecutionId = input::id("execution_id", &params.execution_id)?;
        let found = awaited(at.desk, id, at.caller, &ShowQuery { wait_ms: params.wait_ms }).await?;
        let mut view = showing::whole(at.desk, found).await?;
        // It is most of the whole, and get_workflow tells it.
        view.definition = Value::Null;
        let status = serde_json::to_value(view.row.status).unwrap_or_default();
        let status = status.as_str().unwrap_or_default();
        Answer::new(format!("The run of \"{}\" is {status}.", view.row.slug), view)
    }
}

pub struct GetExecutionSteps;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Steps {
    /// The run's id.
    pub execution_id: String,
    /// Rows of the answer; as many as a page may have when absent.
    pub limit: Option<u64>,
    /// The `cursor` of the answer before, to go on there.
    pub cursor: Option<String>,
}

impl Tool for GetExecutionSteps {
    type Params = Steps;
    const NAME: &'static str = "get_execution_steps";
    const ABOUT: &'static str = "Lists every attempt of every step of a run in the order of their starts, with \
                                 what each was given and came to.";
    const RISK: Risk = Risk::Low;
    const DOES: Does = Does::Reads;
    const EXAMPLE: &'static str = r#"{"execution_id": "018f2b3c-0000-7000-8000-000000000001", "limit": 50}"#;

    async fn call(at: &At<'_>, params: Steps) -> Result<Answer, Rejection> {
        let id: ExecutionId = input::id("execution_id", &params.execution_id)?;
        let found = look(at.desk, id, at.caller).await?;
        let limit = params.limit.or(Some(at.desk.options.page_max as u64));
        let page = showing::page(at.desk, found, StepsQuery { limit, cursor: params.cursor }).await?;
        Answer::new(format!("{}.", count(page.items.len(), "attempt")), page)
    }
}
