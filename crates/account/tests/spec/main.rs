//! The rules of realm, owner and policy, as specs.

mod budget;
mod commands;
mod connectors;
mod golden;
mod owner;
mod policy;
mod policy_cascade;
mod realm;
mod runners;
