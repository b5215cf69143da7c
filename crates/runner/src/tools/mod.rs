//! The server's tools for agents that cannot reach them by network.
//!
//! ```text
//!   within                          │ outside, the runner
//!   agent ──stdio──▶ bridge ──socket of its process──▶ door ─▶ service ─▶ calls ══link══▶ server
//! ```

mod bridge;
mod calls;
mod door;
mod service;

pub use bridge::{TOOLS, bridge};
pub use calls::{Calling, Calls};
pub use door::{Door, Doors};
