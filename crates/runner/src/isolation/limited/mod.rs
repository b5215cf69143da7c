//! The network `limited`: processes have a loopback device of their own, and one way out, a proxy of the runner's that knows
//! which hosts they may reach.
//!
//! ```text
//!   within, no network                          │ outside, the runner
//!   command ──http_proxy──▶ 127.0.0.1:3128 ┐    │
//!   command ──────────▶ 127.0.0.1:11434  ──┴ bridge ──socket of this work──▶ proxy ──allow list──▶ host
//! ```

mod allow;
mod bridge;
mod outlet;
mod proxy;
mod reach;
mod target;

pub use allow::AllowList;
pub use bridge::{NETWORK, bridge};
pub use outlet::{Outlet, WayOut};
