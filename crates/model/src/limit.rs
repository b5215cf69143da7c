//! What limits may be set to: each has a least and a most, so that no setting makes anything useless, keeps it busy with
//! itself, or lets it grow beyond all memory.

use crate::time::Span;

/// Items of anything.
pub const COUNT_MAX: u64 = 1_000_000;
/// Bytes of anything that is held in memory.
pub const BYTES_MAX: u64 = 1 << 30;
/// The longest time of anything.
pub const LONGEST: u64 = Span::hours(24 * 365).0;
/// The shortest time after which anything is repeated or given up.
pub const SHORTEST: u64 = Span::ms(100).0;

/// One limit: its name, what it is set to, the least and the most that it can be.
pub type Bound = (&'static str, u64, u64, u64);

/// A limit that is set to what it cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{limit} is {value}; {rule}")]
pub struct BadLimit {
    pub limit: &'static str,
    pub value: u64,
    pub rule: String,
}

/// Finds the first limit that is out of its bounds.
pub fn check(bounds: impl IntoIterator<Item = Bound>) -> Result<(), BadLimit> {
    for (limit, value, least, most) in bounds {
        if !(least..=most).contains(&value) {
            return Err(BadLimit { limit, value, rule: format!("set it to {least} to {most}") });
        }
    }
    Ok(())
}
