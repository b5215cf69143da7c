//! The sandbox runner: takes works from a server over one link, runs the agents next to the code, and tells every word they
//! say exactly once, whatever is killed in between.
//!
//! ```text
//!   link ──offer, start, cancel──▶ works ──spawn──▶ task (agent, command, tool) ──▶ shell (process groups)
//!   │ ▲                              │ ▲              │
//!     └──── numbered frames ─────────┘ └──── voice ───┘
//!                                    │
//!   │                              spool (one file per work)
//!   └──connector──▶ connectors (programs that speak MCP)
//! ```

pub mod config;
pub mod error;

mod age;
mod backoff;
mod bridge;
mod identity;
mod isolation;
mod runner;
mod secrets;
mod sockets;

mod link;
mod works;
mod tools;
mod connectors;

mod task;
mod agent;
mod shell;
mod workspace;

pub use agent::model::ModelConfig;
pub use agent::scripted::emitted::emitted;
pub use agent::{check_agent, found_agents};
pub use bridge::bridge;
pub use config::{AgentConfig, Config, GitCredential, GitSettings, PermissionPolicy, RoomSettings, Workspaces};
pub use connectors::ConnectorSettings;
pub use error::RunnerError;
pub use isolation::{AllowList, IsolationMode, IsolationPolicy, Network, ProcessLimits};
pub use link::{Address, Socket, Stream, dial, dial_socket};
pub use runner::run;
pub use secrets::{Masker, SecretConfig, Secrets};
