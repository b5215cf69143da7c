//! Model servers: who they are, what is said to them, and their answers as they stream. The runner's built-in agent and the
//! drafting of workflows ask by it; nothing else knows the crate behind it.

mod provider;
mod server;
mod talk;
mod wire;

#[cfg(feature = "stub")]
pub mod stub;

pub use provider::{Provider, UnknownProvider};
pub use server::ModelServer;
pub use talk::{Call, Entry, Image, Offered, Question};
pub use wire::{Answer, Ended, Piece, Remedy, Trouble, Wire};
