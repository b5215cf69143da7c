//! What a workflow remembers: its current definition, a row per version, its proposals.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tenure_model::id::{ProposalId, UserId};
use tenure_model::time::Timestamp;

use super::event::{Event, Saved};
use super::limits::{HASH_DIGITS_MIN, PROPOSALS_KEPT_MAX, VERSIONS_MAX};
use super::refusal::Refusal;
use super::requests::Requests;
use crate::WorkflowHash;
use crate::definition::Definition;
use crate::people::Author;

/// The state of one workflow.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Workflow {
    /// Nothing before the workflow was created for the first time.
    pub about: Option<About>,
    /// The oldest first.
    pub proposals: Vec<Proposal>,
    pub(super) requests: Requests,
}

/// A workflow that is or was there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct About {
    pub owner: UserId,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Timestamp>,
    pub enabled: bool,
    pub definition: Arc<Definition>,
    /// Each hash once, the oldest first; the last one is the current version.
    pub versions: Vec<Version>,
}

/// One version, as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    pub hash: WorkflowHash,
    /// What the definition calls itself.
    pub version: String,
    /// The record that holds its text.
    pub record: u64,
    /// When it last became the current one, by whom and how.
    pub at: Timestamp,
    pub by: Author,
    pub source: Source,
}

/// How a version became the current one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    Sync,
    Update,
    ProposalApply,
    Rollback,
    /// The server itself brought it.
    System,
}

/// A change that somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    pub id: ProposalId,
    /// The version that it changes; it can be applied only while that is the current one.
    pub base: WorkflowHash,
    pub hash: WorkflowHash,
    /// The record that holds its text.
    pub record: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    pub by: Author,
    pub at: Timestamp,
    pub expires_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Closed>,
}

/// What the owner said to a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    pub approved: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    pub by: Author,
    pub at: Timestamp,
}

/// How a proposal ended that was not rejected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Closed {
    Applied,
    Failed { why: String },
    Expired,
}

/// Where a proposal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposalStatus {
    Pending,
    Approved,
    Rejected,
    Applied,
    Failed,
    Expired,
}

impl Workflow {
    /// Returns the workflow unless it is deleted or was never there.
    pub fn live(&self) -> Option<&About> {
        self.about.as_ref().filter(|about| about.deleted_at.is_none())
    }

    /// Returns a proposal that is still listed.
    pub fn proposal(&self, id: ProposalId) -> Option<&Proposal> {
        self.proposals.iter().find(|proposal| proposal.id == id)
    }

    pub(super) fn open_proposals(&self) -> impl Iterator<Item = &Proposal> {
        self.proposals.iter().filter(|proposal| proposal.is_open())
    }

    pub(super) fn fold(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::Created { owner, saved } => {
                let versions = self.about.take().map(|about| about.versions).unwrap_or_default();
                self.about = Some(About {
                    owner: *owner,
                    created_at: at,
                    updated_at: at,
                    deleted_at: None,
                    enabled: true,
                    definition: saved.definition.clone(),
                    versions,
                });
                self.save(saved, at);
            }
            Event::Updated { saved } => self.save(saved, at),
            Event::Enabled { .. } => self.touch(at, |about| about.enabled = true),
            Event::Disabled { .. } => self.touch(at, |about| about.enabled = false),
            Event::Deleted { .. } => self.touch(at, |about| about.deleted_at = Some(at)),
            Event::Proposed { proposal, base, hash, record, note, expires_at, by, .. } => {
                self.proposals.push(Proposal {
                    id: *proposal,
                    base: *base,
                    hash: *hash,
                    record: *record,
                    note: note.clone(),
                    by: by.clone(),
                    at,
                    expires_at: *expires_at,
                    review: None,
                    closed: None,
                });
                self.forget_proposals();
            }
            Event::ProposalReviewed { proposal, approved, note, by } => {
                let review = Review { approved: *approved, note: note.clone(), by: by.clone(), at };
                self.change(*proposal, |proposal| proposal.review = Some(review));
            }
            Event::ProposalClosed { proposal, how } => {
                self.change(*proposal, |proposal| proposal.closed = Some(how.clone()));
            }
            Event::RequestAnswered { user, request, fingerprint, reply } => {
                self.requests.keep(*user, request.clone(), fingerprint.clone(), reply.clone(), at);
            }
        }
    }

    fn save(&mut self, saved: &Saved, at: Timestamp) {
        self.touch(at, |about| {
            about.definition = saved.definition.clone();
            about.versions.retain(|version| version.hash != saved.hash);
            if about.versions.len() >= VERSIONS_MAX {
                about.versions.remove(0);
            }
            about.versions.push(Version {
                hash: saved.hash,
                version: saved.definition.version.clone(),
                record: saved.record,
                at,
                by: saved.by.clone(),
                source: saved.source,
            });
        });
    }

    fn touch(&mut self, at: Timestamp, change: impl FnOnce(&mut About)) {
        if let Some(about) = &mut self.about {
            about.updated_at = at;
            change(about);
        }
    }

    fn change(&mut self, id: ProposalId, change: impl FnOnce(&mut Proposal)) {
        if let Some(proposal) = self.proposals.iter_mut().find(|proposal| proposal.id == id) {
            change(proposal);
        }
    }

    fn forget_proposals(&mut self) {
        if self.proposals.len() > PROPOSALS_KEPT_MAX
            && let Some(oldest) = self.proposals.iter().position(|proposal| !proposal.is_open())
        {
            self.proposals.remove(oldest);
        }
    }
}

impl About {
    /// Returns the row of the current version.
    pub fn current(&self) -> &Version {
        self.versions.last().expect("a workflow is created with its first version")
    }

    /// Returns the version with this hash, or with a hash that begins so; `sha256:` may be left out.
    pub fn version(&self, named: &str) -> Result<&Version, Refusal> {
        let digits = named.strip_prefix(HASH_PREFIX).unwrap_or(named);
        if digits.len() < HASH_DIGITS_MIN || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Refusal::BadHash(named.to_owned()));
        }
        let begins = format!("{HASH_PREFIX}{digits}");
        let mut found = self.versions.iter().filter(|version| version.hash.to_string().starts_with(&begins));
        let first = found.next().ok_or_else(|| Refusal::UnknownVersion(named.to_owned()))?;
        match found.next() {
            Some(_) => Err(Refusal::AmbiguousVersion(named.to_owned())),
            None => Ok(first),
        }
    }
}

/// How every hash begins.
const HASH_PREFIX: &str = "sha256:";

impl Proposal {
    /// Tells whether it waits for a review, or to be applied.
    pub fn is_open(&self) -> bool {
        matches!(self.status(), ProposalStatus::Pending | ProposalStatus::Approved)
    }

    /// Returns where it stands.
    pub fn status(&self) -> ProposalStatus {
        match (&self.closed, &self.review) {
            (Some(Closed::Applied), _) => ProposalStatus::Applied,
            (Some(Closed::Failed { .. }), _) => ProposalStatus::Failed,
            (Some(Closed::Expired), _) => ProposalStatus::Expired,
            (None, Some(review)) if review.approved => ProposalStatus::Approved,
            (None, Some(_)) => ProposalStatus::Rejected,
            (None, None) => ProposalStatus::Pending,
        }
    }
}

impl ProposalStatus {
    /// Returns the word that people see.
    pub fn word(self) -> &'static str {
        match self {
            ProposalStatus::Pending => "pending",
            ProposalStatus::Approved => "approved",
            ProposalStatus::Rejected => "rejected",
            ProposalStatus::Applied => "applied",
            ProposalStatus::Failed => "failed",
            ProposalStatus::Expired => "expired",
        }
    }
}
