//! How fast codes may be tried, by everybody together: who tries them has shown nothing yet that they could be told apart by.

use std::sync::Mutex;

use tenure_model::Timestamp;

use crate::bucket::Bucket;
use crate::problem::{Rejection, problem};

/// The attempts to sign in of all browsers.
pub struct Attempts {
    left: Mutex<Bucket>,
    per_minute_max: u32,
}

impl Attempts {
    pub fn new(per_minute_max: u32, now: Timestamp) -> Self {
        Self { left: Mutex::new(Bucket::full(per_minute_max, now)), per_minute_max }
    }

    /// Counts one more attempt, right or wrong, or refuses to look at it.
    pub fn count(&self, now: Timestamp) -> Result<(), Rejection> {
        let max = self.per_minute_max;
        let taken = self.left.lock().expect("counting does not panic").take(max, now);
        taken.map_err(|wait| {
            let detail =
                format!("more than {max} sign-ins were tried within a minute, the limit sign_ins_per_minute_max");
            problem(429, "sign_ins_too_fast", detail).limit(max.into(), u64::from(max) + 1).wait(wait)
        })
    }
}

#[cfg(test)]
mod tests {
    use tenure_model::Span;

    use super::*;

    #[test]
    fn attempts_come_back_with_time() {
        let now = Timestamp(1_000_000);
        let attempts = Attempts::new(2, now);
        attempts.count(now).expect("the first");
        attempts.count(now).expect("the second");
        assert_eq!(attempts.count(now).expect_err("the third").0.code, "sign_ins_too_fast");
        attempts.count(now + Span::secs(30)).expect("one has come back");
        attempts.count(now + Span::secs(30)).expect_err("and no more");
    }
}
