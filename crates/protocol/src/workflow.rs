//! Stored workflows as HTTP callers see them: rows, versions, proposals, and what is wrong with a definition.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use tenure_model::Timestamp;
use tenure_model::id::{ProposalId, UserId, WorkflowId};
use utoipa::ToSchema;

/// One thing that is wrong with a definition: where, what, and how to mend it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct Mistake {
    /// Which of several definitions, as the caller named it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Where in the definition: `workflow.steps[2].then[0].type`.
    pub path: String,
    /// Where in the text, from 1, when it was a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u64>,
    /// Which rule, in a word that stays the same.
    pub code: String,
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

/// Who did something.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct Author {
    pub user: UserId,
    pub name: String,
}

/// A workflow in a list.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct WorkflowRow {
    pub id: WorkflowId,
    pub slug: String,
    pub name: String,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub tags: Vec<String>,
    /// What the definition calls its version.
    pub version: String,
    /// What the version is known by.
    pub hash: String,
    pub enabled: bool,
    pub steps: u32,
    /// How many versions are kept.
    pub versions: u32,
    /// How many proposals wait.
    pub proposals: u32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A workflow with its current definition.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct WorkflowView {
    #[serde(flatten)]
    pub row: WorkflowRow,
    pub owner: UserId,
    /// As `/schema/workflow.json` describes it.
    pub definition: Value,
}

/// What can be changed without writing the steps anew. What is absent stays; a `description` of null goes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkflowPatch {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub description: Option<Option<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
}

/// Tells a field of null from an absent one.
fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// What a definition is, or everything that is wrong with it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct Validity {
    pub valid: bool,
    pub mistakes: Vec<Mistake>,
    /// What a valid definition would be known by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
}

/// What a command did to a workflow.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SaveOutcome {
    Created,
    Updated,
    /// The same definition was the current one already.
    Unchanged,
    /// The version that was to be rolled back to was the current one already.
    AlreadyAtVersion,
    /// It was not among the given ones, and went.
    Deleted,
    /// It was not among the given ones, and stays because nothing said `prune`.
    Kept,
}

/// What became of a workflow, and which version is the current one now.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct SavedWorkflow {
    pub outcome: SaveOutcome,
    pub id: WorkflowId,
    pub slug: String,
    pub version: VersionRow,
    /// The owner's runs that are under way and go on with other versions than the current one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub older_runs: Vec<OlderRuns>,
}

/// Runs that go on with a version which is not the current one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct OlderRuns {
    pub hash: String,
    /// What that definition calls itself.
    pub version: String,
    /// How many there are.
    pub runs: u64,
    /// How many of them wait for somebody or something, or are held.
    pub waiting: u64,
}

/// How a version became the current one.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VersionSource {
    Sync,
    Update,
    ProposalApply,
    Rollback,
    System,
}

/// One version, as lists show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct VersionRow {
    pub hash: String,
    pub version: String,
    pub current: bool,
    /// When it last became the current one, by whom and how.
    pub at: Timestamp,
    pub by: Author,
    pub source: VersionSource,
}

/// One version with its text.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct VersionView {
    #[serde(flatten)]
    pub row: VersionRow,
    /// As `/schema/workflow.json` describes it.
    pub definition: Value,
}

/// What changed from one version to another.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct VersionDiff {
    pub from: String,
    pub to: String,
    pub changes: Vec<DefinitionChange>,
}

/// One change between two definitions.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct DefinitionChange {
    /// What changed: `description`, `inputs.branch`, `steps.build.command`.
    pub what: String,
    /// `added`, `removed`, `changed` or `moved`.
    pub change: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

/// Names the version to go back to, by its hash or the first digits of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RollbackTo {
    pub hash: String,
}

/// Makes the caller's workflows equal to these.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SyncAll {
    pub definitions: Vec<DefinitionText>,
    /// Delete the workflows that are not among them.
    #[serde(default)]
    pub prune: bool,
    /// Only tell what would happen.
    #[serde(default)]
    pub dry_run: bool,
}

/// A definition as somebody wrote it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DefinitionText {
    /// What mistakes in it are told under.
    #[serde(default)]
    pub file: Option<String>,
    /// YAML or JSON.
    pub text: String,
}

/// What became of each workflow, or would.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct SyncedAll {
    pub dry_run: bool,
    pub items: Vec<SyncedRow>,
}

/// What became of one workflow, or would.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct SyncedRow {
    pub slug: String,
    pub outcome: SaveOutcome,
    pub hash: String,
}

/// Asks for a change of a workflow.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProposal {
    /// The hash of the version that it changes.
    pub base: String,
    /// The whole new definition, YAML or JSON.
    pub text: String,
    /// Why, in words.
    #[serde(default)]
    pub note: Option<String>,
}

/// Where a proposal stands.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProposalStatus {
    Pending,
    Approved,
    Rejected,
    Applied,
    Failed,
    Expired,
}

/// A proposal in a list.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
pub struct ProposalRow {
    pub id: ProposalId,
    pub status: ProposalStatus,
    pub base: String,
    pub hash: String,
    #[serde(default)]
    pub note: Option<String>,
    pub by: Author,
    pub at: Timestamp,
    pub expires_at: Timestamp,
    #[serde(default)]
    pub reviewed_by: Option<Author>,
    #[serde(default)]
    pub review_note: Option<String>,
    /// Why it failed.
    #[serde(default)]
    pub why: Option<String>,
}

/// A proposal with its text, and what it would change in the current version.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug, ToSchema)]
pub struct ProposalView {
    #[serde(flatten)]
    pub row: ProposalRow,
    pub definition: Value,
    pub changes: Vec<DefinitionChange>,
}

/// What the owner says to a proposal.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewProposal {
    pub approve: bool,
    #[serde(default)]
    pub note: Option<String>,
}
