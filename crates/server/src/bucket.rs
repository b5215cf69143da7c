//! How fast something may be done: so much a minute, which comes back evenly.

use tenure_model::{Span, Timestamp};

const MINUTE_MS: u64 = 60_000;

/// What may still be done now, in deeds times a minute: so much comes back with each millisecond as is allowed a minute.
pub struct Bucket {
    left: u64,
    counted_at: Timestamp,
}

impl Bucket {
    pub fn full(per_minute: u32, now: Timestamp) -> Self {
        Self { left: u64::from(per_minute) * MINUTE_MS, counted_at: now }
    }

    /// Counts what has come back until now. A clock that goes back takes nothing away, and gives nothing.
    pub fn refill(&mut self, per_minute: u32, now: Timestamp) {
        self.left = self.left_at(per_minute, now);
        self.counted_at = self.counted_at.max(now);
    }

    /// Takes one, or tells how long to wait for it.
    pub fn take(&mut self, per_minute: u32, now: Timestamp) -> Result<(), Span> {
        self.refill(per_minute, now);
        match self.left.checked_sub(MINUTE_MS) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(Span::ms((MINUTE_MS - self.left).div_ceil(u64::from(per_minute).max(1)))),
        }
    }

    /// Tells whether it is as if nothing had ever been taken.
    pub fn is_full(&self, per_minute: u32, now: Timestamp) -> bool {
        self.left_at(per_minute, now) >= u64::from(per_minute) * MINUTE_MS
    }

    fn left_at(&self, per_minute: u32, now: Timestamp) -> u64 {
        let rate = u64::from(per_minute);
        let back = now.since(self.counted_at).0.saturating_mul(rate);
        self.left.saturating_add(back).min(rate * MINUTE_MS)
    }
}
