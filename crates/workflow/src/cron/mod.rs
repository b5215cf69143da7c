//! Schedules in cron's five fields: POSIX as Debian's cron reads it, in a zone of the IANA database.
//!
//! ```text
//!   "30 2 * * *" ──▶ Expression ──▶ times of the wall clock ──▶ Schedule ──▶ instants, gaps and folds marked
//!                    (field)        (the `cron` crate)          (Zone, policies)
//! ```
//! Nothing in here knows what time it is: whoever asks says from when.

mod field;
mod expression;
mod zone;
mod schedule;
mod words;

pub use expression::{BadCron, Expression};
pub use schedule::{FoldPolicy, GapPolicy, Mark, Occurrence, Schedule};
pub use zone::{BadZone, Civil, WallTime, ZONES_VERSION, Zone};

pub(crate) use words::list_of;
