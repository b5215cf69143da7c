//! The real binary, from outside.

mod commands;
mod runs;
mod support;
mod tls;
mod triggers;
