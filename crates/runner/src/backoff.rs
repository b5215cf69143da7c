//! How long to wait before the next attempt: doubling from 0.2 s to 30 s, a little different each time.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(30);

/// The pauses between attempts.
pub struct Backoff {
    next: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { next: FIRST }
    }
}

impl Backoff {
    /// Returns the next pause, moved by up to 20 % as `random` says.
    pub fn pause(&mut self, random: u8) -> Duration {
        let pause = self.next;
        self.next = (self.next * 2).min(LONGEST);
        pause.mul_f64(0.8 + 0.4 * f64::from(random) / f64::from(u8::MAX))
    }

    /// Begins anew: an attempt succeeded.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_their_bound_and_begin_anew() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.pause(0), Duration::from_millis(160));
        assert_eq!(backoff.pause(u8::MAX), Duration::from_millis(480));
        for _ in 0..20 {
            backoff.pause(0);
        }
        assert_eq!(backoff.pause(u8::MAX), Duration::from_secs(36));
        backoff.reset();
        assert_eq!(backoff.pause(0), Duration::from_millis(160));
    }
}
