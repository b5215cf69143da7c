//! What a policy can be told, and what it answers.

use tenure_model::id::{ApprovalId, GrantId, UserId};
use tenure_model::time::{Span, Timestamp};
use uuid::Uuid;

use super::call::Made;
use super::grant::NewGrant;
use super::rule::{Mode, What, Who, Within};
use super::state::Settled;
use super::verdict::Judged;

/// One thing told to a policy. Every command is safe to repeat.
#[derive(Clone, Debug)]
pub enum Command {
    /// An agent makes a call.
    Call(Box<Calling>),
    /// An approved call was carried out, or is carried out now by whoever hears `Done`.
    Done {
        approval: ApprovalId,
    },
    /// A call is about to be sent that nobody may send twice. The same id is told so once.
    Send {
        call: Uuid,
    },
    /// Nobody waits any more for what was asked under this id.
    Withdraw {
        approval: ApprovalId,
    },
    Decide {
        by: By,
        approval: ApprovalId,
        decision: Decision,
    },
    SetRule {
        by: By,
        within: Within,
        what: What,
        mode: Option<Mode>,
    },
    /// Allows calls beforehand. The same id grants once.
    Grant {
        by: By,
        grant: GrantId,
        new: NewGrant,
    },
    Revoke {
        by: By,
        grant: GrantId,
    },
}

/// A call, and what holds for it.
#[derive(Clone, Debug)]
pub struct Calling {
    /// Names the call: one that comes twice is judged once.
    pub id: Uuid,
    pub made: Made,
    /// The organization's rule, when it has one for this call.
    pub organization: Option<(What, Mode)>,
    /// Whether the call changes nothing: then it is not noted that it was let through.
    pub reads: bool,
    /// How long the caller waits for a person's decision.
    pub waits: Span,
    /// Puts the call before a person, when it needs one; else the caller is told that it does.
    pub asks: Option<Asks>,
}

/// How a person is asked.
#[derive(Clone, Copy, Debug)]
pub struct Asks {
    /// How long they may take.
    pub open_for: Span,
    /// The id under which the caller waits for the answer; a fresh one when there is none.
    pub id: Option<ApprovalId>,
}

/// A decision on exactly what was shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    pub hash: String,
    pub approved: bool,
    pub reason: Option<String>,
    /// Allows more calls like it.
    pub grant: Option<NewGrant>,
}

/// Who speaks to a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By {
    pub user: UserId,
    pub name: String,
    pub admin: bool,
    pub agent: bool,
}

impl By {
    pub fn who(&self) -> Who {
        Who { user: self.user, name: self.name.clone() }
    }
}

/// What a policy answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    Done,
    /// Another call has used the approval already, or it is over; or the call was sent before.
    Spent,
    /// The call may go on; under the approval's id, when there is one, it is carried out once.
    Allowed {
        judged: Judged,
        approval: Option<ApprovalId>,
    },
    Denied {
        judged: Judged,
    },
    /// A person has denied this very call.
    DeniedBy {
        settled: Settled,
    },
    /// A person would have to be asked.
    Needed {
        judged: Judged,
    },
    /// A person is asked, and has not decided.
    Waits {
        approval: ApprovalId,
        deadline: Timestamp,
    },
    Decided {
        settled: Settled,
    },
    Granted {
        grant: GrantId,
    },
}
