//! The rules of stored workflows, as specs.

mod support;
mod saving;
mod proposals;
mod requests;
mod golden;
