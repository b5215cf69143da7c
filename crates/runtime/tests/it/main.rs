//! The runtime with real actors and real sessions over the memory engine, whose faults are switched on by hand.

mod budgets;
mod house;
mod house_of_runs;
mod house_of_triggers;

mod damage;
mod feed;
mod handover;
mod leases;
mod leave;
mod placement;
mod runs;
mod sandboxes;
mod sleep;
mod steps;
mod triggers;
mod triggers_crash;
