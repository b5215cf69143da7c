//! The real binary, from outside.

mod commands;
mod drafts;
mod runs;
mod support;
mod tls;
mod triggers;
