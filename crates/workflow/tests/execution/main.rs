//! The rules of a run, as specs: one file per topic.

mod generator;
mod support;
mod trail;
mod world;

mod agents;
mod approvals;
mod children;
mod conditions;
mod ending;
mod failures;
mod gate;
mod golden;
mod leave;
mod links;
mod loops;
mod parallels;
mod property;
mod retrying;
mod seeing;
mod sequence;
mod shell;
mod starting;
mod tools;
mod waits;
