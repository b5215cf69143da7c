//! The rules of a session, as specs: one file per topic.

mod budgets;
mod support;

mod cancelling;
mod closing;
mod collecting;
mod creating;
mod frames;
mod golden;
mod handing_over;
mod leases;
mod liars;
mod limits;
mod notices;
mod people;
mod prompting;
mod property;
mod questions;
mod queue;
mod requests;
mod running;
mod sandbox;
mod runs;
mod seeing;
mod speech;
mod steering;
mod steps;
mod workspace;
mod world;
mod world_of_steps;
