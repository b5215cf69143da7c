//! What the suites share: the real binary as processes, and clients that talk to it over the wire.

pub mod harness;
