//! What has happened to a policy: kept for as long as audits are.

use serde::{Deserialize, Serialize};
use tenure_model::id::{ApprovalId, GrantId};
use tenure_model::time::Timestamp;
use uuid::Uuid;

use super::call::{Approval, Caller};
use super::grant::Grant;
use super::rule::{Mode, What, Who, Within};
use super::verdict::Source;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A rule was made, changed, or taken back (`mode` is absent).
    RuleSet {
        within: Within,
        what: What,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mode: Option<Mode>,
        by: Who,
    },
    /// A person is asked about a call.
    Asked {
        approval: ApprovalId,
        asked: Box<Approval>,
    },
    /// The caller goes on waiting for the answer.
    Awaited {
        approval: ApprovalId,
        until: Timestamp,
    },
    /// A person has decided; without one, the deadline has.
    Decided {
        approval: ApprovalId,
        approved: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Who>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// When the session is told of it, unless somebody waits for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tell_at: Option<Timestamp>,
        /// Until when an approved call may be carried out.
        until: Timestamp,
    },
    /// The session was told that its call may go on.
    Told {
        approval: ApprovalId,
    },
    /// An approved call is over: it was carried out, or nobody did in time.
    Closed {
        approval: ApprovalId,
        done: bool,
    },
    /// The question was taken back: nobody waits for the answer any more.
    Withdrawn {
        approval: ApprovalId,
    },
    Granted {
        grant: GrantId,
        granted: Box<Grant>,
    },
    Revoked {
        grant: GrantId,
        by: Who,
    },
    /// A call is sent that nobody may send twice.
    Sent {
        call: Uuid,
    },
    /// A call that changes something was let through or refused.
    Judged {
        call: Uuid,
        tool: String,
        hash: String,
        caller: Caller,
        mode: Mode,
        source: Source,
    },
}
