//! What chat clients, runners and HTTP callers see on the wire; the OpenAPI description and the frame schemas come from
//! these types.

pub mod admin;
mod approval;
mod approval_link;
pub mod budget;
pub mod client;
pub mod connector;
mod delivery;
pub mod draft;
pub mod execution;
pub mod feed;
pub mod http;
mod inlet;
pub mod policy;
pub mod problem;
pub mod runner;
pub mod schema;
pub mod sign_in;
mod steering;
pub mod tool;
pub mod trigger;
pub mod workflow;

pub use problem::Problem;

/// The websocket subprotocol of chat clients.
pub const CLIENT_SUBPROTOCOL: &str = "tenure.client.v1";
/// The websocket subprotocol of the owner's feed.
pub const FEED_SUBPROTOCOL: &str = "tenure.feed.v1";
/// The websocket subprotocol of what operators see live.
pub const ADMIN_SUBPROTOCOL: &str = "tenure.admin.v1";
/// The websocket subprotocol of a run's stream.
pub const RUN_SUBPROTOCOL: &str = "tenure.run.v1";
/// The websocket subprotocol of runners.
pub const RUNNER_SUBPROTOCOL: &str = "tenure.runner.v1";
/// Prefix of a single-use ticket in the list of subprotocols that a browser offers: `tenure.ticket.<ticket>`.
pub const TICKET_PREFIX: &str = "tenure.ticket.";
/// The version of the runner protocol that this build speaks.
pub const RUNNER_PROTOCOL: u32 = 1;
