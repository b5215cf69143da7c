//! The request ids that were answered, so that a resend is harmless, also when much has changed since.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tenure_model::id::UserId;
use tenure_model::request::RequestId;
use tenure_model::time::Timestamp;

use super::command::{Action, Reply};
use super::limits::{REQUEST_KEPT, REQUESTS_KEPT_MAX};

/// Answered requests, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Requests(VecDeque<Answered>);

/// A request and its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    user: UserId,
    request: RequestId,
    at: Timestamp,
    pub fingerprint: String,
    pub reply: Reply,
}

impl Requests {
    /// Returns what was answered to this request of this sender, unless it is too long ago.
    pub fn find(&self, user: UserId, request: &RequestId, now: Timestamp) -> Option<&Answered> {
        let mut newest_first = self.0.iter().rev();
        let answered = newest_first.find(|answered| answered.user == user && answered.request == *request)?;
        (answered.at + REQUEST_KEPT > now).then_some(answered)
    }

    /// Remembers an answer and forgets what is too old or too much.
    pub fn keep(&mut self, user: UserId, request: RequestId, fingerprint: String, reply: Reply, at: Timestamp) {
        while let Some(oldest) = self.0.front()
            && (oldest.at + REQUEST_KEPT <= at || self.0.len() >= REQUESTS_KEPT_MAX)
        {
            self.0.pop_front();
        }
        self.0.push_back(Answered { user, request, at, fingerprint, reply });
    }
}

/// Returns what tells one command from another.
pub fn fingerprint(action: &Action) -> String {
    let text = serde_json::to_string(action).expect("an action is plain data with text keys");
    Sha256::digest(text.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
