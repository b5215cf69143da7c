//! The gate: all run slots of the server and the queue for them, as a pure state machine.
//!
//! **Owns** every limit on how many runs go on at once: in all, per owner, per workflow key. **Does not own** what runs do:
//! a run that is parked gives its slot back and takes one again at once, even above the limits; only new runs queue.

pub mod command;
pub mod effect;
pub mod event;
pub mod refusal;
pub mod state;

mod decide;

pub use command::{Command, Reply};
pub use effect::Effect;
pub use event::Event;
pub use refusal::Refusal;
pub use state::{Gate, Limits};
