//! How fast and how many at once: the calls of tools that one user and their agents make.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tenure_model::Timestamp;
use tenure_model::id::UserId;

use crate::bucket::Bucket;
use crate::options::ServerOptions;
use crate::problem::{Rejection, problem};

const MINUTE_MS: u64 = 60_000;

/// The calls of every user.
pub struct Pace {
    users: Users,
    at_once_max: usize,
    per_minute_max: u32,
}

type Users = Arc<Mutex<Counted>>;

#[derive(Default)]
struct Counted {
    calls: HashMap<UserId, Calls>,
    tidied_at: Timestamp,
}

/// What one user has called lately.
struct Calls {
    under_way: usize,
    left: Bucket,
}

/// The place of one call, until it is dropped.
pub struct Place {
    user: UserId,
    users: Users,
}

impl Pace {
    pub fn new(options: &ServerOptions) -> Self {
        Self {
            users: Arc::default(),
            at_once_max: options.tool_calls_max,
            per_minute_max: options.tool_calls_per_minute_max,
        }
    }

    /// Gives a call its place, or refuses it.
    pub fn enter(&self, user: UserId, now: Timestamp) -> Result<Place, Rejection> {
        let mut users = self.users.lock().expect("counting does not panic");
        users.tidy(now, self.per_minute_max);
        let rested = || Calls { under_way: 0, left: Bucket::full(self.per_minute_max, now) };
        let calls = users.calls.entry(user).or_insert_with(rested);
        if calls.under_way >= self.at_once_max {
            let max = self.at_once_max as u64;
            let detail = format!("{max} calls of tools are under way, the limit tool_calls_max; wait for one to end");
            return Err(problem(429, "tool_calls_full", detail).limit(max, max));
        }
        if let Err(wait) = calls.left.take(self.per_minute_max, now) {
            let max = u64::from(self.per_minute_max);
            let detail = format!("more than {max} calls of tools within a minute, the limit tool_calls_per_minute_max");
            return Err(problem(429, "tool_calls_too_fast", detail).limit(max, max + 1).wait(wait));
        }
        calls.under_way += 1;
        Ok(Place { user, users: self.users.clone() })
    }
}

impl Counted {
    /// Forgets, once a minute, who may call as much as if they had never called.
    fn tidy(&mut self, now: Timestamp, per_minute_max: u32) {
        if now.0 < self.tidied_at.0.saturating_add(MINUTE_MS) {
            return;
        }
        self.tidied_at = now;
        self.calls.retain(|_, calls| calls.under_way > 0 || !calls.left.is_full(per_minute_max, now));
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut users = self.users.lock().expect("counting does not panic");
        if let Some(calls) = users.calls.get_mut(&self.user) {
            calls.under_way -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: UserId = UserId(uuid::Uuid::from_u128(1));
    const BOB: UserId = UserId(uuid::Uuid::from_u128(2));

    fn pace(at_once: usize, per_minute: u32) -> Pace {
        let options = ServerOptions::default();
        Pace::new(&ServerOptions { tool_calls_max: at_once, tool_calls_per_minute_max: per_minute, ..options })
    }

    fn code(refused: Result<Place, Rejection>) -> String {
        refused.err().expect("it is refused").0.code.clone()
    }

    #[test]
    fn one_users_calls_leave_room_for_anothers() {
        let pace = pace(2, 1_000);
        let now = Timestamp(1_000);
        let held = [pace.enter(ANN, now), pace.enter(ANN, now)].map(|place| place.expect("there is room"));
        assert_eq!(code(pace.enter(ANN, now)), "tool_calls_full");
        pace.enter(BOB, now).expect("another has room");
        drop(held);
        pace.enter(ANN, now).expect("there is room again");
    }

    #[test]
    fn a_minutes_calls_come_back_with_the_minute() {
        let pace = pace(10, 2);
        let at = |ms: u64| Timestamp(1_000_000 + ms);
        pace.enter(ANN, at(0)).expect("the first");
        pace.enter(ANN, at(0)).expect("the second");
        assert_eq!(code(pace.enter(ANN, at(29_999))), "tool_calls_too_fast");
        pace.enter(ANN, at(30_000)).expect("half a minute brings one back");
        assert_eq!(code(pace.enter(ANN, at(30_000))), "tool_calls_too_fast");
        // A clock that goes back takes nothing away, and gives nothing.
        assert_eq!(code(pace.enter(ANN, at(0))), "tool_calls_too_fast");
    }

    #[test]
    fn who_has_rested_is_forgotten() {
        let pace = pace(10, 2);
        pace.enter(ANN, Timestamp(0)).expect("there is room");
        pace.enter(BOB, Timestamp(MINUTE_MS)).expect("there is room");
        let users = pace.users.lock().expect("nobody panicked");
        assert_eq!(users.calls.keys().collect::<Vec<_>>(), [&BOB]);
    }
}
