//! The request ids that were answered, so that a resend is harmless.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use tenure_model::id::UserId;
use tenure_model::time::Timestamp;

use crate::command::RequestId;
use crate::limits::Limits;
use crate::queue;
use crate::reply::Reply;

/// Answered requests by sender; the order of forgetting is that of answering.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Requests {
    answered: BTreeMap<UserId, BTreeMap<RequestId, Answered>>,
    order: VecDeque<(UserId, RequestId)>,
    bytes: u64,
}

/// A request and its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    pub at: Timestamp,
    pub fingerprint: u64,
    pub reply: Reply,
    bytes: u64,
}

impl Requests {
    /// Forgetting is spread over the requests that follow, so that one event stays cheap.
    const FORGET_MAX: usize = 100;

    /// Returns what was answered to this request of this sender, unless it is too long ago.
    pub fn find(&self, user: UserId, request: &RequestId, now: Timestamp, limits: &Limits) -> Option<&Answered> {
        let answered = self.answered.get(&user)?.get(request)?;
        (answered.at + limits.request_kept_ms > now).then_some(answered)
    }

    /// Remembers an answer and forgets what is too old or too much. A session that rests keeps its last answers: it is
    /// not woken in order to forget, [`Requests::find`] looks at their age.
    pub fn keep(
        &mut self,
        user: UserId,
        request: RequestId,
        fingerprint: u64,
        reply: Reply,
        at: Timestamp,
        limits: &Limits,
    ) {
        self.forget(user, &request);
        let bytes = reply_size(&reply);
        self.bytes += bytes;
        self.order.push_back((user, request.clone()));
        self.answered.entry(user).or_default().insert(request, Answered { at, fingerprint, reply, bytes });
        for _ in 0..Self::FORGET_MAX {
            let Some((user, request)) = self.order.front().cloned() else {
                return;
            };
            let too_old = self.find(user, &request, at, limits).is_none();
            let too_many =
                self.order.len() as u64 > limits.requests_kept_max || self.bytes > limits.requests_kept_bytes_max;
            let newest = self.order.len() == 1;
            if newest || (!too_old && !too_many) {
                return;
            }
            self.forget(user, &request);
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

    fn forget(&mut self, user: UserId, request: &RequestId) {
        let Some(of_user) = self.answered.get_mut(&user) else {
            return;
        };
        let Some(gone) = of_user.remove(request) else { return };
        if of_user.is_empty() {
            self.answered.remove(&user);
        }
        self.bytes -= gone.bytes;
        // What is forgotten is nearly always the oldest.
        if let Some(place) = self.order.iter().position(|(u, r)| *u == user && r == request) {
            self.order.remove(place);
        }
    }
}

fn reply_size(reply: &Reply) -> u64 {
    match reply {
        Reply::Withdrawn { text, attachments, .. } => queue::size(text, attachments),
        _ => 0,
    }
}

/// Returns a cheap fingerprint of what a command asks for: two that differ are two different commands.
pub fn fingerprint<T: Serialize>(asked: &T) -> u64 {
    let text = serde_json::to_string(asked).expect("what is asked is plain data with text keys");
    // FNV-1a: stable over versions and platforms, and nobody gains by a collision with their own request.
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}
