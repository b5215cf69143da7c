//! What a scheduler can be told, and what it answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tenure_model::id::{ExecutionId, FiringId, SessionId, ThreadId, TriggerId};
use tenure_model::request::RequestId;
use tenure_model::step::RunEnd;
use tenure_model::time::{Span, Timestamp};
use uuid::Uuid;

use super::effect::Effect;
use super::inlet::Keys;
use super::shown::{Shown, Which};
use super::trial::Tried;
use crate::cron::Mark;
use crate::people::By;
use crate::trigger::webhook::Proof;
use crate::trigger::{Name, Patch};

/// One thing told to a scheduler.
#[derive(Clone, Debug)]
pub enum Command {
    /// A person, or a program in their name, wants something.
    ///
    /// A command with a request id can be sent any number of times within 24 hours: it is carried out once, and every
    /// time answered alike.
    Client { by: By, request: Option<RequestId>, action: Action },
    /// A webhook was called, and the sender is who it says.
    Deliver(Box<Delivery>),
    /// What became of something that was asked for.
    Answer { firing: FiringId, answer: Answer },
    /// Shows a trigger, or GitHub's own inlet. Changes nothing.
    Show(Which),
    /// Judges a delivery that is only imagined. Changes nothing.
    Try { trigger: TriggerId, stored: Box<Stored> },
    /// The courier gave an effect up.
    EffectFailed { effect: Box<Effect>, why: String },
    /// The rules of zones may have changed: everything is planned anew. Said once after a start.
    Replan,
}

/// What somebody wants of their triggers. `expected` is the revision that the sender has seen.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Action {
    /// Makes or changes the trigger of this name.
    Upsert {
        patch: Patch,
        expected: Option<u64>,
    },
    /// Makes a trigger whose name nobody has.
    Create {
        patch: Patch,
    },
    /// Changes a trigger, its name as well.
    Change {
        trigger: TriggerId,
        patch: Patch,
        expected: Option<u64>,
    },
    Rename {
        trigger: TriggerId,
        name: Name,
    },
    SetEnabled {
        trigger: TriggerId,
        enabled: bool,
    },
    /// Plans nothing until then; none ends a pause.
    Pause {
        trigger: TriggerId,
        until: Option<Timestamp>,
    },
    Delete {
        trigger: TriggerId,
    },
    /// Fires now, with these inputs on top of the trigger's own. Needs a request id.
    Run {
        trigger: TriggerId,
        inputs: Map<String, Value>,
        test: bool,
    },
    /// Fires for every time in a range that is over; a dry run only lists them. Needs a request id.
    Backfill {
        trigger: TriggerId,
        from: Timestamp,
        to: Timestamp,
        dry_run: bool,
    },
    StopBackfill {
        trigger: TriggerId,
    },
    /// Takes a delivery once more, as its record tells it. Needs a request id.
    Replay {
        trigger: TriggerId,
        of: FiringId,
        record: u64,
        stored: Box<Stored>,
    },
    /// Makes another address and takes another secret; the old ones are good for so long. No trigger is GitHub's own inlet.
    /// `sealed` is a secret that the sender has chosen, with which the address may stay. Needs a request id.
    Rotate {
        trigger: Option<TriggerId>,
        sealed: Option<String>,
        keep_address: bool,
        overlap: Span,
    },
}

/// A proven call of a webhook.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// The server's own name for this call.
    pub id: Uuid,
    /// None for GitHub's one address: all github triggers are judged.
    pub trigger: Option<TriggerId>,
    /// The generation of the address that was called.
    pub generation: u32,
    pub proof: Proof,
    pub stored: Stored,
}

/// What is kept of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    pub method: String,
    /// Those that mean something; names in lower case.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub query: String,
    /// The body as text; what is no UTF-8 is base64 and says so.
    pub body: String,
    #[serde(default)]
    pub base64: bool,
}

/// What became of something that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The run is there, now or since long.
    Started {
        execution: ExecutionId,
    },
    /// The orchestrator has the prompt.
    Prompted {
        session: SessionId,
        thread: ThreadId,
    },
    /// It will never be: the workflow is gone or switched off, or takes no such inputs.
    Refused {
        code: String,
        why: String,
    },
    /// The run is still under way.
    Running,
    Ended {
        end: RunEnd,
    },
}

/// What a scheduler answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Reply {
    Done,
    /// Nobody waits for this any more.
    Ignored,
    Saved {
        outcome: Outcome,
        trigger: TriggerId,
        revision: u64,
        next: Option<Timestamp>,
    },
    /// It fires, waits, or was judged otherwise: the ledger says which.
    Fired {
        firing: FiringId,
        execution: ExecutionId,
    },
    /// What a delivery leads to: a firing for each trigger that it concerns.
    Delivered {
        firings: Vec<FiringId>,
    },
    /// The same was delivered before.
    Duplicate {
        firings: Vec<FiringId>,
    },
    /// The times of a range; `more` says that there are more than are listed.
    Times {
        times: Vec<Time>,
        more: bool,
    },
    Rotated {
        generation: u32,
    },
    /// What is only shown is never remembered.
    #[serde(skip)]
    Shown(Box<Shown>),
    #[serde(skip)]
    Github(Keys),
    #[serde(skip)]
    Tried(Box<Tried>),
}

/// One planned time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Time {
    pub at: Timestamp,
    /// What the clocks of the zone show then.
    pub shown: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
}

/// What saving did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Created,
    Updated,
    Unchanged,
}

/// How a trigger became what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    Created,
    Updated,
    Renamed,
    Enabled,
    Disabled,
}
