//! Tools that ask for a change of a workflow, list what was asked for, and judge it.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use tenure_model::id::ProposalId;
use tenure_protocol::tool::{Does, Risk};
use tenure_protocol::workflow::{NewProposal, ReviewProposal};

use super::{Answer, At, Tool, count, input};
use crate::api::workflows::{named, proposals};
use crate::problem::Rejection;

pub struct CreateWorkflowProposal;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Propose {
    /// The workflow's id or slug.
    pub workflow_id: String,
    /// The hash of the version that the change is made of: the current one.
    pub base_workflow_hash: String,
    /// The whole new definition, a text holding JSON.
    pub proposal_json: String,
    /// What changes and why, for whoever reviews it.
    pub note: Option<String>,
}

impl Tool for CreateWorkflowProposal {
    type Params = Propose;
    const NAME: &'static str = "create_workflow_proposal";
    const ABOUT: &'static str = "Asks for a change of a workflow that allows it \
                                 (constraints.allow_self_modification). A person reviews it within 14 days.";
    const RISK: Risk = Risk::Low;
    const DOES: Does = Does::Acts;
    const EXAMPLE: &'static str = r#"{"workflow_id": "nightly-report", "base_workflow_hash": "sha256:1f2e3d4c", "proposal_json": "{\"name\":\"Nightly report\",\"slug\":\"nightly-report\",\"steps\":[{\"id\":\"say\",\"type\":\"bash\",\"command\":\"echo hello\"}]}", "note": "says hello"}"#;

    async fn look(at: &At<'_>, params: Propose) -> Result<(), Rejection> {
        named(at.desk, &params.workflow_id, at.caller).await.map(drop)
    }

    async fn call(at: &At<'_>, params: Propose) -> Result<Answer, Rejection> {
        let Propose { workflow_id, base_workflow_hash: base, proposal_json, note } = params;
        let text = Value::Object(input::object("proposal_json", &proposal_json)?).to_string();
        let found = named(at.desk, &workflow_id, at.caller).await?;
        let new = NewProposal { base, text, note };
        let row = proposals::ask_for(at.desk, at.caller, at.key.clone(), &found, new).await?;
        Answer::new("The change is proposed; a person reviews it.", row)
    }
}

pub struct ListWorkflowProposals;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// The workflow's id or slug.
    pub workflow_id: String,
    /// Only those that stand so: pending, approved, rejected, applied, failed or expired.
    pub status: Option<String>,
    /// Rows of the answer, 1 to 200; 50 when absent.
    pub limit: Option<u64>,
    /// How many of the newest to pass over.
    pub offset: Option<u64>,
}

impl Tool for ListWorkflowProposals {
    type Params = List;
    const NAME: &'static str = "list_workflow_proposals";
    const ABOUT: &'static str = "Lists the changes that somebody has asked for, newest first, and what became of \
                                 them.";
    const RISK: Risk = Risk::Low;
    const DOES: Does = Does::Reads;
    const EXAMPLE: &'static str = r#"{"workflow_id": "nightly-report", "status": "pending"}"#;

    async fn call(at: &At<'_>, params: List) -> Result<Answer, Rejection> {
        let List { workflow_id, status, limit, offset } = params;
        let status = status.map(|word| serde_json::from_value(Value::String(word))).transpose();
        let status = status.map_err(|error| input::invalid(&format!("status: {error}")).field("status"))?;
        let found = named(at.desk, &workflow_id, at.caller).await?;
        let mut rows = proposals::rows(&found);
        rows.retain(|row| status.is_none_or(|status| row.status == status));
        let (items, more) = input::page(rows, offset, limit, 50)?;
        Answer::new(format!("{}.", count(items.len(), "proposal")), json!({ "items": items, "more": more }))
    }
}

pub struct ReviewWorkflowProposal;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// The workflow's id or slug.
    pub workflow_id: String,
    /// The proposal's id.
    pub proposal_id: String,
    /// Whether the change is wanted.
    pub approve: bool,
    /// Why, for whoever asked.
    pub notes: Option<String>,
}

impl Tool for ReviewWorkflowProposal {
    type Params = Review;
    const NAME: &'static str = "review_workflow_proposal";
    const ABOUT: &'static str = "Approves or rejects a change that somebody has asked for. Needs a person.";
    const RISK: Risk = Risk::Low;
    const DOES: Does = Does::Reviews;
    const EXAMPLE: &'static str =
        r#"{"workflow_id": "nightly-report", "proposal_id": "018f2b3c-0000-7000-8000-000000000001", "approve": true}"#;

    async fn call(at: &At<'_>, params: Review) -> Result<Answer, Rejection> {
        let proposal: ProposalId = input::id("proposal_id", &params.proposal_id)?;
        let found = named(at.desk, &params.workflow_id, at.caller).await?;
        let review = ReviewProposal { approve: params.approve, note: params.notes };
        let row = proposals::judge(at.desk, at.caller, at.key.clone(), &found, proposal, review).await?;
        let verdict = if params.approve { "approved" } else { "rejected" };
        Answer::new(format!("The proposal is {verdict}."), row)
    }
}

pub struct ApplyWorkflowProposal;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Apply {
    /// The workflow's id or slug.
    pub workflow_id: String,
    /// The id of a proposal that was approved.
    pub proposal_id: String,
}

impl Tool for ApplyWorkflowProposal {
    type Params = Apply;
    const NAME: &'static str = "apply_workflow_proposal";
    const ABOUT: &'static str = "Makes an approved change the current version of its workflow. Needs a person.";
    const RISK: Risk = Risk::Low;
    const DOES: Does = Does::Reviews;
    const EXAMPLE: &'static str =
        r#"{"workflow_id": "nightly-report", "proposal_id": "018f2b3c-0000-7000-8000-000000000001"}"#;

    async fn call(at: &At<'_>, params: Apply) -> Result<Answer, Rejection> {
        let proposal: ProposalId = input::id("proposal_id", &params.proposal_id)?;
        let found = named(at.desk, &params.workflow_id, at.caller).await?;
        let saved = proposals::put_in_force(at.desk, at.caller, at.key.clone(), &found, proposal).await?;
        Answer::new(format!("The current version of \"{}\" is {}.", saved.slug, saved.version.hash), saved)
    }
}
