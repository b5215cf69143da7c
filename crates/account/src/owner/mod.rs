//! The owner: what one user has on this server. There is one per user, at the user's id.

pub mod command;
pub mod decide;
pub mod effect;
pub mod event;
pub mod persona;
pub mod state;

pub use command::{Command, PersonaLimits, Refusal, Reply};
pub use effect::Effect;
pub use event::Event;
pub use state::Owner;
