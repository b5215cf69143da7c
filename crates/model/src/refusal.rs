//! What entities' refusals have in common.

/// The few sorts of refusal that callers treat alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// There is nothing of that name, or the asker may not know of it.
    Unknown,
    /// The asker may not.
    Forbidden,
    /// Not as things stand now.
    Conflict,
    /// The sender has seen another version.
    Moved,
    /// Never, in this form.
    Invalid,
    /// A limit is reached.
    TooLarge,
}
