//! The rules of realm and owner, as specs.

mod golden;
mod owner;
mod realm;
mod runners;
