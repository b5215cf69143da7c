//! What the suites share: the real binary as processes, clients that talk to it over the wire, and what must hold.

pub mod checks;
pub mod harness;
