//! Shell commands in process groups of their own: limited in time, streamed live, and surely ended.

mod environment;
mod group;
mod leftovers;
mod output;
mod overflow;
mod processes;
mod program;
mod run;

pub use environment::base as base_environment;
pub use group::Groups;
pub use leftovers::{COOKIE, cookie, end_leftovers};
pub use output::{Captured, Utf8Stream};
pub use overflow::{Attached, Overflow};
pub use program::{Complaints, Process, Program};
pub use run::{Ended, Shell, run};

#[cfg(test)]
mod tests;
