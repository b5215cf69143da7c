//! Every limit of a stored workflow, by name.

use tenure_model::time::Span;

/// Versions that are listed and can be rolled back to; beyond, the oldest leaves the list. Its record stays.
pub const VERSIONS_MAX: usize = 200;
/// Proposals that wait for a review or to be applied.
pub const PROPOSALS_OPEN_MAX: usize = 20;
/// Proposals that are listed, closed ones included; beyond, the oldest closed one leaves the list.
pub const PROPOSALS_KEPT_MAX: usize = 100;
/// How long a proposal waits before it expires.
pub const PROPOSAL_LIFE: Span = Span::hours(14 * 24);
/// What is said with a proposal or a review.
pub const NOTE_BYTES_MAX: usize = 4 * 1024;
/// The fewest digits by which a version can be named.
pub const HASH_DIGITS_MIN: usize = 6;
/// How long the answer to a request is kept, and how many answers.
pub const REQUEST_KEPT: Span = Span::hours(24);
pub const REQUESTS_KEPT_MAX: usize = 1_000;
