//! The rules of a run, as specs: one file per topic.

mod support;

mod agents;
mod approvals;
mod children;
mod conditions;
mod failures;
mod loops;
mod parallels;
mod sequence;
mod shell;
mod starting;
mod tools;
mod waits;
