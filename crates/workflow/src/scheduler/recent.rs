//! What was delivered lately, so that a repeat is known, and how fast deliveries come.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use tenure_model::id::FiringId;
use tenure_model::time::{Span, Timestamp};

use super::limits::DELIVERIES_KEPT_MAX;

/// How long the rate is counted over.
const MINUTE: Span = Span::secs(60);

/// Deliveries by what is signed of them; the oldest are forgotten first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recent {
    seen: BTreeMap<String, Seen>,
    /// Keys with the time until which they count, in the order in which they came.
    order: VecDeque<(Timestamp, String)>,
    minute: Timestamp,
    count: u32,
}

/// One delivery that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    until: Timestamp,
    pub firings: Vec<FiringId>,
}

impl Recent {
    /// Returns the delivery with this key, while it counts.
    pub fn find(&self, key: &str, now: Timestamp) -> Option<&Seen> {
        self.seen.get(key).filter(|seen| seen.until > now)
    }

    /// Returns how long to wait before the next delivery is within a rate.
    pub fn wait(&self, per_minute: u32, now: Timestamp) -> Option<Span> {
        let ends = self.minute + MINUTE;
        (now >= self.minute && now < ends && self.count >= per_minute).then(|| ends.since(now))
    }

    /// Remembers a delivery, and forgets what is too old or too much.
    pub fn keep(&mut self, key: String, kept: Span, firings: Vec<FiringId>, now: Timestamp) {
        if now < self.minute || now >= self.minute + MINUTE {
            (self.minute, self.count) = (now, 0);
        }
        self.count += 1;
        while let Some((until, _)) = self.order.front()
            && (*until <= now || self.order.len() >= DELIVERIES_KEPT_MAX)
            && let Some((until, key)) = self.order.pop_front()
        {
            // A key that came again after its time is kept by its newer entry.
            if self.seen.get(&key).is_some_and(|seen| seen.until == until) {
                self.seen.remove(&key);
            }
        }
        let until = now + kept;
        self.seen.insert(key.clone(), Seen { until, firings });
        self.order.push_back((until, key));
    }
}
