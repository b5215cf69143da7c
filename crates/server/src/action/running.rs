//! Tools that start a run of a workflow, and end one.

use schemars::JsonSchema;
use serde::Deserialize;
use tenure_model::id::ExecutionId;
use tenure_model::step::RepoContext;
use tenure_protocol::execution::NewExecution;
use tenure_protocol::tool::{Does, Risk};
use tenure_workflow::execution::Action;

use super::{Answer, At, Tool, input};
use crate::api::executions::{self, acting, starting};
use crate::api::workflows::named;
use crate::problem::Rejection;

pub struct RunWorkflow;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// The workflow's id or slug.
    pub workflow_id: String,
    /// The run's inputs, a text holding a JSON object.
    pub variables_json: Option<String>,
    /// The repository to work in; its address, without any password.
    pub repo_url: Option<String>,
    /// The branch to work on.
    pub repo_branch: Option<String>,
    /// The commit, tag or other name that the branch is set to.
    pub repo_ref: Option<String>,
}

impl Tool for RunWorkflow {
    type Params = Run;
    const NAME: &'static str = "run_workflow";
    const ABOUT: &'static str =
        "Starts a run of a workflow and answers with its id at once. get_execution with wait_ms waits for its end.";
    const RISK: Risk = Risk::Low;
    const DOES: Does = Does::Acts;
    const EXAMPLE: &'static str = r#"{"workflow_id": "nightly-report", "variables_json": "{\"day\": \"monday\"}"}"#;

    async fn look(at: &At<'_>, params: Run) -> Result<(), Rejection> {
        named(at.desk, &params.workflow_id, at.caller).await.map(drop)
    }

    async fn call(at: &At<'_>, params: Run) -> Result<Answer, Rejection> {
        let Run { workflow_id, variables_json, repo_url, repo_branch, repo_ref } = params;
        let inputs = variables_json.map(|text| input::object("variables_json", &text)).transpose()?;
        let repo = match (repo_url, repo_branch, repo_ref) {
            (Some(url), branch, reference) => Some(RepoContext { url, branch, reference }),
            (None, None, None) => None,
            _ => return Err(input::invalid("repo_url: a branch or ref is one of a repository").field("repo_url")),
        };
        let new = NewExecution {
            workflow: Some(workflow_id),
            definition: None,
            hash: None,
            inputs: inputs.unwrap_or_default(),
            session: None,
            repo,
            test: false,
        };
        let started = starting::run(at.desk, at.caller, at.key.clone(), new).await?;
        Answer::new(format!("The run {} has begun.", started.execution), started)
    }
}

pub struct CancelExecution;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cancel {
    /// The run's id.
    pub execution_id: String,
    /// Why, for people.
    pub reason: Option<String>,
}

impl Tool for CancelExecution {
    type Params = Cancel;
    const NAME: &'static str = "cancel_execution";
    const ABOUT: &'static str = "Ends a run. It is cancelling until everything in it has ended.";
    const RISK: Risk = Risk::Low;
    const DOES: Does = Does::Acts;
    const EXAMPLE: &'static str =
        r#"{"execution_id": "018f2b3c-0000-7000-8000-000000000001", "reason": "started by mistake"}"#;

    async fn look(at: &At<'_>, params: Cancel) -> Result<(), Rejection> {
        let id: ExecutionId = input::id("execution_id", &params.execution_id)?;
        executions::look(at.desk, id, at.caller).await.map(drop)
    }

    async fn call(at: &At<'_>, params: Cancel) -> Result<Answer, Rejection> {
        let id: ExecutionId = input::id("execution_id", &params.execution_id)?;
        let action = Action::Cancel { reason: params.reason };
        let row = acting::act_on(at.desk, at.caller, at.key.clone(), id, action).await?;
        Answer::new("The run was told to end.", row)
    }
}
