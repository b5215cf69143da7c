//! The request ids that were answered, so that a resend is harmless.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use tenure_model::id::UserId;
use tenure_model::request::RequestId;
use tenure_model::time::{Span, Timestamp};

/// Answered requests by sender; the oldest are forgotten first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Requests<R> {
    answered: BTreeMap<UserId, BTreeMap<RequestId, Answered<R>>>,
    order: VecDeque<(UserId, RequestId)>,
}

/// A request and its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered<R> {
    pub at: Timestamp,
    pub fingerprint: u64,
    pub reply: R,
}

impl<R> Default for Requests<R> {
    fn default() -> Self {
        Self { answered: BTreeMap::new(), order: VecDeque::new() }
    }
}

impl<R> Requests<R> {
    /// Returns what was answered to this request of this sender, unless it is too long ago.
    pub fn find(&self, user: UserId, request: &RequestId, now: Timestamp, kept: Span) -> Option<&Answered<R>> {
        let answered = self.answered.get(&user)?.get(request)?;
        (answered.at + kept > now).then_some(answered)
    }

    /// Remembers an answer, and forgets the oldest ones above `max`. One that is too old is forgotten by its age.
    pub fn keep(&mut self, user: UserId, request: RequestId, answered: Answered<R>, max: u64) {
        let of_user = self.answered.entry(user).or_default();
        if of_user.insert(request.clone(), answered).is_none() {
            self.order.push_back((user, request));
        }
        while self.order.len() as u64 > max {
            let Some((user, request)) = self.order.pop_front() else { return };
            let Some(of_user) = self.answered.get_mut(&user) else { continue };
            of_user.remove(&request);
            if of_user.is_empty() {
                self.answered.remove(&user);
            }
        }
    }

    /// Returns how many answers are kept.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Tells whether no answer is kept.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }
}

/// Returns a cheap fingerprint of what a command asks for: two that differ are two different commands.
pub fn fingerprint(action: &impl Serialize) -> u64 {
    let text = serde_json::to_string(action).expect("an action is plain data with text keys");
    // FNV-1a: stable over versions and platforms, and nobody gains by a collision with their own request.
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}
