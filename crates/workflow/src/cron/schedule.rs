//! When a schedule fires: times of the wall clock, resolved in a zone by Debian cron's rules or by the trigger's own.

use serde::{Deserialize, Serialize};
use tenure_model::Timestamp;

use super::expression::Expression;
use super::zone::{Change, Civil, Zone, civil, seconds};

/// A change of the clocks by so much or more moves the calendar: what it skips is not made up for, as in Debian's cron.
const GAP_MAX_S: i64 = 3 * 3_600;

/// What happens to times that the clocks skip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapPolicy {
    /// As in Debian's cron: fixed times fire right after the gap, all others keep their pace.
    #[default]
    Auto,
    /// They do not fire.
    Skip,
    /// They fire once, right after the gap.
    After,
}

/// What happens to times that the clocks show twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FoldPolicy {
    /// As in Debian's cron: fixed times fire the first time only, all others keep their pace.
    #[default]
    Auto,
    First,
    Second,
    Both,
}

/// An expression in a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    pub cron: Expression,
    pub zone: Zone,
    pub gap: GapPolicy,
    pub fold: FoldPolicy,
}

/// One planned firing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occurrence {
    pub at: Timestamp,
    /// What the clocks of the zone show then.
    pub shown: Civil,
    pub mark: Option<Mark>,
}

/// What is special about a planned firing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Its time is skipped by the clocks; it fires right after the gap.
    Gap,
    /// Its time is shown twice; this is the first time.
    FoldFirst,
    FoldSecond,
}

impl Schedule {
    /// Lists what is planned after an instant, without end.
    pub fn upcoming(&self, after: Timestamp) -> impl Iterator<Item = Occurrence> {
        let first = self.after(after);
        std::iter::successors(first, |last| self.after(last.at))
    }

    /// Returns what is planned next after an instant.
    pub fn after(&self, after: Timestamp) -> Option<Occurrence> {
        // Clocks run evenly between two changes: each such stretch is searched, then the gap at its end.
        let mut stretch = seconds(after);
        let mut from = stretch + 1;
        loop {
            let ahead = self.zone.offset(stretch);
            let wall = self.cron.next_wall(from + ahead)?;
            let at = wall - ahead;
            let Some(change) = self.zone.next_change(stretch, at) else {
                match self.judge(wall, ahead) {
                    Some(mark) => return Some(occurrence(at, wall, mark)),
                    None => {
                        from = at + 1;
                        continue;
                    }
                }
            };
            if self.fires_after(change, wall) {
                return Some(occurrence(change.at, change.at + change.after, Some(Mark::Gap)));
            }
            (stretch, from) = (change.at, change.at);
        }
    }

    /// Returns the last thing planned in a range of time, both ends included.
    pub fn last_between(&self, from: Timestamp, to: Timestamp) -> Option<Occurrence> {
        // Looks back ever further, so that a frequent schedule is not walked from its beginning.
        let mut back: u64 = 3_600_000;
        loop {
            let start = Timestamp(to.0.saturating_sub(back)).max(from);
            let before = Timestamp(start.0.saturating_sub(1));
            let last = self.upcoming(before).take_while(|planned| planned.at <= to).last();
            if last.is_some() || start == from {
                return last;
            }
            back = back.saturating_mul(8);
        }
    }

    /// Tells whether what is planned at this minute is so by this schedule.
    pub fn fires_at(&self, at: Timestamp) -> Option<Occurrence> {
        self.after(Timestamp(at.0.saturating_sub(1))).filter(|planned| planned.at == at)
    }

    /// Tells how a time counts when the clocks show it twice; nothing when it does not fire.
    fn judge(&self, wall: i64, ahead: i64) -> Option<Option<Mark>> {
        let Some((first, second)) = self.zone.twice(wall) else { return Some(None) };
        let (is_first, is_second) = (ahead == first, ahead == second);
        let fires = match self.fold {
            FoldPolicy::Auto if self.cron.keeps_pace() => true,
            FoldPolicy::Auto | FoldPolicy::First => is_first,
            FoldPolicy::Second => is_second,
            FoldPolicy::Both => true,
        };
        fires.then_some(Some(if is_first { Mark::FoldFirst } else { Mark::FoldSecond }))
    }

    /// Tells whether a skipped time fires after the gap; `wall` is the first one that comes after the clocks are changed.
    fn fires_after(&self, change: Change, wall: i64) -> bool {
        let made_up = match self.gap {
            GapPolicy::Auto => !self.cron.keeps_pace(),
            GapPolicy::Skip => false,
            GapPolicy::After => true,
        };
        made_up && change.after - change.before < GAP_MAX_S && wall < change.at + change.after
    }
}

fn occurrence(at: i64, wall: i64, mark: Option<Mark>) -> Occurrence {
    let at = Timestamp(u64::try_from(at).unwrap_or_default().saturating_mul(1_000));
    Occurrence { at, shown: civil(wall), mark }
}
