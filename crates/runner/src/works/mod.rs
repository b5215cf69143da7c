//! The works that this runner holds: accepted, running, or ended with frames that the server has not acknowledged.

mod log;
mod masking;
mod spool;
mod transcript;
mod voice;
mod work;

mod registry;

pub use registry::{Begin, Works};
pub use voice::{Voice, pieces};
pub use work::{Stop, Work};

#[cfg(test)]
mod registry_tests;
