//! A world in one thread, made of a seed: real sessions; and a disk, hosts, a courier, a roster, runners, links and people
//! that follow the rules of the real ones and fail as the real ones fail.
//!
//! ```text
//!  people ◀──▶ net ◀──▶ server ──▶ journal          scene: time, luck, agenda
//!  runners ◀─▶ net ◀──▶   │ hosts (real Session)    truth: the witness of every fact
//!     │ agents            │ lane: flush, release     invariants: judge every fact
//!     └ spools            │ courier, roster, watch   audit: judges the journal and the end
//!                         └ dies between any two steps
//! ```
//! Start reading at [`world`]. A failure prints its seed and a transcript; `TENURE_SEED=n` runs that seed alone.

pub mod agent;
pub mod audit;
pub mod chance;
pub mod courier;
pub mod host;
pub mod invariants;
pub mod journal;
pub mod net;
pub mod person;
pub mod picture;
pub mod plan;
pub mod roster;
pub mod runner;
pub mod say;
pub mod scene;
pub mod server;
pub mod truth;
pub mod watch;
pub mod work;
pub mod world;

pub use plan::Flaw;
pub use world::{Failure, Figures, run};
