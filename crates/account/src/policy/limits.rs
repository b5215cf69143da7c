//! Every limit of a policy, by name.

use tenure_model::time::Span;

/// Rules of one owner, and of the organization.
pub const RULES_MAX: usize = 1_000;
/// Grants of one owner.
pub const GRANTS_MAX: usize = 1_000;
/// Calls that wait for a person, or were approved and are not over.
pub const APPROVALS_MAX: usize = 200;
/// Decisions that are remembered for whoever comes late.
pub const SETTLED_MAX: usize = 1_000;
/// Arguments that a person is shown; a call with more is denied, because nobody could judge it.
pub const ARGUMENTS_BYTES_MAX: usize = 48 * 1024;
/// Calls that were noted and are remembered, to know one that comes twice.
pub const NOTED_MAX: usize = 200;
/// Calls that were sent and are remembered, so that none is sent twice.
pub const SENT_MAX: usize = 1_000;
/// How long a grant lasts at most.
pub const GRANT_LASTS_MAX: Span = Span::hours(24 * 365);
/// How often a grant may be used at most.
pub const GRANT_USES_MAX: u32 = 1_000_000;
/// How long a call that was approved may be carried out.
pub const APPROVED_LASTS: Span = Span::hours(24);
/// How long the same call of the same session is refused after a denial without asking again.
pub const DENIAL_LASTS: Span = Span::mins(10);
/// How long after an approval nothing is said to the session: whoever waits carries the call out by then.
pub const WAITER_GRACE: Span = Span::secs(15);
/// The longest reason of a decision or a grant, in bytes.
pub const REASON_BYTES_MAX: usize = 4_000;
