//! The rules of schedulers, as specs and in virtual time.

mod support;
mod world;
mod saving;
mod firing;
mod overlap;
mod catching_up;
mod delivering;
mod backfill;
mod why;
mod years;
mod golden;
