//! Why a workflow says no. Each text finishes the sentence "refused because …".

use tenure_model::RefusalKind;
use tenure_model::id::ProposalId;

use super::limits::HASH_DIGITS_MIN;
use super::state::ProposalStatus;
use crate::Mistake;
use crate::WorkflowHash;

/// Why a command was not taken. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("there is no such workflow")]
    Unknown,
    #[error("the workflow was deleted; syncing it brings it back")]
    Deleted,
    #[error("a workflow is created by its owner or an administrator")]
    NotTheOwner,
    #[error("this needs a person: an agent's credential does not decide")]
    NeedsPerson,
    #[error("the request id was used before, for something else")]
    RequestReused,
    #[error(
        "the definition's slug is \"{given}\" and the workflow's is \"{slug}\"; sync it to create another workflow"
    )]
    OtherSlug { given: String, slug: String },
    #[error("the current version is {current}, not {expected}")]
    Moved { expected: WorkflowHash, current: WorkflowHash },
    #[error("the definition would have {} mistake{}", .0.len(), if .0.len() == 1 { "" } else { "s" })]
    Mistakes(Vec<Mistake>),
    #[error("\"{0}\" names no version; versions are named by {HASH_DIGITS_MIN} or more digits of their hash")]
    BadHash(String),
    #[error("there is no version {0} among those that are kept")]
    UnknownVersion(String),
    #[error("more than one version begins with {0}; name more digits")]
    AmbiguousVersion(String),
    #[error("the definition is not the version {0}")]
    OtherDefinition(WorkflowHash),
    #[error("the workflow takes no proposals: its constraints do not say allow_self_modification: true")]
    NoProposals,
    #[error("the proposal changes nothing: it is the current version")]
    ChangesNothing,
    #[error("there is no such proposal")]
    UnknownProposal,
    #[error("the proposal is {} already", .0.word())]
    ProposalClosed(ProposalStatus),
    #[error("the proposal {0} was not approved yet")]
    NotApproved(ProposalId),
    #[error("the note is too large: {size} bytes, the limit note_bytes_max is {max}")]
    NoteTooLarge { size: usize, max: usize },
    #[error("the list of open proposals is full: the limit proposals_open_max is {max}")]
    ProposalsFull { max: usize },
}

impl Refusal {
    /// Returns the stable code that programs match on.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Unknown => "workflow_unknown",
            Refusal::Deleted => "workflow_deleted",
            Refusal::NotTheOwner => "not_the_owner",
            Refusal::NeedsPerson => "person_needed",
            Refusal::RequestReused => "request_reused",
            Refusal::OtherSlug { .. } => "slug_other",
            Refusal::Moved { .. } => "version_moved",
            Refusal::Mistakes(_) => "definition_invalid",
            Refusal::BadHash(_) => "hash_invalid",
            Refusal::UnknownVersion(_) => "version_unknown",
            Refusal::AmbiguousVersion(_) => "version_ambiguous",
            Refusal::OtherDefinition(_) => "hash_mismatch",
            Refusal::NoProposals => "proposals_not_allowed",
            Refusal::ChangesNothing => "proposal_changes_nothing",
            Refusal::UnknownProposal => "proposal_unknown",
            Refusal::ProposalClosed(_) => "proposal_closed",
            Refusal::NotApproved(_) => "proposal_not_approved",
            Refusal::NoteTooLarge { .. } => "too_large",
            Refusal::ProposalsFull { .. } => "limit_reached",
        }
    }

    /// Returns what sort of refusal this is.
    pub fn kind(&self) -> RefusalKind {
        match self {
            Refusal::Unknown | Refusal::Deleted | Refusal::UnknownVersion(_) | Refusal::UnknownProposal => {
                RefusalKind::Unknown
            }
            Refusal::NotTheOwner | Refusal::NeedsPerson | Refusal::NoProposals => RefusalKind::Forbidden,
            Refusal::Moved { .. } => RefusalKind::Moved,
            Refusal::RequestReused
            | Refusal::OtherSlug { .. }
            | Refusal::AmbiguousVersion(_)
            | Refusal::ProposalClosed(_)
            | Refusal::NotApproved(_) => RefusalKind::Conflict,
            Refusal::Mistakes(_) | Refusal::BadHash(_) | Refusal::OtherDefinition(_) | Refusal::ChangesNothing => {
                RefusalKind::Invalid
            }
            Refusal::NoteTooLarge { .. } | Refusal::ProposalsFull { .. } => RefusalKind::TooLarge,
        }
    }
}
