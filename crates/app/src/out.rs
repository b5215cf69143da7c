//! What commands print. Whoever reads may leave before the end, as `head` does: then the command ends, and says nothing
//! ([`Failure::is_unread`](crate::failure::Failure::is_unread)).

use std::fmt::Display;
use std::io::{Result, Write};

/// Prints a line, and has it out before anything else happens.
pub fn line(text: impl Display) -> Result<()> {
    self::text(format_args!("{text}\n"))
}

/// Prints text as it is.
pub fn text(text: impl Display) -> Result<()> {
    let mut out = std::io::stdout().lock();
    write!(out, "{text}")?;
    out.flush()
}

/// Says what is wrong, to whoever looks. When nobody does, there is nobody to tell that either.
pub fn complain(text: impl Display) {
    let _ = write!(std::io::stderr(), "{text}");
}
