//! The real binary, from outside.

mod commands;
mod support;
mod tls;
