//! How long to wait before the next attempt to connect: 1 to 30 seconds, doubling, ±20 %.

use std::time::Duration;

const FIRST_MS: u64 = 1_000;
const LAST_MS: u64 = 30_000;

/// Counts failed attempts since the last success.
#[derive(Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// Returns the next pause; `spread` is a random number that keeps many clients from coming back at once.
    pub fn next(&mut self, spread: u8) -> Duration {
        let pause = FIRST_MS.saturating_mul(1 << self.failures.min(16)).min(LAST_MS);
        self.failures = self.failures.saturating_add(1);
        // 80 % to 120 %.
        Duration::from_millis(pause * (800 + u64::from(spread) * 400 / 255) / 1_000)
    }

    /// Notes a success: the next pause is a short one again.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_half_a_minute() {
        let mut backoff = Backoff::default();
        let pauses: Vec<_> = (0..7).map(|_| backoff.next(128).as_millis() / 100).collect();
        assert_eq!(pauses, [10, 20, 40, 80, 160, 300, 300]);
        backoff.reset();
        assert_eq!(backoff.next(0), Duration::from_millis(800));
        assert_eq!(backoff.next(255), Duration::from_millis(2_400));
    }

    #[test]
    fn it_never_gives_up() {
        let mut backoff = Backoff { failures: u32::MAX };
        assert_eq!(backoff.next(255), Duration::from_secs(36));
    }
}
