//! What a policy remembers.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use tenure_model::id::{ApprovalId, GrantId, SessionId};
use tenure_model::step::StepRef;
use tenure_model::time::Timestamp;
use uuid::Uuid;

use super::call::{Approval, Approved};
use super::event::Event;
use super::grant::Grant;
use super::limits::{NOTED_MAX, SENT_MAX, SETTLED_MAX};
use super::rule::{Mode, Rule, What, Who, Within};
use super::verdict::Source;

/// The state of one owner's policy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    pub rules: BTreeMap<Within, BTreeMap<What, Rule>>,
    pub grants: BTreeMap<GrantId, Grant>,
    /// Calls that wait for a person, or were approved and are not over.
    pub approvals: BTreeMap<ApprovalId, Approval>,
    /// What was decided lately, the newest last.
    pub(super) settled: VecDeque<Settled>,
    /// The calls that were noted last, and how they were judged.
    pub(super) noted: VecDeque<Noted>,
    /// The calls that were sent last and must not be sent twice.
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    pub(super) sent: VecDeque<Uuid>,
}

/// What is said of a question that was taken back.
const WITHDRAWN: &str = "the question was taken back, because the step that asked it does not wait any more";

/// A call that was noted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Noted {
    pub call: Uuid,
    pub mode: Mode,
    pub source: Source,
}

/// A decision that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    pub approval: ApprovalId,
    pub tool: String,
    pub hash: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// The step of a run whose call it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepRef>,
    pub approved: bool,
    /// Absent when the deadline has decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Who>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub at: Timestamp,
}

impl Policy {
    /// Returns what was decided of an approval, unless that was long ago.
    pub fn settled(&self, approval: ApprovalId) -> Option<&Settled> {
        self.settled.iter().rev().find(|settled| settled.approval == approval)
    }

    pub(super) fn fold(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::RuleSet { within, what, mode, by } => {
                let rules = self.rules.entry(*within).or_default();
                match mode {
                    Some(mode) => drop(rules.insert(what.clone(), Rule { mode: *mode, by: by.clone(), at })),
                    None => drop(rules.remove(what)),
                }
                self.rules.retain(|_, rules| !rules.is_empty());
            }
            Event::Asked { approval, asked } => drop(self.approvals.insert(*approval, (**asked).clone())),
            Event::Awaited { approval, until } => {
                if let Some(asked) = self.approvals.get_mut(approval) {
                    asked.awaited_until = *until;
                }
            }
            Event::Decided { approval, approved, by, reason, tell_at, until } => {
                let decided =
                    Decided { approved: *approved, by: by.as_ref(), reason, tell_at: *tell_at, until: *until };
                self.decided(*approval, decided, at);
            }
            Event::Told { approval } => {
                if let Some(approved) = self.approvals.get_mut(approval).and_then(|asked| asked.approved.as_mut()) {
                    approved.tell_at = None;
                }
            }
            Event::Withdrawn { approval } => {
                let reason = Some(WITHDRAWN.to_owned());
                let decided = Decided { approved: false, by: None, reason: &reason, tell_at: None, until: at };
                self.decided(*approval, decided, at);
            }
            Event::Closed { approval, .. } => drop(self.approvals.remove(approval)),
            Event::Granted { grant, granted } => {
                // What has ended makes room.
                self.grants.retain(|_, grant| grant.is_usable(at));
                self.grants.insert(*grant, (**granted).clone());
            }
            Event::Revoked { grant, .. } => drop(self.grants.remove(grant)),
            Event::Sent { call } => {
                self.sent.push_back(*call);
                if self.sent.len() > SENT_MAX {
                    self.sent.pop_front();
                }
            }
            Event::Judged { call, mode, source, .. } => {
                if let Source::Grant { id } = source
                    && let Some(uses_left) = self.grants.get_mut(id).and_then(|grant| grant.uses_left.as_mut())
                {
                    *uses_left = uses_left.saturating_sub(1);
                }
                self.noted.push_back(Noted { call: *call, mode: *mode, source: source.clone() });
                if self.noted.len() > NOTED_MAX {
                    self.noted.pop_front();
                }
            }
        }
    }

    fn decided(&mut self, approval: ApprovalId, decided: Decided<'_>, at: Timestamp) {
        let Decided { approved, by, reason, tell_at, until } = decided;
        let Some(asked) = self.approvals.get_mut(&approval) else { return };
        self.settled.push_back(Settled {
            approval,
            tool: asked.made.tool.clone(),
            hash: asked.made.hash.clone(),
            session: asked.made.caller.session,
            step: asked.made.caller.step().cloned(),
            approved,
            by: by.cloned(),
            reason: reason.clone(),
            at,
        });
        while self.settled.len() > SETTLED_MAX {
            self.settled.pop_front();
        }
        match by.filter(|_| approved) {
            Some(by) => {
                asked.approved = Some(Approved { by: by.clone(), at, tell_at });
                asked.deadline = until;
            }
            None => drop(self.approvals.remove(&approval)),
        }
    }
}

struct Decided<'e> {
    approved: bool,
    by: Option<&'e Who>,
    reason: &'e Option<String>,
    tell_at: Option<Timestamp>,
    until: Timestamp,
}
