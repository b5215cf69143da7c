//! Loops: an agent that makes the same call over and over is told so, before it has used up its turn.

use std::collections::HashMap;
use std::sync::Mutex;

use tenure_model::id::WorkId;
use tenure_model::{Span, Timestamp};

use crate::problem::{Rejection, problem};

/// A work that has called nothing for so long is forgotten.
const KEPT: Span = Span::hours(1);
const TIDIED_EVERY: Span = Span::mins(1);

/// The last call of every work.
pub struct Loops {
    repeats_max: u32,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    works: HashMap<WorkId, Last>,
    tidied_at: Timestamp,
}

struct Last {
    hash: String,
    times: u32,
    at: Timestamp,
}

impl Loops {
    pub fn new(repeats_max: u32) -> Self {
        Self { repeats_max, seen: Mutex::default() }
    }

    /// Counts a call by its hash. The one after `repeats_max` alike in a row is refused, and counting begins anew: whoever has a reason
    /// goes on.
    pub fn enter(&self, work: WorkId, tool: &str, hash: &str, now: Timestamp) -> Result<(), Rejection> {
        let mut seen = self.seen.lock().expect("counting does not panic");
        seen.tidy(now);
        let last = seen.works.entry(work).or_insert_with(|| Last { hash: hash.to_owned(), times: 0, at: now });
        last.at = now;
        if last.hash != hash {
            *last = Last { hash: hash.to_owned(), times: 1, at: now };
            return Ok(());
        }
        if last.times < self.repeats_max {
            last.times += 1;
            return Ok(());
        }
        last.times = 0;
        let detail = format!(
            "{tool} was called {} times in a row with the same arguments; call it differently, wait with wait_ms where a tool has that, \
             or end the turn and say what is missing",
            self.repeats_max
        );
        Err(problem(409, "call_repeated", detail).limit(self.repeats_max.into(), u64::from(self.repeats_max) + 1))
    }
}

impl Seen {
    fn tidy(&mut self, now: Timestamp) {
        if now < self.tidied_at + TIDIED_EVERY {
            return;
        }
        self.tidied_at = now;
        self.works.retain(|_, last| now < last.at + KEPT);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ONE: WorkId = WorkId(Uuid::from_u128(1));
    const OTHER: WorkId = WorkId(Uuid::from_u128(2));

    #[test]
    fn only_the_same_call_of_the_same_work_in_a_row_is_a_loop() {
        let loops = Loops::new(3);
        let calls = |work, hash: &str| loops.enter(work, "get_execution", hash, Timestamp(1_000)).is_ok();
        assert!(["a", "a", "b", "a", "a", "a"].iter().all(|hash| calls(ONE, hash)), "one between them begins anew");
        assert!(calls(OTHER, "a"), "another work has called it once");
        assert!(!calls(ONE, "a"), "three are enough");
        assert!(["a", "a", "a"].iter().all(|hash| calls(ONE, hash)), "whoever goes on is let through");
        assert!(!calls(ONE, "a"));
    }

    #[test]
    fn a_work_that_rests_is_forgotten() {
        let loops = Loops::new(3);
        loops.enter(ONE, "a", "a", Timestamp(0)).expect("the first");
        loops.enter(OTHER, "a", "a", Timestamp(0) + KEPT).expect("the first");
        let seen = loops.seen.lock().expect("nobody panicked");
        assert_eq!(seen.works.keys().collect::<Vec<_>>(), [&OTHER]);
    }
}
