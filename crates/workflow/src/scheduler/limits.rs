//! Every limit of a scheduler, by name.

use tenure_model::time::Span;

/// Triggers of one owner.
pub const TRIGGERS_MAX: usize = 10_000;
/// Things that one wake decides: each takes up to five rows, and a record takes 500 at most.
pub const WAKE_MAX: usize = 100;
/// What is decided within this time was in time.
pub const ON_TIME: Span = Span::secs(60);
/// Firings of one trigger that wait for its runs.
pub const QUEUE_MAX: usize = 100;
/// Missed times that are counted one by one.
pub const MISSED_COUNTED_MAX: u32 = 10_000;
/// What one delivery may hold.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
/// All inputs of one firing together.
pub const INPUTS_BYTES_MAX: usize = 256 * 1024;
/// Deliveries of one address that are remembered to know a repeat by.
pub const DELIVERIES_KEPT_MAX: usize = 10_000;
/// A delivery whose repeats are welcome is remembered so long all the same, because its own request may come twice.
pub const DELIVERY_KEPT: Span = Span::mins(10);
/// How long an old address or secret may stay good.
pub const OVERLAP_MAX: Span = Span::hours(24 * 30);
/// How long the start of a run is awaited before it is asked for again, and how often.
pub const ANSWER_WAIT: Span = Span::mins(10);
pub const ASKS_MAX: u32 = 5;
/// After how long a run is asked whether it is still there.
pub const RUN_ASKED_AFTER: Span = Span::hours(1);
/// Times of one backfill.
pub const BACKFILL_MAX: usize = 1_000;
/// Firings of backfills that may be asked for and not answered at a time.
pub const BACKFILL_AT_ONCE: usize = 10;
/// Times that a preview or a dry run lists.
pub const TIMES_MAX: usize = 1_000;
/// How long the answer to a request is kept, and how many answers.
pub const REQUEST_KEPT: Span = Span::hours(24);
pub const REQUESTS_KEPT_MAX: u64 = 1_000;
