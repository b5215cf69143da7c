//! The tool that says why a run does not get on, or why it failed, and what would mend it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tenure_model::id::ExecutionId;
use tenure_protocol::execution::{
    ApprovalView, ExecutionRow, ExecutionStatus, StepPhase, StepProblem, StepView, WhyView,
};
use tenure_protocol::tool::{Does, Risk};

use super::{Answer, At, Tool, input};
use crate::api::executions::look;
use crate::api::executions::showing::{self, StepsQuery};
use crate::problem::{Explained, Rejection, unavailable};
use crate::runs::{steps, view};

pub struct DebugExecution;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Debug {
    /// The run's id.
    pub execution_id: String,
    /// How many attempts of steps are looked at; as many as a page may have when absent.
    pub step_limit: Option<u64>,
}

impl Tool for DebugExecution {
    type Params = Debug;
    const NAME: &'static str = "debug_execution";
    const ABOUT: &'static str =
        "Says in one sentence why a run waits or has failed, which step is to blame, and what to do next.";
    const RISK: Risk = Risk::Low;
    const DOES: Does = Does::Reads;
    const EXAMPLE: &'static str = r#"{"execution_id": "018f2b3c-0000-7000-8000-000000000001"}"#;

    async fn call(at: &At<'_>, params: Debug) -> Result<Answer, Rejection> {
        let id: ExecutionId = input::id("execution_id", &params.execution_id)?;
        let found = look(at.desk, id, at.caller).await?;
        let run = found.run();
        let row = steps::row(run, id).ok_or_else(|| unavailable("the run's row cannot be told"))?;
        let why = run.why(at.desk.now()).map(|why| view::why(&why));
        let why = why.ok_or_else(|| tenure_workflow::execution::Refusal::Unknown.rejection())?;
        let approvals = steps::approvals(run, id);
        let limit = params.step_limit.or(Some(at.desk.options.page_max as u64));
        let attempts = showing::page(at.desk, found, StepsQuery { limit, cursor: None }).await?.items;
        let findings = findings(row, &why, &approvals, &attempts);
        Answer::new(findings.diagnosis.clone(), findings)
    }
}

/// What is found out about a run.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Findings {
    diagnosis: String,
    recommended_actions: Vec<String>,
    step_summary: StepSummary,
    execution_summary: ExecutionRow,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StepSummary {
    total: usize,
    status_counts: BTreeMap<String, usize>,
    waiting_approval_steps: Vec<WaitingApproval>,
    failed_steps: Vec<FailedStep>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocking_step: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WaitingApproval {
    path: String,
    prompt: String,
    may_decide: Vec<String>,
}

#[derive(Serialize)]
struct FailedStep {
    path: String,
    attempt: u32,
    error: Option<StepProblem>,
}

fn findings(row: ExecutionRow, why: &WhyView, approvals: &[ApprovalView], attempts: &[StepView]) -> Findings {
    let failed = attempts.iter().map(|attempt| &attempt.last).filter(|step| step.phase == StepPhase::Failed);
    let blamed = row.error.as_ref().and_then(|error| error.step.clone());
    let waits = why.waits.iter().find_map(|wait| wait.path.clone());
    let blocking = blamed.or(waits);
    Findings {
        diagnosis: diagnosis(&row, why),
        recommended_actions: recommended(&row, why, blocking.as_deref()),
        step_summary: StepSummary {
            total: attempts.len(),
            status_counts: counted(attempts),
            waiting_approval_steps: approvals.iter().map(waiting).collect(),
            failed_steps: failed
                .map(|step| FailedStep { path: step.path.clone(), attempt: step.attempt, error: step.error.clone() })
                .collect(),
            blocking_step: blocking,
        },
        execution_summary: row,
    }
}

fn diagnosis(row: &ExecutionRow, why: &WhyView) -> String {
    match &row.error {
        Some(StepProblem { code, message, step: Some(step) }) => format!("The step {step} failed: {message} ({code})."),
        Some(StepProblem { code, message, step: None }) => format!("The run failed: {message} ({code})."),
        None => why.sentence.clone(),
    }
}

fn recommended(row: &ExecutionRow, why: &WhyView, blocking: Option<&str>) -> Vec<String> {
    let mut actions: Vec<String> = why.waits.iter().filter_map(|wait| wait.mend.clone()).collect();
    if row.status == ExecutionStatus::Failed {
        let step = blocking.unwrap_or("that failed");
        actions.push(format!("see what the step {step} was given and came to: get_execution_steps"));
        actions.push("mend the definition and save it: sync_workflow".to_owned());
        actions.push("start the run anew: run_workflow; or have a person retry it from that step".to_owned());
    }
    actions
}

fn counted(attempts: &[StepView]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for attempt in attempts {
        let phase = serde_json::to_value(attempt.last.phase).unwrap_or_default();
        *counts.entry(phase.as_str().unwrap_or_default().to_owned()).or_default() += 1;
    }
    counts
}

fn waiting(asked: &ApprovalView) -> WaitingApproval {
    let (path, prompt, may_decide) = (asked.path.clone(), asked.prompt.clone(), asked.may_decide.clone());
    WaitingApproval { path, prompt, may_decide }
}
