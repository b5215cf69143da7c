//! Which of the planned times that nobody was there for are made up for.

use tenure_model::time::Timestamp;

use super::limits::MISSED_COUNTED_MAX;
use crate::cron::Occurrence;
use crate::trigger::schedule::{CatchUpPolicy, Plan};

/// The planned times after one instant and not after another, and the time by which their lateness is judged.
pub(super) struct Late {
    pub after: Timestamp,
    pub until: Timestamp,
    pub as_of: Timestamp,
}

/// What is made up for, and what is not.
#[derive(Default)]
pub(super) struct CaughtUp {
    /// The oldest first.
    pub chosen: Vec<Occurrence>,
    /// Whether no more of them are left for the next wake.
    pub complete: bool,
    /// The end of what is left out, and how many times that are.
    pub left_out: Option<(Timestamp, u32)>,
    pub why: &'static str,
}

/// Chooses at most `most` of the missed times by the trigger's policy.
pub(super) fn choose(plan: &Plan, late: &Late, most: usize) -> CaughtUp {
    let policy = &plan.catch_up;
    if late.until <= late.after || plan.after(late.after).is_none_or(|first| first.at > late.until) {
        return CaughtUp { complete: true, ..CaughtUp::default() };
    }
    let since = policy.lateness_max().map_or(late.after, |max| late.after.max(late.as_of - max));
    let kept = match policy.policy {
        CatchUpPolicy::None => vec![],
        // When one is due in time as well, that is the last one.
        CatchUpPolicy::Last if plan.after(late.until).is_some_and(|next| next.at <= late.as_of) => vec![],
        CatchUpPolicy::Last => newest(plan, since, late.until, 1),
        CatchUpPolicy::All => newest(plan, since, late.until, policy.max as usize),
    };
    let left_until = kept.first().map_or(late.until, |first| Timestamp(first.at.0 - 1));
    let count = plan.upcoming(late.after).take_while(|planned| planned.at <= left_until);
    let count = count.take(MISSED_COUNTED_MAX as usize).count() as u32;
    let why = match policy.policy {
        CatchUpPolicy::None => "the server was not there in time, and catch_up is none",
        CatchUpPolicy::Last => "the server was not there in time, and catch_up takes the last one only",
        CatchUpPolicy::All => "the server was not there in time, and it is more or later than catch_up takes",
    };
    let complete = kept.len() <= most;
    let chosen = kept.into_iter().take(most).collect();
    CaughtUp { chosen, complete, left_out: (count > 0).then_some((left_until, count)), why }
}

/// Returns the newest `max` planned times after one instant and not after another, the oldest first.
fn newest(plan: &Plan, after: Timestamp, until: Timestamp, max: usize) -> Vec<Occurrence> {
    // Looks back ever further, so that a frequent schedule is not walked from its beginning.
    let mut back: u64 = 3_600_000;
    loop {
        let start = Timestamp(until.0.saturating_sub(back)).max(after);
        let mut found: Vec<_> = plan.upcoming(start).take_while(|planned| planned.at <= until).collect();
        if found.len() >= max || start == after {
            return found.split_off(found.len().saturating_sub(max));
        }
        back = back.saturating_mul(4);
    }
}
