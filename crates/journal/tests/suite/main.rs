//! The journal's integration tests, from single rules to kills, power cuts and full disks.

mod kit;
mod notes;

mod compact;
mod contract;
mod damage;
mod faults;
mod full;
mod kill;
mod large;
mod lists;
mod many;
mod opening;
mod powercut;
mod property;
mod rebuild;
mod store;
mod streams;
