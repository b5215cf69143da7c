//! The tool by which a person decides what a run asks. Agents never do.

use schemars::JsonSchema;
use serde::Deserialize;
use tenure_model::id::{ApprovalId, ExecutionId};
use tenure_protocol::execution::{Decide, Verdict};
use tenure_protocol::tool::{Does, Risk};

use super::{Answer, At, Tool, input};
use crate::api::approvals;
use crate::problem::Rejection;

pub struct ApproveExecution;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Approve {
    /// The run that asks.
    pub execution_id: String,
    /// The id of the approval; get_execution tells it.
    pub approval_id: String,
    /// Whether the run may go on.
    pub approve: bool,
    /// The hash of what was shown; get_execution tells it with the approval.
    pub resume_token: String,
    /// Why.
    pub reason: Option<String>,
}

impl Tool for ApproveExecution {
    type Params = Approve;
    const NAME: &'static str = "approve_execution";
    const ABOUT: &'static str = "Decides an approval that a run waits for, on exactly what was shown. Needs a \
                                 person.";
    const RISK: Risk = Risk::Medium;
    const DOES: Does = Does::Decides;
    const EXAMPLE: &'static str = r#"{"execution_id": "018f2b3c-0000-7000-8000-000000000001", "approval_id": "018f2b3c-0000-7000-8000-000000000002", "approve": true, "resume_token": "sha256:1f2e3d4c"}"#;

    async fn call(at: &At<'_>, params: Approve) -> Result<Answer, Rejection> {
        let Approve { execution_id, approval_id, approve, resume_token: hash, reason } = params;
        let execution: ExecutionId = input::id("execution_id", &execution_id)?;
        let approval: ApprovalId = input::id("approval_id", &approval_id)?;
        let decision = if approve { Verdict::Approved } else { Verdict::Denied };
        let decide = Decide { hash, decision, reason, grant: None };
        let decided = approvals::settle(at.desk, at.caller, at.key.clone(), execution, approval, decide).await?;
        Answer::new("It is decided.", decided)
    }
}
