//! What agents may do, as people see it: rules, grants, and why a call was allowed, asked about or denied.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tenure_model::id::{ApprovalId, ExecutionId, GrantId, SessionId, WorkId, WorkflowId};
use tenure_model::{Span, Timestamp};
use utoipa::ToSchema;

use crate::workflow::Author;

/// All rules that hold for an owner's agents.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct PolicyView {
    /// Rules of the organization: no owner can be looser.
    pub organization: Vec<OrganizationRule>,
    pub rules: Vec<RuleView>,
    /// What holds where nobody has a rule, by risk.
    pub defaults: BTreeMap<String, RuleMode>,
}

/// A rule of the organization.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationRule {
    /// Which calls: `tool:NAME`, `service:NAME` or `risk:TIER`.
    pub what: String,
    pub mode: RuleMode,
}

/// A rule of an owner.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct RuleView {
    /// Where it holds: `owner`, `workflow:ID` or `session:ID`.
    pub within: String,
    /// Which calls: `tool:NAME`, `service:NAME` or `risk:TIER`.
    pub what: String,
    pub mode: RuleMode,
    pub by: Author,
    pub at: Timestamp,
}

/// Makes or changes a rule.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetRule {
    /// Where it holds: `owner`, `workflow:ID` or `session:ID`; `owner` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// Which calls: `tool:NAME`, `service:NAME` or `risk:TIER`.
    pub what: String,
    pub mode: RuleMode,
}

/// What becomes of calls.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleMode {
    Allow,
    /// A person decides.
    Ask,
    Deny,
}

/// Why a call would be allowed, asked about or denied.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct ExplainView {
    pub mode: RuleMode,
    pub words: String,
    /// The grant that lets the call through, when there is one.
    #[serde(default)]
    pub grant: Option<GrantId>,
    /// Every scope that has a rule for the call, the widest first.
    pub considered: Vec<ConsideredRule>,
    /// Names the tool with exactly these arguments.
    pub hash: String,
}

/// A rule that a scope has for a call.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct ConsideredRule {
    /// `organization`, `owner`, `workflow:ID` or `session:ID`.
    pub scope: String,
    pub what: String,
    pub mode: RuleMode,
}

/// A call that waits for a person: of an agent, or of a step of a run.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct CallApproval {
    pub id: ApprovalId,
    pub tool: String,
    /// Whose tool it is; `tenure` for the server's own.
    pub service: String,
    /// `low`, `medium`, `high` or `critical`.
    pub risk: String,
    /// All of them, as they would be used, but for values that are secret by the names of their fields: those are `[hidden]`.
    pub arguments: Map<String, Value>,
    #[serde(default)]
    pub session: Option<SessionId>,
    #[serde(default)]
    pub workflow: Option<WorkflowId>,
    /// The run whose step calls.
    #[serde(default)]
    pub execution: Option<ExecutionId>,
    /// The step's place in the run.
    #[serde(default)]
    pub path: Option<String>,
    /// The step's name.
    #[serde(default)]
    pub step: Option<String>,
    /// The name of the workflow that runs.
    #[serde(default)]
    pub run: Option<String>,
    pub asked_at: Timestamp,
    /// What nobody decides by then is denied.
    pub deadline: Timestamp,
    /// Names what is shown; a decision is about exactly this.
    pub hash: String,
}

/// Allows calls of a tool beforehand.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGrant {
    pub tool: String,
    /// Arguments that the calls must have, at their top level; the others are left open. None leaves all open.
    #[serde(default)]
    pub arguments: Map<String, Value>,
    /// Where it holds: `owner`, `workflow:ID` or `session:ID`.
    pub within: String,
    /// How long it lasts, in milliseconds; at most 365 days.
    pub lasts_ms: Span,
    /// How often it is good; without a number until its end.
    #[serde(default)]
    pub uses: Option<u32>,
    #[serde(default)]
    pub reason: Option<String>,
}

/// Allows more calls like the one that is approved.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantMore {
    /// Which arguments the calls must have.
    #[serde(default)]
    pub arguments: GrantArguments,
    /// Where it holds: `owner`, `workflow:ID` or `session:ID`.
    pub within: String,
    /// How long it lasts, in milliseconds; at most 365 days.
    pub lasts_ms: Span,
    /// How often it is good; without a number until its end.
    #[serde(default)]
    pub uses: Option<u32>,
}

/// Which arguments the calls of a grant must have.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, Default, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantArguments {
    /// Exactly those of the approved call.
    #[default]
    Same,
    /// These of the approved call, by name; the others are left open. None leaves all open.
    Fields(Vec<String>),
}

/// A grant that stands.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct GrantView {
    pub id: GrantId,
    pub tool: String,
    /// The call with this hash and no other.
    #[serde(default)]
    pub hash: Option<String>,
    /// Or all calls with these arguments.
    #[serde(default)]
    pub arguments: Option<Map<String, Value>>,
    pub within: String,
    pub until: Timestamp,
    #[serde(default)]
    pub uses_left: Option<u32>,
    pub by: Author,
    pub at: Timestamp,
    #[serde(default)]
    pub reason: Option<String>,
}

/// One entry of the audit log.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct AuditEntry {
    pub at: Timestamp,
    /// `allowed`, `denied`, `asked`, `approved`, `refused`, `expired`, `done`, `lapsed`, `withdrawn`, `granted`, `revoked` or `rule`;
    /// of budgets `set`, `raised`, `removed` or `used_up`.
    pub what: String,
    /// In one sentence.
    pub words: String,
    #[serde(default)]
    pub tool: Option<String>,
    #[serde(default)]
    pub hash: Option<String>,
    #[serde(default)]
    pub session: Option<SessionId>,
    #[serde(default)]
    pub work: Option<WorkId>,
    #[serde(default)]
    pub approval: Option<ApprovalId>,
    #[serde(default)]
    pub grant: Option<GrantId>,
    #[serde(default)]
    pub by: Option<Author>,
}
